/* error.h - how a call of the core reports a failure.
 *
 * Every core function that can fail returns a pp_code and, unless that is PP_OK, fills the
 * caller's pp_error. `message` is one line without a final newline and without the file's name:
 * the caller knows the file and puts its name in front. `line` counts from 1 and `offset` from 0;
 * both are 0 if the error has no position in an input.
 */
#ifndef PYPROF_ERROR_H
#define PYPROF_ERROR_H

#include <stdint.h>

typedef enum pp_code {
  PP_OK = 0,
  PP_SYSTEM,    /* the operating system refused: open, read, exec … */
  PP_FORMAT,    /* the input is malformed */
  PP_MEMORY,    /* no memory */
  PP_LIMIT,     /* one of our limits or of PCRE2's was reached */
  PP_CANCELLED, /* the control's cancel flag was set */
  PP_ARGUMENT   /* the caller asked for something impossible */
} pp_code;

typedef struct pp_error {
  pp_code code;
  uint64_t offset;
  uint64_t line;
  char message[1000];
} pp_error;

/* Fills error (which may be NULL) and returns code. */
__attribute__((format(printf, 3, 4)))
pp_code pp_error_set(pp_error *error, pp_code code, const char *format, ...);

/* The same with a position: the message becomes "byte OFFSET (line LINE): …". */
__attribute__((format(printf, 5, 6)))
pp_code pp_error_at(pp_error *error, pp_code code, uint64_t offset, uint64_t line,
                    const char *format, ...);

/* PP_SYSTEM with "WHAT: strerror(number)", or PP_MEMORY for ENOMEM; `what` may be NULL. */
pp_code pp_error_system(pp_error *error, const char *what, int number);

/* PP_MEMORY, "not enough memory". It is inline so that a static analyser sees what it returns. */
static inline pp_code pp_error_memory(pp_error *error) {
  pp_error_set(error, PP_MEMORY, "not enough memory");
  return PP_MEMORY;
}

#endif
