#include "pyprof/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/frame_table.h"
#include "profile/view.h"

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

/* Do all tracks of the view say when their samples were taken? */
static bool has_clock(const pp_profile *view) {
  bool any = false;
  for (uint32_t i = 0; i < pp_view_track_count(view); i++) {
    const pp_track *track = &view->common->base->tracks[pp_view_track(view, i)];
    if (track->nodes.length > 0 && track->ticks == NULL) return false;
    any = any || track->ticks != NULL;
  }
  return any;
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
    .unit = pp_unit_name(base->metric.unit),
    .kind = pp_view_text(base->strings, base->metric.kind),
    .rate = base->rate,
    .has_time = profile->common->per_second > 0,
    .clock = has_clock(profile),
    .weighing = base->weighing,
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
  *unit = pp_unit_name(base->metrics[number].unit);
  *kind = pp_view_text(base->strings, base->metrics[number].kind);
}

void pp_profile_quality(const pp_profile *profile, uint32_t number, pp_text *what,
                        uint64_t *count) {
  const pp_base *base = profile->common->base;
  *what = pp_view_text(base->strings, base->quality[number].what);
  *count = base->quality[number].count;
}

uint32_t pp_profile_record_count(const pp_profile *profile) {
  return profile->common->base->record_count;
}

pp_text pp_profile_record(const pp_profile *profile, uint32_t number) {
  const pp_buffer *record = &profile->common->base->records[number];
  return (pp_text){record->data, record->length};
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

/* The frame with only the parts that its group has in common. */
static pp_frame key_of(pp_frame frame, pp_group_kind kind) {
  switch (kind) {
    case PP_GROUP_FUNCTION: return (pp_frame){frame.name, frame.file, 0};
    case PP_GROUP_NAME: return (pp_frame){frame.name, 0, 0};
    case PP_GROUP_FILE: return (pp_frame){0, frame.file, 0};
    case PP_GROUP_LINE:
      if (frame.file == 0 || frame.line == 0) return (pp_frame){frame.name, frame.file, 0};
      return (pp_frame){0, frame.file, frame.line};
    default: return frame;
  }
}

pp_code pp_profile_group(const pp_profile *profile, pp_group_kind kind, const uint32_t *order,
                         uint32_t *groups, uint32_t *first, uint32_t *group_count,
                         pp_error *error) {
  const pp_frame *frames = pp_view_frames(profile);
  uint32_t count = pp_profile_frame_count(profile);
  pp_frame_table keys = {0};
  for (uint32_t i = 0; i < count; i++) {
    uint32_t frame = order[i], known = keys.count;
    uint32_t number = pp_frame_table_add(&keys, key_of(frames[frame], kind));
    if (number == PP_FRAME_NONE) {
      pp_frame_table_free(&keys);
      return pp_error_memory(error);
    }
    groups[frame] = number + 1;
    if (keys.count > known) first[number] = frame;
  }
  *group_count = keys.count;
  pp_frame_table_free(&keys);
  return PP_OK;
}
