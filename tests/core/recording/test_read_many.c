#include "pyprof/recording.h"

#include <stdlib.h>
#include <unistd.h>

#include "check.h"

#define FILES 8
#define MANY 300 /* more than are merged at once */

static char folder[] = "/tmp/pyprof-lua-test-XXXXXX";
static char names[FILES][64];
static const char *paths[MANY];

static void put(int file, const char *text) {
  snprintf(names[file], sizeof names[file], "%s/%d", folder, file);
  paths[file] = names[file];
  FILE *stream = fopen(names[file], "w");
  if (stream == NULL) return;
  fputs(text, stream);
  fclose(stream);
}

static void put_sampled(int file, const char *unit, const char *samples, const char *weights) {
  char text[1000];
  snprintf(text, sizeof text,
           "{\"profiles\":[{\"type\":\"sampled\",\"name\":\"Thread %d \\\"t\\\"\",\"unit\":\"%s\","
           "\"samples\":%s,\"weights\":%s}],\"shared\":{\"frames\":[{\"name\":\"a\"},"
           "{\"name\":\"b\"}]}}", file, unit, samples, weights);
  put(file, text);
}

static pp_code read_all(size_t count, int threads, const pp_control *control,
                        pp_profile_info *info, pp_error *error) {
  pp_recording_options options = {.threads = threads};
  pp_profile *profile;
  pp_code code = pp_recording_read(paths, count, &options, control, &profile, error);
  if (code == PP_OK) code = pp_profile_inform(profile, NULL, info, error);
  pp_profile_free(profile);
  return code;
}

static void several_are_one(void) {
  for (int i = 0; i < FILES; i++) put_sampled(i, "seconds", "[[0],[0,1],[]]", "[0.1,0.1,0.1]");
  put(3, "{\"profiles\":[],\"shared\":{\"frames\":[]}}");
  for (int threads = 0; threads <= 4; threads++) {
    pp_profile_info info;
    pp_error error;
    CHECK(read_all(FILES, threads, NULL, &info, &error) == PP_OK);
    CHECK(info.samples == 14 && info.empty_samples == 7 && info.weight == 14 * 0.1);
    CHECK(strcmp(info.unit, "seconds") == 0 && info.rate == 10);
  }
}

static void the_first_error_is_said(void) {
  for (int i = 0; i < FILES; i++) put_sampled(i, "seconds", "[[0]]", "[1]");
  put(2, "{");
  put(6, "[");
  unlink(names[5]);
  for (int threads = 1; threads <= 4; threads++) {
    pp_profile_info info;
    pp_error error;
    char want[300];
    CHECK(read_all(FILES, threads, NULL, &info, &error) == PP_FORMAT);
    snprintf(want, sizeof want, "%s: byte 1 (line 1): the file ends, expected a key or '}' in the "
             "recording", names[2]);
    CHECK(strcmp(error.message, want) == 0 && error.offset == 1 && error.line == 1);
  }
  put_sampled(2, "seconds", "[[0]]", "[1]");
  pp_profile_info info;
  pp_error error;
  CHECK(read_all(FILES, 2, NULL, &info, &error) == PP_SYSTEM);
  CHECK(strstr(error.message, "/5: No such file or directory") != NULL);
}

static void metrics_must_agree(void) {
  put_sampled(0, "seconds", "[[0]]", "[1]");
  put_sampled(1, "bytes", "[[0]]", "[1]");
  pp_profile_info info;
  pp_error error;
  CHECK(read_all(2, 0, NULL, &info, &error) == PP_ARGUMENT);
  CHECK(strstr(error.message, "/1: measures 'bytes', but ") != NULL);
  CHECK(strstr(error.message, "/0 measures 'seconds': they cannot be added up") != NULL);
  CHECK(read_all(0, 0, NULL, &info, &error) == PP_ARGUMENT);
}

/* The first ones have no metric, so it comes with a later batch. */
static void many_are_merged_as_few_are(void) {
  put(0, "{\"profiles\":[],\"shared\":{\"frames\":[]}}");
  put_sampled(1, "seconds", "[[0],[0,1],[]]", "[0.25,0.25,0.25]");
  put_sampled(2, "seconds", "[[1],[0,1],[]]", "[0.25,0.25,0.25]");
  put_sampled(3, "bytes", "[[0]]", "[1]");
  for (int i = 4; i < MANY; i++) paths[i] = names[i < 140 ? 0 : 1 + i % 2];
  for (int i = 1; i < 4; i++) paths[i] = names[0];
  pp_profile_info info;
  pp_error error;
  CHECK(read_all(MANY, 2, NULL, &info, &error) == PP_OK);
  CHECK(info.samples == 320 && info.empty_samples == 160 && info.weight == 80);
  CHECK(strcmp(info.unit, "seconds") == 0 && info.rate == 4);
  paths[MANY - 1] = names[3];
  CHECK(read_all(MANY, 2, NULL, &info, &error) == PP_ARGUMENT);
  CHECK(strstr(error.message, "/3: measures 'bytes', but ") != NULL);
  CHECK(strstr(error.message, "/1 measures 'seconds'") != NULL);
  put(4, "{");
  paths[4] = names[0];
  paths[MANY - 1] = names[4];
  CHECK(read_all(MANY, 2, NULL, &info, &error) == PP_FORMAT);
  CHECK(read_all(139, 2, NULL, &info, &error) == PP_OK && info.samples == 0);
}

static void note(void *data, uint64_t done, uint64_t total) {
  uint64_t *seen = data;
  if (done > seen[0]) seen[0] = done;
  seen[1] = total;
}

static void progress_counts_bytes(void) {
  for (int i = 0; i < 2; i++) put_sampled(i, "seconds", "[[0]]", "[1]");
  FILE *stream = fopen(names[0], "a");
  for (int i = 0; stream != NULL && i < 1000000; i++) fputc(' ', stream);
  if (stream != NULL) fclose(stream);
  for (size_t count = 1; count <= 2; count++) {
    uint64_t seen[2] = {0, 0};
    pp_control control = {.progress = note, .data = seen};
    pp_profile_info info;
    pp_error error;
    CHECK(read_all(count, 0, &control, &info, &error) == PP_OK);
    CHECK(seen[0] == seen[1] && seen[1] > 1000000);
  }
}

static void a_cancelled_reading_of_several_fails(void) {
  volatile sig_atomic_t cancel = 1;
  pp_control control = {.cancel = &cancel};
  pp_profile_info info;
  pp_error error;
  CHECK(read_all(2, 0, &control, &info, &error) == PP_CANCELLED);
}

static bool sniff(const char *text) {
  bool is = false;
  pp_error error;
  put(0, text);
  CHECK(pp_recording_sniff(names[0], &is, &error) == PP_OK);
  return is;
}

static void what_looks_like_a_recording(void) {
  CHECK(sniff("{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\""));
  CHECK(sniff(" {\n \"profiles\": 1"));
  CHECK(sniff("a;b 1\nc 2\n# x\n"));
  CHECK(sniff("# austin: 4.0.0\nP1;T2;x.py:f:3 100,0,-4\n"));
  CHECK(!sniff("{\"name\":\"package\"}"));
  CHECK(!sniff("import os\nprint(1)\n"));
  CHECK(!sniff("#!/bin/sh\nexit 1\n"));
  CHECK(!sniff(""));
  CHECK(sniff("\x1f\x8bnot gzip")); /* reading it reports the fault */
  bool is;
  pp_error error;
  CHECK(pp_recording_sniff("/nowhere", &is, &error) == PP_SYSTEM && !is);
  CHECK(pp_recording_sniff("-", &is, &error) == PP_OK && is);
}

int main(void) {
  if (mkdtemp(folder) == NULL) return 1;
  RUN(several_are_one);
  RUN(the_first_error_is_said);
  RUN(metrics_must_agree);
  RUN(many_are_merged_as_few_are);
  RUN(progress_counts_bytes);
  RUN(a_cancelled_reading_of_several_fails);
  RUN(what_looks_like_a_recording);
  for (int i = 0; i < FILES; i++) unlink(names[i]);
  rmdir(folder);
  FINISH();
}
