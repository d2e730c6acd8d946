#include "input/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pyprof/utf8.h"

#define BLOCK PP_BLOCK(192 * 1024)
#define LONGEST ((size_t)1 << 30) /* of a token or a sample; the rest is read piece by piece */

bool pp_json_open(pp_json *json, pp_input *input, pp_error *error) {
  *json = (pp_json){.input = input, .error = error, .capacity = BLOCK, .place = "the recording"};
  json->data = calloc(1, BLOCK + PP_JSON_SLACK);
  json->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  json->at = json->end = json->data;
  if (json->data != NULL && json->c != (locale_t)0) return true;
  pp_json_close(json);
  pp_error_memory(error);
  return false;
}

void pp_json_close(pp_json *json) {
  free(json->data);
  pp_buffer_free(&json->string);
  if (json->c != (locale_t)0) freelocale(json->c);
  json->data = NULL;
  json->c = (locale_t)0;
}

/* A file is full of newlines or has none: the two ways are fast for either. */
static uint64_t count_newlines(const char *from, const char *to) {
  if (memchr(from, '\n', (size_t)(to - from)) == NULL) return 0;
  typedef uint8_t bytes __attribute__((vector_size(16)));
  uint64_t count = 0;
  while (to - from >= 32) {
    const char *stop = from + ((to - from) / 32 < 255 ? (to - from) / 32 : 255) * 32;
    bytes even = {0}, odd = {0};
    for (; from < stop; from += 32) {
      bytes block[2];
      memcpy(block, from, sizeof block);
      even -= (bytes)(block[0] == '\n');
      odd -= (bytes)(block[1] == '\n');
    }
    for (int i = 0; i < 16; i++) count += (uint64_t)even[i] + odd[i];
  }
  for (; from < to; from++) count += *from == '\n';
  return count;
}

uint64_t pp_json_offset(const pp_json *json, const char *where) {
  return json->offset + (uint64_t)(where - json->data);
}

uint64_t pp_json_line(pp_json *json, const char *where) {
  const char *counted = json->data + json->counted;
  if (where < counted) return json->newlines - count_newlines(where, counted) + 1;
  json->newlines += count_newlines(counted, where);
  json->counted = (size_t)(where - json->data);
  return json->newlines + 1;
}

bool pp_json_fail(pp_json *json, const char *where, const char *format, ...) {
  if (json->code != PP_OK) return false;
  char text[700];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  json->code = pp_error_at(json->error, PP_FORMAT, pp_json_offset(json, where),
                           pp_json_line(json, where), "%s", text);
  return false;
}

bool pp_json_expected(pp_json *json, const char *where, const char *what) {
  if (where == json->end && json->ended) {
    return pp_json_fail(json, where, "the file ends, expected %s in %s", what, json->place);
  }
  return pp_json_fail(json, where, "expected %s in %s", what, json->place);
}

bool pp_json_no_memory(pp_json *json) {
  if (json->code == PP_OK) json->code = pp_error_memory(json->error);
  return false;
}

/* Moves the bytes that are still needed to the front of the window. */
static void slide(pp_json *json) {
  const char *start = json->keep != NULL ? json->keep : json->at;
  size_t dropped = (size_t)(start - json->data);
  size_t kept = (size_t)(json->end - start);
  if (json->counted < dropped) pp_json_line(json, start);
  json->counted -= dropped;
  json->offset += dropped;
  memmove(json->data, start, kept);
  json->at -= dropped;
  json->end -= dropped;
  if (json->keep != NULL) json->keep -= dropped;
}

static bool widen(pp_json *json) {
  if (json->capacity >= LONGEST) {
    json->code = pp_error_at(json->error, PP_LIMIT, json->offset, json->newlines + 1,
                             "one value of more than 1 GiB in %s", json->place);
    return false;
  }
  size_t capacity = json->capacity * 2;
  char *data = realloc(json->data, capacity + PP_JSON_SLACK);
  if (data == NULL) return pp_json_no_memory(json);
  json->at = data + (json->at - json->data);
  json->end = data + (json->end - json->data);
  if (json->keep != NULL) json->keep = data + (json->keep - json->data);
  json->data = data;
  json->capacity = capacity;
  return true;
}

bool pp_json_refill(pp_json *json) {
  if (json->ended || json->code != PP_OK) return false;
  if (json->keep_most > 0 && json->keep != NULL &&
      (size_t)(json->at - json->keep) > json->keep_most) {
    json->keep = NULL;
  }
  slide(json);
  size_t used = (size_t)(json->end - json->data);
  if (used > json->capacity / 2 && !widen(json)) return false;
  size_t got;
  json->code = pp_input_read(json->input, json->data + used, json->capacity - used, &got,
                             json->error);
  if (json->code != PP_OK) return false;
  json->end += got;
  memset(json->data + used + got, 0, PP_JSON_SLACK);
  if (got == 0) json->ended = true;
  return got > 0;
}

int pp_json_peek(pp_json *json) {
  for (;;) {
    const char *p = json->at;
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') p++;
    json->at = p;
    if (*p != 0 || p < json->end) return (unsigned char)*p;
    if (!pp_json_refill(json)) return -1;
  }
}

bool pp_json_take(pp_json *json, char byte, const char *what) {
  if (pp_json_peek(json) != byte) return pp_json_expected(json, json->at, what);
  json->at++;
  return true;
}

bool pp_json_item(pp_json *json, char close, bool *first) {
  int next = pp_json_peek(json);
  if (next == close) {
    json->at++;
    return false;
  }
  if (!*first) {
    if (next != ',') {
      return pp_json_expected(json, json->at, close == ']' ? "',' or ']'" : "',' or '}'");
    }
    json->at++;
  }
  *first = false;
  return json->code == PP_OK;
}

bool pp_json_key(pp_json *json, bool *first) {
  bool was_first = *first;
  if (!pp_json_item(json, '}', first)) return false;
  if (pp_json_peek(json) != '"') {
    return pp_json_expected(json, json->at, was_first ? "a key or '}'" : "a key");
  }
  return pp_json_string(json) && pp_json_take(json, ':', "':'");
}

bool pp_json_key_is(const pp_json *json, const char *key) {
  return json->string.length == strlen(key) &&
         memcmp(json->string.data, key, json->string.length) == 0;
}

/* Refills until `wanted` bytes follow `at`, if the file has so many. */
static bool want(pp_json *json, size_t wanted) {
  while ((size_t)(json->end - json->at) < wanted) {
    if (!pp_json_refill(json)) return false;
  }
  return true;
}

static bool put(pp_json *json, const void *bytes, size_t length) {
  return pp_buffer_add(&json->string, bytes, length) || pp_json_no_memory(json);
}

static bool hex4(pp_json *json, const char *p, uint32_t *unit) {
  *unit = 0;
  for (int i = 0; i < 4; i++) {
    char c = p[i];
    uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                            : 16;
    if (digit == 16) return pp_json_expected(json, p + i, "a hexadecimal digit");
    *unit = *unit << 4 | digit;
  }
  return true;
}

/* Reads \uXXXX from its backslash on, and the second half of a surrogate pair. */
static bool unicode_escape(pp_json *json) {
  want(json, 12); /* both halves; if the file ends before, the zero bytes of the slack fail */
  if (json->code != PP_OK) return false;
  const char *p = json->at;
  uint32_t c, low;
  if (!hex4(json, p + 2, &c)) return false;
  p += 6;
  if (c >= 0xD800 && c <= 0xDBFF && p[0] == '\\' && p[1] == 'u') {
    if (!hex4(json, p + 2, &low)) return false;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      c = 0x10000 + ((c & 0x3FF) << 10) + (low & 0x3FF);
      p += 6;
    }
  }
  if (c >= 0xD800 && c <= 0xDFFF) {
    json->lone_surrogates++;
    c = 0xFFFD;
  }
  json->at = p;
  char bytes[4];
  return put(json, bytes, pp_utf8_put(bytes, c));
}

static bool escape(pp_json *json) {
  want(json, 2);
  if (json->code != PP_OK) return false;
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char c = json->at[1];
  if (c == 'u') return unicode_escape(json);
  const char *found = c == 0 ? NULL : strchr(from, c);
  if (found == NULL) return pp_json_expected(json, json->at + 1, "an escape");
  json->at += 2;
  return put(json, &to[found - from], 1);
}

bool pp_json_string(pp_json *json) {
  json->string.length = 0;
  if (pp_json_peek(json) != '"') return pp_json_expected(json, json->at, "a string");
  json->at++;
  for (;;) {
    const char *start = json->at, *p = start;
    while ((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' && *p != '\\') p++;
    if (p > start && !put(json, start, (size_t)(p - start))) return false;
    json->at = p;
    if (*p == '"') {
      json->at++;
      return true;
    }
    if (*p == '\\') {
      if (!escape(json)) return false;
    } else if (p == json->end) {
      if (!pp_json_refill(json)) return pp_json_expected(json, json->at, "'\"'");
    } else if ((unsigned char)*p < 0x20) {
      return pp_json_fail(json, p, "control character in a string in %s", json->place);
    } else {
      want(json, 4);
      if (json->code != PP_OK) return false;
      size_t length = pp_utf8_length(json->at, json->end);
      if (length == 0) {
        return pp_json_fail(json, json->at, "invalid UTF-8 in a string in %s", json->place);
      }
      if (!put(json, json->at, length)) return false;
      json->at += length;
    }
  }
}

bool pp_json_number(pp_json *json, pp_number *number) {
  int next = pp_json_peek(json);
  if (next != '-' && (next < '0' || next > '9')) {
    return pp_json_expected(json, json->at, "a number");
  }
  for (;;) {
    const char *after = pp_number_scan(json->at, number);
    const char *stop = after != NULL ? after : number->text;
    if (stop < json->end || json->ended) {
      if (after == NULL) return pp_json_expected(json, stop, "a digit");
      json->at = after;
      return true;
    }
    /* The number may continue after the window. */
    if (!pp_json_refill(json) && json->code != PP_OK) return false;
  }
}

static bool word(pp_json *json, const char *text) {
  size_t length = strlen(text);
  want(json, length);
  if (json->code != PP_OK) return false;
  for (size_t i = 0; i < length; i++) {
    if (json->at[i] != text[i]) return pp_json_expected(json, json->at + i, text);
  }
  json->at += length;
  return true;
}

bool pp_json_null(pp_json *json) {
  return pp_json_peek(json) == 'n' && word(json, "null");
}

static bool scalar(pp_json *json, int next) {
  pp_number number;
  switch (next) {
    case '"': return pp_json_string(json);
    case 't': return word(json, "true");
    case 'f': return word(json, "false");
    case 'n': return word(json, "null");
    default: break;
  }
  if (next == '-' || (next >= '0' && next <= '9')) return pp_json_number(json, &number);
  return pp_json_expected(json, json->at, "a value");
}

bool pp_json_skip(pp_json *json) {
  bool object[PP_JSON_DEPTH]; /* for each open bracket: is it an object or a list? */
  size_t depth = 0;
  bool first = false;
  for (;;) {
    int next = pp_json_peek(json);
    if (next == '[' || next == '{') {
      if (depth == PP_JSON_DEPTH) {
        return pp_json_fail(json, json->at, "nested deeper than %d levels", PP_JSON_DEPTH);
      }
      json->at++;
      object[depth++] = next == '{';
      first = true;
    } else if (!scalar(json, next)) {
      return false;
    }
    for (;;) { /* up through all brackets that close here */
      if (depth == 0) return true;
      bool more = object[depth - 1] ? pp_json_key(json, &first) : pp_json_item(json, ']', &first);
      if (json->code != PP_OK) return false;
      if (more) break;
      depth--;
      first = false;
    }
  }
}

bool pp_json_finish(pp_json *json) {
  if (pp_json_peek(json) == -1) return json->code == PP_OK;
  return pp_json_fail(json, json->at, "something follows the recording's end");
}
