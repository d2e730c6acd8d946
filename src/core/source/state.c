/* state.c - noting errors and spans, for all parts of the scanner. */
#include "source/state.h"

#include <stdio.h>

static void note(pp_state *s, uint32_t line, size_t line_begin, size_t at, const char *message) {
  if (s->error_line != 0) return;
  uint32_t column = 1;
  for (size_t i = line_begin; i < at; i++) {
    if (((uint8_t)s->text[i] & 0xC0) != 0x80) column++; /* characters, not bytes */
  }
  s->error_line = line;
  s->error_column = column;
  snprintf(s->error, sizeof s->error, "line %u, column %u: %s", line, column, message);
}

size_t pp_state_error(pp_state *s, uint32_t line, size_t line_begin, size_t at,
                      const char *message) {
  note(s, line, line_begin, at, message);
  s->broken = true;
  return PP_BROKEN;
}

void pp_state_note_at(pp_state *s, const char *text, size_t at, const char *message) {
  uint32_t line = 1;
  size_t line_begin = 0;
  for (size_t i = 0; i < at;) {
    char c = text[i];
    i += c == '\r' && i + 1 < at && text[i + 1] == '\n' ? 2 : 1;
    if (c == '\n' || c == '\r') {
      line++;
      line_begin = i;
    }
  }
  note(s, line, line_begin, at, message);
}

void pp_state_span(pp_state *s, size_t begin, size_t end, pp_region region) {
  if (!s->spans.wanted) return;
  pp_span span = { begin, end, region };
  pp_buffer *buffer = region == PP_REGION_CODE ? &s->spans.lines : &s->spans.others;
  if (!pp_buffer_add(buffer, &span, sizeof span)) s->out_of_memory = true;
}

size_t pp_gap_skip(const pp_state *s, size_t at) {
  for (;;) {
    char c = s->text[at];
    if (c == ' ' || c == '\t' || c == '\f') {
      at++;
    } else if (c == '\\' && s->text[at + 1] == '\r' && s->text[at + 2] == '\n') {
      at += 3;
    } else if (c == '\\' && (s->text[at + 1] == '\n' || s->text[at + 1] == '\r')) {
      at += 2;
    } else {
      return at;
    }
  }
}
