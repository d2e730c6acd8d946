#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "profile/base.h"
#include "pyprof/calls.h"
#include "pyprof/profile.h"
#include "pyprof/timeline.h"
#include "pyprof/totals.h"

/* --- bases by hand: frames are letters, stacks are words, a space is an empty stack */

static pp_base *new_base(double rate) {
  pp_base *base = pp_base_new();
  base->frames = calloc(26, sizeof *base->frames);
  for (uint32_t i = 0; i < 26; i++) {
    char name[2] = {(char)('a' + i), 0};
    uint32_t file = i == 25 ? pp_intern_add(base->strings, "/lib/threading.py", 17)
                            : pp_intern_add(base->strings, "x.py", 4);
    uint32_t text = i == 25 ? pp_intern_add(base->strings, "Thread._bootstrap", 17)
                            : pp_intern_add(base->strings, name, 1);
    base->frames[i] = (pp_frame){text, file, i + 1};
  }
  base->frame_count = 26;
  base->metric.unit = PP_UNIT_SECONDS;
  base->has_time = true;
  base->rate = rate;
  return base;
}

static pp_track *add_track(pp_base *base, int64_t id, int64_t pid) {
  base->tracks = realloc(base->tracks, (base->track_count + 1) * sizeof *base->tracks);
  pp_track *track = &base->tracks[base->track_count++];
  *track = (pp_track){.id = id, .pid = pid, .parent_pid = -1};
  return track;
}

static void add(pp_base *base, const char *stack, uint64_t times, double weight) {
  pp_track *track = &base->tracks[base->track_count - 1];
  pp_node node = PP_NODE_ROOT;
  for (; *stack != 0 && *stack != ' '; stack++) {
    node = pp_tree_child(&base->tree, node, (uint32_t)(*stack - 'a'));
  }
  CHECK(pp_nodes_add(&track->nodes, node, times));
  CHECK(pp_weights_add(&track->weights, weight, times));
}

/* --- the totals of a profile as text: "a:self/total b:…" for the letters that are in it */

static const char *totals_of(pp_profile *profile) {
  static char text[1000];
  uint32_t groups[26];
  uint64_t self[27], total[27];
  double self_weight[27], total_weight[27];
  uint32_t line[27];
  uint8_t seen[26];
  for (uint32_t i = 0; i < 26; i++) groups[i] = i + 1;
  pp_totals totals = {self, total, self_weight, total_weight, line};
  pp_grouping grouping = {groups, 26};
  static pp_error error;
  if (pp_profile_totals(profile, &grouping, 1, NULL, seen, &totals, &error) != PP_OK) {
    return error.message;
  }
  size_t used = 0;
  text[0] = 0;
  for (uint32_t i = 0; i < 26; i++) {
    CHECK((total[i + 1] > 0) == (seen[i] != 0));
    if (total[i + 1] == 0) continue;
    CHECK(line[i + 1] == i + 1);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%c:%llu/%llu",
                             used > 0 ? " " : "", (char)('a' + i),
                             (unsigned long long)self[i + 1], (unsigned long long)total[i + 1]);
  }
  return text;
}

static pp_profile_info facts_of(pp_profile *profile) {
  pp_profile_info info = {0};
  CHECK(pp_profile_inform(profile, NULL, &info, NULL) == PP_OK);
  return info;
}

static void mask_of(const char *letters, uint8_t mask[26]) {
  memset(mask, 0, 26);
  for (; *letters != 0; letters++) mask[*letters - 'a'] = 1;
}

static pp_profile *example(void) {
  pp_base *base = new_base(100);
  add_track(base, -1, -1);
  add(base, "abab", 3, 0.01);
  add(base, "abc", 2, 0.01);
  add(base, " ", 4, 0.01);
  add(base, "d", 1, 0.01);
  return pp_profile_from_base(base);
}

static void recursion_counts_once(void) {
  pp_profile *p = example();
  CHECK(strcmp(totals_of(p), "a:0/5 b:3/5 c:2/2 d:1/1") == 0);
  pp_profile_info info = facts_of(p);
  CHECK(info.samples == 6 && info.empty_samples == 4 && info.weight == 0.06);
  CHECK(info.from == 0 && info.to == 0.1 && info.rate == 100);
  pp_profile_free(p);
}

static void more_samples_than_32_bits_hold(void) {
  pp_base *base = new_base(100);
  add_track(base, -1, -1);
  add(base, "ab", 5000000000, 0.01);
  add(base, "ac", 3000000000, 0.01);
  add(base, "a", 1, 0.01);
  pp_profile *p = pp_profile_from_base(base), *view = NULL;
  CHECK(strcmp(totals_of(p), "a:1/8000000001 b:5000000000/5000000000 "
                             "c:3000000000/3000000000") == 0);
  pp_profile_info info = facts_of(p);
  CHECK(info.samples == 8000000001 && info.weight == 80000000.01 && info.to == 80000000.01);
  CHECK(pp_profile_window(p, 50000000, INFINITY, NULL, &view, NULL) == PP_OK);
  CHECK(strcmp(totals_of(view), "a:1/3000000001 c:3000000000/3000000000") == 0);
  pp_profile_free(view);
  pp_profile_free(p);
}

typedef pp_code mask_view(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                          pp_profile **view, pp_error *error);

static const char *through(mask_view *make, const char *letters) {
  uint8_t mask[26];
  mask_of(letters, mask);
  pp_profile *p = example(), *view = NULL;
  CHECK(make(p, mask, NULL, &view, NULL) == PP_OK);
  pp_profile_free(p); /* a view outlives the profile that it was made of */
  const char *text = totals_of(view);
  pp_profile_free(view);
  return text;
}

static pp_code where(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                     pp_profile **view, pp_error *error) {
  return pp_profile_where(profile, mask, true, control, view, error);
}

static pp_code without(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                       pp_profile **view, pp_error *error) {
  return pp_profile_where(profile, mask, false, control, view, error);
}

static void views(void) {
  CHECK(strcmp(through(where, "c"), "a:0/2 b:0/2 c:2/2") == 0);
  CHECK(strcmp(through(where, ""), "") == 0);
  CHECK(strcmp(through(without, "c"), "a:0/3 b:3/3 d:1/1") == 0);
  CHECK(strcmp(through(pp_profile_fold, "b"), "a:3/5 c:2/2 d:1/1") == 0);
  CHECK(strcmp(through(pp_profile_fold, "abcd"), "a:5/5 d:1/1") == 0);
  CHECK(strcmp(through(pp_profile_root, "b"), "a:0/3 b:3/5 c:2/2") == 0);
}

static void flat_keeps_the_leaf(void) {
  pp_base *base = new_base(100);
  add_track(base, -1, -1);
  add(base, "aab", 1, 1);
  add(base, "ac", 1, 1);
  pp_profile *p = pp_profile_from_base(base), *flat = NULL;
  uint32_t groups[26];
  for (uint32_t i = 0; i < 26; i++) groups[i] = i == 2 ? 1 : i + 1; /* c is a, at another line */
  CHECK(pp_profile_flat(p, groups, NULL, &flat, NULL) == PP_OK);
  CHECK(strcmp(totals_of(flat), "a:0/1 b:1/1 c:1/1") == 0);
  pp_profile_free(flat);
  pp_profile_free(p);
}

/* Sample k starts at the double that is nearest to k × its weight. */
static void time_does_not_drift(void) {
  static const double rates[] = {100, 99, 7, 1000, 3, 250, 97};
  for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
    pp_base *base = new_base(rates[i]);
    add_track(base, -1, -1);
    add(base, "a", 300000, 1 / rates[i]);
    pp_profile *p = pp_profile_from_base(base), *view = NULL;
    CHECK(pp_profile_window(p, 10, 20, NULL, &view, NULL) == PP_OK);
    CHECK(facts_of(view).samples == (uint64_t)(rates[i] * 10));
    pp_profile *rest = NULL;
    CHECK(pp_profile_window(p, 20, INFINITY, NULL, &rest, NULL) == PP_OK);
    CHECK(facts_of(rest).samples == 300000 - (uint64_t)(rates[i] * 20));
    CHECK(facts_of(p).to == 300000 / rates[i]);
    pp_profile_free(rest);
    pp_profile_free(view);
    pp_profile_free(p);
  }
}

/* The same for weights that differ, and are added up. */
static void time_of_mixed_weights(void) {
  pp_base *base = new_base(0);
  add_track(base, -1, -1);
  add(base, "a", 1000, 0.01);
  add(base, "b", 1, 0.005);
  add(base, "c", 500, 0.01);
  pp_profile *p = pp_profile_from_base(base), *view = NULL;
  CHECK(pp_profile_window(p, 10, 12.005, NULL, &view, NULL) == PP_OK);
  CHECK(strcmp(totals_of(view), "b:1/1 c:200/200") == 0);
  double bounds[] = {0, 5, 10, 10.005, 100};
  uint64_t samples[4];
  double weight[4];
  CHECK(pp_profile_cut(p, bounds, 5, NULL, samples, weight, NULL) == PP_OK);
  CHECK(samples[0] == 500 && samples[1] == 500 && samples[2] == 1 && samples[3] == 500);
  CHECK(weight[0] == 5 && weight[2] == 0.005);
  pp_profile_free(view);
  pp_profile_free(p);
}

static void slices_are_windows(void) {
  pp_base *base = new_base(100);
  add_track(base, 7, 7);
  add(base, "ab", 700, 0.01);
  add(base, " ", 100, 0.01);
  add(base, "c", 100, 0.02);
  add_track(base, 8, 7);
  add(base, "c", 250, 0.01);
  add(base, "ad", 1, 0.01);
  pp_profile *p = pp_profile_from_base(base), *inner = NULL, *views[5];
  CHECK(pp_profile_window(p, 1, 9.5, NULL, &inner, NULL) == PP_OK);
  double bounds[] = {0, 0.5, 2.5, 2.51, 8.011, INFINITY};
  for (int within = 0; within < 2; within++) {
    pp_profile *whole = within ? inner : p;
    CHECK(pp_profile_slices(whole, bounds, 6, NULL, views, NULL) == PP_OK);
    for (int i = 0; i < 5; i++) {
      pp_profile *window = NULL;
      CHECK(pp_profile_window(whole, bounds[i], bounds[i + 1], NULL, &window, NULL) == PP_OK);
      char wanted[1000];
      snprintf(wanted, sizeof wanted, "%s", totals_of(window));
      CHECK(strcmp(totals_of(views[i]), wanted) == 0);
      CHECK(facts_of(views[i]).empty_samples == facts_of(window).empty_samples);
      CHECK(facts_of(views[i]).from == facts_of(window).from);
      pp_profile_free(window);
    }
    if (!within) CHECK(strcmp(totals_of(views[2]), "a:0/2 b:1/1 d:1/1") == 0);
    for (int i = 0; i < 5; i++) pp_profile_free(views[i]);
  }
  pp_profile_free(inner);
  pp_profile_free(p);
}

static void windows_that_do_not_meet_are_empty(void) {
  pp_base *base = new_base(100);
  add_track(base, 7, 7);
  add(base, "a", 1000, 0.01);
  pp_profile *p = pp_profile_from_base(base), *late = NULL, *none = NULL;
  CHECK(pp_profile_window(p, 5, 10, NULL, &late, NULL) == PP_OK);
  CHECK(pp_profile_window(late, 0, 3, NULL, &none, NULL) == PP_OK);
  CHECK(facts_of(none).samples == 0);
  pp_profile_free(none);
  pp_profile_free(late);
  pp_profile_free(p);
}

static void no_time_is_refused(void) {
  pp_base *base = new_base(0);
  base->has_time = false;
  add_track(base, -1, -1);
  add(base, "a", 1, 1);
  pp_profile *p = pp_profile_from_base(base), *view = NULL;
  pp_error error;
  CHECK(pp_profile_window(p, 0, 1, NULL, &view, &error) == PP_ARGUMENT);
  CHECK(strcmp(error.message, "the recording has no time") == 0);
  CHECK(!facts_of(p).has_time);
  pp_profile_free(p);
}

static void runs_end_where_the_leaf_changes(void) {
  pp_base *base = new_base(100);
  add_track(base, 7, 7);
  add(base, "ab", 2, 0.01);
  add(base, "cb", 3, 0.01);
  add(base, " ", 1, 0.01);
  add(base, "cb", 1, 0.01);
  pp_profile *p = pp_profile_from_base(base);
  uint32_t groups[26];
  for (uint32_t i = 0; i < 26; i++) groups[i] = i + 1;
  pp_stretch *runs = NULL;
  size_t count = 0;
  CHECK(pp_profile_runs(p, groups, NULL, NULL, &runs, &count, NULL) == PP_OK);
  CHECK(count == 2);
  CHECK(runs[0].samples == 5 && runs[0].from == 0 && runs[0].to == 0.05 && runs[0].key == 2);
  CHECK(runs[1].samples == 1 && runs[1].from == 0.06 && runs[1].to == 0.07);
  free(runs);
  pp_calls *calls = NULL;
  CHECK(pp_calls_make(p, groups, 26, NULL, &calls, NULL) == PP_OK);
  CHECK(pp_profile_runs(p, groups, calls, NULL, &runs, &count, NULL) == PP_OK);
  CHECK(count == 3 && runs[0].samples == 2 && runs[1].samples == 3);
  pp_call call;
  pp_calls_get(calls, runs[1].key, &call);
  CHECK(call.self == 4 && call.group == 2 && call.depth == 2);
  free(runs);
  pp_calls_free(calls);
  pp_profile_free(p);
}

static void threads(void) {
  pp_base *base = new_base(100);
  add_track(base, 5, 5);
  add(base, "a", 2, 0.01);
  add_track(base, 6, 5);
  add(base, "b", 1, 0.01);
  add_track(base, 5, 5); /* the first thread again */
  add(base, "c", 4, 0.01);
  add_track(base, -1, -1);
  add(base, "zb", 1, 0.01);
  add_track(base, -1, -1);
  add(base, "a", 1, 0.01);
  pp_profile *p = pp_profile_from_base(base), *view = NULL;
  pp_thread *list = NULL;
  uint32_t count = 0;
  CHECK(pp_profile_threads(p, NULL, &list, &count, NULL) == PP_OK);
  CHECK(count == 4);
  uint8_t mask[4] = {0};
  unsigned mains = 0;
  for (uint32_t i = 0; i < count; i++) {
    mains += list[i].main;
    if (list[i].id == 5) {
      CHECK(list[i].samples == 6 && list[i].weight == 0.06 && list[i].main);
      mask[i] = 1;
    }
  }
  CHECK(mains == 2); /* the second has no id, and threading did not start it */
  free(list);
  CHECK(pp_profile_thread(p, mask, NULL, &view, NULL) == PP_OK);
  CHECK(strcmp(totals_of(view), "a:2/2 c:4/4") == 0);
  pp_profile_free(view);
  pp_profile_free(p);
}

/* A merge keeps a thread's start by threading, even if a fold removed it from the stacks. */
static void merged_threads_stay_what_they_are(void) {
  pp_base *base = new_base(100);
  add_track(base, -1, -1);
  add(base, "azb", 1, 0.01);
  pp_profile *p = pp_profile_from_base(base), *folded = NULL, *merged = NULL;
  uint8_t mask[26];
  mask_of("z", mask);
  CHECK(pp_profile_fold(p, mask, NULL, &folded, NULL) == PP_OK);
  const pp_profile *both[] = {folded, folded};
  CHECK(pp_profile_merge(both, 2, NULL, &merged, NULL) == PP_OK);
  pp_thread *list = NULL;
  uint32_t count = 0;
  CHECK(pp_profile_threads(merged, NULL, &list, &count, NULL) == PP_OK);
  CHECK(count == 2 && !list[0].main && !list[1].main);
  free(list);
  pp_profile_free(merged);
  pp_profile_free(folded);
  pp_profile_free(p);
}

static void metrics_must_agree(void) {
  pp_base *bytes = new_base(0);
  bytes->metric.unit = PP_UNIT_BYTES;
  pp_profile *a = example(), *b = pp_profile_from_base(bytes), *merged = NULL;
  const pp_profile *both[] = {a, b};
  pp_error error;
  CHECK(pp_profile_merge(both, 2, NULL, &merged, &error) == PP_ARGUMENT);
  CHECK(strcmp(error.message, "metrics differ: seconds and bytes") == 0);
  pp_profile_free(a);
  pp_profile_free(b);
}

static void cancelling_makes_nothing(void) {
  volatile sig_atomic_t cancel = 1;
  pp_control control = {.cancel = &cancel};
  pp_profile *p = example(), *view = NULL;
  pp_error error;
  pp_profile_info info;
  CHECK(pp_profile_inform(p, &control, &info, &error) == PP_CANCELLED);
  CHECK(pp_profile_window(p, 0, 1, &control, &view, &error) == PP_CANCELLED && view == NULL);
  const pp_profile *both[] = {p, p};
  CHECK(pp_profile_merge(both, 2, &control, &view, &error) == PP_CANCELLED && view == NULL);
  CHECK(facts_of(p).samples == 6); /* the profile is complete afterwards */
  pp_profile_free(p);
}

/* Half of the profiles have many stacks that come once, so an entry for each run; half have deep
 * stacks. */
static void both_ways_of_counting_agree(void) {
  for (int round = 0; round < 4; round++) {
    int shape = round % 2;
    double other = round < 2 ? 0.5 : 0.25; /* 0.5: all weights are equal */
    pp_base *base = new_base(100);
    add_track(base, -1, -1);
    unsigned seed = 1;
    char stack[200] = "";
    uint64_t want[26] = {0};
    double want_weight[26] = {0};
    for (int i = 0; i < 3000; i++) {
      size_t length = strlen(stack), keep = shape == 0 ? 0 : length < 4 ? 0 : length - 3;
      for (unsigned k = 0; k < 5 && keep < sizeof stack - 1; k++) {
        seed = seed * 1103515245 + 12345;
        stack[keep++] = (char)('a' + (seed >> 16) % 25);
      }
      stack[keep] = 0;
      if (shape == 1 && i % 400 == 0) stack[60 < keep ? 60 : keep] = 0;
      double its = i % 3 == 0 ? other : 0.5;
      add(base, stack, 1, its);
      bool in[26] = {false};
      for (const char *c = stack; *c != 0; c++) in[*c - 'a'] = true;
      for (int k = 0; k < 26; k++) {
        want[k] += in[k];
        want_weight[k] += in[k] ? its : 0;
      }
    }
    pp_profile *p = pp_profile_from_base(base);
    uint32_t groups[26], line[27];
    uint64_t self[27], total[27];
    double weight[27], self_weight[27];
    uint8_t seen[26];
    for (uint32_t i = 0; i < 26; i++) groups[i] = i + 1;
    pp_totals totals = {self, total, self_weight, weight, line};
    pp_grouping grouping = {groups, 26};
    CHECK(pp_profile_totals(p, &grouping, 1, NULL, seen, &totals, NULL) == PP_OK);
    for (uint32_t i = 0; i < 26; i++) {
      CHECK(total[i + 1] == want[i]);
      CHECK(weight[i + 1] == want_weight[i]);
    }
    pp_profile_free(p);
  }
}

static void frames_are_grouped(void) {
  pp_base *base = new_base(100);
  base->frames[1] = (pp_frame){base->frames[0].name, base->frames[0].file, 90}; /* a again */
  base->frames[2].line = base->frames[3].line = 90;                            /* c and d */
  base->frames[4].line = base->frames[5].line = 0;                             /* no line */
  pp_profile *p = pp_profile_from_base(base);
  uint32_t order[26], groups[26], first[26], count;
  CHECK(pp_profile_sort_frames(p, order, NULL) == PP_OK);
  CHECK(order[0] == 25 && order[1] == 0 && order[2] == 1); /* "Thread._bootstrap" is the least */
  CHECK(pp_profile_group(p, PP_GROUP_FUNCTION, order, groups, first, &count, NULL) == PP_OK);
  CHECK(count == 25 && groups[25] == 1 && groups[0] == 2 && groups[1] == 2 && groups[2] == 3);
  CHECK(first[0] == 25 && first[1] == 0 && first[2] == 2);
  CHECK(pp_profile_group(p, PP_GROUP_LINE, order, groups, first, &count, NULL) == PP_OK);
  CHECK(count == 24 && groups[1] == groups[2] && groups[2] == groups[3] && groups[0] == 2);
  CHECK(groups[4] != groups[5] && first[groups[3] - 1] == 1);
  CHECK(pp_profile_group(p, PP_GROUP_NAME, order, groups, first, &count, NULL) == PP_OK);
  CHECK(count == 25);
  CHECK(pp_profile_group(p, PP_GROUP_FILE, order, groups, first, &count, NULL) == PP_OK);
  CHECK(count == 2 && groups[25] == 1 && groups[0] == 2 && groups[24] == 2);
  CHECK(pp_profile_group(p, PP_GROUP_FRAME, order, groups, first, &count, NULL) == PP_OK);
  CHECK(count == 26 && groups[25] == 1 && groups[24] == 26);
  pp_profile_free(p);
}

int main(void) {
  RUN(recursion_counts_once);
  RUN(more_samples_than_32_bits_hold);
  RUN(views);
  RUN(flat_keeps_the_leaf);
  RUN(time_does_not_drift);
  RUN(time_of_mixed_weights);
  RUN(slices_are_windows);
  RUN(windows_that_do_not_meet_are_empty);
  RUN(no_time_is_refused);
  RUN(runs_end_where_the_leaf_changes);
  RUN(threads);
  RUN(merged_threads_stay_what_they_are);
  RUN(metrics_must_agree);
  RUN(cancelling_makes_nothing);
  RUN(both_ways_of_counting_agree);
  RUN(frames_are_grouped);
  FINISH();
}
