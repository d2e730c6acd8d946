/* blocks.c - definitions, clauses and decision points, from the beginning of each logical line. */
#include <stdlib.h>

#include "source/nfkc.h"
#include "source/state.h"

size_t pp_mute_end(pp_state *s) {
  if (s->mute_to == 0 && s->mute == PP_MUTE_LINE) s->mute_to = s->length;
  if (s->mute_to == 0) {
    pp_pattern pattern = s->mute == PP_MUTE_HEADER ? PP_PATTERN_HEADER : PP_PATTERN_ASSERT;
    s->mute_to = pp_patterns_end(s->patterns, pattern, s->text, s->length, s->mute_from, NULL,
                                 NULL);
    /* If there is no end, it is not searched for again. */
    if (s->mute_to == s->mute_from) s->mute_to++;
  }
  return s->mute_to;
}

/* Counts the decision point that is here. */
static void decision(pp_state *s, size_t at) {
  if (s->mute != PP_MUTE_NOT && at < pp_mute_end(s)) return;
  s->decisions++;
  if (s->current != PP_DEFINITION_NONE) s->definitions[s->current].complexity++;
}

static void mute(pp_state *s, pp_mute kind, size_t from) {
  s->mute = kind;
  s->mute_from = from;
  s->mute_to = 0;
}

/* --- clauses */

static void clause_set(pp_state *s, pp_clause clause) {
  uint32_t count = s->clause_count;
  while (count > 0 && s->clauses[count - 1].column >= s->column) count--;
  if (count > PP_MAX_INDENTS) count--;
  s->clauses[count] = (pp_clause_at){ s->column, clause };
  s->clause_count = count + 1;
}

/* Takes an `else`, which is a decision point if it belongs to a loop or to a try. */
static void clause_else(pp_state *s, size_t at) {
  uint32_t count = s->clause_count;
  while (count > 0 && s->clauses[count - 1].column > s->column) count--;
  s->clause_count = count;
  if (count == 0 || s->clauses[count - 1].column != s->column) return;
  if (s->clauses[count - 1].clause != PP_CLAUSE_IF && s->complexity == PP_COMPLEXITY_RADON) {
    decision(s, at);
  }
}

/* --- blocks */

static void close_at_top(pp_state *s) {
  s->close_at = s->block_count == 0 ? 0 : s->blocks[s->block_count - 1].column + 1;
}

/* For mccabe a definition in a function is a part of the function. */
static void add_to_function(pp_state *s, const pp_definition *definition) {
  uint32_t outer = definition->parent;
  while (outer != PP_DEFINITION_NONE && s->definitions[outer].kind == PP_DEFINITION_CLASS) {
    outer = s->definitions[outer].parent;
  }
  if (outer != PP_DEFINITION_NONE) s->definitions[outer].complexity += definition->complexity;
}

static void block_close(pp_state *s) {
  const pp_block *block = &s->blocks[--s->block_count];
  if (block->definition == PP_DEFINITION_NONE) return;
  pp_definition *definition = &s->definitions[block->definition];
  definition->end_line = s->last_line;
  if (s->complexity == PP_COMPLEXITY_MCCABE) add_to_function(s, definition);
  s->current = definition->parent;
}

static void blocks_close(pp_state *s, uint32_t column) {
  while (s->block_count > 0 && s->blocks[s->block_count - 1].column >= column) block_close(s);
  close_at_top(s);
}

static bool block_open(pp_state *s, pp_block block, size_t at) {
  if (s->block_count > PP_MAX_INDENTS) {
    pp_state_error(s, s->line, s->line_begin, at, "too many levels of indentation");
    return false;
  }
  s->blocks[s->block_count++] = block;
  close_at_top(s);
  return true;
}

void pp_blocks_end(pp_state *s) {
  while (s->block_count > 0) block_close(s);
}

/* --- definitions */

/* Adds the qualified name: the parent's, <locals> if the parent is a function, and its own. */
static bool add_name(pp_state *s, pp_definition *definition, const char *name, size_t length) {
  size_t begin = s->names.length;
  if (definition->parent != PP_DEFINITION_NONE) {
    const pp_definition *parent = &s->definitions[definition->parent];
    if (!pp_buffer_reserve(&s->names, parent->name_length)) return false;
    pp_buffer_add(&s->names, s->names.data + parent->name, parent->name_length);
    bool class = parent->kind == PP_DEFINITION_CLASS;
    if (!pp_buffer_add(&s->names, ".<locals>.", class ? 1 : 10)) return false;
  }
  size_t own = s->names.length;
  if (!pp_nfkc_add(&s->names, name, length)) return false;
  definition->name = begin;
  definition->name_length = (uint32_t)(s->names.length - begin);
  definition->own_length = (uint32_t)(s->names.length - own);
  return true;
}

static pp_definition *definition_new(pp_state *s) {
  if (s->definition_count == s->definition_capacity) {
    uint32_t capacity = s->definition_capacity * 2 + 64;
    pp_definition *room = realloc(s->definitions, capacity * sizeof *room);
    if (room == NULL) return NULL;
    s->definitions = room;
    s->definition_capacity = capacity;
  }
  return &s->definitions[s->definition_count];
}

/* Adds the definition whose statement begins at `at` and whose keyword ends at `after`. */
static bool define(pp_state *s, pp_definition_kind kind, size_t at, size_t after) {
  size_t begin = pp_gap_skip(s, after), end = begin;
  while (pp_state_is_word(s, end)) end++;
  if (begin == end) return true; /* without a name it is no definition, but a syntax error */
  pp_definition *definition = definition_new(s);
  if (definition == NULL) {
    s->out_of_memory = true;
    return false;
  }
  *definition = (pp_definition){
    .first_line = s->decorator != 0 ? s->decorator : s->line, .line = s->line,
    .end_line = s->line, .complexity = kind != PP_DEFINITION_CLASS, .parent = s->current,
    .column = s->column, .offset = at, .kind = kind,
    .first_offset = s->decorator != 0 ? s->decorator_at : at,
  };
  if (!add_name(s, definition, s->text + begin, end - begin)) {
    s->out_of_memory = true;
    return false;
  }
  uint32_t number = s->definition_count++;
  if (kind == PP_DEFINITION_CLASS) s->counts.classes++;
  else s->counts.functions++;
  s->decorator = 0;
  s->current = number;
  s->expect_docstring = true;
  s->docstring_owner = number;
  mute(s, PP_MUTE_HEADER, at);
  return block_open(s, (pp_block){ .column = s->column, .definition = number }, at);
}

/* --- statements */

static void case_clause(pp_state *s, size_t at) {
  pp_block *block = &s->blocks[s->block_count - 1];
  pp_case found = pp_patterns_case(s->patterns, s->text, s->length, at);
  s->guard = found.guard;
  if (s->complexity == PP_COMPLEXITY_MCCABE) return;
  if (found.catches_all && !block->catches_all) {
    block->catches_all = true; /* the first such case does not count */
  } else {
    decision(s, at);
  }
}

static bool is_case(const pp_state *s) {
  if (s->block_count == 0) return false;
  const pp_block *block = &s->blocks[s->block_count - 1];
  return block->definition == PP_DEFINITION_NONE && block->case_column == s->column;
}

static bool async_statement(pp_state *s, size_t at) {
  size_t next = pp_gap_skip(s, at + 5);
  if (PP_WORD_IS(s, next, "def")) return define(s, PP_DEFINITION_ASYNC_FUNCTION, at, next + 3);
  if (PP_WORD_IS(s, next, "for")) {
    s->statement_if = next;
    clause_set(s, PP_CLAUSE_LOOP);
  }
  return true;
}

/* Takes the beginning of a statement. pp_keyword counts `if` and `for` later. */
static bool statement(pp_state *s, size_t at) {
  switch (s->text[at]) {
    case '@':
      if (s->decorator == 0) {
        s->decorator = s->line;
        s->decorator_at = at;
      }
      mute(s, PP_MUTE_LINE, at);
      break;
    case 'a':
      if (PP_WORD_IS(s, at, "async")) return async_statement(s, at);
      break;
    case 'c':
      if (PP_WORD_IS(s, at, "class")) return define(s, PP_DEFINITION_CLASS, at, at + 5);
      if (PP_WORD_IS(s, at, "case") && is_case(s)) case_clause(s, at);
      break;
    case 'd':
      if (PP_WORD_IS(s, at, "def")) return define(s, PP_DEFINITION_FUNCTION, at, at + 3);
      break;
    case 'e':
      if (PP_WORD_IS(s, at, "else")) {
        clause_else(s, at);
      } else if (PP_WORD_IS(s, at, "elif")) {
        clause_set(s, PP_CLAUSE_IF);
        decision(s, at);
      } else if (PP_WORD_IS(s, at, "except")) {
        clause_set(s, PP_CLAUSE_TRY);
        decision(s, at);
      }
      break;
    case 'f':
      if (PP_WORD_IS(s, at, "for")) {
        s->statement_if = at;
        clause_set(s, PP_CLAUSE_LOOP);
      }
      break;
    case 'i':
      if (PP_WORD_IS(s, at, "if")) {
        s->statement_if = at;
        clause_set(s, PP_CLAUSE_IF);
      }
      break;
    case 'm':
      s->is_match = PP_WORD_IS(s, at, "match");
      break;
    case 't':
      if (!PP_WORD_IS(s, at, "try")) break;
      clause_set(s, PP_CLAUSE_TRY);
      /* For mccabe the path without an exception is a path of its own. */
      if (s->complexity == PP_COMPLEXITY_MCCABE) decision(s, at);
      break;
    case 'w':
      if (PP_WORD_IS(s, at, "while")) {
        clause_set(s, PP_CLAUSE_LOOP);
        decision(s, at);
      }
      break;
    default:
      break;
  }
  return true;
}

bool pp_blocks_begin(pp_state *s, size_t at) {
  if (s->column < s->close_at) blocks_close(s, s->column);
  if (s->match_column != UINT32_MAX) {
    uint32_t column = s->match_column;
    s->match_column = UINT32_MAX;
    if (s->column > column && !block_open(s, (pp_block){ .column = column,
        .definition = PP_DEFINITION_NONE, .case_column = s->column }, at)) {
      return false;
    }
  }
  if (s->expect_docstring) {
    s->expect_docstring = false;
    if (s->current == s->docstring_owner) {
      s->docstring_at = s->docstring_first = at;
      s->docstring_line = s->line;
    }
  }
  return statement(s, at);
}

/* --- keywords that may be anywhere in a line */

/* Does a keyword begin here, directly behind a number as in `1if`? */
static bool is_after_number(pp_state *s, size_t at) {
  size_t begin = at;
  while (begin > 0 && (pp_state_is_word(s, begin - 1) || s->text[begin - 1] == '.')) begin--;
  /* `1.if` is a number and a keyword; `x.if` and `x1.if` have no keyword. */
  while (begin < at && s->text[begin] == '.' && s->text[begin + 1] == '.') begin++;
  char first = s->text[begin] == '.' ? s->text[begin + 1] : s->text[begin];
  if (first < '0' || first > '9') return false;
  return pp_patterns_end(s->patterns, PP_PATTERN_NUMBER, s->text, s->length, begin, NULL,
                         NULL) == at;
}

static void keep_import(pp_state *s, size_t at) {
  pp_import import = { at, s->statement_at, s->line };
  if (!pp_buffer_add(&s->spans.imports, &import, sizeof import)) s->out_of_memory = true;
}

void pp_keyword(pp_state *s, size_t at) {
  enum { DECISION, ASSERT, IMPORT, LAMBDA } kind = DECISION;
  switch (s->text[at]) {
    case 'a':
      if (PP_WORD_IS(s, at, "and")) break;
      if (!PP_WORD_IS(s, at, "assert")) return;
      kind = ASSERT;
      break;
    case 'f':
      if (!PP_WORD_IS(s, at, "for")) return;
      break;
    case 'i':
      if (PP_WORD_IS(s, at, "if")) break;
      if (!PP_WORD_IS(s, at, "import")) return;
      kind = IMPORT;
      break;
    case 'l':
      if (!PP_WORD_IS(s, at, "lambda")) return;
      kind = LAMBDA;
      break;
    default:
      if (!PP_WORD_IS(s, at, "or")) return;
      break;
  }
  if (at > 0 && pp_state_is_word(s, at - 1) && !is_after_number(s, at)) return;
  switch (kind) {
    case IMPORT:
      s->counts.imports++;
      if (s->spans.imports_wanted) keep_import(s, at);
      break;
    case LAMBDA:
      s->counts.lambdas++;
      break;
    case ASSERT:
      if (s->complexity == PP_COMPLEXITY_MCCABE) break;
      decision(s, at);
      mute(s, PP_MUTE_ASSERT, at);
      break;
    default:
      if (s->complexity == PP_COMPLEXITY_MCCABE && at != s->statement_if) break;
      if (at != s->guard || at == 0) decision(s, at);
      break;
  }
}
