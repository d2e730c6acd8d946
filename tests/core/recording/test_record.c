#include <stdlib.h>
#include <zlib.h>

#include "check.h"
#include "pyprof/recording.h"
#include "text.h"

#define REST                                                                             \
  "\"profiles\":[{\"type\":\"sampled\",\"name\":\"t\",\"unit\":\"seconds\",\"samples\":" \
  "[[0],[0]],\"weights\":[1,1]}],\"shared\":{\"frames\":[{\"name\":\"a\"}]}"
#define LAST(record) "{" REST ",\"pyprof-lua\":" record "}\n"
#define FIRST(record) "{\"pyprof-lua\":" record "," REST "}"
#define TOO_LONG "records of a run that are too long"

static bool has_record(const pp_base *base, const char *text, size_t length) {
  return base != NULL && base->record_count == 1 && base->records[0].length == length &&
         memcmp(base->records[0].data, text, length) == 0;
}

static void a_recording_has_the_text_of_its_record(void) {
  static const struct {
    const char *text, *record;
  } list[] = {
      {LAST("{\"a\":[1,2]}"), "{\"a\":[1,2]}"},
      {FIRST("{\"a\":[1,2]}"), "{\"a\":[1,2]}"},
      {"{" REST ", \"pyprof-lua\" :\n { \"a\" : \"}\\\"\" } , \"x\": 1}", "{ \"a\" : \"}\\\"\" }"},
      {LAST("{}"), "{}"},
      {FIRST("null"), "null"},
      {LAST("\"text\""), "\"text\""},
      {FIRST("-1.5e3"), "-1.5e3"},
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    pp_base *base = read_text(list[i].text);
    CHECK(has_record(base, list[i].record, strlen(list[i].record)));
    CHECK(base->track_count == 1 && base->quality_count == 0);
    pp_base_free(base);
  }
  pp_base *base = read_text("{" REST ",\"other\":{\"pyprof-lua\":1}}");
  CHECK(base->record_count == 0);
  pp_base_free(base);
}

static void a_malformed_record_is_refused_with_its_place(void) {
  CHECK(is_refused(LAST("{\"a\":[1 2]}"), PP_FORMAT,
                   "byte 153 (line 1): expected ',' or ']' in \"pyprof-lua\""));
  CHECK(is_refused(LAST("{\"a\""), PP_FORMAT,
                   "byte 149 (line 1): expected ':' in \"pyprof-lua\""));
  CHECK(is_refused("{" REST ",\"pyprof-lua\":{", PP_FORMAT,
                   "byte 146 (line 1): the file ends, expected a key or '}' in \"pyprof-lua\""));
  CHECK(is_refused("{\"pyprof-lua\":1,\"pyprof-lua\":2}", PP_FORMAT,
                   "byte 29 (line 1): \"pyprof-lua\" stands twice in the recording"));
}

/* A recording whose record has about so many bytes: many numbers, or one string. */
static char *long_one(size_t bytes, bool string, bool first, size_t *at, size_t *length) {
  char *text = malloc(bytes + 1000), *p = text;
  p += sprintf(p, first ? "{\"pyprof-lua\":" : "{" REST ",\"pyprof-lua\":");
  char *begin = p;
  *p++ = string ? '"' : '[';
  while ((size_t)(p - begin) + 1 < bytes) {
    *p = string || (p - begin) % 2 == 1 ? '7' : ',';
    p++;
  }
  if (p[-1] == ',') p[-1] = ' ';
  *p++ = string ? '"' : ']';
  *at = (size_t)(begin - text);
  *length = (size_t)(p - begin);
  p += sprintf(p, first ? "," REST "}" : "}");
  *p = '\0';
  return text;
}

static void a_long_record_is_kept_up_to_a_limit(void) {
  size_t limit = (size_t)16 << 20, at, length;
  for (int i = 0; i < 16; i++) {
    size_t bytes = i / 4 == 0 ? 500000 : i / 4 == 1 ? limit : i / 4 == 2 ? limit + 1 : 3 * limit;
    char *text = long_one(bytes, i % 2 == 1, i / 2 % 2 == 1, &at, &length);
    CHECK(length == bytes);
    pp_base *base = read_text(text);
    CHECK(base != NULL && base->track_count == 1);
    bool fits = bytes <= limit;
    CHECK(fits ? has_record(base, text + at, length) : base->record_count == 0);
    CHECK(quality_of(base, TOO_LONG) == (fits ? 0 : 1));
    pp_base_free(base);
    free(text);
  }
}

static void a_packed_recording_has_its_record(void) {
  const char *text = LAST("{\"a\":1}");
  unsigned char packed[1000];
  z_stream stream = {.next_in = (Bytef *)(uintptr_t)text, .avail_in = (uInt)strlen(text),
                     .next_out = packed, .avail_out = sizeof packed};
  CHECK(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  deflateEnd(&stream);
  pp_base *base;
  pp_error error;
  CHECK(read_bytes((const char *)packed, stream.total_out, NULL, &base, &error) == PP_OK);
  CHECK(has_record(base, "{\"a\":1}", 7));
  pp_base_free(base);
}

static void merged_recordings_have_the_records_of_all_in_their_order(void) {
  char paths[3][64];
  const char *list[3], *texts[3] = {LAST("{\"a\":1}"), "{" REST "}", FIRST("{\"a\":2}")};
  for (int i = 0; i < 3; i++) {
    int file = memfd_create("recording", MFD_CLOEXEC);
    CHECK(write(file, texts[i], strlen(texts[i])) == (ssize_t)strlen(texts[i]));
    snprintf(paths[i], sizeof paths[i], "/proc/self/fd/%d", file);
    list[i] = paths[i];
  }
  pp_error error;
  pp_recording_options options = {0};
  pp_profile *merged = NULL, *twice = NULL;
  CHECK(pp_recording_read(list, 3, &options, NULL, &merged, &error) == PP_OK);
  CHECK(pp_profile_record_count(merged) == 2);
  CHECK(memcmp(pp_profile_record(merged, 0).bytes, "{\"a\":1}", 7) == 0);
  CHECK(memcmp(pp_profile_record(merged, 1).bytes, "{\"a\":2}", 7) == 0);
  const pp_profile *both[] = {merged, merged};
  CHECK(pp_profile_merge(both, 2, NULL, &twice, &error) == PP_OK);
  CHECK(pp_profile_record_count(twice) == 4);
  pp_profile_free(merged);
  pp_profile_free(twice);
}

int main(void) {
  RUN(a_recording_has_the_text_of_its_record);
  RUN(a_malformed_record_is_refused_with_its_place);
  RUN(a_long_record_is_kept_up_to_a_limit);
  RUN(a_packed_recording_has_its_record);
  RUN(merged_recordings_have_the_records_of_all_in_their_order);
  FINISH();
}
