/* walk.c - walking the samples of a track with their times. */
#include "profile/walk.h"

#include <math.h>
#include <string.h>

/* Are the track's weights all equal? */
static bool track_is_uniform(const pp_track *track) {
  uint64_t first = 0;
  for (size_t i = 0; i < track->weights.count; i++) {
    uint64_t word = track->weights.words[i];
    if (i == 0) first = word;
    else if (word >> 63 == 0 && word != first) return false;
  }
  return true;
}

void pp_walk_begin(pp_walk *walk, const pp_profile *view, uint32_t track, bool timed) {
  const pp_common *common = view->common;
  const pp_track *of = &common->base->tracks[track];
  *walk = (pp_walk){.view = view};
  pp_track_begin(of, &walk->cursor);
  walk->timed = timed || pp_view_has_window(view);
  if (!walk->timed) return;
  if (of->ticks != NULL) return;
  walk->uniform = common->scale.uniform || track_is_uniform(of);
  if (!walk->uniform || of->weights.count == 0 || common->per_second != 1) return;
  /* If the weight is the double of 1/N, sample k starts at k/N: whole seconds stay whole. */
  double weight;
  memcpy(&weight, &of->weights.words[0], sizeof weight);
  double rate = nearbyint(1 / weight);
  if (weight > 0 && rate < 1e9 && 1 / rate == weight) walk->whole_rate = rate;
}

/* The start of the sample of this number, or the end of the one before it, on the track's clock. */
static double tick_time(const pp_walk *walk, uint64_t sample) {
  const pp_tick *tick = &walk->cursor.track->ticks[walk->tick];
  return tick->from + (double)(sample - tick->first) * tick->step;
}

/* Goes to the step's tick; a step ends where its tick ends. */
static void enter_tick(pp_walk *walk) {
  const pp_track *track = walk->cursor.track;
  if (track->ticks == NULL) return;
  while (walk->tick + 1 < track->tick_count) {
    uint64_t next = track->ticks[walk->tick + 1].first;
    if (next > walk->before) {
      uint64_t room = next - walk->before;
      if (walk->cursor.times > room) pp_track_shorten(&walk->cursor, room);
      return;
    }
    walk->tick++;
  }
}

/* Adds the step to the samples, or to the weight, that lie before. */
static void pass(pp_walk *walk) {
  walk->before += walk->cursor.times;
  if (walk->cursor.track->ticks != NULL) walk->ended = tick_time(walk, walk->before);
  if (walk->uniform || walk->cursor.track->ticks != NULL) return;
  pp_amount_add_samples(&walk->view->common->scale, walk->sum, walk->cursor.weight,
                        walk->cursor.times);
}

double pp_walk_end(const pp_profile *view, uint32_t track) {
  pp_walk walk;
  pp_walk_begin(&walk, view, track, true);
  const pp_track *of = walk.cursor.track;
  if (of->ticks != NULL) {
    walk.tick = of->tick_count - 1;
    return tick_time(&walk, of->nodes.length);
  }
  if (walk.uniform && pp_track_next(&walk.cursor)) {
    walk.before = view->common->base->tracks[track].nodes.length;
  } else {
    while (pp_track_next(&walk.cursor)) pass(&walk);
  }
  return pp_walk_time(&walk, 0);
}

/* The start of the sample of this number, if all weights are equal. */
static double uniform_time(const pp_walk *walk, uint64_t sample) {
  if (walk->whole_rate > 0) return (double)sample / walk->whole_rate;
  return pp_weight_times(walk->cursor.weight, sample) / walk->view->common->per_second;
}

/* The first of the track's samples that starts at or after the time, if all weights are equal. */
static uint64_t uniform_sample(const pp_walk *walk, double time) {
  uint64_t low = 0, high = walk->cursor.track->nodes.length;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (uniform_time(walk, middle) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* The number of the step's samples that come before that sample of the track. */
static uint64_t step_samples_before(const pp_walk *walk, uint64_t sample) {
  if (sample <= walk->before) return 0;
  uint64_t samples = sample - walk->before;
  return samples < walk->cursor.times ? samples : walk->cursor.times;
}

/* Finds the step's samples that are in the view's window. */
static void keep(pp_walk *walk) {
  walk->first = 0;
  walk->last = walk->cursor.times;
  if (!pp_view_has_window(walk->view)) return;
  if (walk->uniform) {
    walk->first = step_samples_before(walk, walk->from_sample);
    walk->last = step_samples_before(walk, walk->to_sample);
  } else {
    uint64_t first = pp_walk_find(walk, walk->view->from);
    walk->last = pp_walk_find(walk, walk->view->to);
    walk->first = first;
  }
  if (walk->last < walk->first) walk->last = walk->first; /* the window is empty */
}

static void bound(pp_walk *walk) {
  walk->bounded = true;
  if (!walk->uniform || !pp_view_has_window(walk->view)) return;
  walk->from_sample = uniform_sample(walk, walk->view->from);
  walk->to_sample = uniform_sample(walk, walk->view->to);
}

void pp_walk_look(pp_walk *walk, const pp_profile *view) {
  walk->view = view;
  bound(walk);
  keep(walk);
}

bool pp_walk_next_timed(pp_walk *walk) {
  /* Before the first call the step has no samples. */
  if (walk->cursor.times > 0) pass(walk);
  if (!pp_track_next(&walk->cursor)) {
    walk->cursor.times = walk->first = walk->last = 0;
    return false;
  }
  enter_tick(walk);
  walk->node = pp_view_node(walk->view, walk->cursor.node);
  if (!walk->bounded) bound(walk);
  keep(walk);
  return true;
}

double pp_walk_time(const pp_walk *walk, uint64_t index) {
  const pp_common *common = walk->view->common;
  if (walk->cursor.track->ticks != NULL) return tick_time(walk, walk->before + index);
  if (walk->uniform) return uniform_time(walk, walk->before + index);
  if (index == 0) return pp_amount_weight(&common->scale, walk->sum) / common->per_second;
  uint32_t sum[PP_DIGITS_MAX];
  memcpy(sum, walk->sum, common->scale.digits * sizeof *sum);
  pp_amount_add_samples(&common->scale, sum, walk->cursor.weight, index);
  return pp_amount_weight(&common->scale, sum) / common->per_second;
}

double pp_walk_time_before(const pp_walk *walk, uint64_t index) {
  if (index == 0 && walk->cursor.track->ticks != NULL) return walk->ended;
  return pp_walk_time(walk, index);
}

bool pp_walk_waited(const pp_walk *walk) {
  /* Ticks that follow each other may differ by a rounding. */
  return walk->cursor.track->ticks != NULL && pp_walk_time(walk, 0) > walk->ended + 1e-6;
}

uint64_t pp_walk_find(const pp_walk *walk, double time) {
  uint64_t low = walk->first, high = walk->last;
  /* Most steps are entirely before or after the time. */
  if (low == high || pp_walk_time(walk, low) >= time) return low;
  if (pp_walk_time(walk, high - 1) < time) return high;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (pp_walk_time(walk, middle) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
