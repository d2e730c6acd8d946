/* state.h - the state that the parts of the scanner share while they go through a text.
 *
 * scan.c goes from mark to mark, strings.c skips strings, and blocks.c keeps the definitions, the
 * statements that an `else` may belong to, and the decision points.
 */
#ifndef PYPROF_CORE_SOURCE_STATE_H
#define PYPROF_CORE_SOURCE_STATE_H

#include <string.h>

#include "pyprof/buffer.h"
#include "pyprof/source.h"
#include "source/marks.h"
#include "source/patterns.h"

enum {
  PP_MAX_INDENTS = 100,  /* Python's own limits */
  PP_MAX_BRACKETS = 200,
  PP_MAX_FIELDS = 150    /* fields in fields of f-strings */
};

/* The position that functions return if the text is broken, so that the scan ends. */
#define PP_BROKEN SIZE_MAX

/* A statement whose body has an indentation of its own: a definition, or a match. */
typedef struct pp_block {
  uint32_t column;      /* of the statement itself */
  uint32_t definition;  /* PP_DEFINITION_NONE: a match */
  uint32_t case_column; /* of a match's cases */
  bool catches_all;     /* it is a match with a case for every value */
} pp_block;

/* The last statement at a column to which an `else` may belong. */
typedef enum pp_clause { PP_CLAUSE_IF, PP_CLAUSE_LOOP, PP_CLAUSE_TRY } pp_clause;

typedef struct pp_clause_at {
  uint32_t column;
  pp_clause clause;
} pp_clause_at;

/* A part of a logical line in which decision points do not count. The end of a header or of an
 * assert is searched for only if a decision point follows on the same line. */
typedef enum pp_mute { PP_MUTE_NOT, PP_MUTE_LINE, PP_MUTE_HEADER, PP_MUTE_ASSERT } pp_mute;

/* A comment, a string or a logical line, for rules. Spans are kept only if wanted. */
typedef struct pp_span {
  size_t begin, end;
  pp_region region;
} pp_span;

typedef struct pp_spans {
  bool wanted, imports_wanted;
  pp_buffer imports; /* pp_import */
  pp_buffer others; /* pp_span of comments and strings, in their order; of an f-string only the
                     * parts that are not code */
  pp_buffer lines;  /* pp_span of logical lines, from the first to the last byte of code */
} pp_spans;

typedef struct pp_state {
  const char *text;
  size_t length; /* the text ends there with a zero byte, which is marked */
  const pp_marks *marks;
  pp_patterns *patterns;
  pp_complexity complexity;

  uint32_t line;      /* from 1 */
  size_t line_begin;
  uint32_t last_line; /* the line of the last token of the logical line before */

  /* The logical line. */
  uint32_t column;     /* of its indentation */
  uint32_t decorator;  /* the line of the first decorator before it, or 0 */
  size_t decorator_at;
  size_t statement_if; /* the place of the `if` or `for` that begins it, also after `async` */
  bool is_match;       /* it begins with the word match */
  pp_mute mute;
  size_t mute_from, mute_to; /* mute_to is 0 until it is searched for */
  size_t guard;        /* the place of the `if` of a case's guard */

  /* The first statement of a body is a docstring if it is only a string. */
  bool expect_docstring;
  uint32_t docstring_owner; /* PP_DEFINITION_NONE: the module */
  size_t docstring_at;      /* the only place where such a string may begin, or PP_BROKEN */
  uint32_t docstring_line;

  char brackets[PP_MAX_BRACKETS];
  size_t bracket_at[PP_MAX_BRACKETS];
  uint32_t depth, fields;

  pp_block blocks[PP_MAX_INDENTS + 1];
  uint32_t block_count;
  uint32_t close_at; /* 1 + the column at which, or left of which, a line ends a block; 0: none */
  pp_clause_at clauses[PP_MAX_INDENTS + 1];
  uint32_t clause_count;
  uint32_t match_column; /* of a match whose first case must follow, or UINT32_MAX */
  uint32_t current;      /* the innermost definition around this place */

  pp_definition *definitions;
  uint32_t definition_count, definition_capacity;
  pp_buffer names;
  pp_counts counts;
  uint64_t decisions;

  pp_spans spans;
  size_t statement_at;    /* the beginning of the logical line */
  size_t docstring_first; /* the beginning of the first part of a possible docstring */

  bool out_of_memory;
  bool broken; /* the rest of the text cannot be scanned */
  char error[200];
  uint32_t error_line, error_column;
} pp_state;

static inline bool pp_state_is_word(const pp_state *s, size_t at) {
  return pp_is_word[(uint8_t)s->text[at]] != 0;
}

/* Is this whole word here? The caller knows that a word begins here. */
#define PP_WORD_IS(s, at, word) \
  (memcmp((s)->text + (at), (word), sizeof(word) - 1) == 0 && \
   !pp_state_is_word(s, (at) + sizeof(word) - 1))

/* Counts the newline at `at` and returns the place behind it. */
static inline size_t pp_state_newline(pp_state *s, size_t at) {
  at += s->text[at] == '\r' && s->text[at + 1] == '\n' ? 2 : 1;
  s->line++;
  s->line_begin = at;
  return at;
}

/* Notes an error, if it is the first, at this place of the line that begins at line_begin. The text
 * cannot be scanned after it. Returns PP_BROKEN. */
size_t pp_state_error(pp_state *s, uint32_t line, size_t line_begin, size_t at,
                      const char *message);
/* Notes an error, if it is the first, at a place whose line is not known; the text can be scanned
 * after it. */
void pp_state_note_at(pp_state *s, const char *text, size_t at, const char *message);

/* strings.c: skips the string whose first quote is at `at` and returns the place behind it, or
 * PP_BROKEN. *begin becomes the beginning of its prefix. */
size_t pp_string_skip(pp_state *s, size_t at, size_t *begin);
/* Skips white space and continued lines from `at` on, without counting lines. */
size_t pp_gap_skip(const pp_state *s, size_t at);

/* Keeps a span, if spans are wanted. */
void pp_state_span(pp_state *s, size_t begin, size_t end, pp_region region);

/* blocks.c */
bool pp_blocks_begin(pp_state *s, size_t at); /* begins a logical line; false: broken */
void pp_blocks_end(pp_state *s);              /* ends all blocks at the end of the text */
size_t pp_mute_end(pp_state *s);              /* where decision points count again */
/* Takes a keyword that may be anywhere in a line, or a word that begins like one. */
void pp_keyword(pp_state *s, size_t at);

/* scan.c: goes through the whole text. */
void pp_scan_text(pp_state *s);

#endif
