/* The input is a byte of flags, a byte with the pattern's length, the pattern, and the subject. */
#include "fuzz.h"
#include "pyprof/regex.h"

/* Like gmatch: every match begins at the end of the last one, or behind it. */
static void match_all(const pp_regex *regex, const uint8_t *first, pp_match *match,
                      const char *subject, size_t length) {
  unsigned groups = pp_regex_groups(regex);
  const size_t *at = pp_match_offsets(match);
  bool found = true, empty = true;
  for (size_t start = 0; found && start <= length; start = at[1]) {
    pp_error error;
    pp_code code = pp_regex_match(regex, match, subject, length, start, empty, &found, &error);
    REQUIRE(code == PP_OK || code == PP_LIMIT);
    if (code != PP_OK || !found) return;
    at = pp_match_offsets(match);
    REQUIRE(start <= at[0] && at[0] <= at[1] && at[1] <= length);
    REQUIRE(empty || at[1] > start);
    for (unsigned i = 1; i <= groups; i++) {
      bool none = at[2 * i] == PP_REGEX_NONE;
      REQUIRE(none ? at[2 * i + 1] == PP_REGEX_NONE
                   : at[2 * i] <= at[2 * i + 1] && at[2 * i + 1] <= length);
    }
    uint8_t byte = at[0] < length ? (uint8_t)subject[at[0]] : 0;
    REQUIRE(first == NULL || at[0] == length || (first[byte / 8] >> byte % 8 & 1) != 0);
    empty = false;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  if (length < 2) return 0;
  unsigned flags = bytes[0] & 63;
  size_t pattern = bytes[1] < length - 2 ? bytes[1] : length - 2;
  /* The copies have exactly their lengths, so a read behind them is detected. */
  size_t subject = length - 2 - pattern;
  if (subject > 256) subject = 256;
  char *pattern_text = malloc(pattern), *subject_text = malloc(subject);
  memcpy(pattern_text, bytes + 2, pattern);
  memcpy(subject_text, bytes + 2 + pattern, subject);
  pp_regex *regex;
  pp_error error = {0};
  pp_code code = pp_regex_compile(pattern_text, pattern, flags, &regex, &error);
  REQUIRE(code == PP_OK || error.message[0] != '\0');
  if (code == PP_OK) {
    pp_match *match = pp_match_new(regex);
    for (unsigned i = 0; i < pp_regex_names(regex); i++) {
      unsigned group;
      const char *name = pp_regex_name(regex, i, &group);
      REQUIRE(group >= 1 && group <= pp_regex_groups(regex));
      REQUIRE(pp_regex_group(regex, name, strlen(name)) != 0);
    }
    /* \K moves the beginning of a match. */
    bool moves = memmem(pattern_text, pattern, "\\K", 2) != NULL;
    match_all(regex, moves ? NULL : pp_regex_first(regex), match, subject_text, subject);
    pp_match_free(match);
    pp_regex_free(regex);
  }
  free(pattern_text);
  free(subject_text);
  return 0;
}
