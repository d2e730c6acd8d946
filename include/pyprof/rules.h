/* rules.h - patterns that are looked for in parts of Python source.
 *
 * A rule says where its pattern applies: in code (the text with comments and what is in strings
 * replaced by spaces), in each comment, in each string, in each docstring, or anywhere; and
 * whether it is searched for, or must match where a logical line (of code or any text), a comment
 * or a string begins. The rules and their regexes are the caller's and outlive whoever uses them;
 * several threads may.
 */
#ifndef PYPROF_RULES_H
#define PYPROF_RULES_H

#include "pyprof/regex.h"
#include "pyprof/source.h"

typedef struct pp_rule {
  const pp_regex *regex; /* compiled with PP_REGEX_ANCHORED if at_line */
  pp_region region;
  bool at_line;
} pp_rule;

typedef struct pp_rules {
  const pp_rule *rules;
  size_t count;
} pp_rules;

/* A piece of pp_found_list.texts; offset is PP_REGEX_NONE for a group that took no part. */
typedef struct pp_piece {
  size_t offset, length;
} pp_piece;

typedef struct pp_found {
  uint32_t rule;         /* its index */
  uint32_t line, column; /* from 1; columns are characters */
  uint32_t definition;   /* the innermost that holds the line, or PP_DEFINITION_NONE */
  size_t begin, end;     /* in the text */
  pp_piece line_text;    /* the whole physical line that the match begins on */
  size_t groups;         /* the first of its groups in pp_found_list.groups; group 0 is the match */
} pp_found;

/* In the order of the text; matches of several rules at one place in the order of the rules. */
typedef struct pp_found_list {
  const pp_found *found;
  size_t count;
  const pp_piece *groups;
  size_t group_count;
  const char *texts;
  size_t texts_length;
} pp_found_list;

/* From now on the scanner looks for these, and the call that scans fails with PP_LIMIT where a
 * pattern backtracks without end. NULL: for none. */
pp_code pp_scanner_rules(pp_scanner *scanner, const pp_rules *rules, pp_error *error);
/* What was found in the last scan; the scanner's, like the scan itself. */
const pp_found_list *pp_scanner_found(const pp_scanner *scanner);

#endif
