#include "profile/frame_table.h"

#include <stdlib.h>

static uint32_t *slot_of(const pp_frame_table *table, pp_frame frame) {
  uint64_t hash = ((uint64_t)frame.name << 32 | frame.file) * 0x9E3779B97F4A7C15u;
  hash = ((hash ^ hash >> 32) + frame.line) * 0xD6E8FEB86659FD93u;
  uint32_t mask = table->capacity * 2 - 1;
  for (uint32_t i = (uint32_t)(hash >> 32) & mask;; i = (i + 1) & mask) {
    uint32_t number = table->slots[i];
    if (number == 0) return &table->slots[i];
    const pp_frame *it = &table->frames[number - 1];
    if (it->name == frame.name && it->file == frame.file && it->line == frame.line) {
      return &table->slots[i];
    }
  }
}

static bool grow(pp_frame_table *table) {
  if (table->capacity > UINT32_MAX / 8) return false;
  uint32_t capacity = table->capacity == 0 ? 64 : table->capacity * 2;
  pp_frame *frames = realloc(table->frames, capacity * sizeof *frames);
  if (frames == NULL) return false;
  table->frames = frames;
  uint32_t *slots = calloc((size_t)capacity * 2, sizeof *slots);
  if (slots == NULL) return false;
  free(table->slots);
  table->slots = slots;
  table->capacity = capacity;
  for (uint32_t i = 0; i < table->count; i++) *slot_of(table, table->frames[i]) = i + 1;
  return true;
}

uint32_t pp_frame_table_add(pp_frame_table *table, pp_frame frame) {
  if (table->count == table->capacity && !grow(table)) return PP_FRAME_NONE;
  uint32_t *slot = slot_of(table, frame);
  if (*slot == 0) {
    table->frames[table->count++] = frame;
    *slot = table->count;
  }
  return *slot - 1;
}

void pp_frame_table_take(pp_frame_table *table, pp_frame **frames, uint32_t *count) {
  *frames = table->frames;
  *count = table->count;
  table->frames = NULL;
  pp_frame_table_free(table);
}

void pp_frame_table_free(pp_frame_table *table) {
  free(table->frames);
  free(table->slots);
  *table = (pp_frame_table){0};
}
