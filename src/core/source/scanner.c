#include "pyprof/source.h"

#include <stdlib.h>
#include <string.h>

#include "files/read_file.h"
#include "source/decode.h"
#include "source/search.h"
#include "source/state.h"

/* Bytes behind a text: the scanner may read there, and the marks of the last block need them. */
enum { PADDING = 192 };

struct pp_scanner {
  pp_state state;
  pp_marks_find *find;
  pp_marks *marks;
  size_t marks_capacity; /* in blocks */
  pp_buffer text;
  pp_scan scan;
  pp_search *search; /* NULL: no rules */
};

pp_code pp_scanner_new(pp_complexity complexity, pp_scanner **scanner, pp_error *error) {
  pp_scanner *made = calloc(1, sizeof *made);
  if (made == NULL) return pp_error_memory(error);
  pp_code code = pp_patterns_new(&made->state.patterns, error);
  if (code != PP_OK) {
    free(made);
    return code;
  }
  made->state.complexity = complexity;
  made->find = pp_marks_way(pp_marks_ways() - 1);
  *scanner = made;
  return PP_OK;
}

void pp_scanner_free(pp_scanner *scanner) {
  if (scanner == NULL) return;
  pp_patterns_free(scanner->state.patterns);
  pp_buffer_free(&scanner->state.names);
  pp_buffer_free(&scanner->state.spans.others);
  pp_buffer_free(&scanner->state.spans.lines);
  pp_buffer_free(&scanner->state.spans.imports);
  free(scanner->state.definitions);
  pp_search_free(scanner->search);
  free(scanner->marks);
  pp_buffer_free(&scanner->text);
  free(scanner);
}

int pp_scanner_ways(void) {
  return pp_marks_ways();
}

void pp_scanner_use(pp_scanner *scanner, int way) {
  scanner->find = pp_marks_way(way);
}

pp_code pp_scanner_rules(pp_scanner *scanner, const pp_rules *rules, pp_error *error) {
  pp_search_free(scanner->search);
  scanner->search = NULL;
  scanner->state.spans.wanted = rules != NULL;
  return rules == NULL ? PP_OK : pp_search_new(rules, &scanner->search, error);
}

const pp_found_list *pp_scanner_found(const pp_scanner *scanner) {
  static const pp_found_list none;
  return scanner->search != NULL ? pp_search_found(scanner->search) : &none;
}

void pp_scanner_keep_imports(pp_scanner *scanner) {
  scanner->state.spans.imports_wanted = true;
}

const pp_import *pp_scanner_imports(const pp_scanner *scanner, size_t *count) {
  const pp_buffer *imports = &scanner->state.spans.imports;
  *count = imports->length / sizeof(pp_import);
  return (const pp_import *)(const void *)imports->data;
}

const char *pp_scanner_pieces(void) {
  return pp_patterns_pieces;
}

static bool marks_reserve(pp_scanner *scanner, size_t blocks) {
  if (blocks <= scanner->marks_capacity) return true;
  pp_marks *room = realloc(scanner->marks, blocks * sizeof *room);
  if (room == NULL) return false;
  scanner->marks = room;
  scanner->marks_capacity = blocks;
  return true;
}

/* Resets the state, but keeps its memory. */
static void state_clear(pp_state *s) {
  pp_state kept = *s;
  memset(s, 0, sizeof *s);
  s->patterns = kept.patterns;
  s->complexity = kept.complexity;
  s->definitions = kept.definitions;
  s->definition_capacity = kept.definition_capacity;
  s->spans = kept.spans;
  s->spans.others.length = s->spans.lines.length = s->spans.imports.length = 0;
  s->names = kept.names;
  s->names.length = 0;
  s->line = 1;
  s->match_column = UINT32_MAX;
  s->current = PP_DEFINITION_NONE;
  s->docstring_owner = PP_DEFINITION_NONE;
  s->expect_docstring = true;
  s->docstring_at = PP_BROKEN;
}

static uint64_t newlines_after(const pp_state *s, size_t at) {
  uint64_t count = 0;
  while (at < s->length) {
    char c = s->text[at];
    if (c == '\n' || c == '\r') {
      count++;
      if (c == '\r' && s->text[at + 1] == '\n') at++;
    }
    at++;
  }
  return count;
}

/* Marks the end of the text, so that all walks over marks stop there. */
static void mark_end(pp_marks *marks, size_t length) {
  pp_marks *last = &marks[length / 64];
  if (length % 64 == 0) *last = (pp_marks){ 0, 0, 0 };
  uint64_t bit = (uint64_t)1 << length % 64;
  last->event |= bit;
  last->string |= bit;
  last->newline |= bit;
}

/* Scans the text, which has PADDING bytes of room behind it. */
static bool scan_bytes(pp_scanner *scanner, char *text, size_t length, bool is_utf8) {
  pp_state *s = &scanner->state;
  if (!marks_reserve(scanner, length / 64 + 2)) return false;
  /* A last line without a newline gets one: the result is the same, and there is one case less. */
  if (length > 0 && text[length - 1] != '\n' && text[length - 1] != '\r') text[length++] = '\n';
  memset(text + length, 0, PADDING - 1);
  s->text = text;
  s->length = length;
  s->marks = scanner->marks;
  pp_marks_seen seen = scanner->find(text, length, scanner->marks);
  if (seen.high && is_utf8) {
    size_t bad = pp_decode_valid(text, length);
    if (bad < length) pp_state_note_at(s, text, bad, "not UTF-8, and no other encoding is named");
  }
  if (seen.zero) {
    size_t zero = (size_t)((char *)memchr(text, 0, length) - text);
    pp_state_note_at(s, text, zero, "a zero byte");
    s->length = zero;
    s->broken = true;
  }
  mark_end(scanner->marks, s->length);
  pp_scan_text(s);
  s->counts.lines = s->line - 1;
  if (s->broken) {
    s->length = length;
    s->counts.lines += newlines_after(s, s->line_begin);
  }
  return !s->out_of_memory && !pp_patterns_out_of_memory(s->patterns);
}

/* The file's bytes are in scanner->text, with PADDING bytes of room behind them. */
static pp_code scan_text(pp_scanner *scanner, const pp_scan **scan, pp_error *error) {
  pp_state *s = &scanner->state;
  state_clear(s);
  uint64_t bytes = scanner->text.length;
  pp_decoded decoded;
  bool good = pp_decode(&scanner->text, s->patterns, PADDING, &decoded);
  if (pp_patterns_out_of_memory(s->patterns) || !good) return pp_error_memory(error);
  char *text = scanner->text.data + decoded.begin;
  size_t length = scanner->text.length - decoded.begin;
  s->text = text;
  if (decoded.wrong) pp_state_note_at(s, text, decoded.at - decoded.begin, decoded.message);
  if (!scan_bytes(scanner, text, length, !decoded.converted && !decoded.wrong)) {
    return pp_error_memory(error);
  }
  s->counts.bytes = bytes;
  s->counts.source =
    s->counts.lines - s->counts.blank - s->counts.comment - s->counts.docstring;
  s->counts.complexity = s->counts.functions + s->decisions;
  scanner->scan = (pp_scan){
    .counts = s->counts, .definitions = s->definitions, .definition_count = s->definition_count,
    .names = s->names.data, .text = text, .length = length,
    .error = s->error_line != 0 ? s->error : NULL, .error_line = s->error_line,
    .error_column = s->error_column,
  };
  *scan = &scanner->scan;
  return scanner->search != NULL ? pp_search_run(scanner->search, s, error) : PP_OK;
}

pp_code pp_scanner_bytes(pp_scanner *scanner, const char *bytes, size_t length,
                         const pp_scan **scan, pp_error *error) {
  scanner->text.length = 0;
  if (!pp_buffer_reserve(&scanner->text, length + PADDING)) return pp_error_memory(error);
  pp_buffer_add(&scanner->text, bytes, length);
  return scan_text(scanner, scan, error);
}

pp_code pp_scanner_file(pp_scanner *scanner, const char *path, const pp_scan **scan,
                        pp_error *error) {
  pp_code code = pp_file_read(&scanner->text, path, PADDING, error);
  if (code != PP_OK) return code;
  return scan_text(scanner, scan, error);
}
