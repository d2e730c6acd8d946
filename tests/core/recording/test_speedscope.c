#include "check.h"
#include "pyprof/profile.h"
#include "text.h"

#define FRAMES                                                                          \
  "\"shared\":{\"frames\":[{\"name\":\"a\",\"file\":\"a.py\",\"line\":1},{\"name\":\"b\"}]}"
#define ONE(inner) "{\"profiles\":[{" inner "}]," FRAMES "}"
#define SAMPLED(samples, weights)                                                        \
  ONE("\"type\":\"sampled\",\"name\":\"t\",\"unit\":\"seconds\",\"samples\":" samples    \
      ",\"weights\":" weights)
#define EVENTED(events) \
  ONE("\"type\":\"evented\",\"name\":\"t\",\"unit\":\"seconds\",\"events\":" events)
#define O(at, frame) "{\"type\":\"O\",\"at\":" at ",\"frame\":" frame "}"
#define C(at, frame) "{\"type\":\"C\",\"at\":" at ",\"frame\":" frame "}"

static const struct {
  const char *text, *message;
} refused[] = {
    {"", "byte 0 (line 1): the file is empty"},
    {"{", "byte 1 (line 1): the file ends, expected a key or '}' in the recording"},
    {"{}", "byte 2 (line 1): no speedscope recording: it has no \"profiles\""},
    {"{\"profiles\":[]}", "byte 15 (line 1): no speedscope recording: it has no \"frames\""},
    {"{\n\"a\" 1}", "byte 6 (line 2): expected ':' in the recording"},
    {"{\"a\":1,}", "byte 7 (line 1): expected a key in the recording"},
    {"{\"a\":01}", "byte 6 (line 1): expected ',' or '}' in the recording"},
    {"{\"a\":1.}", "byte 7 (line 1): expected a digit in the recording"},
    {"{\"a\":-}", "byte 6 (line 1): expected a digit in the recording"},
    {"{\"a\":1e+}", "byte 8 (line 1): expected a digit in the recording"},
    {"{\"a\":nul}", "byte 8 (line 1): expected null in the recording"},
    {"{\"a\":\"\\x\"}", "byte 7 (line 1): expected an escape in the recording"},
    {"{\"a\":\"\\u12g4\"}", "byte 10 (line 1): expected a hexadecimal digit in the recording"},
    {"{\"a\":\"\t\"}", "byte 6 (line 1): control character in a string in the recording"},
    {"{\"a\":\"\xC0\x80\"}", "byte 6 (line 1): invalid UTF-8 in a string in the recording"},
    {"{\"a\":\"\xED\xA0\x80\"}", "byte 6 (line 1): invalid UTF-8 in a string in the recording"},
    {"{\"a\":\"\xF5\x80\x80\x80\"}",
     "byte 6 (line 1): invalid UTF-8 in a string in the recording"},
    {"{\"a\":\"x", "byte 7 (line 1): the file ends, expected '\"' in the recording"},
    {"{\"a\":[1 2]}", "byte 8 (line 1): expected ',' or ']' in the recording"},
    {"{\"a\":[1,]}", "byte 8 (line 1): expected a value in the recording"},
    {SAMPLED("[[0]]", "[1]") "x", "byte 162 (line 1): something follows the recording's end"},
    {SAMPLED("[[0],[0 1]]", "[1,1]"), "byte 77 (line 1): expected ',' or ']' in \"samples\""},
    {SAMPLED("[[0],]", "[1]"), "byte 74 (line 1): expected '[' in \"samples\""},
    {SAMPLED("[[0],[0],[0],]", "[1]"), "byte 82 (line 1): expected '[' in \"samples\""},
    {SAMPLED("[[0,]]", "[1]"), "byte 73 (line 1): expected a number in \"samples\""},
    {SAMPLED("[[00]]", "[1]"), "byte 72 (line 1): expected ',' or ']' in \"samples\""},
    {SAMPLED("[[-1]]", "[1]"), "byte 71 (line 1): no frame's number, in \"samples\""},
    {SAMPLED("[[0.5]]", "[1]"), "byte 71 (line 1): no frame's number, in \"samples\""},
    {SAMPLED("[[1e99]]", "[1]"), "byte 71 (line 1): no frame's number, in \"samples\""},
    {SAMPLED("[[\"0\"]]", "[1]"), "byte 71 (line 1): expected a number in \"samples\""},
    {SAMPLED("[0]", "[1]"), "byte 70 (line 1): expected '[' in \"samples\""},
    {SAMPLED("[null]", "[1]"), "byte 70 (line 1): expected '[' in \"samples\""},
    {SAMPLED("{}", "[1]"), "byte 69 (line 1): expected '[' in \"samples\""},
    {SAMPLED("[[0],[1,0,2],[9]]", "[1,1,1]"),
     "byte 79 (line 1): frame 2, but \"frames\" has only 2"},
    {SAMPLED("[[0], [1, 0, 2]]", "[1,1]"),
     "byte 82 (line 1): frame 2, but \"frames\" has only 2"},
    {SAMPLED("[[0],[4294967296]]", "[1,1]"),
     "byte 75 (line 1): no frame's number, in \"samples\""},
    {SAMPLED("[[0],[2147483647]]", "[1,1]"),
     "byte 75 (line 1): no frame can have this number, in \"samples\""},
    {SAMPLED("[[0],[1]]", "[1]"), "byte 92 (line 1): the number of samples is 2, that of weights 1"},
    {SAMPLED("[[0],[1]]", "[1,1,1]"), "byte 96 (line 1): the number of samples is 2, that of weights 3"},
    {SAMPLED("[]", "[1]"), "byte 85 (line 1): the number of samples is 0, that of weights 1"},
    {SAMPLED("[[0]]", "[-1]"), "byte 86 (line 1): a negative weight"},
    {SAMPLED("[[0]]", "[1e999]"), "byte 86 (line 1): a number too large for \"weights\""},
    {SAMPLED("[[0]]", "[NaN]"), "byte 86 (line 1): expected a number in \"weights\""},
    {SAMPLED("[[0]]", "[1,1,1,]"), "byte 92 (line 1): expected a number in \"weights\""},
    {SAMPLED("[[0]]", "[1") "x", "byte 87 (line 1): expected ',' or ']' in \"weights\""},
    {ONE("\"type\":\"sampled\",\"weights\":[]"),
     "byte 43 (line 1): a sampled profile without \"samples\""},
    {ONE("\"type\":\"sampled\",\"samples\":[]"),
     "byte 43 (line 1): a sampled profile without \"weights\""},
    {ONE("\"type\":\"evented\""), "byte 30 (line 1): an evented profile without \"events\""},
    {ONE("\"type\":\"other\""),
     "byte 28 (line 1): a profile's type is \"sampled\" or \"evented\""},
    {ONE("\"unit\":\"parsecs\""),
     "byte 30 (line 1): unknown unit: expected none, nanoseconds, microseconds, "
     "milliseconds, seconds or bytes"},
    {ONE("\"samples\":[],\"samples\":[]"),
     "byte 37 (line 1): \"samples\" stands twice in a profile"},
    {ONE("\"samples\":[],\"events\":[]"),
     "byte 36 (line 1): \"events\" beside \"samples\" or \"weights\""},
    {EVENTED("[" O("1", "0") "," C("0", "0") "]"),
     "byte 99 (line 1): an event earlier than the one before it"},
    {EVENTED("[" O("1", "0") "," C("2", "1") "]"),
     "byte 99 (line 1): an event closes frame 1 while frame 0 is open"},
    {EVENTED("[" C("2", "1") "]"),
     "byte 69 (line 1): an event closes a frame while none is open"},
    {EVENTED("[" O("1", "0") "]"),
     "byte 99 (line 1): the events end while frame 0 is still open"},
    {EVENTED("[" O("1", "0") "," O("2", "7") "," C("3", "7") "," C("3", "0") "]"),
     "byte 126 (line 1): frame 7, but \"frames\" has only 2"},
    {EVENTED("[{\"type\":\"X\",\"at\":1,\"frame\":0}]"),
     "byte 80 (line 1): an event's type is \"O\" or \"C\""},
    {EVENTED("[{\"type\":\"O\",\"at\":1}]"), "byte 69 (line 1): an event without \"frame\""},
    {EVENTED("[{\"type\":\"O\",\"at\":\"1\",\"frame\":0}]"),
     "byte 86 (line 1): expected a number in \"events\""},
    {"{\"shared\":{\"frames\":[{\"name\":1}]},\"profiles\":[]}",
     "byte 29 (line 1): expected a string in \"frames\""},
    {"{\"shared\":{\"frames\":[]},\"profiles\":[],\"activeProfileIndex\":-1}",
     "byte 59 (line 1): no profile's number"},
    {"just some text\nof no kind\n",
     "byte 0 (line 1): neither a speedscope recording nor folded stacks"},
};

static void what_is_broken_is_refused_with_its_place(void) {
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    CHECK(is_refused(refused[i].text, PP_FORMAT, refused[i].message));
  }
}

static void nesting_has_a_limit_that_is_far(void) {
  static char text[20000];
  for (int depth = 4096; depth <= 4097; depth++) {
    pp_base *base;
    pp_error error;
    char *p = text + sprintf(text, "{\"shared\":{\"frames\":[]},\"profiles\":[],\"x\":");
    for (int i = 0; i < depth; i++) *p++ = '[';
    for (int i = 0; i < depth; i++) *p++ = ']';
    *p++ = '}';
    pp_code code = read_bytes(text, (size_t)(p - text), NULL, &base, &error);
    CHECK(code == (depth == 4096 ? PP_OK : PP_FORMAT));
    if (code != PP_OK) {
      CHECK(strcmp(error.message, "byte 4138 (line 1): nested deeper than 4096 levels") == 0);
    }
    pp_base_free(base);
  }
}

static void a_sampled_profile_is_read(void) {
  pp_base *base = read_text(SAMPLED("[[0],[0],[0,1],[],[0,1]]", "[0.01,1e-2,0.010,0.01,10E-3]"));
  CHECK(base != NULL && base->track_count == 1 && base->frame_count == 2);
  if (base == NULL) return;
  CHECK(base->metric.unit == PP_UNIT_SECONDS && base->has_time && base->rate == 100);
  pp_track_cursor at;
  pp_track_begin(&base->tracks[0], &at);
  CHECK(pp_track_next(&at) && at.node == 1 && at.times == 2 && at.weight == 0.01);
  CHECK(pp_track_next(&at) && at.node == 2 && at.times == 1 && at.weight == 0.01);
  CHECK(pp_track_next(&at) && at.node == PP_NODE_ROOT && at.times == 1);
  CHECK(pp_track_next(&at) && at.node == 2 && at.times == 1);
  CHECK(!pp_track_next(&at));
  CHECK(strcmp(string_of(base, base->frames[0].file), "a.py") == 0);
  CHECK(base->frames[0].line == 1 && base->frames[1].line == 0);
  pp_base_free(base);
}

static void an_evented_profile_is_samples_between_events(void) {
  pp_base *base = read_text(EVENTED("[" O("1", "0") "," O("1.5", "1") "," C("1.5", "1") ","
                                    O("2", "1") "," C("4", "1") "," C("5", "0") ","
                                    O("7", "0") "," C("7", "0") "]"));
  CHECK(base != NULL && base->track_count == 1);
  if (base == NULL) return;
  pp_track_cursor at;
  pp_track_begin(&base->tracks[0], &at);
  CHECK(pp_track_next(&at) && at.node == 1 && at.times == 2 && at.weight == 0.5);
  CHECK(pp_track_next(&at) && at.node == 2 && at.times == 1 && at.weight == 2);
  CHECK(pp_track_next(&at) && at.node == 1 && at.times == 1 && at.weight == 1);
  CHECK(pp_track_next(&at) && at.node == PP_NODE_ROOT && at.weight == 2);
  CHECK(!pp_track_next(&at));
  CHECK(base->rate == 0);
  pp_base_free(base);
}

static void an_interval_with_nothing_open_is_an_empty_sample(void) {
  pp_base *base = read_text(EVENTED("[" O("1", "0") "," C("2", "0") "," O("2", "0") ","
                                    C("3", "0") "," O("5", "0") "," C("6", "0") "]"));
  pp_profile *profile = base == NULL ? NULL : pp_profile_from_base(base);
  CHECK(profile != NULL);
  if (profile == NULL) return;
  pp_profile_info info;
  CHECK(pp_profile_inform(profile, NULL, &info, NULL) == PP_OK);
  CHECK(info.samples == 3 && info.empty_samples == 1 && info.weight == 3);
  CHECK(info.from == 0 && info.to == 5);
  pp_profile_free(profile);
}

static void known_deviations_are_accepted_and_counted(void) {
  pp_base *base = read_text(
      "{\"profiles\":[{\"samples\":[[0],[1]],\"startValue\":\"0\",\"endValue\":\"3\","
      "\"weights\":[1,2,1,2],\"unit\":\"none\",\"name\":null}],\"activeProfileIndex\":7,"
      "\"shared\":{\"frames\":[{\"name\":\"\\ud800\",\"line\":null,\"col\":null},"
      "{\"file\":null,\"line\":-1}]}}");
  CHECK(base != NULL);
  if (base == NULL) return;
  CHECK(base->tracks[0].nodes.length == 2 && base->tracks[0].weights.length == 2);
  CHECK(quality_of(base, "profiles without a type") == 1);
  CHECK(quality_of(base, "start or end values written as strings") == 2);
  CHECK(quality_of(base, "lists of weights repeated for several processes") == 1);
  CHECK(quality_of(base, "active profiles that are not there") == 1);
  CHECK(quality_of(base, "halves of surrogate pairs") == 1);
  CHECK(quality_of(base, "lines that are no line numbers") == 1);
  CHECK(strcmp(string_of(base, base->frames[0].name), "\xEF\xBF\xBD") == 0);
  CHECK(!base->has_time && base->rate == 0);
  pp_base_free(base);
}

static void no_profiles_are_no_samples(void) {
  pp_base *base = read_text("{" FRAMES ",\"profiles\":[]}");
  CHECK(base != NULL && base->track_count == 0 && base->metric_count == 0);
  pp_base_free(base);
}

static void markers_become_labels(void) {
  pp_base *base = read_text(
      "{\"shared\":{\"frames\":[{\"name\":\"process 10:\\\"sh -c \\\"x\\\"\\\"\",\"file\":\"\","
      "\"line\":0},{\"name\":\"process 12:\\\"python\\\"\",\"file\":\"\",\"line\":0},"
      "{\"name\":\"thread (12): Main\",\"file\":\"\",\"line\":null},{\"name\":\"thread (12)\","
      "\"file\":\"\",\"line\":0},{\"name\":\"f\",\"file\":\"f.py\",\"line\":3},"
      "{\"name\":\"thread (12)\",\"file\":\"g.py\",\"line\":3}]},\"profiles\":[{\"type\":"
      "\"sampled\",\"name\":\"Process 12 Thread 12 \\\"\\\"\",\"unit\":\"seconds\",\"samples\":"
      "[[0,1,3,4],[0,1,2,4],[0,1,2],[0,1,2,5,3]],\"weights\":[1,1,1,1]}]}");
  CHECK(base != NULL && base->track_count == 2);
  if (base == NULL) return;
  for (uint32_t i = 0; i < base->track_count; i++) {
    const pp_track *track = &base->tracks[i];
    CHECK(track->pid == 12 && track->parent_pid == 10 && track->id == 12);
    CHECK(strcmp(string_of(base, track->command), "python") == 0);
    CHECK(strcmp(string_of(base, track->name), "Main") == 0);
  }
  pp_track_cursor at;
  pp_track_begin(&base->tracks[1], &at);
  CHECK(pp_track_next(&at) && at.node == PP_NODE_GAP && at.times == 1);
  CHECK(pp_track_next(&at) && pp_tree_parent(&base->tree, at.node) == PP_NODE_ROOT);
  CHECK(pp_track_next(&at) && at.node == PP_NODE_ROOT);
  /* The first frame has a file, and the second is not at the root, so both are functions. */
  CHECK(pp_track_next(&at) && pp_tree_parent(&base->tree, at.node) != PP_NODE_ROOT);
  CHECK(!pp_track_next(&at) && base->frame_count == 3);
  pp_base_free(base);
}

static void names_of_profiles_become_labels(void) {
  static const struct {
    const char *name, *thread;
    int64_t id, pid;
  } cases[] = {
      {"Thread 7 \\\"we\\\"ird\\\\name\\\"", "we\"ird\\name", 7, -1},
      {"Thread 0x1F \\\"\\\"", "", 31, -1},
      {"Process 3 Thread 7 \\\"x\\\"", "x", 7, 3},
      {"Process 3 Thread x \\\"x\\\"", "Process 3 Thread x \"x\"", -1, -1},
      {"Thread 99999999999999999999 \\\"x\\\"", "Thread 99999999999999999999 \"x\"", -1, -1},
      {"CPU time profile for 5:0:0x10", "", 16, 5},
      {"Wall time profile for 5:main", "main", -1, 5},
      {"work", "work", -1, -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[500];
    snprintf(text, sizeof text,
             "{\"profiles\":[{\"type\":\"sampled\",\"name\":\"%s\",\"samples\":[[0]],"
             "\"weights\":[1]}]," FRAMES "}", cases[i].name);
    pp_base *base = read_text(text);
    CHECK(base != NULL && base->track_count == 1);
    if (base == NULL) continue;
    CHECK(strcmp(string_of(base, base->tracks[0].name), cases[i].thread) == 0);
    CHECK(base->tracks[0].id == cases[i].id && base->tracks[0].pid == cases[i].pid);
    pp_base_free(base);
  }
}

static void samples_of_the_gate_are_dropped(void) {
  pp_base *base = read_text(
      "{\"shared\":{\"frames\":[{\"name\":\"f\"},{\"name\":\"<module>\",\"file\":"
      "\"<pyprof-lua gate>\"}]},\"profiles\":[{\"type\":\"sampled\",\"unit\":\"seconds\","
      "\"samples\":[[1],[1,0],[0,1],[0]],\"weights\":[1,2,3,4]}]}");
  CHECK(base != NULL && base->track_count == 1);
  if (base == NULL) return;
  CHECK(base->tracks[0].nodes.length == 1 && base->tracks[0].weights.length == 1);
  CHECK(quality_of(base, "samples of the gate") == 3 && base->frame_count == 1);
  pp_base_free(base);
}

#define PROFILE(name, unit)                                             \
  "{\"type\":\"sampled\",\"name\":\"" name "\",\"unit\":\"" unit "\","  \
  "\"samples\":[[0]],\"weights\":[1]}"
#define METRICS                                                                              \
  "{" FRAMES ",\"activeProfileIndex\":1,\"profiles\":["                                      \
  PROFILE("CPU time profile for 1:2", "microseconds") ","                                    \
  PROFILE("Wall time profile for 1:2", "microseconds") ","                                   \
  PROFILE("Memory allocation profile for 1:2", "bytes") "]}"

static void one_metric_is_chosen(void) {
  static const struct {
    const char *asked, *got;
  } cases[] = {
      {NULL, "Wall time"}, {"cpu", "CPU time"}, {"BYTES", "Memory allocation"},
      {"microseconds cpu TIME", "CPU time"}, {"wall time", "Wall time"},
      {"time", "metric 'time' is ambiguous (there are: microseconds CPU time, microseconds Wall "
               "time, bytes Memory allocation)"},
      {"microseconds", "metric 'microseconds' is ambiguous (there are: microseconds CPU time, "
                       "microseconds Wall time, bytes Memory allocation)"},
      {"seconds CPU time profile", "no metric 'seconds CPU time profile' (there are: "
       "microseconds CPU time, microseconds Wall time, bytes Memory allocation)"},
      {"", "no metric '' (there are: microseconds CPU time, microseconds Wall time, bytes Memory "
           "allocation)"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    pp_base *base;
    pp_error error = {0};
    pp_code code = read_bytes(METRICS, strlen(METRICS), cases[i].asked, &base, &error);
    if (code == PP_OK) {
      CHECK(strcmp(string_of(base, base->metric.kind), cases[i].got) == 0);
      CHECK(base->track_count == 1 && base->metric_count == 3);
    } else {
      CHECK(code == PP_ARGUMENT && strcmp(error.message, cases[i].got) == 0);
    }
    pp_base_free(base);
  }
}

static void a_cancelled_read_fails(void) {
  volatile sig_atomic_t cancel = 1;
  pp_control control = {.cancel = &cancel};
  pp_base *base;
  pp_error error;
  CHECK(pp_recording_base("/dev/null", NULL, &control, &base, &error) == PP_CANCELLED);
  CHECK(base == NULL);
  CHECK(pp_recording_base("/nowhere", NULL, NULL, &base, &error) == PP_SYSTEM);
  CHECK(strcmp(error.message, "No such file or directory") == 0);
}

int main(void) {
  RUN(what_is_broken_is_refused_with_its_place);
  RUN(nesting_has_a_limit_that_is_far);
  RUN(a_sampled_profile_is_read);
  RUN(an_evented_profile_is_samples_between_events);
  RUN(an_interval_with_nothing_open_is_an_empty_sample);
  RUN(known_deviations_are_accepted_and_counted);
  RUN(no_profiles_are_no_samples);
  RUN(markers_become_labels);
  RUN(names_of_profiles_become_labels);
  RUN(samples_of_the_gate_are_dropped);
  RUN(one_metric_is_chosen);
  RUN(a_cancelled_read_fails);
  FINISH();
}
