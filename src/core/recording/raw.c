#include "recording/raw.h"

#include <stdlib.h>

bool pp_raw_open(pp_raw *raw) {
  *raw = (pp_raw){.base = pp_base_new()};
  return raw->base != NULL;
}

void pp_raw_close(pp_raw *raw) {
  for (uint32_t i = 0; i < raw->profile_count; i++) {
    free(raw->profiles[i].nodes.words);
    free(raw->profiles[i].weights.words);
  }
  free(raw->profiles);
  free(raw->frames);
  pp_base_free(raw->base);
  *raw = (pp_raw){0};
}

bool pp_raw_add_frame(pp_raw *raw, pp_frame frame) {
  if (raw->frame_count == raw->frame_capacity) {
    uint32_t capacity = raw->frame_capacity + raw->frame_capacity / 2 + 64;
    pp_frame *frames = realloc(raw->frames, capacity * sizeof *frames);
    if (frames == NULL) return false;
    raw->frames = frames;
    raw->frame_capacity = capacity;
  }
  raw->frames[raw->frame_count++] = frame;
  return true;
}

pp_raw_profile *pp_raw_add_profile(pp_raw *raw) {
  if (raw->profile_count == raw->profile_capacity) {
    uint32_t capacity = raw->profile_capacity + raw->profile_capacity / 2 + 4;
    pp_raw_profile *profiles = realloc(raw->profiles, capacity * sizeof *profiles);
    if (profiles == NULL) return NULL;
    raw->profiles = profiles;
    raw->profile_capacity = capacity;
  }
  pp_raw_profile *profile = &raw->profiles[raw->profile_count++];
  *profile = (pp_raw_profile){0};
  return profile;
}

uint32_t pp_raw_string(pp_raw *raw, const char *text, size_t length) {
  return pp_intern_add(raw->base->strings, text, length);
}
