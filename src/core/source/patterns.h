/* patterns.h - what the scanner asks PCRE2: all its patterns are in patterns.c. */
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
  PP_PATTERN_DOCSTRING, /* a statement in parentheses that is a docstring, up to the last of them */
  PP_PATTERN_COOKIE, /* the coding cookie in a comment; group 1 is the encoding's name */
  PP_PATTERN_COUNT
} pp_pattern;

extern const char pp_patterns_pieces[]; /* a (?(DEFINE)…) for all who read Python's text */

typedef struct pp_patterns pp_patterns;

/* One thread's. */
pp_code pp_patterns_new(pp_patterns **patterns, pp_error *error);
void pp_patterns_free(pp_patterns *patterns); /* NULL is fine */
/* Whether a question since the last of these could not be answered for want of memory. */
bool pp_patterns_out_of_memory(pp_patterns *patterns);

/* Where the pattern's match that begins exactly at `at` ends (at group 1's beginning and end
 * where begin and end are given); `at` itself where it does not match. */
size_t pp_patterns_end(pp_patterns *patterns, pp_pattern pattern, const char *text, size_t length,
                       size_t at, size_t *begin, size_t *end);

typedef struct pp_case {
  bool catches_all; /* a bare name or _, whatever its guard */
  size_t guard;     /* where the guard's `if` stands; 0: there is none */
} pp_case;

pp_case pp_patterns_case(pp_patterns *patterns, const char *text, size_t length, size_t at);

#endif
