/* regex.h - PCRE2 over (pointer, length), compiled by its JIT if there is one.
 *
 * A pp_regex never changes once it is made, and several threads may use it at once. A pp_match is
 * the memory in which one thread matches one regex. Subjects may hold any byte. Without the flag
 * UTF a character is a byte; with it, bytes that are not UTF-8 never match and are no error.
 * Offsets are in bytes.
 *
 * pp_regex_compile fails with PP_FORMAT and the place in the pattern; pp_regex_match fails with
 * PP_LIMIT if a pattern backtracks without end (the limit is ten million steps).
 */
#ifndef PYPROF_REGEX_H
#define PYPROF_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pyprof/error.h"

enum {
  PP_REGEX_CASELESS = 1,   /* i */
  PP_REGEX_MULTILINE = 2,  /* m */
  PP_REGEX_DOTALL = 4,     /* s */
  PP_REGEX_EXTENDED = 8,   /* x */
  PP_REGEX_UTF = 16,       /* u: characters are code points, \w and \d follow Unicode */
  PP_REGEX_ANCHORED = 32   /* a: matches only at the place where the search begins */
};

#define PP_REGEX_NONE ((size_t)-1) /* both ends of a group that did not match */

typedef struct pp_regex pp_regex;
typedef struct pp_match pp_match;

/* On PP_OK the caller owns *regex. */
pp_code pp_regex_compile(const char *pattern, size_t length, unsigned flags, pp_regex **regex,
                         pp_error *error);
void pp_regex_free(pp_regex *regex); /* NULL is fine */

/* Flags from letters ("im"). PP_ARGUMENT: a letter is unknown; the message lists the known ones. */
pp_code pp_regex_flags(const char *letters, unsigned *flags, pp_error *error);

unsigned pp_regex_groups(const pp_regex *regex); /* group 0, the whole match, is not counted */
unsigned pp_regex_names(const pp_regex *regex);  /* how many groups have a name */
/* The name number `index` (0…) and its group. The text lives as long as the regex. */
const char *pp_regex_name(const pp_regex *regex, unsigned index, unsigned *group);
/* The group of this name, or the first of several; 0: there is none. */
unsigned pp_regex_group(const pp_regex *regex, const char *name, size_t length);
/* 256 bits: the bytes that a match can begin with; NULL if PCRE2 does not know them. */
const uint8_t *pp_regex_first(const pp_regex *regex);
/* Did the JIT compile it? Its matches then allocate nothing, so a thread may jump out of one and
 * never return to it. */
bool pp_regex_is_compiled(const pp_regex *regex);

pp_match *pp_match_new(const pp_regex *regex); /* NULL: no memory */
void pp_match_free(pp_match *match);           /* NULL is fine */

/* Searches from `start`. If `empty` is false, an empty match at `start` does not count: so a
 * caller continues after an empty match. */
pp_code pp_regex_match(const pp_regex *regex, pp_match *match, const char *subject,
                       size_t length, size_t start, bool empty, bool *found, pp_error *error);
/* The beginning and end of each group of the last match, in pairs, group 0 first. */
const size_t *pp_match_offsets(const pp_match *match);

#endif
