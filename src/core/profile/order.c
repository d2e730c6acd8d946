#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/view.h"
#include "pyprof/layout.h"

#define FINE 1e7 /* ticks of a recording whose times are no multiples of a sample's length */

void pp_order_free(pp_order *order) {
  if (order == NULL) return;
  free(order->nodes);
  free(order->threads);
  free(order->tests);
  free(order->samples);
  free(order->weights);
  free(order->waits);
  free(order->spans);
  free(order);
}

static int compare_runs(const void *a, const void *b) {
  const pp_stretch *one = a, *other = b;
  if (one->thread != other->thread) return one->thread < other->thread ? -1 : 1;
  if (one->from != other->from) return one->from < other->from ? -1 : 1;
  return (one->to > other->to) - (one->to < other->to);
}

static bool is_multiple(double seconds, double tick) {
  double ticks = seconds / tick;
  return fabs(ticks - nearbyint(ticks)) < 1e-3;
}

/* A sample's length, if all times are multiples of it; else a power of ten. */
static double find_tick(const pp_stretch *runs, size_t count, double rate, double from) {
  double tick = rate > 0 ? 1 / rate : 0, most = 0;
  for (size_t i = 0; i < count; i++) {
    if (runs[i].to - from > most) most = runs[i].to - from;
    if (tick > 0 && (!is_multiple(runs[i].from - from, tick) ||
                     !is_multiple(runs[i].to - from, tick))) tick = 0;
  }
  return tick > 0 ? tick : pow(10, ceil(log10((most > 0 ? most : 1) / FINE)));
}

/* Fills waits and spans; false: a thread ran twice at once. */
static bool place_in_time(const pp_stretch *runs, pp_order *order) {
  uint64_t end = 0;
  for (size_t i = 0; i < order->count; i++) {
    if (i > 0 && runs[i].thread != runs[i - 1].thread) end = 0;
    uint64_t start = (uint64_t)llround((runs[i].from - order->from) / order->tick);
    if (start < end) return false;
    order->waits[i] = start - end;
    end = (uint64_t)llround((runs[i].to - order->from) / order->tick);
    if (end < start) return false;
    order->spans[i] = end - start;
  }
  return true;
}

static pp_order *new_order(size_t count) {
  pp_order *order = calloc(1, sizeof *order);
  if (order == NULL) return NULL;
  order->count = count;
  order->nodes = malloc((count + 1) * sizeof *order->nodes);
  order->threads = malloc((count + 1) * sizeof *order->threads);
  order->tests = malloc((count + 1) * sizeof *order->tests);
  order->samples = malloc((count + 1) * sizeof *order->samples);
  order->weights = malloc((count + 1) * sizeof *order->weights);
  order->waits = malloc((count + 1) * sizeof *order->waits);
  order->spans = malloc((count + 1) * sizeof *order->spans);
  if (order->nodes != NULL && order->threads != NULL && order->tests != NULL &&
      order->samples != NULL && order->weights != NULL && order->waits != NULL &&
      order->spans != NULL) return order;
  pp_order_free(order);
  return NULL;
}

static void set_run(pp_order *order, size_t i, const pp_stretch *run, const pp_layout *layout) {
  order->nodes[i] = layout->nodes[run->key];
  order->threads[i] = run->thread;
  order->tests[i] = run->test;
  order->samples[i] = run->samples;
  order->weights[i] = run->weight;
}

static pp_code by_time(pp_profile *profile, const uint32_t *groups, const pp_calls *calls,
                       const pp_layout *layout, size_t limit, const pp_control *control,
                       pp_order **order, pp_error *error) {
  pp_profile_info info;
  pp_stretch *runs = NULL;
  size_t count = 0;
  pp_code code = pp_profile_inform(profile, control, &info, error);
  if (code != PP_OK || !info.has_time) return code;
  code = pp_profile_runs(profile, groups, calls, control, &runs, &count, error);
  if (code != PP_OK) return code;
  if (count <= limit) {
    pp_order *made = new_order(count);
    if (made == NULL) code = pp_error_memory(error);
    if (made != NULL) {
      if (count > 1) qsort(runs, count, sizeof *runs, compare_runs);
      made->timed = true;
      made->from = info.from;
      made->tick = find_tick(runs, count, info.rate, info.from);
      for (size_t i = 0; i < count; i++) set_run(made, i, &runs[i], layout);
      if (place_in_time(runs, made)) {
        *order = made;
      } else {
        pp_order_free(made);
      }
    }
  }
  free(runs);
  return code;
}

static pp_code by_sums(pp_profile *profile, const pp_calls *calls, const pp_layout *layout,
                       pp_order **order, pp_error *error) {
  size_t group_count = pp_calls_group_count(calls), count = 0;
  uint32_t *ranks = malloc((group_count + 1) * sizeof *ranks);
  if (ranks == NULL) return pp_error_memory(error);
  for (size_t i = 0; i <= group_count; i++) ranks[i] = (uint32_t)i;
  pp_thread_leaf *leaves = NULL;
  pp_code code = pp_calls_thread_leaves(calls, profile, ranks, true, &leaves, &count, error);
  free(ranks);
  if (code != PP_OK) return code;
  pp_order *made = new_order(count);
  if (made == NULL) code = pp_error_memory(error);
  for (size_t i = 0; made != NULL && i < count; i++) {
    pp_stretch run = {.thread = leaves[i].thread, .key = leaves[i].call, .test = leaves[i].test,
                      .samples = leaves[i].samples, .weight = leaves[i].weight};
    set_run(made, i, &run, layout);
  }
  free(leaves);
  *order = made;
  return code;
}

pp_code pp_order_make(pp_profile *profile, const uint32_t *groups, const pp_calls *calls,
                      const pp_layout *layout, bool timed, size_t limit, const pp_control *control,
                      pp_order **order, pp_error *error) {
  *order = NULL;
  pp_code code = PP_OK;
  if (timed) code = by_time(profile, groups, calls, layout, limit, control, order, error);
  if (code == PP_OK && *order == NULL) code = by_sums(profile, calls, layout, order, error);
  return code;
}
