/* rules.h - patterns that are searched for in parts of Python source.
 *
 * A rule says where its pattern applies: in code (the text, with spaces in place of comments and
 * of the contents of strings), in each comment, in each string, in each docstring, or anywhere. It
 * also says whether the pattern may match at any place, or only at the beginning of a logical line
 * (of code or any text), a comment or a string. The caller owns the rules and their regexes and
 * frees them last. Several threads may use them.
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

/* A piece of pp_found_list.texts; offset is PP_REGEX_NONE for a group that did not match. */
typedef struct pp_piece {
  size_t offset, length;
} pp_piece;

typedef struct pp_found {
  uint32_t rule;         /* its index */
  uint32_t line, column; /* from 1; columns are characters */
  uint32_t definition;   /* the innermost definition around the line, or PP_DEFINITION_NONE */
  size_t begin, end;     /* in the text */
  pp_piece line_text;    /* the whole physical line on which the match begins */
  size_t groups;         /* the first of its groups in pp_found_list.groups; group 0 is the match */
} pp_found;

/* Matches in the order of the text; those of several rules at one place in the order of the
 * rules. */
typedef struct pp_found_list {
  const pp_found *found;
  size_t count;
  const pp_piece *groups;
  size_t group_count;
  const char *texts;
  size_t texts_length;
} pp_found_list;

/* The scanner searches for these rules from now on (NULL: for none). A scan then fails with
 * PP_LIMIT if a pattern backtracks without end. */
pp_code pp_scanner_rules(pp_scanner *scanner, const pp_rules *rules, pp_error *error);
/* The matches of the last scan. The scanner owns them, like the scan itself. */
const pp_found_list *pp_scanner_found(const pp_scanner *scanner);

#endif
