/* pprof: recognizing a file, and stacks from locations with inlined calls. */
#include "check.h"
#include "recording/pprof.h"
#include "text.h"

/* The types are samples/count and cpu/nanoseconds. f calls g, which is inlined into it at location
 * 1; location 2 has only an address. The samples are 3 of f;g that took 30 ns and 1 of f;g;0x10. */
static const char profile[] =
    "\x0a\x04\x08\x01\x10\x02"                             /* sample_type */
    "\x0a\x04\x08\x03\x10\x04"                             /* sample_type */
    "\x12\x07\x0a\x01\x01\x12\x02\x03\x1e"                 /* sample, packed */
    "\x12\x08\x08\x02\x08\x01\x10\x01\x10\x07"             /* sample, not packed */
    "\x22\x0e\x08\x01\x22\x04\x08\x02\x10\x09\x22\x04\x08\x01\x10\x05" /* location */
    "\x22\x04\x08\x02\x18\x10"                             /* location */
    "\x2a\x06\x08\x01\x10\x05\x20\x06"                     /* function f */
    "\x2a\x06\x08\x02\x10\x07\x20\x06"                     /* function g */
    "\x32\x00\x32\x07samples\x32\x05""count\x32\x03""cpu\x32\x0bnanoseconds"
    "\x32\x01""f\x32\x04""a.py\x32\x01g";

static pp_base *read_profile(const char *metric, pp_error *error) {
  pp_base *base;
  read_bytes(profile, sizeof profile - 1, metric, &base, error);
  return base;
}

static void stacks_values_and_metrics(void) {
  pp_error error = {0};
  pp_base *base = read_profile(NULL, &error);
  CHECK(base != NULL);
  if (base == NULL) {
    printf("# %s\n", error.message);
    return;
  }
  CHECK(base->frame_count == 3 && base->track_count == 1 && base->metric_count == 2);
  CHECK(base->metric.unit == PP_UNIT_NANOSECONDS && !base->has_time);
  pp_track_cursor at;
  pp_track_begin(&base->tracks[0], &at);
  CHECK(pp_track_next(&at) && at.times == 3 && at.weight == 10);
  pp_frame inner = base->frames[pp_tree_frame(&base->tree, at.node)];
  pp_frame outer = base->frames[pp_tree_frame(&base->tree, pp_tree_parent(&base->tree, at.node))];
  CHECK(strcmp(string_of(base, inner.name), "g") == 0 && inner.line == 9);
  CHECK(strcmp(string_of(base, outer.name), "f") == 0 && outer.line == 5);
  CHECK(pp_track_next(&at) && at.times == 1 && at.weight == 7);
  pp_frame address = base->frames[pp_tree_frame(&base->tree, at.node)];
  CHECK(strcmp(string_of(base, address.name), "0x10") == 0 && address.file == 0);
  CHECK(!pp_track_next(&at));
  pp_base_free(base);
  base = read_profile("samples", &error);
  CHECK(base != NULL && base->metric.unit == PP_UNIT_NONE);
  pp_base_free(base);
}

static void told_by_content(void) {
  CHECK(pp_pprof_is(profile, sizeof profile - 1));
  CHECK(pp_pprof_is(profile, 40)); /* a head may end anywhere */
  CHECK(pp_pprof_is("\x32\x00", 2));
  const char *texts[] = {"", "a;b 3\n", "\n\nmain 3\n", "2;3 4\n", "{\"a\":1}", "\"q\" 1\n",
                         ("\x0a\x04" "abcd 3\n")};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    CHECK(!pp_pprof_is(texts[i], strlen(texts[i])));
  }
}

static void cut_off_is_refused(void) {
  for (size_t length = 13; length < sizeof profile - 1; length++) {
    pp_base *base;
    pp_error error = {0};
    pp_code code = read_bytes(profile, length, NULL, &base, &error);
    CHECK(code == PP_FORMAT || length > sizeof profile - 5);
    pp_base_free(base);
  }
}

int main(void) {
  RUN(stacks_values_and_metrics);
  RUN(told_by_content);
  RUN(cut_off_is_refused);
  FINISH();
}
