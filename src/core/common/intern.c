#include "pyprof/intern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pyprof/buffer.h"

struct pp_intern {
  pp_buffer bytes;   /* all strings, one after the other, each with a zero byte */
  size_t *starts;    /* count + 1 offsets into bytes */
  uint32_t count, capacity;
  uint32_t *table;   /* open addressing, number + 1, 0 is free; size is a power of two */
  uint32_t mask;
};

static uint32_t hash(const char *text, size_t length) {
  uint64_t h = 0x9E3779B97F4A7C15u ^ length;
  for (; length >= 8; text += 8, length -= 8) {
    uint64_t word;
    memcpy(&word, text, 8);
    h = (h ^ word) * 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
  }
  uint64_t word = 0;
  memcpy(&word, text, length);
  h = (h ^ word) * 0xD6E8FEB86659FD93u;
  return (uint32_t)(h ^ (h >> 32));
}

/* The slot that holds the string, or the free one where it belongs. */
static uint32_t *slot_of(const pp_intern *intern, const char *text, size_t length) {
  for (uint32_t i = hash(text, length) & intern->mask;; i = (i + 1) & intern->mask) {
    uint32_t number = intern->table[i];
    if (number == 0) return &intern->table[i];
    size_t start = intern->starts[number - 1];
    if (intern->starts[number] - start - 1 == length &&
        memcmp(intern->bytes.data + start, text, length) == 0) {
      return &intern->table[i];
    }
  }
}

static bool grow(pp_intern *intern) {
  if (intern->count > UINT32_MAX / 4) return false;
  uint32_t capacity = intern->capacity * 2;
  size_t *starts = realloc(intern->starts, ((size_t)capacity + 1) * sizeof *starts);
  if (starts == NULL) return false;
  intern->starts = starts;
  uint32_t *table = calloc((size_t)capacity * 2, sizeof *table);
  if (table == NULL) return false;
  free(intern->table);
  intern->table = table;
  intern->mask = capacity * 2 - 1;
  intern->capacity = capacity;
  for (uint32_t number = 0; number < intern->count; number++) {
    size_t length;
    const char *text = pp_intern_text(intern, number, &length);
    *slot_of(intern, text, length) = number + 1;
  }
  return true;
}

pp_intern *pp_intern_new(void) {
  pp_intern *intern = calloc(1, sizeof *intern);
  if (intern == NULL) return NULL;
  intern->capacity = 32;
  if (!grow(intern)) {
    pp_intern_free(intern);
    return NULL;
  }
  intern->starts[0] = 0;
  if (pp_intern_add(intern, "", 0) == PP_INTERN_NONE) {
    pp_intern_free(intern);
    return NULL;
  }
  return intern;
}

void pp_intern_free(pp_intern *intern) {
  if (intern == NULL) return;
  pp_buffer_free(&intern->bytes);
  free(intern->starts);
  free(intern->table);
  free(intern);
}

uint32_t pp_intern_add(pp_intern *intern, const char *text, size_t length) {
  uint32_t *slot = slot_of(intern, text, length);
  if (*slot != 0) return *slot - 1;
  if (intern->count == intern->capacity) {
    if (!grow(intern)) return PP_INTERN_NONE;
    slot = slot_of(intern, text, length);
  }
  if (!pp_buffer_reserve(&intern->bytes, length + 1)) return PP_INTERN_NONE;
  pp_buffer_add(&intern->bytes, text, length);
  pp_buffer_add_byte(&intern->bytes, 0);
  uint32_t number = intern->count++;
  intern->starts[number + 1] = intern->bytes.length;
  *slot = number + 1;
  return number;
}

uint32_t pp_intern_find(const pp_intern *intern, const char *text, size_t length) {
  uint32_t number = *slot_of(intern, text, length);
  return number == 0 ? PP_INTERN_NONE : number - 1;
}

const char *pp_intern_text(const pp_intern *intern, uint32_t number, size_t *length) {
  size_t start = intern->starts[number];
  if (length != NULL) *length = intern->starts[number + 1] - start - 1;
  return intern->bytes.data + start;
}

uint32_t pp_intern_count(const pp_intern *intern) {
  return intern->count;
}
