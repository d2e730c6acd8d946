/* state.h - what the parts of the scanner know in common while they go through a text.
 *
 * scan.c goes from mark to mark; strings.c gets over strings; blocks.c keeps
 * the definitions, what an `else` belongs to, and the decision points.
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

/* Returned for a position where the text is broken and nothing more can be told. */
#define PP_BROKEN SIZE_MAX

/* A statement whose body has an indentation of its own: a definition, or a match. */
typedef struct pp_block {
  uint32_t column;      /* the statement's own */
  uint32_t definition;  /* PP_DEFINITION_NONE: a match */
  uint32_t case_column; /* of a match's cases */
  bool catches_all;     /* a match that has a case for whatever comes */
} pp_block;

/* The statement that began last at a column, as far as an `else` may belong to it. */
typedef enum pp_clause { PP_CLAUSE_IF, PP_CLAUSE_LOOP, PP_CLAUSE_TRY } pp_clause;

typedef struct pp_clause_at {
  uint32_t column;
  pp_clause clause;
} pp_clause_at;

/* Where decision points do not count, from one place on. The end of a header or of an assert is
 * only looked for where a decision point follows on the same logical line. */
typedef enum pp_mute { PP_MUTE_NOT, PP_MUTE_LINE, PP_MUTE_HEADER, PP_MUTE_ASSERT } pp_mute;

/* What a rule may ask for: where comments, strings and logical lines are. Kept only if asked. */
typedef struct pp_span {
  size_t begin, end;
  pp_region region;
} pp_span;

typedef struct pp_spans {
  bool wanted, imports_wanted;
  pp_buffer imports; /* pp_import */
  pp_buffer others; /* pp_span of comments and strings, in their order; of an f-string only what
                     * is no code */
  pp_buffer lines;  /* pp_span of logical lines, without indentation and what follows the code */
} pp_spans;

typedef struct pp_state {
  const char *text;
  size_t length; /* a zero byte stands there, and is marked */
  const pp_marks *marks;
  pp_patterns *patterns;
  pp_complexity complexity;

  uint32_t line;      /* counts from 1 */
  size_t line_begin;
  uint32_t last_line; /* of the last token of the last logical line that ended */

  /* The logical line. */
  uint32_t column;     /* of its indentation */
  uint32_t decorator;  /* the line of the first decorator before it, or 0 */
  size_t decorator_at;
  size_t statement_if; /* where the `if` or `for` stands that begins it, after `async` too */
  bool is_match;       /* begins with the word match */
  pp_mute mute;
  size_t mute_from, mute_to; /* to: 0 where not looked for yet */
  size_t guard;        /* where the `if` of a case's guard stands */

  /* A docstring is the first statement of a body, if that is nothing but a string. */
  bool expect_docstring;
  uint32_t docstring_owner; /* PP_DEFINITION_NONE: the module */
  size_t docstring_at;      /* where the string must begin that may be one, or PP_BROKEN */
  uint32_t docstring_line;

  char brackets[PP_MAX_BRACKETS];
  size_t bracket_at[PP_MAX_BRACKETS];
  uint32_t depth, fields;

  pp_block blocks[PP_MAX_INDENTS + 1];
  uint32_t block_count;
  uint32_t close_at; /* a logical line at this column or left of it ends a block; +1: 0 is none */
  pp_clause_at clauses[PP_MAX_INDENTS + 1];
  uint32_t clause_count;
  uint32_t match_column; /* of a match whose first case must come, or UINT32_MAX */
  uint32_t current;      /* the definition that holds this place */

  pp_definition *definitions;
  uint32_t definition_count, definition_capacity;
  pp_buffer names;
  pp_counts counts;
  uint64_t decisions;

  pp_spans spans;
  size_t statement_at;    /* where the logical line began */
  size_t docstring_first; /* where the first part of what may be a docstring begins */

  bool out_of_memory;
  bool broken; /* nothing more can be told of what follows */
  char error[200];
  uint32_t error_line, error_column;
} pp_state;

static inline bool pp_state_is_word(const pp_state *s, size_t at) {
  return pp_is_word[(uint8_t)s->text[at]] != 0;
}

/* Does this word stand here, whole? The beginning was looked at already. */
#define PP_WORD_IS(s, at, word) \
  (memcmp((s)->text + (at), (word), sizeof(word) - 1) == 0 && \
   !pp_state_is_word(s, (at) + sizeof(word) - 1))

/* Behind a newline that stands at `at`: counts it. */
static inline size_t pp_state_newline(pp_state *s, size_t at) {
  at += s->text[at] == '\r' && s->text[at + 1] == '\n' ? 2 : 1;
  s->line++;
  s->line_begin = at;
  return at;
}

/* Notes an error, if it is the first, at this place of the line that began at line_begin. The text
 * is broken from here on. Gives PP_BROKEN. */
size_t pp_state_error(pp_state *s, uint32_t line, size_t line_begin, size_t at,
                      const char *message);
/* Notes an error, if it is the first, at a place of which the line is not known; the text is not
 * broken. */
void pp_state_note_at(pp_state *s, const char *text, size_t at, const char *message);

/* strings.c: gets over the string whose first quote stands at `at`; behind it, or
 * PP_BROKEN. *begin is where its prefix begins. */
size_t pp_string_skip(pp_state *s, size_t at, size_t *begin);
/* Over white space and continued lines, from `at`; counts no line. */
size_t pp_gap_skip(const pp_state *s, size_t at);

/* Keeps a span, if spans are wanted. */
void pp_state_span(pp_state *s, size_t begin, size_t end, pp_region region);

/* blocks.c */
bool pp_blocks_begin(pp_state *s, size_t at); /* a logical line begins here; false: broken */
void pp_blocks_end(pp_state *s);              /* the text's end */
size_t pp_mute_end(pp_state *s);              /* from here on they count again */
/* A keyword that may stand anywhere, or a word that begins like one. */
void pp_keyword(pp_state *s, size_t at);

/* scan.c: goes through the whole text. */
void pp_scan_text(pp_state *s);

#endif
