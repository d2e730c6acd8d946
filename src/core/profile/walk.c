/* walk.c - the samples of a track, one after the other, with their time. */
#include "profile/walk.h"

#include <math.h>
#include <string.h>

/* Are the track's weights all alike? */
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
  walk->uniform = common->scale.uniform || track_is_uniform(of);
  if (!walk->uniform || of->weights.count == 0 || common->per_second != 1) return;
  /* A weight of 1/N as a double: then the k-th sample starts at k/N, and seconds are whole. */
  double weight;
  memcpy(&weight, &of->weights.words[0], sizeof weight);
  double rate = nearbyint(1 / weight);
  if (weight > 0 && rate < 1e9 && 1 / rate == weight) walk->whole_rate = rate;
}

/* Lets the step's time go by. */
static void pass(pp_walk *walk) {
  walk->before += walk->cursor.times;
  if (walk->uniform) return;
  pp_amount_add_samples(&walk->view->common->scale, walk->sum, walk->cursor.weight,
                        walk->cursor.times);
}

double pp_walk_end(const pp_profile *view, uint32_t track) {
  pp_walk walk;
  pp_walk_begin(&walk, view, track, true);
  if (walk.uniform && pp_track_next(&walk.cursor)) {
    walk.before = view->common->base->tracks[track].nodes.length;
  } else {
    while (pp_track_next(&walk.cursor)) pass(&walk);
  }
  return pp_walk_time(&walk, 0);
}

/* When the sample of this number starts, where all weights are alike. */
static double uniform_time(const pp_walk *walk, uint64_t sample) {
  if (walk->whole_rate > 0) return (double)sample / walk->whole_rate;
  return pp_weight_times(walk->cursor.weight, sample) / walk->view->common->per_second;
}

/* The first of the track's samples that starts at or after the time, where all weights are
 * alike. */
static uint64_t uniform_sample(const pp_walk *walk, double time) {
  uint64_t low = 0, high = walk->cursor.track->nodes.length;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (uniform_time(walk, middle) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* How many of the step's samples come before that one. */
static uint64_t step_samples_before(const pp_walk *walk, uint64_t sample) {
  if (sample <= walk->before) return 0;
  uint64_t samples = sample - walk->before;
  return samples < walk->cursor.times ? samples : walk->cursor.times;
}

/* Which of the step's samples are in the window. */
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
  if (walk->last < walk->first) walk->last = walk->first; /* a window that is empty */
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
  /* The step that ends here passes away; it has no samples before the first call. */
  if (walk->cursor.times > 0) pass(walk);
  if (!pp_track_next(&walk->cursor)) {
    walk->cursor.times = walk->first = walk->last = 0;
    return false;
  }
  walk->node = pp_view_node(walk->view, walk->cursor.node);
  if (!walk->bounded) bound(walk);
  keep(walk);
  return true;
}

double pp_walk_time(const pp_walk *walk, uint64_t index) {
  const pp_common *common = walk->view->common;
  if (walk->uniform) return uniform_time(walk, walk->before + index);
  if (index == 0) return pp_amount_weight(&common->scale, walk->sum) / common->per_second;
  uint32_t sum[PP_DIGITS_MAX];
  memcpy(sum, walk->sum, common->scale.digits * sizeof *sum);
  pp_amount_add_samples(&common->scale, sum, walk->cursor.weight, index);
  return pp_amount_weight(&common->scale, sum) / common->per_second;
}

uint64_t pp_walk_find(const pp_walk *walk, double time) {
  uint64_t low = walk->first, high = walk->last;
  /* Most steps are wholly on one side. */
  if (low == high || pp_walk_time(walk, low) >= time) return low;
  if (pp_walk_time(walk, high - 1) < time) return high;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (pp_walk_time(walk, middle) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
