#include "source/search.h"

#include <stdlib.h>

struct pp_search {
  const pp_rules *rules;
  pp_match **matches; /* one for each rule */
  pp_buffer found, groups, texts, code;
  pp_found_list list;
};

pp_code pp_search_new(const pp_rules *rules, pp_search **search, pp_error *error) {
  pp_search *made = calloc(1, sizeof *made);
  if (made == NULL) return pp_error_memory(error);
  made->rules = rules;
  made->matches = calloc(rules->count + 1, sizeof(pp_match *));
  bool good = made->matches != NULL;
  for (size_t i = 0; good && i < rules->count; i++) {
    made->matches[i] = pp_match_new(rules->rules[i].regex);
    good = made->matches[i] != NULL;
  }
  if (!good) {
    pp_search_free(made);
    return pp_error_memory(error);
  }
  *search = made;
  return PP_OK;
}

void pp_search_free(pp_search *search) {
  if (search == NULL) return;
  if (search->matches != NULL) {
    for (size_t i = 0; i < search->rules->count; i++) pp_match_free(search->matches[i]);
  }
  free(search->matches);
  pp_buffer_free(&search->found);
  pp_buffer_free(&search->groups);
  pp_buffer_free(&search->texts);
  pp_buffer_free(&search->code);
  free(search);
}

const pp_found_list *pp_search_found(const pp_search *search) {
  return &search->list;
}

static const pp_span *spans_of(const pp_buffer *buffer, size_t *count) {
  *count = buffer->length / sizeof(pp_span);
  return (const pp_span *)(const void *)buffer->data;
}

static bool is_quote(char c) {
  return c == '"' || c == '\'';
}

/* Puts spaces in place of a comment or a string, which keeps its prefix and its quotes. */
static void blank(char *code, const pp_span *span) {
  size_t begin = span->begin, end = span->end;
  if (span->region != PP_REGION_COMMENT) {
    while (begin < end && pp_is_word[(uint8_t)code[begin]]) begin++;
    size_t quotes = begin;
    while (begin < end && begin - quotes < 3 && is_quote(code[begin])) begin++;
    if (begin == quotes) begin = span->begin; /* a later part of an f-string */
    for (int i = 0; i < 3 && end > begin && is_quote(code[end - 1]); i++) end--;
  }
  for (size_t at = begin; at < end; at++) {
    if (code[at] != '\n' && code[at] != '\r') code[at] = ' ';
  }
}

/* Makes a copy of the text with spaces in place of all that is not code. The copy has an address
 * even if it is empty, because a pattern is tried there. */
static bool make_code(pp_search *search, const pp_state *s) {
  search->code.length = 0;
  if (!pp_buffer_reserve(&search->code, s->length + 1)) return false;
  pp_buffer_add(&search->code, s->text, s->length);
  size_t count;
  const pp_span *spans = spans_of(&s->spans.others, &count);
  for (size_t i = 0; i < count; i++) blank(search->code.data, &spans[i]);
  return true;
}

static bool add_found(pp_search *search, uint32_t rule, const size_t *ends, size_t base,
                      const pp_regex *regex) {
  pp_found found = {
    .rule = rule, .begin = base + ends[0], .end = base + ends[1],
    .groups = search->groups.length / sizeof(pp_piece),
  };
  for (unsigned i = 0; i <= pp_regex_groups(regex); i++) {
    pp_piece piece = { PP_REGEX_NONE, 0 };
    if (ends[2 * i] != PP_REGEX_NONE) {
      piece = (pp_piece){ base + ends[2 * i], ends[2 * i + 1] - ends[2 * i] };
    }
    if (!pp_buffer_add(&search->groups, &piece, sizeof piece)) return false;
  }
  return pp_buffer_add(&search->found, &found, sizeof found);
}

/* Finds all matches in one piece of the text, which begins at `base`. */
static pp_code search_piece(pp_search *search, uint32_t number, const char *text, size_t base,
                            size_t length, pp_error *error) {
  const pp_rule *rule = &search->rules->rules[number];
  const uint8_t *first = pp_regex_first(rule->regex);
  if (rule->at_line && length > 0 && first != NULL) {
    uint8_t byte = (uint8_t)text[base];
    if ((first[byte / 8] >> byte % 8 & 1) == 0) return PP_OK;
  }
  bool empty = true;
  for (size_t start = 0;;) {
    bool found;
    pp_code code = pp_regex_match(rule->regex, search->matches[number], text + base, length,
                                  start, empty, &found, error);
    if (code != PP_OK || !found) return code;
    const size_t *ends = pp_match_offsets(search->matches[number]);
    start = ends[1];
    empty = ends[0] != ends[1];
    if (!add_found(search, number, ends, base, rule->regex)) return pp_error_memory(error);
    if (rule->at_line) return PP_OK;
  }
}

static pp_code search_rule(pp_search *search, const pp_state *s, uint32_t number,
                           pp_error *error) {
  const pp_rule *rule = &search->rules->rules[number];
  bool whole = rule->region == PP_REGION_CODE || rule->region == PP_REGION_ANY;
  const char *text = rule->region == PP_REGION_CODE ? search->code.data : s->text;
  if (whole && !rule->at_line) return search_piece(search, number, text, 0, s->length, error);
  size_t count;
  const pp_span *spans = spans_of(whole ? &s->spans.lines : &s->spans.others, &count);
  pp_code code = PP_OK;
  for (size_t i = 0; i < count && code == PP_OK; i++) {
    if (!whole && spans[i].region != rule->region) continue;
    code = search_piece(search, number, text, spans[i].begin, spans[i].end - spans[i].begin,
                        error);
  }
  return code;
}

static int compare(const void *left, const void *right) {
  const pp_found *a = left, *b = right;
  if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
  if (a->rule != b->rule) return a->rule < b->rule ? -1 : 1;
  return a->groups < b->groups ? -1 : a->groups > b->groups;
}

/* The innermost definition around the line. */
static uint32_t definition_at(const pp_state *s, uint32_t line) {
  uint32_t low = 0, high = s->definition_count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (s->definitions[middle].first_line <= line) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return PP_DEFINITION_NONE;
  uint32_t found = low - 1;
  while (found != PP_DEFINITION_NONE && s->definitions[found].end_line < line) {
    found = s->definitions[found].parent;
  }
  return found;
}

static bool add_text(pp_search *search, const char *text, pp_piece *piece) {
  size_t offset = search->texts.length;
  if (!pp_buffer_add(&search->texts, text + piece->offset, piece->length)) return false;
  piece->offset = offset;
  return true;
}

/* Fills in lines, columns, definitions and texts of all matches in one pass over the text. */
static bool place_all(pp_search *search, const pp_state *s) {
  pp_found *found = (pp_found *)(void *)search->found.data;
  pp_piece *groups = (pp_piece *)(void *)search->groups.data;
  size_t count = search->found.length / sizeof *found;
  if (count > 1) qsort(found, count, sizeof *found, compare);
  uint32_t line = 1;
  size_t line_begin = 0, at = 0;
  for (size_t i = 0; i < count; i++) {
    while (at < found[i].begin) {
      char c = s->text[at];
      if (c == '\r' && s->text[at + 1] == '\n') at++;
      at++;
      if (c != '\n' && c != '\r') continue;
      if (at > found[i].begin) break; /* it is between \r and \n */
      line++;
      line_begin = at;
    }
    found[i].line = line;
    found[i].column = 1;
    for (size_t j = line_begin; j < found[i].begin; j++) {
      if (((uint8_t)s->text[j] & 0xC0) != 0x80) found[i].column++;
    }
    size_t end = line_begin;
    while (end < s->length && s->text[end] != '\n' && s->text[end] != '\r') end++;
    found[i].line_text = (pp_piece){ line_begin, end - line_begin };
    found[i].definition = definition_at(s, line);
    if (!add_text(search, s->text, &found[i].line_text)) return false;
    unsigned last = pp_regex_groups(search->rules->rules[found[i].rule].regex);
    for (unsigned group = 0; group <= last; group++) {
      pp_piece *piece = &groups[found[i].groups + group];
      if (piece->offset != PP_REGEX_NONE && !add_text(search, s->text, piece)) return false;
    }
  }
  search->list = (pp_found_list){
    found, count, groups, search->groups.length / sizeof *groups, search->texts.data,
    search->texts.length,
  };
  return true;
}

pp_code pp_search_run(pp_search *search, const pp_state *s, pp_error *error) {
  search->found.length = search->groups.length = search->texts.length = 0;
  search->list = (pp_found_list){ 0 };
  bool code_wanted = false;
  for (size_t i = 0; i < search->rules->count; i++) {
    if (search->rules->rules[i].region == PP_REGION_CODE) code_wanted = true;
  }
  if (code_wanted && !make_code(search, s)) return pp_error_memory(error);
  for (uint32_t i = 0; i < search->rules->count; i++) {
    pp_code code = search_rule(search, s, i, error);
    if (code != PP_OK) return code;
  }
  if (search->found.length == 0) return PP_OK;
  return place_all(search, s) ? PP_OK : pp_error_memory(error);
}
