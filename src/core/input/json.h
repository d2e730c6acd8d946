/* json.h - strict reading of JSON's tokens from a file, in a window of bounded size.
 *
 * The first failure is kept in json->code and json->error, with offset and line; after it all
 * functions return false (or -1). A window ends with PP_JSON_SLACK zero bytes, which are part
 * of no token, so loops over text need no other bound. A caller that keeps a pointer into the
 * window during a call that may refill sets json->keep.
 */
#ifndef PYPROF_CORE_INPUT_JSON_H
#define PYPROF_CORE_INPUT_JSON_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/number.h"
#include "pyprof/buffer.h"
#include "pyprof/input.h"

#define PP_JSON_SLACK 64
#define PP_JSON_DEPTH 4096 /* levels of a skipped value */

typedef struct pp_json {
  pp_input *input;
  pp_error *error;
  pp_code code;
  char *data; /* the window: `capacity` bytes and the slack */
  size_t capacity;
  const char *at, *end; /* the bytes that are not read yet */
  const char *keep;     /* a refill keeps the bytes from here on, and moves this; NULL: `at` */
  size_t keep_most;     /* a refill that would keep more becomes free to drop them: keep is NULL
                           then; 0: no limit */
  uint64_t offset;      /* of data[0] in the file */
  uint64_t newlines;    /* before data[counted], so that no line is counted twice */
  size_t counted;
  bool ended;
  const char *place; /* for messages: the part that is being read, for example "samples" */
  pp_buffer string;  /* the last string, as UTF-8 */
  uint64_t lone_surrogates;
  locale_t c;
} pp_json;

/* The caller keeps owning input and error. false: no memory, and error says so. */
bool pp_json_open(pp_json *json, pp_input *input, pp_error *error);
void pp_json_close(pp_json *json);

/* All of these return false, so that a caller can write `return pp_json_fail(…)`. `where` is in
 * the window. pp_json_expected adds the place, or says that the file ends. */
__attribute__((format(printf, 3, 4)))
bool pp_json_fail(pp_json *json, const char *where, const char *format, ...);
bool pp_json_expected(pp_json *json, const char *where, const char *what);
bool pp_json_no_memory(pp_json *json);
uint64_t pp_json_offset(const pp_json *json, const char *where);
uint64_t pp_json_line(pp_json *json, const char *where);

/* Reads more text behind `end`; false: there is none, or a failure. */
bool pp_json_refill(pp_json *json);
/* Returns the next byte that is not white space, without reading it; -1: the end, or a failure. */
int pp_json_peek(pp_json *json);
/* Reads this byte after white space; `what` is for the message. */
bool pp_json_take(pp_json *json, char byte, const char *what);
/* After the opening bracket: for (bool first = true; pp_json_item(json, ']', &first);) reads one
 * item in each turn. false: the end of the list was read, or a failure. */
bool pp_json_item(pp_json *json, char close, bool *first);
/* The same for objects: afterwards the key is in json->string, and the colon was read. */
bool pp_json_key(pp_json *json, bool *first);
bool pp_json_key_is(const pp_json *json, const char *key);
bool pp_json_string(pp_json *json); /* into json->string; lone surrogates become U+FFFD */
bool pp_json_number(pp_json *json, pp_number *number); /* valid until the next refill */
bool pp_json_null(pp_json *json);   /* reads null if it comes next, else nothing */
bool pp_json_skip(pp_json *json);   /* reads and checks any value */
bool pp_json_finish(pp_json *json); /* is only white space left? */

#endif
