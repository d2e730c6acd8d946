/* decode.h - from a file's bytes to UTF-8: byte order mark, coding cookie, iconv. */
#ifndef PYPROF_CORE_SOURCE_DECODE_H
#define PYPROF_CORE_SOURCE_DECODE_H

#include <stdbool.h>

#include "pyprof/buffer.h"
#include "pyprof/error.h"
#include "source/patterns.h"

/* The first thing wrong with a text: where, and what. */
typedef struct pp_decoded {
  size_t begin;   /* the text begins here: behind a byte order mark */
  bool converted; /* the buffer holds another text now */
  bool wrong;
  size_t at;      /* in the buffer */
  char message[160];
} pp_decoded;

/* Turns the bytes into UTF-8 where they are not, in place. Where they cannot be, they stay as
 * they are and `wrong` is set. UTF-8 itself is not looked at. False: no memory. */
bool pp_decode(pp_buffer *text, pp_patterns *patterns, size_t padding, pp_decoded *decoded);

/* The offset of the first byte that is no UTF-8, or length. */
size_t pp_decode_valid(const char *text, size_t length);

#endif
