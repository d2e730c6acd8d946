#include "pyprof/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/view.h"

static const char *unit_name(pp_unit unit) {
  switch (unit) {
    case PP_UNIT_NONE: return "none";
    case PP_UNIT_NANOSECONDS: return "nanoseconds";
    case PP_UNIT_MICROSECONDS: return "microseconds";
    case PP_UNIT_MILLISECONDS: return "milliseconds";
    case PP_UNIT_SECONDS: return "seconds";
    case PP_UNIT_BYTES: return "bytes";
  }
  return "none";
}

static double per_second(pp_unit unit) {
  switch (unit) {
    case PP_UNIT_NANOSECONDS: return 1e9;
    case PP_UNIT_MICROSECONDS: return 1e6;
    case PP_UNIT_MILLISECONDS: return 1e3;
    case PP_UNIT_SECONDS: return 1;
    case PP_UNIT_NONE:
    case PP_UNIT_BYTES: break;
  }
  return 0;
}

pp_code pp_view_cancel(pp_error *error) {
  return pp_error_set(error, PP_CANCELLED, "interrupted");
}

static void common_release(pp_common *common) {
  if (atomic_fetch_sub_explicit(&common->references, 1, memory_order_acq_rel) != 1) return;
  pp_base_release(common->base);
  free(common->ends);
  free(common->threads);
  free(common);
}

void pp_shape_release(pp_shape *shape) {
  if (shape == NULL) return;
  if (atomic_fetch_sub_explicit(&shape->references, 1, memory_order_acq_rel) != 1) return;
  pp_tree_free(&shape->tree);
  free(shape);
}

pp_map *pp_map_new(size_t count) {
  pp_map *map = malloc(sizeof *map + count * sizeof *map->nodes);
  if (map != NULL) atomic_init(&map->references, 1);
  return map;
}

void pp_map_release(pp_map *map) {
  if (map == NULL) return;
  if (atomic_fetch_sub_explicit(&map->references, 1, memory_order_acq_rel) == 1) free(map);
}

pp_naming *pp_naming_new(void) {
  pp_naming *naming = calloc(1, sizeof *naming);
  if (naming == NULL) return NULL;
  atomic_init(&naming->references, 1);
  naming->strings = pp_intern_new();
  if (naming->strings == NULL) {
    pp_naming_release(naming);
    return NULL;
  }
  return naming;
}

void pp_naming_release(pp_naming *naming) {
  if (naming == NULL) return;
  if (atomic_fetch_sub_explicit(&naming->references, 1, memory_order_acq_rel) != 1) return;
  pp_intern_free(naming->strings);
  free(naming->frames);
  free(naming);
}

pp_profile *pp_profile_from_base(pp_base *base) {
  pp_common *common = calloc(1, sizeof *common);
  pp_profile *profile = calloc(1, sizeof *profile);
  if (common == NULL || profile == NULL) {
    free(common);
    free(profile);
    pp_base_release(base);
    return NULL;
  }
  atomic_init(&common->references, 1);
  common->base = base;
  common->per_second = base->has_time ? per_second(base->metric.unit) : 0;
  profile->common = common;
  profile->from = -INFINITY;
  profile->to = INFINITY;
  return profile;
}

void pp_profile_free(pp_profile *profile) {
  if (profile == NULL) return;
  pp_entries_free(&profile->entries);
  pp_map_release(profile->map);
  free(profile->tracks);
  pp_shape_release(profile->shape);
  pp_naming_release(profile->naming);
  common_release(profile->common);
  free(profile);
}

size_t pp_profile_memory(const pp_profile *profile) {
  const pp_base *base = profile->common->base;
  size_t entry = sizeof *profile->entries.nodes +
                 profile->common->scale.digits * sizeof *profile->entries.amounts;
  size_t bytes = profile->entries.capacity * entry;
  if (profile->map != NULL) bytes += base->tree.count * sizeof *profile->map->nodes;
  if (profile->shape != NULL) bytes += profile->shape->tree.count * sizeof(uint32_t);
  /* What was read belongs to the first of all views, which has nothing of its own. */
  if (profile->map == NULL && profile->tracks == NULL) bytes += base->tree.count * sizeof(uint32_t);
  return bytes;
}

pp_profile *pp_view_share(const pp_profile *view) {
  pp_profile *copy = malloc(sizeof *copy);
  if (copy == NULL) return NULL;
  *copy = *view;
  copy->tracks = NULL;
  copy->track_count = 0;
  copy->ready = false;
  copy->entries = (pp_entries){0};
  atomic_fetch_add_explicit(&copy->common->references, 1, memory_order_relaxed);
  if (copy->shape != NULL) {
    atomic_fetch_add_explicit(&copy->shape->references, 1, memory_order_relaxed);
  }
  if (copy->naming != NULL) {
    atomic_fetch_add_explicit(&copy->naming->references, 1, memory_order_relaxed);
  }
  if (copy->map != NULL) {
    atomic_fetch_add_explicit(&copy->map->references, 1, memory_order_relaxed);
  }
  return copy;
}

pp_profile *pp_view_copy(const pp_profile *view) {
  pp_profile *copy = pp_view_share(view);
  if (copy == NULL || view->tracks == NULL) return copy;
  size_t size = view->track_count * sizeof *copy->tracks;
  copy->tracks = malloc(size + 1);
  if (copy->tracks == NULL) {
    pp_profile_free(copy);
    return NULL;
  }
  memcpy(copy->tracks, view->tracks, size);
  copy->track_count = view->track_count;
  return copy;
}

/* --- what is made when it is first needed */

pp_code pp_view_prepare(pp_profile *view, const pp_control *control, pp_error *error) {
  if (view->ready) return PP_OK;
  pp_common *common = view->common;
  if (common->ends == NULL) {
    pp_scale_measure(common->base, &common->scale);
    common->ends = malloc(((size_t)common->base->track_count + 1) * sizeof *common->ends);
    if (common->ends == NULL) return pp_error_memory(error);
    for (uint32_t t = 0; t < common->base->track_count; t++) {
      common->ends[t] = common->per_second > 0 ? pp_walk_end(view, t) : 0;
    }
  }
  pp_code code = pp_entries_make(&view, 1, control, error);
  view->ready = code == PP_OK;
  return code;
}

uint8_t *pp_view_used(const pp_profile *view) {
  const pp_tree *tree = pp_view_tree(view);
  uint8_t *used = calloc(tree->count, 1);
  if (used == NULL) return NULL;
  for (size_t i = 0; i < view->entries.count; i++) used[view->entries.nodes[i]] = 1;
  for (uint32_t i = tree->count - 1; i > 0; i--) {
    if (used[i] != 0) used[pp_tree_parent(tree, i)] = 1;
  }
  return used;
}

/* --- facts */

/* The seconds that the view spans: its window, cut to where its threads have samples. */
static void span(const pp_profile *view, double *from, double *to) {
  double end = 0;
  for (uint32_t i = 0; i < pp_view_track_count(view); i++) {
    end = fmax(end, view->common->ends[pp_view_track(view, i)]);
  }
  *from = view->from > 0 ? view->from : 0;
  *to = view->to < end ? view->to : end;
  if (*to < *from) *to = *from;
}

pp_code pp_profile_inform(pp_profile *profile, const pp_control *control, pp_profile_info *info,
                          pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_base *base = profile->common->base;
  const pp_scale *scale = &profile->common->scale;
  const pp_entries *entries = &profile->entries;
  uint32_t all[PP_DIGITS_MAX] = {0}, empty[PP_DIGITS_MAX] = {0};
  for (size_t i = 0; i < entries->count; i++) {
    pp_amount_add(scale, entries->nodes[i] == PP_NODE_ROOT ? empty : all,
                  entries->amounts + i * scale->digits);
  }
  *info = (pp_profile_info){
    .samples = pp_amount_samples(scale, all),
    .empty_samples = pp_amount_samples(scale, empty),
    .weight = pp_amount_weight(scale, all),
    .unit = unit_name(base->metric.unit),
    .kind = pp_view_text(base->strings, base->metric.kind),
    .rate = base->rate,
    .has_time = profile->common->per_second > 0,
    .exporter = pp_view_text(base->strings, base->exporter),
    .metric_count = base->metric_count,
    .quality_count = base->quality_count,
  };
  if (info->has_time) span(profile, &info->from, &info->to);
  return PP_OK;
}

void pp_profile_metric(const pp_profile *profile, uint32_t number, const char **unit,
                       pp_text *kind) {
  const pp_base *base = profile->common->base;
  *unit = unit_name(base->metrics[number].unit);
  *kind = pp_view_text(base->strings, base->metrics[number].kind);
}

void pp_profile_quality(const pp_profile *profile, uint32_t number, pp_text *what,
                        uint64_t *count) {
  const pp_base *base = profile->common->base;
  *what = pp_view_text(base->strings, base->quality[number].what);
  *count = base->quality[number].count;
}

uint32_t pp_profile_frame_count(const pp_profile *profile) {
  return profile->naming != NULL ? profile->naming->frame_count
                                 : profile->common->base->frame_count;
}

void pp_profile_frame(const pp_profile *profile, uint32_t frame, pp_text *name, pp_text *file,
                      uint32_t *line) {
  const pp_frame *it = &pp_view_frames(profile)[frame];
  *name = pp_view_text(pp_view_strings(profile), it->name);
  *file = pp_view_text(pp_view_strings(profile), it->file);
  *line = it->line;
}

typedef struct placed {
  pp_text name, file;
  uint32_t line, number;
} placed;

static int compare_texts(pp_text a, pp_text b) {
  size_t common = a.length < b.length ? a.length : b.length;
  int order = common == 0 ? 0 : memcmp(a.bytes, b.bytes, common);
  return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_placed(const void *a, const void *b) {
  const placed *one = a, *other = b;
  int order = compare_texts(one->name, other->name);
  if (order == 0) order = compare_texts(one->file, other->file);
  if (order == 0) order = (one->line > other->line) - (one->line < other->line);
  return order != 0 ? order : (one->number > other->number) - (one->number < other->number);
}

pp_code pp_profile_sort_frames(const pp_profile *profile, uint32_t *order, pp_error *error) {
  uint32_t count = pp_profile_frame_count(profile);
  placed *frames = malloc(((size_t)count + 1) * sizeof *frames);
  if (frames == NULL) return pp_error_memory(error);
  for (uint32_t i = 0; i < count; i++) {
    frames[i].number = i;
    pp_profile_frame(profile, i, &frames[i].name, &frames[i].file, &frames[i].line);
  }
  qsort(frames, count, sizeof *frames, compare_placed);
  for (uint32_t i = 0; i < count; i++) order[i] = frames[i].number;
  free(frames);
  return PP_OK;
}
