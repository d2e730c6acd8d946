/* input.h - the text of a file in blocks, unpacked and in UTF-8.
 *
 * Gzip, also of several members, is recognized by its first bytes and unpacked. UTF-16 with a byte
 * order mark becomes UTF-8; a UTF-8 mark is left out. The path "-" is standard input. The next
 * read fails if the control was cancelled. Progress counts the bytes of the file itself; their
 * total is known for regular files only (else 0).
 */
#ifndef PYPROF_INPUT_H
#define PYPROF_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "pyprof/control.h"
#include "pyprof/error.h"

/* How much is read at once. The fuzzers are built with less: what they read is short, and has to
 * reach the end of a block nevertheless. */
#ifdef PP_SMALL_BLOCKS
#define PP_BLOCK(size) ((size_t)(size) / 32)
#else
#define PP_BLOCK(size) ((size_t)(size))
#endif

#define PP_INPUT_HEAD PP_BLOCK(65536)

typedef struct pp_input pp_input;

/* On failure *input is NULL. Messages do not name the path. */
pp_code pp_input_open(const char *path, const pp_control *control, pp_input **input,
                      pp_error *error);
void pp_input_close(pp_input *input); /* NULL is fine */
/* The first PP_INPUT_HEAD bytes of the text, or all if it is shorter. The reads that follow give
 * them again. The call must come before the first read. */
pp_code pp_input_head(pp_input *input, const char **bytes, size_t *length, pp_error *error);
/* Up to `room` (at least 4) bytes of text; *got is 0 at the end only. */
pp_code pp_input_read(pp_input *input, char *to, size_t room, size_t *got, pp_error *error);

#endif
