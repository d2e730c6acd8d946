#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/view.h"
#include "profile/walk.h"
#include "pyprof/timeline.h"

static pp_code no_time(pp_error *error) {
  return pp_error_set(error, PP_ARGUMENT, "the recording has no time");
}

pp_code pp_profile_window(pp_profile *profile, double from, double to, const pp_control *control,
                          pp_profile **view, pp_error *error) {
  if (profile->common->per_second <= 0) return no_time(error);
  pp_profile *made = pp_view_copy(profile);
  if (made == NULL) return pp_error_memory(error);
  if (from > made->from) made->from = from;
  if (to < made->to) made->to = to;
  pp_code code = pp_view_prepare(made, control, error);
  if (code != PP_OK) {
    pp_profile_free(made);
    return code;
  }
  *view = made;
  return PP_OK;
}

pp_code pp_profile_slices(pp_profile *profile, const double *bounds, size_t bound_count,
                          const pp_control *control, pp_profile **views, pp_error *error) {
  if (profile->common->per_second <= 0) return no_time(error);
  if (bound_count < 2) return pp_error_set(error, PP_ARGUMENT, "no interval");
  pp_code code = pp_view_prepare(profile, control, error);
  size_t count = bound_count - 1, made = 0;
  for (; code == PP_OK && made < count; made++) {
    pp_profile *view = pp_view_copy(profile);
    if (view == NULL) {
      code = pp_error_memory(error);
      break;
    }
    view->from = fmax(view->from, bounds[made]);
    view->to = fmin(view->to, bounds[made + 1]);
    views[made] = view;
  }
  if (code == PP_OK) code = pp_entries_make(views, count, control, error);
  for (size_t i = 0; i < made; i++) {
    views[i]->ready = code == PP_OK;
    if (code == PP_OK) continue;
    pp_profile_free(views[i]);
    views[i] = NULL;
  }
  return code;
}

static pp_code cut_track(pp_walk *walk, const double *bounds, size_t intervals,
                         const pp_control *control, uint32_t *amounts, pp_error *error) {
  const pp_scale *scale = &walk->view->common->scale;
  size_t at = 0, steps = 0;
  while (pp_walk_next(walk)) {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    if (walk->node == PP_NODE_GAP || walk->node == PP_NODE_ROOT) continue;
    uint64_t next = pp_walk_find(walk, bounds[0]);
    while (next < walk->last && at < intervals) {
      walk->first = next;
      next = pp_walk_find(walk, bounds[at + 1]);
      pp_amount_add_samples(scale, amounts + at * scale->digits, walk->cursor.weight,
                            next - walk->first);
      if (next < walk->last) at++;
    }
  }
  return PP_OK;
}

pp_code pp_profile_cut(pp_profile *profile, const double *bounds, size_t bound_count,
                       const pp_control *control, uint64_t *samples, double *weight,
                       pp_error *error) {
  if (profile->common->per_second <= 0) return no_time(error);
  if (bound_count < 2) return pp_error_set(error, PP_ARGUMENT, "no interval");
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_scale *scale = &profile->common->scale;
  size_t intervals = bound_count - 1;
  uint32_t *amounts = calloc(intervals * scale->digits, sizeof *amounts);
  if (amounts == NULL) return pp_error_memory(error);
  for (uint32_t i = 0; code == PP_OK && i < pp_view_track_count(profile); i++) {
    pp_walk walk;
    pp_walk_begin(&walk, profile, pp_view_track(profile, i), true);
    code = cut_track(&walk, bounds, intervals, control, amounts, error);
  }
  for (size_t i = 0; code == PP_OK && i < intervals; i++) {
    samples[i] = pp_amount_samples(scale, amounts + i * scale->digits);
    weight[i] = pp_amount_weight(scale, amounts + i * scale->digits);
  }
  free(amounts);
  return code;
}
