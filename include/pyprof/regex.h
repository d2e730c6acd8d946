/* regex.h - PCRE2 over (pointer, length), compiled by its JIT where that is at hand.
 *
 * A pp_regex is immutable once made and may be used by several threads at once; a pp_match is
 * the room that one thread matches in, made for one regex. Subjects may hold any byte. Without
 * the flag UTF a character is a byte; with it bytes that are no UTF-8 never match, and are no
 * error. Offsets are in bytes.
 *
 * Failure: pp_regex_compile says PP_FORMAT with the place in the pattern; pp_regex_match says
 * PP_LIMIT where a pattern backtracks without end (the limit is ten million steps).
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
  PP_REGEX_UTF = 16,       /* u: characters are code points, \w and \d know Unicode */
  PP_REGEX_ANCHORED = 32   /* a: matches only where the search begins */
};

#define PP_REGEX_NONE ((size_t)-1) /* both ends of a group that took no part */

typedef struct pp_regex pp_regex;
typedef struct pp_match pp_match;

/* On PP_OK *regex is the caller's. */
pp_code pp_regex_compile(const char *pattern, size_t length, unsigned flags, pp_regex **regex,
                         pp_error *error);
void pp_regex_free(pp_regex *regex); /* NULL is fine */

/* Flags from letters ("im"); PP_ARGUMENT with the letters that there are in the message. */
pp_code pp_regex_flags(const char *letters, unsigned *flags, pp_error *error);

unsigned pp_regex_groups(const pp_regex *regex); /* without the whole match, group 0 */
unsigned pp_regex_names(const pp_regex *regex);  /* how many groups have a name */
/* The name number `index` (0…) and its group. The text lives as long as the regex. */
const char *pp_regex_name(const pp_regex *regex, unsigned index, unsigned *group);
/* The group of this name; a name for several groups gives the first. 0: there is none. */
unsigned pp_regex_group(const pp_regex *regex, const char *name, size_t length);
/* 256 bits: the bytes that a match can begin with; NULL where PCRE2 cannot say. */
const uint8_t *pp_regex_first(const pp_regex *regex);
/* By the JIT: its matches allocate nothing, so that a thread may jump out of one for good. */
bool pp_regex_is_compiled(const pp_regex *regex);

pp_match *pp_match_new(const pp_regex *regex); /* NULL: no memory */
void pp_match_free(pp_match *match);           /* NULL is fine */

/* Searches from `start`. With `empty` false a match that is empty and begins at `start` does not
 * count: that is how one goes on after an empty match. */
pp_code pp_regex_match(const pp_regex *regex, pp_match *match, const char *subject,
                       size_t length, size_t start, bool empty, bool *found, pp_error *error);
/* After a match: begin and end of each group, in pairs, group 0 first. */
const size_t *pp_match_offsets(const pp_match *match);

#endif
