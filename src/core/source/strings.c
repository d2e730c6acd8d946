/* strings.c - skipping strings, with the fields of f-strings. */
#include "source/state.h"

static inline size_t next_mark(const pp_state *s, size_t at) {
  size_t block = at / 64;
  uint64_t marks = s->marks[block].string & (~(uint64_t)0 << (at & 63));
  while (marks == 0) marks = s->marks[++block].string;
  return block * 64 + (size_t)__builtin_ctzll(marks);
}

static inline bool is_newline(char c) { return c == '\n' || c == '\r'; }
static inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

/* The letters before the quotes are a prefix, if they are a word of their own. */
typedef struct prefix {
  size_t begin;
  bool formatted, raw, bytes;
} prefix;

static prefix prefix_of(const pp_state *s, size_t quote) {
  prefix found = { quote, false, false, false };
  size_t at = quote;
  while (at > 0 && quote - at < 3 && pp_state_is_word(s, at - 1)) {
    switch (s->text[--at]) {
      case 'f': case 'F': case 't': case 'T':
        found.formatted = true;
        break;
      case 'r': case 'R':
        found.raw = true;
        break;
      case 'b': case 'B':
        found.bytes = true;
        break;
      case 'u': case 'U':
        break;
      default:
        return (prefix){ quote, false, false, false };
    }
  }
  if (at > 0 && quote - at > 0 && pp_state_is_word(s, at - 1)) {
    return (prefix){ quote, false, false, false };
  }
  found.begin = at;
  return found;
}

static size_t unterminated(pp_state *s, uint32_t line, size_t line_begin, size_t at, bool triple) {
  return pp_state_error(s, line, line_begin, at, triple ? "unterminated triple-quoted string"
                                                        : "unterminated string");
}

/* Goes from behind the opening quotes to behind the closing ones. */
static size_t plain_skip(pp_state *s, size_t at, size_t opening, char quote, bool triple) {
  uint32_t line = s->line;
  size_t line_begin = s->line_begin;
  for (;;) {
    at = next_mark(s, at);
    char c = s->text[at];
    if (c == quote) {
      if (!triple) return at + 1;
      if (s->text[at + 1] == quote && s->text[at + 2] == quote) return at + 3;
      at++;
    } else if (c == '\\') {
      at++;
      if (s->text[at] == '\n' || s->text[at] == '\r') at = pp_state_newline(s, at);
      else if (at < s->length) at++;
    } else if (c == '\n' || c == '\r') {
      if (!triple) return unterminated(s, line, line_begin, opening, false);
      at = pp_state_newline(s, at);
    } else if (at >= s->length) {
      return unterminated(s, line, line_begin, opening, triple);
    } else {
      at++; /* the other quote */
    }
  }
}

/* --- f-strings are a few bytes of a hundred, so they are read byte by byte */

typedef struct formatted {
  size_t prefix; /* the beginning of the prefix */
  char quote;
  bool triple, raw;
  size_t opening;
  uint32_t line;
  size_t line_begin;
} formatted;

static size_t formatted_error(pp_state *s, const formatted *f) {
  return unterminated(s, f->line, f->line_begin, f->opening, f->triple);
}

static size_t field_skip(pp_state *s, const formatted *f, size_t at);

/* Skips the literal part from `at` on. A format spec ends at the brace that closes the field, any
 * other literal part behind the closing quotes. */
static size_t literal_skip(pp_state *s, const formatted *f, size_t at, bool spec) {
  size_t begin = spec ? at : f->prefix;
  for (;;) {
    char c = s->text[at];
    if (at >= s->length) return formatted_error(s, f);
    if (c == f->quote) {
      bool ends = !f->triple || (s->text[at + 1] == c && s->text[at + 2] == c);
      at += !ends ? 1 : f->triple ? 3 : 1;
      if (!ends) continue;
      if (spec) return formatted_error(s, f);
      pp_state_span(s, begin, at, PP_REGION_STRING);
      return at;
    } else if (c == '\n' || c == '\r') {
      if (!f->triple && !spec) return formatted_error(s, f);
      at = pp_state_newline(s, at);
    } else if (c == '\\') {
      char next = s->text[++at];
      if (next == '{' || next == '}') continue;
      if (next == 'N' && s->text[at + 1] == '{' && !f->raw) {
        /* The braces of a character's name are no field. */
        while (s->text[at] != '}' && s->text[at] != f->quote && s->text[at] != '\n' &&
               at < s->length) {
          at++;
        }
        if (s->text[at] == '}') at++;
      } else if (next == '\n' || next == '\r') {
        at = pp_state_newline(s, at);
      } else if (at < s->length) {
        at++;
      }
    } else if (c == '{') {
      if (s->text[at + 1] == '{' && !spec) {
        at += 2;
      } else {
        pp_state_span(s, begin, at, PP_REGION_STRING);
        at = field_skip(s, f, at + 1);
        if (at == PP_BROKEN) return at;
        begin = at;
      }
    } else if (c == '}' && spec) {
      pp_state_span(s, begin, at, PP_REGION_STRING);
      return at;
    } else {
      at++;
    }
  }
}

/* Goes from behind the brace that opens a field to behind the brace that closes it. The field's
 * code has a bracket stack of its own, and ends at `!`, `:` or `}` outside of brackets. */
static size_t code_skip(pp_state *s, const formatted *f, size_t at) {
  char open[PP_MAX_BRACKETS];
  uint32_t depth = 0;
  while (at < s->length) {
    char c = s->text[at];
    switch (c) {
      case '"': case '\'': {
        size_t begin;
        at = pp_string_skip(s, at, &begin);
        if (at == PP_BROKEN) return at;
        continue;
      }
      case '(': case '[': case '{':
        if (depth == PP_MAX_BRACKETS) return formatted_error(s, f);
        open[depth++] = c;
        break;
      case ')': case ']': case '}':
        if (depth == 0) {
          if (c == '}') return at + 1;
          return pp_state_error(s, s->line, s->line_begin, at, "unmatched bracket");
        }
        depth--;
        if (open[depth] != (c == ')' ? '(' : c == ']' ? '[' : '{')) {
          return pp_state_error(s, s->line, s->line_begin, at, "unmatched bracket");
        }
        break;
      case '#': {
        size_t begin = at;
        while (s->text[at] != '\n' && s->text[at] != '\r' && at < s->length) at++;
        pp_state_span(s, begin, at, PP_REGION_COMMENT);
        continue;
      }
      case '\n': case '\r':
        at = pp_state_newline(s, at);
        continue;
      case ':':
        if (depth > 0) break;
        at = literal_skip(s, f, at + 1, true);
        return at == PP_BROKEN ? at : at + 1;
      default:
        if (!pp_state_is_word(s, at)) break;
        if (c == 'a' || c == 'f' || c == 'i' || c == 'l' || c == 'o') pp_keyword(s, at);
        break;
    }
    at++;
  }
  return formatted_error(s, f);
}

static size_t field_skip(pp_state *s, const formatted *f, size_t at) {
  if (s->fields == PP_MAX_FIELDS) {
    return pp_state_error(s, s->line, s->line_begin, at, "f-string fields nested too deeply");
  }
  s->fields++;
  at = code_skip(s, f, at);
  s->fields--;
  return at;
}

/* --- docstrings */

/* Marks the strings since docstring_first as a docstring. */
static void mark_docstring(pp_state *s) {
  if (!s->spans.wanted) return;
  pp_span *spans = (pp_span *)(void *)s->spans.others.data;
  for (size_t i = s->spans.others.length / sizeof *spans; i-- > 0;) {
    if (spans[i].begin < s->docstring_first) break;
    if (spans[i].region == PP_REGION_STRING) spans[i].region = PP_REGION_DOCSTRING;
  }
}

/* Counts a docstring that ends at `at`. A line that also has other code is a line of source. */
static void docstring_count(pp_state *s, size_t at) {
  size_t next = pp_gap_skip(s, at);
  mark_docstring(s);
  uint32_t lines = s->line - s->docstring_line + 1;
  bool same_line = memchr(s->text + at, '\\', next - at) == NULL;
  if (s->text[next] == ';' && same_line && lines > 0) lines--;
  s->counts.docstring += lines;
  if (s->docstring_owner != PP_DEFINITION_NONE) {
    s->definitions[s->docstring_owner].docstring = true;
  }
  s->docstring_at = PP_BROKEN;
}

/* Called after a string that may be a docstring, or a part of one: does the statement end here? */
static void docstring_end(pp_state *s, size_t at) {
  size_t next = pp_gap_skip(s, at);
  char c = s->text[next];
  size_t quote = next;
  while (quote - next < 2 && pp_state_is_word(s, quote)) quote++;
  if (s->text[quote] == '"' || s->text[quote] == '\'') {
    s->docstring_at = next; /* another part of it follows */
    return;
  }
  s->docstring_at = PP_BROKEN;
  if (c == '\n' || c == '\r' || c == '#' || c == ';') docstring_count(s, at);
}

/* In def f(): "docstring" the body begins on the line of the definition. Does its first statement
 * begin here, on this line? */
static void docstring_begin(pp_state *s, size_t begin, uint32_t line) {
  if (s->mute != PP_MUTE_HEADER || pp_gap_skip(s, pp_mute_end(s)) != begin) return;
  s->docstring_at = s->docstring_first = begin;
  s->docstring_line = line;
  while (begin > 0 && is_blank(s->text[begin - 1])) begin--;
  bool alone = begin == 0 || is_newline(s->text[begin - 1]);
  if (!alone) s->docstring_line++; /* the line of the header is source */
}

/* --- docstrings in parentheses */

/* Are there only opening parentheses, white space and comments between these two places? Counts the
 * newlines between them, too. */
static bool only_opens(const pp_state *s, size_t at, size_t end, uint32_t *newlines) {
  *newlines = 0;
  while (at < end) {
    char c = s->text[at++];
    if (c == '#') {
      while (!is_newline(s->text[at])) at++;
    } else if (is_newline(c)) {
      ++*newlines;
      if (c == '\r' && s->text[at] == '\n') at++;
    } else if (c != '(' && c != '\\' && !is_blank(c)) {
      return false;
    }
  }
  return true;
}

/* Takes back the counts of blank lines and comments between these two places. */
static void take_back(pp_state *s, size_t at, size_t end) {
  while (at < end) {
    char c = s->text[at++];
    if (!is_newline(c)) continue;
    if (c == '\r' && s->text[at] == '\n') at++;
    while (is_blank(s->text[at])) at++;
    if (s->text[at] == '#') s->counts.comment--;
    else if (is_newline(s->text[at])) s->counts.blank--;
  }
}

static size_t string_skip(pp_state *s, size_t at, prefix found);

/* If the string that begins here is the first of a docstring in parentheses, skips the docstring
 * and returns the place behind the last parenthesis; else returns `begin`. */
static size_t parentheses_skip(pp_state *s, size_t begin) {
  size_t open = s->bracket_at[0], end = open;
  bool asked = s->docstring_at == PP_BROKEN && s->docstring_first == open;
  if (asked || (s->docstring_at != open && s->mute != PP_MUTE_HEADER)) return begin;
  uint32_t newlines;
  if (only_opens(s, open, begin, &newlines)) {
    if (s->docstring_at != open) docstring_begin(s, open, s->line - newlines);
    if (s->docstring_at == open) {
      end = pp_patterns_end(s->patterns, PP_PATTERN_DOCSTRING, s->text, s->length, open, NULL,
                            NULL);
    }
  }
  s->docstring_at = PP_BROKEN;
  s->docstring_first = open; /* the other strings need no check */
  if (end == open) return begin;
  take_back(s, open, begin);
  for (size_t at = begin; at < end;) {
    char c = s->text[at];
    if (c == '"' || c == '\'') {
      at = string_skip(s, at, prefix_of(s, at));
    } else if (c == '#') {
      size_t comment = at;
      while (!is_newline(s->text[at])) at++;
      pp_state_span(s, comment, at, PP_REGION_COMMENT);
    } else {
      at = is_newline(c) ? pp_state_newline(s, at) : at + 1;
    }
  }
  s->depth = 0;
  docstring_count(s, end);
  return end;
}

/* --- any string */

size_t pp_string_skip(pp_state *s, size_t at, size_t *begin) {
  prefix found = prefix_of(s, at);
  *begin = found.begin;
  if (s->fields > 0) return string_skip(s, at, found);
  if (s->depth > 0) {
    size_t end = parentheses_skip(s, found.begin);
    return end != found.begin ? end : string_skip(s, at, found);
  }
  if (s->docstring_at != found.begin) docstring_begin(s, found.begin, s->line);
  bool may_be_docstring = s->docstring_at == found.begin;
  at = string_skip(s, at, found);
  if (may_be_docstring) {
    if (at == PP_BROKEN || found.formatted || found.bytes) s->docstring_at = PP_BROKEN;
    else docstring_end(s, at);
  }
  return at;
}

/* Goes from the first of the opening quotes to behind the closing ones. */
static size_t string_skip(pp_state *s, size_t at, prefix found) {
  char quote = s->text[at];
  size_t opening = at;
  bool triple = s->text[at + 1] == quote && s->text[at + 2] == quote;
  at += triple ? 3 : 1;
  if (!triple && s->text[at] == quote) {
    at++; /* "" */
  } else if (found.formatted) {
    formatted f = { found.begin, quote, triple, found.raw, opening, s->line, s->line_begin };
    at = literal_skip(s, &f, at, false);
  } else {
    at = plain_skip(s, at, opening, quote, triple);
  }
  if (at != PP_BROKEN && (!found.formatted || at == opening + 2)) {
    pp_state_span(s, found.begin, at, PP_REGION_STRING);
  }
  return at;
}
