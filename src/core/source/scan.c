/* scan.c - going from mark to mark through a text. */
#include "source/state.h"

static inline size_t next_newline(const pp_state *s, size_t at) {
  size_t block = at / 64;
  uint64_t marks = s->marks[block].newline & (~(uint64_t)0 << (at & 63));
  while (marks == 0) marks = s->marks[++block].newline;
  return block * 64 + (size_t)__builtin_ctzll(marks);
}

/* Goes to the end of the comment that begins here. */
static size_t comment_skip(pp_state *s, size_t at) {
  size_t end = next_newline(s, at);
  pp_state_span(s, at, end, PP_REGION_COMMENT);
  return end;
}

/* Skips spaces, eight at a time. */
static inline size_t spaces_skip(const pp_state *s, size_t at) {
  for (;;) {
    uint64_t eight;
    memcpy(&eight, s->text + at, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    eight ^= 0x2020202020202020u;
    if (eight != 0) return at + (size_t)__builtin_ctzll(eight) / 8;
    at += 8;
#else
    if (s->text[at] != ' ') return at;
    at++;
#endif
  }
}

/* Skips indentation with tabs, which go to a multiple of 8, and form feeds, which go to 0. */
static size_t mixed_skip(pp_state *s, size_t at, uint32_t column) {
  for (;; at++) {
    switch (s->text[at]) {
      case ' ':
        column++;
        break;
      case '\t':
        column = (column / 8 + 1) * 8;
        break;
      case '\f':
        column = 0;
        break;
      default:
        s->column = column;
        return at;
    }
  }
}

/* Goes from the beginning of a line to the first byte of code or the end of the text. Counts the
 * blank lines and comments before it, and sets column. */
static size_t code_of_line(pp_state *s, size_t at) {
  for (;;) {
    size_t begin = at;
    at = spaces_skip(s, at);
    s->column = (uint32_t)(at - begin);
    if (s->text[at] == '\t' || s->text[at] == '\f') at = mixed_skip(s, at, s->column);
    switch (s->text[at]) {
      case '\n': case '\r':
        s->counts.blank++;
        at = pp_state_newline(s, at);
        break;
      case '#':
        s->counts.comment++;
        at = comment_skip(s, at);
        if (at >= s->length) return s->length;
        at = pp_state_newline(s, at);
        break;
      default:
        return at;
    }
  }
}

/* The indentation of a line that begins with a backslash is the column of the backslash. */
static size_t first_of_logical_line(pp_state *s, size_t at) {
  for (;;) {
    at = code_of_line(s, at);
    uint32_t column = s->column;
    bool continued = false;
    while (s->text[at] == '\\' && (s->text[at + 1] == '\n' || s->text[at + 1] == '\r')) {
      at = mixed_skip(s, pp_state_newline(s, at + 1), 0);
      if (!continued && column == 0) column = s->column;
      continued = true;
    }
    s->column = column;
    if (!continued || !(s->text[at] == '\n' || s->text[at] == '\r' || s->text[at] == '#')) {
      return at;
    }
    /* The continuation is an empty line, so continue with the next line. */
    at = s->line_begin;
  }
}

/* Ends a logical line whose code ends before `end`. Notes the line of its last token. */
static void logical_end(pp_state *s, size_t end, uint32_t line) {
  size_t at = end;
  for (;;) {
    if (at == 0) break;
    char c = s->text[at - 1];
    if (c == ' ' || c == '\t' || c == '\f') {
      at--;
    } else if (c == '\n' || c == '\r') {
      at -= c == '\n' && at > 1 && s->text[at - 2] == '\r' ? 2 : 1;
      line--;
      if (at > 0 && s->text[at - 1] == '\\') at--;
    } else {
      break;
    }
  }
  s->last_line = line;
  pp_state_span(s, s->statement_at, at, PP_REGION_CODE);
  if (s->is_match && at > 0 && s->text[at - 1] == ':') {
    s->match_column = s->column;
  }
  s->is_match = false;
  s->mute = PP_MUTE_NOT;
  s->guard = 0;
  s->docstring_at = PP_BROKEN;
}

/* For a bracket: 1 if it opens, else the bracket that it closes. */
static const char bracket_of[256] = {
  ['('] = 1, ['['] = 1, ['{'] = 1, [')'] = '(', [']'] = '[', ['}'] = '{',
};

static bool bracket_error(pp_state *s, size_t at) {
  const char *message = bracket_of[(uint8_t)s->text[at]] == 1 ? "too many nested brackets"
    : s->depth == 0 ? "unmatched closing bracket"
                    : "closing bracket does not match the opening one";
  pp_state_error(s, s->line, s->line_begin, at, message);
  return false;
}

/* Takes one bracket. There is no branch on its kind, since that cannot be predicted: a closing
 * bracket is noted, too, in a place that is free again at once. False: broken. */
static inline bool bracket(pp_state *s, size_t at, char kind) {
  uint32_t closes = kind != 1, place = s->depth - closes;
  if (place >= PP_MAX_BRACKETS) return bracket_error(s, at);
  if (closes & (s->brackets[place] != kind)) return bracket_error(s, at);
  s->brackets[place] = s->text[at];
  s->bracket_at[place] = at;
  s->depth = place + 1 - closes;
  return true;
}

/* Takes a backslash outside of strings; only the end of the line may follow it. Sets *ended if the
 * next line is empty, which ends the logical line. */
static size_t continuation(pp_state *s, size_t at, bool *ended) {
  size_t backslash = at++;
  if (s->text[at] != '\n' && s->text[at] != '\r') {
    return pp_state_error(s, s->line, s->line_begin, at,
                          "unexpected character after a line continuation");
  }
  uint32_t line = s->line;
  at = pp_state_newline(s, at);
  if (at >= s->length) {
    return pp_state_error(s, line, s->line_begin, s->line_begin,
                          "unexpected end of file after a line continuation");
  }
  if (s->depth > 0) return code_of_line(s, at);
  uint32_t column = s->column;
  size_t code = mixed_skip(s, at, 0);
  s->column = column;
  char c = s->text[code];
  if (c != '\n' && c != '\r' && c != '#') return code;
  if (c == '#') {
    s->counts.comment++;
    code = comment_skip(s, code);
  } else {
    s->counts.blank++;
  }
  logical_end(s, backslash, line);
  *ended = true;
  return code < s->length ? pp_state_newline(s, code) : code;
}

/* Goes from the first byte of a logical line to its end. */
static size_t logical_line(pp_state *s, size_t at) {
  size_t code_end = 0, begin;
  for (;;) {
    size_t block = at / 64;
    uint64_t marks = s->marks[block].event & (~(uint64_t)0 << (at & 63));
    /* This loop takes brackets and keywords; every other mark leaves it. */
    for (;; marks &= marks - 1) {
      while (marks == 0) marks = s->marks[++block].event;
      at = block * 64 + (size_t)__builtin_ctzll(marks);
      char c = s->text[at], kind = bracket_of[(uint8_t)c];
      if (kind != 0) {
        if (!bracket(s, at, kind)) return PP_BROKEN;
      } else if (c >= 'a' && c <= 'z') {
        pp_keyword(s, at);
      } else {
        break;
      }
    }
    switch (s->text[at]) {
      case '\n': case '\r':
        if (s->depth == 0) {
          logical_end(s, code_end != 0 ? code_end : at, s->line);
          return pp_state_newline(s, at);
        }
        code_end = 0;
        at = code_of_line(s, pp_state_newline(s, at));
        break;
      case '#':
        code_end = at;
        at = comment_skip(s, at);
        break;
      case '\\': {
        bool ended = false;
        at = continuation(s, at, &ended);
        if (ended) return at;
        break;
      }
      case '"': case '\'':
        at = pp_string_skip(s, at, &begin);
        break;
      default:
        return at; /* the text's end */
    }
    if (at == PP_BROKEN) return at;
  }
}

void pp_scan_text(pp_state *s) {
  size_t at = 0;
  for (;;) {
    at = first_of_logical_line(s, at);
    if (at >= s->length) break;
    s->statement_at = at;
    if (!pp_blocks_begin(s, at)) break;
    at = logical_line(s, at);
    if (at >= s->length) break; /* the end, or PP_BROKEN */
  }
  if (s->depth > 0 && !s->broken) {
    pp_state_note_at(s, s->text, s->bracket_at[s->depth - 1], "bracket is never closed");
  }
  /* Open definitions reach to the place where the text broke, or to its end. */
  if (s->broken || s->depth > 0) s->last_line = s->broken ? s->line : s->line - 1;
  pp_blocks_end(s);
}
