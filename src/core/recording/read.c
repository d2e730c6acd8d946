#include "pyprof/recording.h"

#include <string.h>

#include "pyprof/input.h"
#include "recording/folded.h"
#include "recording/pprof.h"
#include "recording/read.h"
#include "recording/speedscope.h"

static size_t skip_spaces(const char *text, size_t length, size_t at) {
  while (at < length && strchr(" \t\r\n", text[at]) != NULL && text[at] != 0) at++;
  return at;
}

/* Does the text begin a JSON object? `{closure};main 3` is folded text. */
static bool is_object(const char *text, size_t length) {
  size_t at = skip_spaces(text, length, 0);
  if (at == length || text[at] != '{') return false;
  at = skip_spaces(text, length, at + 1);
  return at == length || text[at] == '"' || text[at] == '}';
}

pp_code pp_recording_base(const char *path, const char *metric, const pp_control *control,
                          pp_base **base, pp_error *error) {
  *base = NULL;
  pp_raw raw;
  pp_input *input;
  pp_code code = pp_input_open(path, control, &input, error);
  if (code != PP_OK) return code;
  if (!pp_raw_open(&raw)) {
    pp_input_close(input);
    return pp_error_memory(error);
  }
  const char *head;
  size_t length;
  code = pp_input_head(input, &head, &length, error);
  if (code == PP_OK) {
    code = is_object(head, length)     ? pp_speedscope_read(input, &raw, error)
           : pp_pprof_is(head, length) ? pp_pprof_read(input, &raw, error)
                                       : pp_folded_read(input, &raw, error);
  }
  pp_input_close(input);
  if (code == PP_OK) code = pp_raw_normalize(&raw, metric, base, error);
  pp_raw_close(&raw);
  return code;
}

/* ---- recognizing formats */

static bool holds(const char *text, size_t length, const char *word) {
  return memmem(text, length, word, strlen(word)) != NULL;
}

/* Does the line end in a count, a weight or austin's three numbers? */
static bool ends_in_count(const char *line, size_t length) {
  while (length > 0 && strchr(" \t\r", line[length - 1]) != NULL) length--;
  if (length == 0 || line[length - 1] < '0' || line[length - 1] > '9') return false;
  size_t at = length;
  while (at > 0 && strchr("0123456789,-.eE+", line[at - 1]) != NULL) at--;
  return at < length && at > 1 && (line[at - 1] == ' ' || line[at - 1] == '\t');
}

/* Do most lines end in a count? Comments do not matter. */
static bool is_folded(const char *text, size_t length) {
  size_t stacks = 0, others = 0;
  if (memchr(text, 0, length) != NULL) return false;
  if (length >= 2 && memcmp(text, "#!", 2) == 0) return false;
  for (size_t at = 0; at < length;) {
    const char *newline = memchr(text + at, '\n', length - at);
    size_t end = newline != NULL ? (size_t)(newline - text) : length;
    /* A line cut off by the head is judged by its beginning. */
    if (newline == NULL && length >= PP_INPUT_HEAD - 4) {
      return stacks + others == 0 ? memchr(text + at, ';', end - at) != NULL
                                  : stacks > 0 && stacks >= others;
    }
    size_t first = skip_spaces(text, end, at);
    if (ends_in_count(text + at, end - at)) stacks++;
    else if (first < end && text[first] != '#' && text[first] != '/') others++;
    at = end + 1;
  }
  return stacks > 0 && stacks >= others;
}

pp_code pp_recording_sniff(const char *path, bool *is_recording, pp_error *error) {
  *is_recording = strcmp(path, "-") == 0; /* its first bytes could not be read again */
  if (*is_recording) return PP_OK;
  pp_input *input;
  const char *head;
  size_t length;
  pp_code code = pp_input_open(path, NULL, &input, error);
  if (code != PP_OK) return code;
  code = pp_input_head(input, &head, &length, error);
  *is_recording = code == PP_FORMAT; /* a damaged gzip: reading all of it reports the place */
  if (code == PP_OK && is_object(head, length)) {
    *is_recording = holds(head, length, "\"profiles\"") || holds(head, length, "\"shared\"") ||
                    holds(head, length, "speedscope");
  } else if (code == PP_OK) {
    *is_recording = pp_pprof_is(head, length) || is_folded(head, length);
  }
  pp_input_close(input);
  return code == PP_FORMAT ? PP_OK : code;
}
