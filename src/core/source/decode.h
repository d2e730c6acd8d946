/* decode.h - from a file's bytes to UTF-8: byte order mark, encoding declaration, iconv. */
#ifndef PYPROF_CORE_SOURCE_DECODE_H
#define PYPROF_CORE_SOURCE_DECODE_H

#include <stdbool.h>

#include "pyprof/buffer.h"
#include "pyprof/error.h"
#include "source/patterns.h"

/* The result of decoding, with the first fault of the text, if it has one. */
typedef struct pp_decoded {
  size_t begin;   /* the beginning of the text, behind a byte order mark */
  bool converted; /* the buffer has another text now */
  bool wrong;
  size_t at;      /* in the buffer */
  char message[160];
} pp_decoded;

/* Converts the bytes to UTF-8 in place, if they are in another encoding. If they cannot be
 * converted, they stay as they are and `wrong` is set. UTF-8 is not checked. False: no memory. */
bool pp_decode(pp_buffer *text, pp_patterns *patterns, size_t padding, pp_decoded *decoded);

/* The offset of the first byte that is not UTF-8, or length. */
size_t pp_decode_valid(const char *text, size_t length);

#endif
