#include "pyprof/weights.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "profile/base.h"
#include "pyprof/calls.h"
#include "pyprof/timeline.h"

/* --- generated profiles: some threads, stacks of the frames a … h, spans with holes between them */

static uint64_t state;

static uint32_t below(uint32_t most) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33) % most;
}

#define TRACKS 4
#define SPANS 20
#define FRAMES 8

typedef struct made {
  pp_profile *recorded;
  pp_span spans[TRACKS][SPANS];
  pp_spans tables[TRACKS];
  uint64_t quanta; /* of all spans, 2^-30 s each */
  double end;
} made;

static pp_base *new_base(void) {
  pp_base *base = pp_base_new();
  base->frames = calloc(FRAMES, sizeof *base->frames);
  for (uint32_t i = 0; i < FRAMES; i++) {
    char name = (char)('a' + i);
    base->frames[i] = (pp_frame){pp_intern_add(base->strings, &name, 1), 0, 0};
  }
  base->frame_count = FRAMES;
  base->metric.unit = PP_UNIT_SECONDS;
  base->has_time = true;
  base->rate = 100;
  base->tracks = calloc(TRACKS, sizeof *base->tracks);
  return base;
}

static void add_samples(pp_base *base, pp_track *track, uint64_t count) {
  while (count > 0) {
    uint64_t times = 1 + below((uint32_t)count);
    pp_node node = PP_NODE_ROOT;
    for (uint32_t depth = 1 + below(3); depth > 0; depth--) {
      node = pp_tree_child(&base->tree, node, below(FRAMES));
    }
    CHECK(pp_nodes_add(&track->nodes, node, times));
    CHECK(pp_weights_add(&track->weights, 0.01, times));
    count -= times;
  }
}

static void make(made *it, uint64_t seed) {
  state = seed;
  pp_base *base = new_base();
  *it = (made){.end = 0};
  for (int t = 0; t < TRACKS; t++) {
    pp_track *track = &base->tracks[base->track_count++];
    *track = (pp_track){.id = 100 + t, .pid = 100, .parent_pid = -1, .record = 1};
    double at = below(1000) / 1000.0;
    it->tables[t] = (pp_spans){it->spans[t], 1 + below(SPANS)};
    for (size_t i = 0; i < it->tables[t].count; i++) {
      double length = (1 + below(100)) / 1000.0, weight = below(100000) / 999983.0;
      uint64_t samples = 1 + below(20);
      it->spans[t][i] = (pp_span){samples, at, at + length, weight};
      add_samples(base, track, samples);
      it->quanta += (uint64_t)nearbyint(weight * 1073741824.0);
      it->end = fmax(it->end, at + length);
      at += length + (below(2) == 0 ? 0 : below(300) / 1000.0);
    }
  }
  it->recorded = pp_profile_from_base(base);
}

static pp_profile *weighed(const made *it, pp_weighing weighing) {
  pp_profile *view = NULL;
  CHECK(pp_profile_reweigh(it->recorded, weighing, it->tables, &view, NULL) == PP_OK);
  return view;
}

static pp_profile_info facts_of(pp_profile *profile) {
  pp_profile_info info = {0};
  CHECK(pp_profile_inform(profile, NULL, &info, NULL) == PP_OK);
  return info;
}

#define SEEDS 200

static void weights_add_up_to_the_spans(void) {
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    made it;
    make(&it, seed);
    pp_profile *cpu = weighed(&it, PP_WEIGHED_BY_CPU);
    pp_profile_info before = facts_of(it.recorded), after = facts_of(cpu);
    CHECK(after.weight == (double)it.quanta / 1073741824.0);
    CHECK(after.samples == before.samples && after.empty_samples == before.empty_samples);
    CHECK(after.weighing == PP_WEIGHED_BY_CPU && after.clock && !before.clock);
    CHECK(strncmp(after.kind.bytes, "CPU time", 9) == 0 && strcmp(after.unit, "seconds") == 0);
    CHECK(fabs(after.to - it.end) < 1e-9 && after.from == 0);
    pp_profile_free(it.recorded); /* the base lives on */
    CHECK(facts_of(cpu).samples == after.samples);
    pp_profile_free(cpu);
  }
}

static void recorded_weights_stay_on_the_clock(void) {
  made it;
  make(&it, 7);
  pp_profile *cpu = weighed(&it, PP_WEIGHED_BY_CPU), *again = NULL;
  CHECK(pp_profile_reweigh(cpu, PP_WEIGHED_AS_RECORDED, it.tables, &again, NULL) == PP_OK);
  CHECK(facts_of(again).weight == facts_of(it.recorded).weight);
  CHECK(facts_of(again).kind.length == 0 && facts_of(again).to == facts_of(cpu).to);
  pp_profile_free(cpu);
  pp_profile_free(it.recorded);
  CHECK(facts_of(again).clock);
  pp_profile_free(again);
}

/* Two views that share the samples of a third. */
static void check_parts(pp_profile *whole, pp_profile *const *parts, size_t count) {
  uint64_t samples = 0;
  double weight = 0;
  for (size_t i = 0; i < count; i++) {
    samples += facts_of(parts[i]).samples;
    weight += facts_of(parts[i]).weight; /* multiples of 2^-30: exact */
  }
  CHECK(samples == facts_of(whole).samples && weight == facts_of(whole).weight);
}

static void views_part_the_weights(void) {
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    made it;
    make(&it, seed);
    pp_profile *cpu = weighed(&it, PP_WEIGHED_BY_CPU), *parts[TRACKS];
    uint8_t mask[FRAMES] = {0};
    mask[below(FRAMES)] = 1;
    CHECK(pp_profile_where(cpu, mask, true, NULL, &parts[0], NULL) == PP_OK);
    CHECK(pp_profile_where(cpu, mask, false, NULL, &parts[1], NULL) == PP_OK);
    check_parts(cpu, parts, 2);
    /* The weights of a view are the view of the weights. */
    pp_profile *first = NULL, *then = NULL;
    CHECK(pp_profile_where(it.recorded, mask, true, NULL, &first, NULL) == PP_OK);
    CHECK(pp_profile_reweigh(first, PP_WEIGHED_BY_CPU, it.tables, &then, NULL) == PP_OK);
    check_parts(then, &parts[0], 1);
    for (int i = 0; i < 2; i++) pp_profile_free(parts[i]);
    pp_profile_free(first);
    pp_profile_free(then);
    uint32_t threads[TRACKS] = {0, 1, 2, 3};
    CHECK(pp_profile_split(cpu, threads, TRACKS, NULL, parts, NULL) == PP_OK);
    check_parts(cpu, parts, TRACKS);
    for (int i = 0; i < TRACKS; i++) pp_profile_free(parts[i]);
    double bounds[] = {0, it.end * 0.3, it.end * 0.31, it.end + 1};
    CHECK(pp_profile_slices(cpu, bounds, 4, NULL, parts, NULL) == PP_OK);
    check_parts(cpu, parts, 3);
    for (int i = 0; i < 3; i++) {
      pp_profile *window = NULL;
      CHECK(pp_profile_window(cpu, bounds[i], bounds[i + 1], NULL, &window, NULL) == PP_OK);
      check_parts(window, &parts[i], 1);
      pp_profile_free(window);
      pp_profile_free(parts[i]);
    }
    pp_profile_free(cpu);
    pp_profile_free(it.recorded);
  }
}

/* Every run is within a span or adjoining ones; a window has the samples that the spans say. */
static void times_are_those_of_the_spans(void) {
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    made it;
    make(&it, seed);
    pp_profile *cpu = weighed(&it, PP_WEIGHED_BY_CPU);
    uint32_t groups[FRAMES];
    for (uint32_t i = 0; i < FRAMES; i++) groups[i] = 1;
    pp_stretch *runs = NULL;
    size_t count = 0, expected = 0;
    CHECK(pp_profile_runs(cpu, groups, NULL, NULL, &runs, &count, NULL) == PP_OK);
    uint64_t samples = 0;
    double weight = 0;
    for (size_t i = 0; i < count; i++) samples += runs[i].samples, weight += runs[i].weight;
    CHECK(samples == facts_of(cpu).samples && weight == facts_of(cpu).weight);
    for (int t = 0; t < TRACKS; t++) {
      for (size_t i = 0; i < it.tables[t].count; i++) {
        const pp_span *span = &it.spans[t][i];
        bool begins = i == 0 || span->from > span[-1].to + 1e-6;
        if (begins && expected < count) CHECK(fabs(runs[expected].from - span->from) < 1e-9);
        expected += begins;
        bool ends = i + 1 == it.tables[t].count || span[1].from > span->to + 1e-6;
        if (ends && expected <= count) CHECK(fabs(runs[expected - 1].to - span->to) < 1e-9);
      }
    }
    CHECK(count == expected); /* one function is in all stacks: a run ends where a thread waits */
    free(runs);
    pp_profile_free(cpu);
    pp_profile_free(it.recorded);
  }
}

static void merged_profiles_keep_weights_and_clock(void) {
  made one, other;
  make(&one, 3);
  make(&other, 4);
  pp_profile *parts[] = {weighed(&one, PP_WEIGHED_BY_CPU), weighed(&other, PP_WEIGHED_BY_CPU)};
  pp_profile *merged = NULL;
  CHECK(pp_profile_merge((const pp_profile *const *)parts, 2, NULL, &merged, NULL) == PP_OK);
  check_parts(merged, parts, 2);
  pp_profile_info info = facts_of(merged);
  CHECK(info.clock && info.weighing == PP_WEIGHED_BY_CPU);
  CHECK(info.to == fmax(facts_of(parts[0]).to, facts_of(parts[1]).to));
  pp_error error;
  pp_profile *mixed[] = {one.recorded, parts[1]};
  pp_profile *none = NULL;
  CHECK(pp_profile_merge((const pp_profile *const *)mixed, 2, NULL, &none, &error) == PP_ARGUMENT);
  CHECK(strcmp(error.message, "metrics differ: seconds and seconds CPU time") == 0);
  for (int i = 0; i < 2; i++) pp_profile_free(parts[i]);
  pp_profile_free(merged);
  pp_profile_free(one.recorded);
  pp_profile_free(other.recorded);
}

static void spans_that_do_not_fit_are_refused(void) {
  made it;
  make(&it, 5);
  const pp_span bad[] = {
    {0, 0, 1, 0}, {1, 1, 0, 0}, {1, 0, 1, -1}, {1, 0, 1, NAN}, {1, NAN, 1, 0}, {1, 0, INFINITY, 0},
    {1, -1, 1, 0}, {UINT64_MAX, 0, 1, 0}, {1, 0, 1, 1},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    pp_spans tables[TRACKS];
    memcpy(tables, it.tables, sizeof tables);
    tables[2] = (pp_spans){&bad[i], 1};
    pp_profile *view = NULL;
    pp_error error = {0};
    CHECK(pp_profile_reweigh(it.recorded, PP_WEIGHED_BY_CPU, tables, &view, &error) == PP_ARGUMENT);
    CHECK(strcmp(error.message, "the spans of track 3 do not fit") == 0);
  }
  pp_profile_free(it.recorded);
}

int main(void) {
  RUN(weights_add_up_to_the_spans);
  RUN(recorded_weights_stay_on_the_clock);
  RUN(views_part_the_weights);
  RUN(times_are_those_of_the_spans);
  RUN(merged_profiles_keep_weights_and_clock);
  RUN(spans_that_do_not_fit_are_refused);
  FINISH();
}
