/* A lack of memory while recordings are read, and while views are made and counted. */
#include <math.h>
#include <unistd.h>

#include "every.h"
#include "pyprof/calls.h"
#include "pyprof/layout.h"
#include "pyprof/recording.h"
#include "pyprof/tests.h"
#include "pyprof/timeline.h"
#include "pyprof/totals.h"
#include "pyprof/weights.h"
#include "zlib.h"

#define DATA "tests/data/"

static char folder[] = "/tmp/pyprof-lua-test-XXXXXX";
static char written[8][64];
static int written_count;

static const char *put(const char *text, bool packed) {
  char *path = written[written_count];
  snprintf(path, sizeof written[0], "%s/%d", folder, written_count++);
  gzFile file = gzopen(path, packed ? "w" : "wT");
  gzputs(file, text);
  gzclose(file);
  return path;
}

static const char *folded, *austin, *sampled, *evented, *packed, *bytes, *tested;

static void put_all(void) {
  folded = put("a (x.py:1);b (x.py:2) 3\nprocess 7:\"sh\";thread (0x1);a;c 2\nd 1\n", false);
  austin = put("# austin: 4.0.0\n# interval: 100\n# mode: wall\n# gc: off\n"
               "P1;T0:2;x.py:f:3;x.py:g:4 100\nP1;T0:2;x.py:f:3 250\nP1;T0:3;y.py:h:1 7\n\n"
               "# duration: 1000\n", false);
  sampled = put(
    "{\"exporter\":\"py-spy@0.4.3\",\"profiles\":[{\"type\":\"sampled\",\"name\":"
    "\"Process 5 Thread 6 \\\"main\\\"\",\"unit\":\"seconds\",\"startValue\":0,\"endValue\":5,"
    "\"samples\":[[0,1],[0,1,2],[],[0,1],[3],[0]],\"weights\":[1,1,1,1,1,0.5]},{\"type\":"
    "\"sampled\",\"name\":\"Thread 8\",\"unit\":\"seconds\",\"startValue\":0,\"endValue\":2,"
    "\"samples\":[[4,0],[4,2,1]],\"weights\":[1,1]}],\"shared\":{\"frames\":[{\"name\":\"a\","
    "\"file\":\"x.py\",\"line\":1},{\"name\":\"b\",\"file\":\"x.py\",\"line\":2},{\"name\":"
    "\"c\\u00e9\"},{\"name\":\"a\",\"file\":\"x.py\",\"line\":1},{\"name\":"
    "\"Thread._bootstrap\",\"file\":\"/lib/threading.py\",\"line\":9}]},"
    "\"pyprof-lua\":{\"format\":1}}", false);
  evented = put(
    "{\"profiles\":[{\"type\":\"evented\",\"name\":\"t\",\"unit\":\"milliseconds\","
    "\"startValue\":0,\"endValue\":9,\"events\":[{\"type\":\"O\",\"frame\":0,\"at\":0},"
    "{\"type\":\"O\",\"frame\":1,\"at\":2},{\"type\":\"C\",\"frame\":1,\"at\":5},"
    "{\"type\":\"C\",\"frame\":0,\"at\":9}]}],\"shared\":{\"frames\":[{\"name\":\"a\"},"
    "{\"name\":\"b\"}]},\"$schema\":\"https://www.speedscope.app/file-format-schema.json\"}",
    false);
  tested = put(
    "{\"profiles\":[{\"type\":\"sampled\",\"name\":\"t\",\"unit\":\"seconds\",\"startValue\":0,"
    "\"endValue\":5,\"samples\":[[0],[0,1,2],[0,3],[0,1]],\"weights\":[1,2,1,1]}],\"shared\":"
    "{\"frames\":[{\"name\":\"a\"},{\"name\":\"x [call]\",\"file\":\"<pyprof-lua tests>\"},"
    "{\"name\":\"b\"},{\"name\":\"y [setup]\",\"file\":\"<pyprof-lua tests>\"}]}}", false);
  packed = put("a;b 3\na;c 2\n", true);
  bytes = put(
    "{\"profiles\":[{\"type\":\"sampled\",\"name\":\"m\",\"unit\":\"bytes\",\"startValue\":0,"
    "\"endValue\":3,\"samples\":[[0],[1]],\"weights\":[1,2]},{\"type\":\"sampled\",\"name\":\"s\","
    "\"unit\":\"seconds\",\"startValue\":0,\"endValue\":3,\"samples\":[[0],[1]],"
    "\"weights\":[1,2]}],\"activeProfileIndex\":1,\"shared\":{\"frames\":[{\"name\":\"a\"},"
    "{\"name\":\"b\"}]}}", false);
}

static pp_code open_all(const char *const *paths, size_t count, int threads, const char *metric,
                        pp_profile **profile, pp_error *error) {
  pp_recording_options options = {.threads = threads, .metric = metric};
  return pp_recording_read(paths, count, &options, NULL, profile, error);
}

static pp_code add_info(pp_profile *profile, pp_error *error, uint64_t *sum) {
  pp_profile_info info;
  pp_code code = pp_profile_inform(profile, NULL, &info, error);
  if (code != PP_OK) return code;
  *sum = *sum * 31 + info.samples + 7 * info.empty_samples + (uint64_t)(info.weight * 1000) +
         pp_profile_frame_count(profile) + (pp_profile_memory(profile) > 0) + info.metric_count;
  for (uint32_t i = 0; i < info.quality_count; i++) {
    pp_text what;
    uint64_t count;
    pp_profile_quality(profile, i, &what, &count);
    *sum += count + what.length;
  }
  return PP_OK;
}

static pp_code read_one(const char *path, const char *metric, pp_error *error, uint64_t *sum) {
  pp_profile *profile = NULL;
  pp_code code = open_all(&path, 1, 1, metric, &profile, error);
  if (code == PP_OK) code = add_info(profile, error, sum);
  pp_profile_free(profile);
  return code;
}

#define READS(name, path, metric)                             \
  static pp_code name(pp_error *error, uint64_t *sum) {       \
    return read_one(path, metric, error, sum);                \
  }
READS(reading_folded_text, folded, NULL)
READS(reading_austin, austin, NULL)
READS(reading_sampled_speedscope, sampled, NULL)
READS(reading_evented_speedscope, evented, NULL)
READS(reading_gzip, packed, NULL)
READS(reading_another_metric, bytes, "bytes")
READS(reading_tests, tested, NULL)
READS(reading_pprof, DATA "go_cpu.pprof", NULL)
READS(reading_pprof_of_memory, DATA "go_heap.pprof", "inuse_space")

static pp_code reading_several(pp_error *error, uint64_t *sum) {
  const char *const paths[] = {sampled, sampled, sampled};
  pp_profile *profile = NULL;
  pp_code code = open_all(paths, 3, 2, NULL, &profile, error);
  if (code == PP_OK) code = add_info(profile, error, sum);
  pp_profile_free(profile);
  return code;
}

static pp_code sniffing(pp_error *error, uint64_t *sum) {
  bool is = false;
  pp_code code = pp_recording_sniff(packed, &is, error);
  *sum += is;
  return code;
}

/* --- work on profiles that were read before */

static pp_profile *whole, *plain, *of_tests;

#define GROUPS 64

static void group_all(uint32_t groups[GROUPS], uint8_t mask[GROUPS]) {
  for (uint32_t i = 0; i < GROUPS; i++) {
    groups[i] = i % 5;
    mask[i] = i % 3 == 1;
  }
}

typedef pp_code view_of(pp_profile *profile, const uint8_t *mask, const uint32_t *groups,
                        pp_profile **view, pp_error *error);

static pp_code through(view_of *make, pp_error *error, uint64_t *sum) {
  uint32_t groups[GROUPS];
  uint8_t mask[GROUPS];
  pp_profile *view = NULL;
  group_all(groups, mask);
  pp_code code = make(whole, mask, groups, &view, error);
  if (code == PP_OK) code = add_info(view, error, sum);
  pp_profile_free(view);
  return code;
}

#define VIEW(name, call)                                                                     \
  static pp_code name##_view(pp_profile *profile, const uint8_t *mask, const uint32_t *groups, \
                             pp_profile **view, pp_error *error) {                           \
    (void)mask;                                                                              \
    (void)groups;                                                                            \
    return call;                                                                             \
  }                                                                                          \
  static pp_code name(pp_error *error, uint64_t *sum) {                                      \
    return through(name##_view, error, sum);                                                 \
  }
static const pp_text names[GROUPS] = {{"b", 1}, {"b", 1}, {NULL, 0}};
VIEW(where, pp_profile_where(profile, mask, true, NULL, view, error))
VIEW(without, pp_profile_where(profile, mask, false, NULL, view, error))
VIEW(fold, pp_profile_fold(profile, mask, NULL, view, error))
VIEW(root, pp_profile_root(profile, mask, NULL, view, error))
VIEW(flat, pp_profile_flat(profile, groups, NULL, view, error))
VIEW(rename_frames, pp_profile_rename(profile, names, NULL, view, error))
VIEW(thread, pp_profile_thread(profile, mask, NULL, view, error))
VIEW(window, pp_profile_window(profile, 1, 3, NULL, view, error))

static pp_code slices(pp_error *error, uint64_t *sum) {
  static const double bounds[] = {0, 1, 2, INFINITY};
  pp_profile *views[3] = {NULL};
  pp_code code = pp_profile_slices(whole, bounds, 4, NULL, views, error);
  for (int i = 0; i < 3; i++) {
    if (code == PP_OK) code = add_info(views[i], error, sum);
    pp_profile_free(views[i]);
  }
  return code;
}

static pp_code split(pp_error *error, uint64_t *sum) {
  static const uint32_t threads[] = {1, 0};
  pp_profile *views[2] = {NULL};
  pp_code code = pp_profile_split(whole, threads, 2, NULL, views, error);
  for (int i = 0; i < 2; i++) {
    if (code == PP_OK) code = add_info(views[i], error, sum);
    pp_profile_free(views[i]);
  }
  return code;
}

static pp_code merging_views(pp_error *error, uint64_t *sum) {
  uint32_t groups[GROUPS];
  uint8_t mask[GROUPS];
  pp_profile *view = NULL, *merged = NULL;
  group_all(groups, mask);
  pp_code code = pp_profile_fold(whole, mask, NULL, &view, error);
  const pp_profile *const both[] = {whole, view};
  if (code == PP_OK) code = pp_profile_merge(both, 2, NULL, &merged, error);
  if (code == PP_OK) code = add_info(merged, error, sum);
  pp_profile_free(merged);
  pp_profile_free(view);
  return code;
}

static pp_code totals(pp_error *error, uint64_t *sum) {
  uint32_t groups[GROUPS], line[6];
  uint8_t mask[GROUPS], seen[GROUPS];
  uint64_t self[6], total[6];
  double self_weight[6], total_weight[6];
  group_all(groups, mask);
  pp_grouping grouping = {groups, 5};
  pp_totals to = {self, total, self_weight, total_weight, line};
  pp_code code = pp_profile_totals(whole, &grouping, 1, NULL, seen, &to, error);
  for (int i = 0; code == PP_OK && i < 6; i++) *sum = *sum * 31 + self[i] + 5 * total[i] + line[i];
  return code;
}

static pp_code neighbours(pp_error *error, uint64_t *sum) {
  uint32_t groups[GROUPS], line[7];
  uint8_t mask[GROUPS];
  uint64_t samples[7];
  double weight[7];
  group_all(groups, mask);
  pp_neighbours to = {samples, weight, line};
  pp_code code = pp_profile_callers(whole, mask, groups, 5, NULL, &to, error);
  for (int i = 0; code == PP_OK && i < 7; i++) *sum = *sum * 31 + samples[i];
  if (code == PP_OK) code = pp_profile_callees(whole, mask, groups, 5, NULL, &to, error);
  for (int i = 0; code == PP_OK && i < 7; i++) *sum = *sum * 31 + samples[i];
  return code;
}

static pp_code calls_and_runs(pp_error *error, uint64_t *sum) {
  static const uint32_t ranks[] = {0, 4, 3, 2, 1, 5};
  uint32_t groups[GROUPS], *numbers = NULL;
  uint8_t mask[GROUPS];
  pp_calls *calls = NULL;
  pp_stretch *runs = NULL;
  size_t count = 0;
  group_all(groups, mask);
  pp_code code = pp_calls_make(whole, groups, 5, NULL, &calls, error);
  if (code == PP_OK) code = pp_calls_leaves(calls, ranks, false, 3, &numbers, &count, error);
  for (size_t i = 0; code == PP_OK && i < count; i++) *sum = *sum * 31 + numbers[i];
  if (code == PP_OK) code = pp_profile_runs(whole, groups, calls, NULL, &runs, &count, error);
  if (code == PP_OK) {
    code = pp_stretches_sort(runs, count, PP_STRETCHES_BY_WEIGHT, calls, ranks, ranks, error);
  }
  if (code == PP_OK) *sum = *sum * 31 + count + runs[0].samples;
  free(runs);
  free(numbers);
  pp_calls_free(calls);
  return code;
}

static pp_code leaves_of_threads(pp_error *error, uint64_t *sum) {
  static const uint32_t ranks[] = {0, 4, 3, 2, 1, 5};
  uint32_t groups[GROUPS];
  uint8_t mask[GROUPS];
  pp_calls *calls = NULL;
  pp_thread_leaf *leaves = NULL;
  size_t count = 0;
  group_all(groups, mask);
  pp_code code = pp_calls_make(whole, groups, 5, NULL, &calls, error);
  if (code == PP_OK) {
    code = pp_calls_thread_leaves(calls, whole, ranks, true, &leaves, &count, error);
  }
  for (size_t i = 0; code == PP_OK && i < count; i++) {
    *sum = *sum * 31 + leaves[i].samples + 5 * leaves[i].thread + 7 * leaves[i].call;
  }
  free(leaves);
  pp_calls_free(calls);
  return code;
}

static pp_code threads_and_order(pp_error *error, uint64_t *sum) {
  pp_thread *found = NULL;
  uint32_t count = 0, order[GROUPS];
  pp_code code = pp_profile_threads(whole, NULL, &found, &count, error);
  if (code == PP_OK) *sum += count + found[0].samples;
  if (code == PP_OK) code = pp_profile_sort_frames(whole, order, error);
  if (code == PP_OK) *sum += order[0];
  free(found);
  return code;
}

static pp_code tests(pp_error *error, uint64_t *sum) {
  pp_test *found = NULL;
  uint32_t count = 0;
  pp_code code = pp_profile_tests(of_tests, NULL, &found, &count, error);
  for (uint32_t i = 0; code == PP_OK && i < count; i++) *sum = *sum * 31 + found[i].samples;
  free(found);
  return code;
}

static pp_code leaves_of_tests(pp_error *error, uint64_t *sum) {
  uint32_t groups[GROUPS];
  uint8_t mask[GROUPS];
  pp_test_leaf *leaves = NULL;
  size_t count = 0;
  group_all(groups, mask);
  pp_code code = pp_profile_test_leaves(of_tests, groups, NULL, &leaves, &count, error);
  for (size_t i = 0; code == PP_OK && i < count; i++) *sum += leaves[i].samples + leaves[i].test;
  free(leaves);
  return code;
}

static pp_code view_of_tests(pp_error *error, uint64_t *sum) {
  static const uint8_t mask[3] = {0, 1, 0};
  pp_profile *view = NULL;
  pp_code code = pp_profile_test(of_tests, mask, NULL, &view, error);
  if (code == PP_OK) code = add_info(view, error, sum);
  pp_profile_free(view);
  return code;
}

static pp_code cut(pp_error *error, uint64_t *sum) {
  static const double bounds[] = {0, 1, 5};
  uint64_t samples[2];
  double weight[2];
  pp_code code = pp_profile_cut(whole, bounds, 3, NULL, samples, weight, error);
  if (code == PP_OK) *sum += samples[0] + 10 * samples[1];
  return code;
}

static pp_code reweighing(pp_error *error, uint64_t *sum) {
  pp_span spans[GROUPS];
  pp_spans of_track[GROUPS];
  for (uint32_t i = 0; i < pp_profile_track_count(whole); i++) {
    uint64_t samples = pp_profile_track(whole, i).samples;
    spans[i] = (pp_span){samples, i, i + 2.5, 1.3};
    of_track[i] = (pp_spans){&spans[i], samples > 0};
  }
  pp_profile *view = NULL, *part = NULL;
  pp_code code = pp_profile_reweigh(whole, PP_WEIGHED_BY_CPU, of_track, &view, error);
  if (code == PP_OK) code = pp_profile_window(view, 0.5, 2, NULL, &part, error);
  if (code == PP_OK) code = add_info(part, error, sum);
  pp_profile_free(part);
  pp_profile_free(view);
  return code;
}

static pp_code add_order(const uint32_t *groups, const pp_calls *calls, const pp_layout *layout,
                         bool timed, pp_error *error, uint64_t *sum) {
  pp_order *order = NULL;
  pp_code code = pp_order_make(whole, groups, calls, layout, timed, 100, NULL, &order, error);
  if (code != PP_OK) return code;
  for (size_t i = 0; i < order->count; i++) *sum = *sum * 31 + order->samples[i] + order->nodes[i];
  pp_order_free(order);
  return code;
}

static pp_code layout_and_order(pp_error *error, uint64_t *sum) {
  uint32_t groups[GROUPS];
  uint8_t mask[GROUPS];
  pp_calls *calls = NULL;
  pp_layout *layout = NULL;
  group_all(groups, mask);
  pp_code code = pp_calls_make(whole, groups, 5, NULL, &calls, error);
  if (code == PP_OK) code = pp_layout_make(calls, 3, &layout, error);
  if (code == PP_OK) code = add_order(groups, calls, layout, true, error, sum);
  if (code == PP_OK) code = add_order(groups, calls, layout, false, error, sum);
  if (code == PP_OK) *sum = *sum * 31 + layout->count + layout->function_count;
  pp_layout_free(layout);
  pp_calls_free(calls);
  return code;
}

int main(void) {
  pp_error error;
  if (mkdtemp(folder) == NULL) return 1;
  put_all();
  EVERY(reading_folded_text);
  EVERY(reading_austin);
  EVERY(reading_sampled_speedscope);
  EVERY(reading_evented_speedscope);
  EVERY(reading_gzip);
  EVERY(reading_another_metric);
  EVERY(reading_tests);
  EVERY(reading_pprof);
  EVERY(reading_pprof_of_memory);
  EVERY(reading_several);
  EVERY(sniffing);
  if (open_all((const char *const[]){sampled}, 1, 1, NULL, &whole, &error) != PP_OK ||
      open_all((const char *const[]){folded}, 1, 1, NULL, &plain, &error) != PP_OK ||
      open_all((const char *const[]){tested}, 1, 1, NULL, &of_tests, &error) != PP_OK) {
    printf("not ok - reading: %s\n", error.message);
    return 1;
  }
  EVERY(where);
  EVERY(without);
  EVERY(fold);
  EVERY(root);
  EVERY(flat);
  EVERY(rename_frames);
  EVERY(thread);
  EVERY(window);
  EVERY(slices);
  EVERY(split);
  EVERY(merging_views);
  EVERY(totals);
  EVERY(neighbours);
  EVERY(calls_and_runs);
  EVERY(leaves_of_threads);
  EVERY(threads_and_order);
  EVERY(tests);
  EVERY(leaves_of_tests);
  EVERY(view_of_tests);
  EVERY(cut);
  EVERY(reweighing);
  EVERY(layout_and_order);
  pp_profile_free(whole);
  pp_profile_free(plain);
  pp_profile_free(of_tests);
  while (written_count > 0) unlink(written[--written_count]);
  rmdir(folder);
  FINISH();
}
