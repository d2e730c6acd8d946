#include "source/patterns.h"

#include <stdlib.h>
#include <string.h>

#include "pyprof/regex.h"

/* The pieces of Python of which the patterns are made. Text is bytes; in names, all bytes above 127
 * are letters. A string is tried before a word, so that a prefix belongs to its quotes. */
#define PIECES                                                                               \
  "(?(DEFINE)"                                                                               \
  " (?<newline> \\r\\n? | \\n )"                                                             \
  " (?<gap>     (?: [ \\t\\f] | \\\\ (?&newline) )++ )"                                      \
  " (?<comment> \\# [^\\r\\n]*+ )"                                                           \
  " (?<name>    [A-Za-z_\\x80-\\xff] [\\w\\x80-\\xff]*+ )"                                   \
  " (?<number>  0 [xX] (?: _? [0-9a-fA-F] )++ | 0 [oO] (?: _? [0-7] )++"                     \
  "           | 0 [bB] (?: _? [01] )++"                                                      \
  "           | [0-9] (?: _? [0-9] )*+ (?: \\. (?: [0-9] (?: _? [0-9] )*+ )?+ )?+"            \
  "             (?: [eE] [-+]?+ [0-9] (?: _? [0-9] )*+ )?+ [jJlL]?+ )"                       \
  /* a keyword may follow a number without a space: 1if */                                   \
  " (?<word>    (?&number) | [\\w\\x80-\\xff]++ )"                                           \
  " (?<string>  (?i: [fFtT] [rR]? | [rR] [fFtT] ) (?&formatted)"                             \
  "           | (?i: [bBuU] [rR]? | [rR] [bB]? )? (?&plain) )"                               \
  " (?<plain>   \"\"\" (?: [^\"\\\\]++ | \\\\. | \" (?! \"\" ) )*+ \"\"\""                   \
  "           | ''' (?: [^'\\\\]++ | \\\\. | ' (?! '' ) )*+ '''"                             \
  "           | \" (?: [^\"\\\\\\r\\n]++ | \\\\ (?: \\r\\n | . ) )*+ \""                     \
  "           | ' (?: [^'\\\\\\r\\n]++ | \\\\ (?: \\r\\n | . ) )*+ ' )"                      \
  " (?<formatted>"                                                                           \
  "             \"\"\" (?: [^\"\\\\{]++ | \\\\[^{}] | \\\\ | (?&field) | \" (?! \"\" ) )*+ \"\"\"" \
  "           | ''' (?: [^'\\\\{]++ | \\\\[^{}] | \\\\ | (?&field) | ' (?! '' ) )*+ '''"     \
  "           | \" (?: [^\"\\\\{\\r\\n]++ | \\\\[^{}] | \\\\ | (?&field) )*+ \""             \
  "           | ' (?: [^'\\\\{\\r\\n]++ | \\\\[^{}] | \\\\ | (?&field) )*+ ' )"              \
  " (?<field>   \\{\\{"                                                                      \
  "           | \\{ (?: (?&string) | (?&group) | (?&comment) | [^\"'\\#()[\\]{}] )*+ \\} )"   \
  " (?<group>   [([{] (?: (?&string) | (?&group) | (?&comment) | (?&word)"                   \
  "                     | [^\"'\\#()[\\]{}\\w] )*+ [)\\]}] )"                                \
  " (?<lambda>  lambda (?! [\\w\\x80-\\xff] ) (?: (?&lambda) | (?&piece) )*+ : )"            \
  /* everything on a logical line but colons and semicolons outside of brackets */           \
  " (?<piece>   (?&string) | (?&group) | (?&gap) | (?&word)"                                 \
  "           | [^\"'\\#()[\\]{}\\w\\\\:;\\r\\n] )"                                          \
  ")"

const char pp_patterns_pieces[] = PIECES;

/* blocks.c compares the keywords themselves: a match for each takes 300 instructions, which would
 * be 14 % more for a whole scan. These patterns answer what a word or two cannot decide. */
static const char *const sources[PP_PATTERN_COUNT] = {
  [PP_PATTERN_HEADER] = PIECES "(?: (?&lambda) | (?&piece) )*+ :",
  [PP_PATTERN_ASSERT] = PIECES "(?: (?&piece) | : )*+",
  [PP_PATTERN_CASE] = PIECES
    "case (?: (?<catch> (?: \\s | \\( | (?&gap) )*+ (?! (?: None | True | False ) \\b ) (?&name)"
    "                   (?: \\s | \\) | (?&gap) )*+ (?= : | if (?! [\\w\\x80-\\xff] ) ) )"
    "       | (?: (?! if (?! [\\w\\x80-\\xff] ) ) (?&piece) )*+ )"
    "     (?: (?<guard> if (?! [\\w\\x80-\\xff] ) ) | : )",
  [PP_PATTERN_NUMBER] = PIECES
    "(?&number) | \\. [0-9] (?: _? [0-9] )*+ (?: [eE] [-+]?+ [0-9] (?: _? [0-9] )*+ )?+ [jJ]?+",
  [PP_PATTERN_DOCSTRING] = PIECES
    "(?<brackets> \\( (?&between) (?: (?&brackets) | (?: (?i: [ru]?+ ) (?&plain) (?&between) )++ )"
    "             (?&between) \\) )"
    "(?= (?&gap)?+ [\\r\\n;\\#] )"
    "(?(DEFINE) (?<between> (?: [ \\t\\f\\r\\n]++ | (?&gap) | (?&comment) )*+ ) )",
  [PP_PATTERN_COOKIE] = "[ \\t\\f]*+ \\# [^\\r\\n]*? coding [:=] [ \\t]*+ ( [-\\w.]++ )",
};

struct pp_patterns {
  pp_regex *regexes[PP_PATTERN_COUNT];
  pp_match *matches[PP_PATTERN_COUNT];
  bool out_of_memory;
};

pp_code pp_patterns_new(pp_patterns **patterns, pp_error *error) {
  *patterns = calloc(1, sizeof **patterns);
  if (*patterns == NULL) return pp_error_memory(error);
  return PP_OK;
}

void pp_patterns_free(pp_patterns *patterns) {
  if (patterns == NULL) return;
  for (int i = 0; i < PP_PATTERN_COUNT; i++) {
    pp_match_free(patterns->matches[i]);
    pp_regex_free(patterns->regexes[i]);
  }
  free(patterns);
}

bool pp_patterns_out_of_memory(pp_patterns *patterns) {
  bool was = patterns->out_of_memory;
  patterns->out_of_memory = false;
  return was;
}

/* A pattern is compiled when it is first used, since a short file needs none of them. */
static const size_t *match(pp_patterns *patterns, pp_pattern pattern, const char *text,
                           size_t length, size_t at) {
  pp_regex **regex = &patterns->regexes[pattern];
  if (*regex == NULL) {
    unsigned flags = PP_REGEX_EXTENDED | PP_REGEX_DOTALL | PP_REGEX_ANCHORED;
    if (pp_regex_compile(sources[pattern], strlen(sources[pattern]), flags, regex, NULL) !=
        PP_OK) {
      patterns->out_of_memory = true;
      return NULL;
    }
  }
  pp_match **room = &patterns->matches[pattern];
  if (*room == NULL) *room = pp_match_new(*regex);
  bool found = false;
  pp_code code = PP_MEMORY;
  if (*room != NULL) code = pp_regex_match(*regex, *room, text, length, at, true, &found, NULL);
  if (code == PP_MEMORY) patterns->out_of_memory = true;
  return code == PP_OK && found ? pp_match_offsets(*room) : NULL;
}

size_t pp_patterns_end(pp_patterns *patterns, pp_pattern pattern, const char *text, size_t length,
                       size_t at, size_t *begin, size_t *end) {
  const size_t *ends = match(patterns, pattern, text, length, at);
  if (ends == NULL) return at;
  if (begin != NULL) *begin = ends[2];
  if (end != NULL) *end = ends[3];
  return ends[1];
}

pp_case pp_patterns_case(pp_patterns *patterns, const char *text, size_t length, size_t at) {
  pp_case found = { false, 0 };
  const size_t *ends = match(patterns, PP_PATTERN_CASE, text, length, at);
  if (ends == NULL) return found;
  const pp_regex *regex = patterns->regexes[PP_PATTERN_CASE];
  unsigned catch = pp_regex_group(regex, "catch", 5), guard = pp_regex_group(regex, "guard", 5);
  found.catches_all = ends[2 * catch] != PP_REGEX_NONE;
  if (ends[2 * guard] != PP_REGEX_NONE) found.guard = ends[2 * guard];
  return found;
}
