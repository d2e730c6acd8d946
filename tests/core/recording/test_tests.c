/* The marker frames of our plugin for pytest become the test of their samples. */
#include <stdlib.h>

#include "check.h"
#include "pyprof/profile.h"
#include "pyprof/tests.h"
#include "pyprof/timeline.h"
#include "text.h"

#define TESTS "\"file\":\"<pyprof-lua tests>\""
/* 0 main, 1 and 2: markers of one test, 3: of another, 4: other code of the plugin, 5 f, 6 g */
#define FRAMES                                                                        \
  "\"shared\":{\"frames\":[{\"name\":\"main\"},{\"name\":\"a.py::x [call]\"," TESTS   \
  ",\"line\":1},{\"name\":\"a.py::x [call]\"," TESTS ",\"line\":2},"                  \
  "{\"name\":\"a.py::y[1 [call]] [setup]\"," TESTS "},{\"name\":\"exec\"," TESTS "}," \
  "{\"name\":\"f\"},{\"name\":\"g\"}]}"
#define RECORDING(name, samples, weights)                                             \
  "{\"profiles\":[{\"type\":\"sampled\",\"unit\":\"seconds\",\"name\":\"" name         \
  "\",\"samples\":" samples ",\"weights\":" weights "}]," FRAMES "}"
#define NAME "Thread 7 \\\"\\\""

static pp_profile *profile_of(const char *text) {
  pp_base *base = read_text(text);
  CHECK(base != NULL);
  return base == NULL ? NULL : pp_profile_from_base(base);
}

/* "name:samples …" of all tests, 0 as "-", and the number of threads at the end */
static const char *tests_of(pp_profile *profile) {
  static char text[1000];
  pp_test *tests;
  pp_thread *threads;
  uint32_t count, thread_count;
  size_t used = 0;
  CHECK(pp_profile_tests(profile, NULL, &tests, &count, NULL) == PP_OK);
  CHECK(pp_profile_threads(profile, NULL, &threads, &thread_count, NULL) == PP_OK);
  for (uint32_t i = 0; i < count; i++) {
    if (!tests[i].present) continue;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s:%d, ",
                             i == 0 ? "-" : tests[i].name.bytes, (int)tests[i].samples);
  }
  snprintf(text + used, sizeof text - used, "threads:%u", thread_count);
  free(tests);
  free(threads);
  return text;
}

static bool frames_are(const pp_profile *profile, const char *want) {
  char text[100];
  size_t used = 0;
  for (uint32_t i = 0; i < pp_profile_frame_count(profile); i++) {
    pp_text name, file;
    uint32_t line;
    pp_profile_frame(profile, i, &name, &file, &line);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s ", name.bytes);
  }
  return strcmp(text, want) == 0;
}

static void a_marker_becomes_the_samples_test(void) {
  pp_profile *p = profile_of(RECORDING(NAME,
    "[[0],[0,4,1,5],[0,4,2,5,6],[0,4,3],[0,4,5],[0,4,1,5]]", "[1,1,1,1,1,1]"));
  if (p == NULL) return;
  CHECK(strcmp(tests_of(p), "-:2, a.py::x [call]:3, a.py::y[1 [call]] [setup]:1, threads:1") == 0);
  CHECK(frames_are(p, "main f g "));
  pp_profile_info info;
  CHECK(pp_profile_inform(p, NULL, &info, NULL) == PP_OK);
  CHECK(info.samples == 6 && info.rate == 1 && info.to == 6);
  pp_profile_free(p);
}

static void the_innermost_marker_counts(void) {
  pp_profile *p = profile_of(RECORDING(NAME, "[[0,3,5,1,6],[0,1]]", "[1,1]"));
  if (p == NULL) return;
  CHECK(strcmp(tests_of(p), "a.py::x [call]:2, threads:1") == 0);
  pp_profile_free(p);
}

/* Time stays in place also where weights differ; without ids it is one thread all the same. */
static void times_stay_in_place(void) {
  pp_profile *p = profile_of(RECORDING("t", "[[0],[1,5],[0],[3,5],[1,6]]", "[1,2,3,4,5]"));
  if (p == NULL) return;
  CHECK(strcmp(tests_of(p),
               "-:2, a.py::x [call]:2, a.py::y[1 [call]] [setup]:1, threads:1") == 0);
  pp_profile *window = NULL;
  CHECK(pp_profile_window(p, 10, 15, NULL, &window, NULL) == PP_OK);
  CHECK(strcmp(tests_of(window), "a.py::x [call]:1, threads:1") == 0);
  pp_profile_free(window);
  pp_profile_free(p);
}

static void a_view_has_the_samples_of_some_tests(void) {
  pp_profile *p = profile_of(RECORDING(NAME, "[[0],[0,1,5],[0,3,6],[0,1,5]]", "[1,1,1,1]"));
  if (p == NULL) return;
  static const uint8_t second[3] = {0, 1, 0}, none[3] = {1, 0, 0}, fold[3] = {0, 1, 1};
  pp_profile *view = NULL, *folded = NULL;
  CHECK(pp_profile_test(p, second, NULL, &view, NULL) == PP_OK);
  CHECK(strcmp(tests_of(view), "a.py::x [call]:2, threads:1") == 0);
  CHECK(pp_profile_fold(view, fold, NULL, &folded, NULL) == PP_OK);
  CHECK(strcmp(tests_of(folded), "a.py::x [call]:2, threads:1") == 0);
  pp_profile_free(view);
  pp_profile_free(folded);
  CHECK(pp_profile_test(p, none, NULL, &view, NULL) == PP_OK);
  CHECK(strcmp(tests_of(view), "-:1, threads:1") == 0);
  pp_profile_free(view);
  pp_profile_free(p);
}

static void the_leaves_of_each_test_are_counted(void) {
  pp_profile *p = profile_of(RECORDING(NAME,
    "[[0],[0,1,5],[0,3,6],[0,1,5,6],[0,2,5],[0,1]]", "[1,1,1,1,1,1]"));
  if (p == NULL) return;
  static const uint32_t groups[3] = {0, 1, 2};
  pp_test_leaf *leaves;
  size_t count;
  CHECK(pp_profile_test_leaves(p, groups, NULL, &leaves, &count, NULL) == PP_OK);
  CHECK(count == 3);
  CHECK(leaves[0].test == 1 && leaves[0].group == 1 && leaves[0].samples == 2);
  CHECK(leaves[1].test == 1 && leaves[1].group == 2 && leaves[1].weight == 1);
  CHECK(leaves[2].test == 2 && leaves[2].group == 2 && leaves[2].samples == 1);
  free(leaves);
  pp_profile_free(p);
}

static void merging_keeps_tests(void) {
  pp_profile *one = profile_of(RECORDING("t", "[[0],[0,1,5]]", "[1,1]"));
  pp_profile *other = profile_of(RECORDING("t", "[[0,3,6],[0,1,5]]", "[1,1]"));
  pp_profile *merged = NULL;
  if (one == NULL || other == NULL) return;
  const pp_profile *both[2] = {one, other};
  CHECK(pp_profile_merge(both, 2, NULL, &merged, NULL) == PP_OK);
  CHECK(strcmp(tests_of(merged),
               "-:1, a.py::x [call]:2, a.py::y[1 [call]] [setup]:1, threads:2") == 0);
  pp_profile_free(one);
  pp_profile_free(other);
  pp_profile_free(merged);
}

/* A frame of another file, or one without a phase in its name, is no test. */
static void nothing_else_is_a_test(void) {
  pp_profile *p = profile_of(
    "{\"profiles\":[{\"type\":\"sampled\",\"unit\":\"seconds\",\"name\":\"t\",\"samples\":"
    "[[0,1,2,3]],\"weights\":[1]}],\"shared\":{\"frames\":[{\"name\":\"x [call]\"},"
    "{\"name\":\"x [call]\",\"file\":\"<pyprof-lua test>\"},{\"name\":\"x [calls]\"," TESTS "},"
    "{\"name\":\" [call]\"," TESTS "}]}}");
  if (p == NULL) return;
  CHECK(strcmp(tests_of(p), "-:1, threads:1") == 0 && frames_are(p, "x [call] x [call] "));
  pp_profile_free(p);
}

int main(void) {
  RUN(a_marker_becomes_the_samples_test);
  RUN(the_innermost_marker_counts);
  RUN(times_stay_in_place);
  RUN(a_view_has_the_samples_of_some_tests);
  RUN(the_leaves_of_each_test_are_counted);
  RUN(merging_keeps_tests);
  RUN(nothing_else_is_a_test);
  FINISH();
}
