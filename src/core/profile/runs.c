#include <stdlib.h>
#include <string.h>

#include "profile/calls.h"
#include "profile/view.h"
#include "profile/walk.h"
#include "pyprof/calls.h"
#include "pyprof/timeline.h"

typedef struct run_list {
  pp_stretch *runs;
  size_t count, capacity;
} run_list;

static pp_stretch *add_run(run_list *list) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity + list->capacity / 2 + 64;
    pp_stretch *runs = realloc(list->runs, capacity * sizeof *runs);
    if (runs == NULL) return NULL;
    list->runs = runs;
    list->capacity = capacity;
  }
  return &list->runs[list->count++];
}

/* The key of the leaf of the step's samples; 0: they belong to no run. */
static uint32_t key_of(const pp_walk *walk, const uint32_t *groups, const pp_calls *calls) {
  if (walk->node == PP_NODE_GAP || walk->node == PP_NODE_ROOT) return 0;
  if (calls != NULL) return pp_calls_of(calls, walk->node);
  return groups[pp_tree_frame(pp_view_tree(walk->view), walk->node)];
}

static void end_run(const pp_scale *scale, uint32_t *amount, double to, pp_stretch *run) {
  run->to = to;
  run->samples = pp_amount_samples(scale, amount);
  run->weight = pp_amount_weight(scale, amount);
  memset(amount, 0, scale->digits * sizeof *amount);
}

static pp_code add_runs(pp_walk *walk, uint32_t track, const uint32_t *groups,
                        const pp_calls *calls, const pp_control *control, run_list *list,
                        pp_error *error) {
  const pp_common *common = walk->view->common;
  const pp_scale *scale = &common->scale;
  uint32_t amount[PP_DIGITS_MAX] = {0};
  uint32_t open = 0; /* the key of the last sample's run */
  size_t steps = 0;
  while (pp_walk_next(walk)) {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    uint32_t key = walk->first == walk->last ? 0 : key_of(walk, groups, calls);
    if (open != 0 && (key != open || pp_walk_waited(walk))) {
      end_run(scale, amount, pp_walk_time_before(walk, 0), &list->runs[list->count - 1]);
      open = 0;
    }
    if (key == 0) continue;
    if (open == 0) {
      pp_stretch *run = add_run(list);
      if (run == NULL) return pp_error_memory(error);
      *run = (pp_stretch){.thread = common->threads[track], .key = key,
                          .test = common->test_of[track], .from = pp_walk_time(walk, walk->first)};
      open = key;
    }
    pp_amount_add_samples(scale, amount, walk->cursor.weight, walk->last - walk->first);
    if (walk->last < walk->cursor.times) { /* the window ends within this step */
      end_run(scale, amount, pp_walk_time_before(walk, walk->last), &list->runs[list->count - 1]);
      open = 0;
    }
  }
  if (open != 0) {
    end_run(scale, amount, pp_walk_time_before(walk, 0), &list->runs[list->count - 1]);
  }
  return PP_OK;
}

pp_code pp_profile_runs(pp_profile *profile, const uint32_t *groups, const pp_calls *calls,
                        const pp_control *control, pp_stretch **runs, size_t *count,
                        pp_error *error) {
  if (profile->common->per_second <= 0) {
    return pp_error_set(error, PP_ARGUMENT, "the recording has no time");
  }
  pp_code code = pp_view_prepare(profile, control, error);
  if (code == PP_OK) code = pp_view_number_threads(profile, error);
  if (code == PP_OK) code = pp_view_number_tests(profile, error);
  run_list list = {0};
  for (uint32_t i = 0; code == PP_OK && i < pp_view_track_count(profile); i++) {
    uint32_t track = pp_view_track(profile, i);
    pp_walk walk;
    pp_walk_begin(&walk, profile, track, true);
    code = add_runs(&walk, track, groups, calls, control, &list, error);
  }
  if (code != PP_OK) {
    free(list.runs);
    return code;
  }
  *runs = list.runs;
  *count = list.count;
  return PP_OK;
}

/* --- the order of runs */

typedef struct run_order {
  pp_stretch_order by;
  const uint32_t *ranks, *thread_ranks; /* of each key and thread */
} run_order;

static int compare_doubles(double a, double b) {
  return (a > b) - (a < b);
}

static int compare_keys(const run_order *order, uint32_t a, uint32_t b) {
  uint32_t rank_a = order->ranks[a], rank_b = order->ranks[b];
  return (rank_a > rank_b) - (rank_a < rank_b);
}

static int compare_runs(const void *a, const void *b, void *context) {
  const pp_stretch *one = a, *other = b;
  const run_order *order = context;
  int result = 0;
  if (order->by == PP_STRETCHES_BY_WEIGHT) result = compare_doubles(other->weight, one->weight);
  else if (order->by == PP_STRETCHES_BY_START) result = compare_doubles(one->from, other->from);
  if (result == 0 && order->by == PP_STRETCHES_BY_SAMPLES) {
    result = (one->samples < other->samples) - (one->samples > other->samples);
  }
  if (result == 0) result = compare_keys(order, one->key, other->key);
  if (result == 0) {
    uint32_t thread = order->thread_ranks[one->thread];
    uint32_t other_thread = order->thread_ranks[other->thread];
    result = (thread > other_thread) - (thread < other_thread);
  }
  if (result == 0) result = compare_doubles(one->from, other->from);
  if (result == 0) result = compare_doubles(one->to, other->to);
  if (result == 0) result = (one->samples > other->samples) - (one->samples < other->samples);
  return result != 0 ? result : compare_doubles(one->weight, other->weight);
}

pp_code pp_stretches_sort(pp_stretch *runs, size_t count, pp_stretch_order order,
                          const pp_calls *calls,
                          const uint32_t *group_ranks, const uint32_t *thread_ranks,
                          pp_error *error) {
  uint32_t *places = calls == NULL ? NULL : pp_calls_places(calls, group_ranks);
  if (calls != NULL && places == NULL) return pp_error_memory(error);
  run_order context = {order, places != NULL ? places : group_ranks, thread_ranks};
  if (count > 1) qsort_r(runs, count, sizeof *runs, compare_runs, &context);
  free(places);
  return PP_OK;
}
