#include "profile/base.h"

#include <stdlib.h>
#include <string.h>

pp_base *pp_base_new(void) {
  pp_base *base = calloc(1, sizeof *base);
  if (base == NULL) return NULL;
  base->strings = pp_intern_new();
  if (base->strings == NULL || !pp_tree_make(&base->tree)) {
    pp_base_free(base);
    return NULL;
  }
  return base;
}

void pp_base_free(pp_base *base) {
  if (base == NULL) return;
  for (uint32_t i = 0; i < base->track_count; i++) {
    if (base->borrows) base->tracks[i].nodes = (pp_nodes){0};
    pp_track_free(&base->tracks[i]);
  }
  free(base->tracks);
  if (base->borrows) {
    free(base);
    return;
  }
  free(base->frames);
  free(base->metrics);
  free(base->quality);
  for (uint32_t i = 0; i < base->record_count; i++) pp_buffer_free(&base->records[i]);
  free(base->records);
  pp_tree_free(&base->tree);
  pp_intern_free(base->strings);
  free(base);
}

pp_base *pp_base_borrow(const pp_base *of) {
  pp_base *base = malloc(sizeof *base);
  pp_track *tracks = malloc(((size_t)of->track_count + 1) * sizeof *tracks);
  if (base == NULL || tracks == NULL) {
    free(base);
    free(tracks);
    return NULL;
  }
  *base = *of;
  base->borrows = true;
  base->tracks = tracks;
  for (uint32_t i = 0; i < of->track_count; i++) {
    tracks[i] = of->tracks[i];
    tracks[i].weights = (pp_weights){0};
    tracks[i].ticks = NULL;
    tracks[i].tick_count = 0;
  }
  return base;
}

bool pp_base_count(pp_base *base, const char *what, uint64_t count) {
  if (count == 0) return true;
  uint32_t text = pp_intern_add(base->strings, what, strlen(what));
  if (text == PP_INTERN_NONE) return false;
  for (uint32_t i = 0; i < base->quality_count; i++) {
    if (base->quality[i].what == text) {
      base->quality[i].count += count;
      return true;
    }
  }
  size_t size = ((size_t)base->quality_count + 1) * sizeof *base->quality;
  pp_quality *quality = realloc(base->quality, size);
  if (quality == NULL) return false;
  base->quality = quality;
  quality[base->quality_count++] = (pp_quality){text, count};
  return true;
}

bool pp_base_add_record(pp_base *base, const char *text, size_t length) {
  size_t size = ((size_t)base->record_count + 1) * sizeof *base->records;
  pp_buffer *records = realloc(base->records, size);
  if (records == NULL) return false;
  base->records = records;
  records[base->record_count] = (pp_buffer){0};
  if (!pp_buffer_add(&records[base->record_count], text, length)) return false;
  base->record_count++;
  return true;
}
