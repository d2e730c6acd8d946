/* patterns.h - the questions that the scanner answers with PCRE2. patterns.c has the patterns. */
#ifndef PYPROF_CORE_SOURCE_PATTERNS_H
#define PYPROF_CORE_SOURCE_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

#include "pyprof/error.h"

typedef enum pp_pattern {
  PP_PATTERN_HEADER, /* from def or class to the colon that ends its header */
  PP_PATTERN_ASSERT, /* from assert to the end of its statement */
  PP_PATTERN_CASE,   /* from case to its guard's `if` or its colon; see pp_patterns_case */
  PP_PATTERN_NUMBER, /* a number */
  PP_PATTERN_DOCSTRING, /* a docstring in parentheses, up to and including the last parenthesis */
  PP_PATTERN_COOKIE, /* the encoding declaration in a comment; group 1 is the encoding's name */
  PP_PATTERN_COUNT
} pp_pattern;

extern const char pp_patterns_pieces[]; /* a (?(DEFINE)…) for patterns over Python's text */

typedef struct pp_patterns pp_patterns;

/* Only one thread may use it. */
pp_code pp_patterns_new(pp_patterns **patterns, pp_error *error);
void pp_patterns_free(pp_patterns *patterns); /* NULL is fine */
/* Did a question fail for lack of memory since the last call of this function? */
bool pp_patterns_out_of_memory(pp_patterns *patterns);

/* The end of the pattern's match that begins exactly at `at`; `at` itself if it does not match.
 * *begin and *end, unless NULL, become the beginning and end of group 1. */
size_t pp_patterns_end(pp_patterns *patterns, pp_pattern pattern, const char *text, size_t length,
                       size_t at, size_t *begin, size_t *end);

typedef struct pp_case {
  bool catches_all; /* a bare name or _, whatever its guard */
  size_t guard;     /* the place of the guard's `if`; 0: there is none */
} pp_case;

pp_case pp_patterns_case(pp_patterns *patterns, const char *text, size_t length, size_t at);

#endif
