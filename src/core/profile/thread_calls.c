/* thread_calls.c - the stacks of each thread by itself, in one pass: a pass for each thread would
 * cost the whole tree each time. */
#include <stdlib.h>
#include <string.h>

#include "profile/calls.h"
#include "profile/view.h"
#include "pyprof/calls.h"

typedef struct record {
  uint32_t thread, call, test;
  size_t entry;
} record;

static int compare_records(const void *a, const void *b) {
  const record *one = a, *other = b;
  if (one->thread != other->thread) return one->thread < other->thread ? -1 : 1;
  if (one->call != other->call) return one->call < other->call ? -1 : 1;
  if (one->test != other->test) return one->test < other->test ? -1 : 1;
  return (one->entry > other->entry) - (one->entry < other->entry);
}

static int compare_leaves(const void *a, const void *b, void *context) {
  const pp_thread_leaf *one = a, *other = b;
  const uint32_t *places = context;
  if (one->thread != other->thread) return one->thread < other->thread ? -1 : 1;
  if (one->weight > other->weight) return -1;
  if (one->weight < other->weight) return 1;
  uint32_t place = places[one->call], other_place = places[other->call];
  if (place != other_place) return place < other_place ? -1 : 1;
  return (one->test > other->test) - (one->test < other->test);
}

/* Lists which threads have samples in which calls, sorted by thread, call and test. */
static size_t list_records(const pp_calls *calls, const pp_profile *profile,
                           const uint32_t *ranks, bool by_tests, record *records) {
  const pp_entries *entries = &profile->entries;
  size_t count = 0;
  for (uint32_t place = 0; place < pp_view_track_count(profile); place++) {
    uint32_t track = pp_view_track(profile, place);
    uint32_t thread = profile->common->threads[track];
    uint32_t test = by_tests ? profile->common->test_of[track] : 0;
    for (size_t i = entries->starts[place]; i < entries->starts[place + 1]; i++) {
      if (entries->nodes[i] == PP_NODE_ROOT) continue; /* an empty sample */
      uint32_t call = pp_calls_of(calls, entries->nodes[i]);
      pp_call of;
      pp_calls_get(calls, call, &of);
      if (call == 0 || ranks[of.group] == 0) continue;
      records[count++] = (record){thread, call, test, i};
    }
  }
  if (count > 1) qsort(records, count, sizeof *records, compare_records);
  return count;
}

static size_t add_up(const pp_profile *profile, const record *records, size_t count,
                     pp_thread_leaf *leaves) {
  const pp_scale *scale = &profile->common->scale;
  size_t made = 0;
  for (size_t i = 0; i < count;) {
    const record *first = &records[i];
    uint32_t sum[PP_DIGITS_MAX] = {0};
    for (; i < count && records[i].thread == first->thread && records[i].call == first->call &&
           records[i].test == first->test; i++) {
      pp_amount_add(scale, sum, profile->entries.amounts + records[i].entry * scale->digits);
    }
    pp_thread_leaf leaf = {first->thread, first->call, first->test,
                           pp_amount_samples(scale, sum), pp_amount_weight(scale, sum)};
    if (leaf.samples > 0) leaves[made++] = leaf;
  }
  return made;
}

pp_code pp_calls_thread_leaves(const pp_calls *calls, pp_profile *profile, const uint32_t *ranks,
                               bool by_tests, pp_thread_leaf **leaves, size_t *count,
                               pp_error *error) {
  pp_code code = pp_view_number_threads(profile, error);
  if (code == PP_OK && by_tests) code = pp_view_number_tests(profile, error);
  if (code != PP_OK) return code;
  size_t room = profile->entries.count + 1;
  record *records = malloc(room * sizeof *records);
  pp_thread_leaf *made = malloc(room * sizeof *made);
  uint32_t *places = pp_calls_places(calls, ranks);
  if (records == NULL || made == NULL || places == NULL) {
    free(made);
    code = pp_error_memory(error);
  } else {
    *count = add_up(profile, records, list_records(calls, profile, ranks, by_tests, records), made);
    if (*count > 1) qsort_r(made, *count, sizeof *made, compare_leaves, places);
    *leaves = made;
  }
  free(records);
  free(places);
  return code;
}
