/* reweigh.c - a base that shares all with another one but the weights and times of its samples. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/view.h"
#include "pyprof/weights.h"

/* A weight is a whole number of these: less than a nanosecond, and any sum of them is a double. */
#define QUANTA 1073741824.0 /* 2^30 */

uint32_t pp_profile_track_count(const pp_profile *profile) {
  return profile->common->base->track_count;
}

pp_track_facts pp_profile_track(const pp_profile *profile, uint32_t number) {
  const pp_track *track = &profile->common->base->tracks[number];
  return (pp_track_facts){
    .record = track->record,
    .family = track->family,
    .id = track->id,
    .pid = track->pid,
    .samples = track->nodes.length,
  };
}

static bool in_order(const pp_spans *spans, uint64_t samples) {
  double last = 0;
  for (size_t i = 0; i < spans->count; i++) {
    const pp_span *span = &spans->spans[i];
    bool good = span->samples > 0 && span->samples <= samples && span->from >= last - 1e-9 &&
                span->to >= span->from && span->weight >= 0 && span->weight < 1e9 &&
                isfinite(span->to);
    if (!good) return false;
    samples -= span->samples;
    last = span->to;
  }
  return samples == 0;
}

static bool add_weights(pp_weights *weights, const pp_span *span) {
  uint64_t quanta = (uint64_t)nearbyint(span->weight * QUANTA);
  uint64_t each = quanta / span->samples, more = quanta % span->samples;
  return pp_weights_add(weights, (double)(each + 1) / QUANTA, more) &&
         pp_weights_add(weights, (double)each / QUANTA, span->samples - more);
}

/* Fills the track, whose weights and ticks are empty. false: no memory. */
static bool fill(pp_track *track, const pp_weights *recorded, pp_weighing weighing,
                 const pp_spans *spans) {
  if (spans->count > 0) {
    track->ticks = malloc(spans->count * sizeof *track->ticks);
    if (track->ticks == NULL) return false;
  }
  bool keeps = weighing == PP_WEIGHED_AS_RECORDED || spans->count == 0;
  if (keeps && !pp_weights_copy(recorded, &track->weights)) return false;
  uint64_t first = 0;
  for (size_t i = 0; i < spans->count; i++) {
    const pp_span *span = &spans->spans[i];
    double step = (span->to - span->from) / (double)span->samples;
    track->ticks[track->tick_count++] = (pp_tick){first, span->from, step};
    first += span->samples;
    if (!keeps && !add_weights(&track->weights, span)) return false;
  }
  return true;
}

static bool name_kind(pp_base *base) {
  static const char *const kinds[] = { "", "CPU time", "wall clock" };
  if (base->weighing == PP_WEIGHED_AS_RECORDED) return true;
  const char *kind = kinds[base->weighing];
  base->metric = (pp_metric){PP_UNIT_SECONDS, pp_intern_add(base->strings, kind, strlen(kind))};
  return base->metric.kind != PP_INTERN_NONE;
}

/* A view without entries of the same part of another base, whose reference it takes over. */
static pp_profile *view_of(const pp_profile *profile, pp_common *common) {
  pp_profile *made = pp_view_copy(profile);
  if (made == NULL) return NULL;
  common->owner = made->common; /* the copy's reference */
  made->common = common;
  return made;
}

/* The recorded weights, also of a base that borrows them from the recording's. */
static const pp_base *recorded_base(const pp_common *common) {
  return common->owner != NULL ? common->owner->base : common->base;
}

pp_code pp_profile_reweigh(pp_profile *profile, pp_weighing weighing, const pp_spans *spans,
                           pp_profile **view, pp_error *error) {
  pp_profile of_recorded = *profile;
  if (profile->common->owner != NULL) of_recorded.common = profile->common->owner;
  const pp_base *recorded = recorded_base(profile->common);
  for (uint32_t i = 0; i < recorded->track_count; i++) {
    if (spans[i].count == 0 || in_order(&spans[i], recorded->tracks[i].nodes.length)) continue;
    return pp_error_set(error, PP_ARGUMENT, "the spans of track %u do not fit", i + 1);
  }
  pp_base *base = pp_base_borrow(recorded);
  bool made = base != NULL;
  if (made) base->weighing = weighing;
  for (uint32_t i = 0; made && i < base->track_count; i++) {
    made = fill(&base->tracks[i], &recorded->tracks[i].weights, weighing, &spans[i]);
  }
  pp_common *common = made && name_kind(base) ? pp_common_new(base) : NULL;
  pp_profile *it = common == NULL ? NULL : view_of(&of_recorded, common);
  if (it == NULL) {
    if (common != NULL) free(common);
    pp_base_free(base);
    return pp_error_memory(error);
  }
  *view = it;
  return PP_OK;
}
