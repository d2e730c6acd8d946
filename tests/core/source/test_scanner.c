/* The scanner and regexes, used from C. */
#include "check.h"
#include "pyprof/regex.h"
#include "pyprof/rules.h"
#include "pyprof/source.h"

static const char text[] =
  "import a\n\nclass A:\n    \"Doc.\"\n    @b\n    async def f(self):\n        if a: pass\n"
  "# end\n";

static void definitions_in_every_way(void) {
  for (int way = 0; way < pp_scanner_ways(); way++) {
    pp_scanner *scanner;
    const pp_scan *scan;
    pp_error error;
    CHECK(pp_scanner_new(PP_COMPLEXITY_RADON, &scanner, &error) == PP_OK);
    pp_scanner_use(scanner, way);
    CHECK(pp_scanner_bytes(scanner, text, sizeof text - 1, &scan, &error) == PP_OK);
    CHECK(scan->counts.lines == 8 && scan->counts.imports == 1 && scan->counts.complexity == 2);
    CHECK(scan->definition_count == 2);
    const pp_definition *method = &scan->definitions[1];
    CHECK(method->name_length == 3 && memcmp(scan->names + method->name, "A.f", 3) == 0);
    CHECK(method->kind == PP_DEFINITION_ASYNC_FUNCTION && method->parent == 0);
    CHECK(method->first_line == 5 && method->line == 6 && method->end_line == 7);
    CHECK(method->complexity == 2 && scan->definitions[0].docstring && !method->docstring);
    /* The memory is used again, and nothing is left of the scan before. */
    CHECK(pp_scanner_bytes(scanner, "x", 1, &scan, &error) == PP_OK);
    CHECK(scan->definition_count == 0 && scan->counts.lines == 1 && scan->error == NULL);
    CHECK(pp_scanner_bytes(scanner, "", 0, &scan, &error) == PP_OK);
    CHECK(scan->counts.lines == 0);
    pp_scanner_free(scanner);
  }
}

static void texts_of_every_length(void) {
  /* All ways give the same, wherever tokens are in a block of 64 bytes. */
  static const char piece[] = "def f(): return 1if'x'else\"y\" # c\n";
  char long_text[400];
  for (size_t pad = 0; pad < 130; pad++) {
    memset(long_text, ' ', pad);
    if (pad > 0) long_text[pad - 1] = '\n';
    memcpy(long_text + pad, piece, sizeof piece - 1);
    for (size_t length = pad; length <= pad + sizeof piece - 1; length++) {
      uint64_t seen[2][3] = { { 0 } };
      for (int way = 0; way < pp_scanner_ways() && way < 2; way++) {
        pp_scanner *scanner;
        const pp_scan *scan;
        CHECK(pp_scanner_new(PP_COMPLEXITY_RADON, &scanner, NULL) == PP_OK);
        pp_scanner_use(scanner, way);
        CHECK(pp_scanner_bytes(scanner, long_text, length, &scan, NULL) == PP_OK);
        seen[way][0] = scan->counts.complexity;
        seen[way][1] = scan->counts.lines;
        seen[way][2] = scan->error_column;
        pp_scanner_free(scanner);
      }
      if (pp_scanner_ways() > 1) CHECK(memcmp(seen[0], seen[1], sizeof seen[0]) == 0);
    }
  }
}

static void a_broken_text_says_where(void) {
  pp_scanner *scanner;
  const pp_scan *scan;
  CHECK(pp_scanner_new(PP_COMPLEXITY_RADON, &scanner, NULL) == PP_OK);
  CHECK(pp_scanner_bytes(scanner, "\n  x = 'a\n", 10, &scan, NULL) == PP_OK);
  CHECK(scan->error != NULL && scan->error_line == 2 && scan->error_column == 7);
  pp_error error;
  CHECK(pp_scanner_file(scanner, "/nowhere/at/all.py", &scan, &error) == PP_SYSTEM);
  CHECK(strcmp(error.message, "No such file or directory") == 0);
  pp_scanner_free(scanner);
}

static void a_rule_is_tried_on_an_empty_text(void) {
  pp_scanner *scanner;
  const pp_scan *scan;
  pp_regex *regex;
  CHECK(pp_scanner_new(PP_COMPLEXITY_RADON, &scanner, NULL) == PP_OK);
  CHECK(pp_regex_compile("$", 1, 0, &regex, NULL) == PP_OK);
  pp_rule rule = {regex, PP_REGION_CODE, false};
  pp_rules rules = {&rule, 1}; /* the scanner reads them in each scan */
  CHECK(pp_scanner_rules(scanner, &rules, NULL) == PP_OK);
  CHECK(pp_scanner_bytes(scanner, "", 0, &scan, NULL) == PP_OK);
  CHECK(pp_scanner_found(scanner)->count == 1);
  pp_scanner_free(scanner);
  pp_regex_free(regex);
}

static void a_docstring_in_parentheses_is_one_for_rules_too(void) {
  static const char source[] = "('a')\ndef f(): (  # 'b'\n  (r'c' 'd')\n)\ng('e'); ('f')\n";
  static const char *const found[] = {"'a'", "r'c'", "'d'"};
  pp_scanner *scanner;
  const pp_scan *scan;
  pp_regex *regex;
  CHECK(pp_scanner_new(PP_COMPLEXITY_RADON, &scanner, NULL) == PP_OK);
  CHECK(pp_regex_compile("r?'.'", 5, 0, &regex, NULL) == PP_OK);
  pp_rule rule = {regex, PP_REGION_DOCSTRING, false};
  pp_rules rules = {&rule, 1};
  CHECK(pp_scanner_rules(scanner, &rules, NULL) == PP_OK);
  CHECK(pp_scanner_bytes(scanner, source, sizeof source - 1, &scan, NULL) == PP_OK);
  CHECK(scan->counts.docstring == 3 && scan->counts.source == 2 && scan->counts.comment == 0);
  const pp_found_list *list = pp_scanner_found(scanner);
  CHECK(list->count == 3);
  for (size_t i = 0; i < list->count; i++) {
    size_t length = list->found[i].end - list->found[i].begin;
    CHECK(length == strlen(found[i]));
    CHECK(memcmp(scan->text + list->found[i].begin, found[i], length) == 0);
  }
  pp_scanner_free(scanner);
  pp_regex_free(regex);
}

static void a_regex_matches_bytes(void) {
  pp_regex *regex;
  pp_error error;
  bool found;
  CHECK(pp_regex_compile("(b)(?<last>c)?", 14, 0, &regex, &error) == PP_OK);
  pp_match *match = pp_match_new(regex);
  CHECK(pp_regex_match(regex, match, "a\0b", 3, 0, true, &found, &error) == PP_OK && found);
  CHECK(pp_match_offsets(match)[0] == 2 && pp_match_offsets(match)[1] == 3);
  CHECK(pp_match_offsets(match)[4] == PP_REGEX_NONE);
  CHECK(pp_regex_groups(regex) == 2 && pp_regex_group(regex, "last", 4) == 2);
  CHECK(pp_regex_match(regex, match, "a\0b", 3, 3, true, &found, &error) == PP_OK && !found);
  pp_match_free(match);
  pp_regex_free(regex);
  CHECK(pp_regex_compile("(", 1, 0, &regex, &error) == PP_FORMAT);
  CHECK(strcmp(error.message, "pattern, at character 2: missing closing parenthesis") == 0);
}

static void a_pattern_that_asks_for_utf_8_itself_takes_any_bytes(void) {
  pp_regex *regex;
  pp_error error;
  bool found;
  CHECK(pp_regex_compile("(*UTF)\\x{e9}", 12, 0, &regex, &error) == PP_OK);
  pp_match *match = pp_match_new(regex);
  CHECK(pp_regex_match(regex, match, "\x83\xc3\xa9", 3, 0, true, &found, &error) == PP_OK);
  CHECK(found);
  CHECK(pp_match_offsets(match)[0] == 1 && pp_match_offsets(match)[1] == 3);
  pp_match_free(match);
  pp_regex_free(regex);
}

static void endless_backtracking_ends(void) {
  pp_regex *regex;
  pp_error error;
  bool found;
  char subject[61];
  memset(subject, 'a', 60);
  subject[60] = 'b';
  CHECK(pp_regex_compile("(a+)+$", 6, 0, &regex, &error) == PP_OK);
  pp_match *match = pp_match_new(regex);
  CHECK(pp_regex_match(regex, match, subject, 61, 0, true, &found, &error) == PP_LIMIT);
  pp_match_free(match);
  pp_regex_free(regex);
}

int main(void) {
  RUN(definitions_in_every_way);
  RUN(texts_of_every_length);
  RUN(a_broken_text_says_where);
  RUN(a_rule_is_tried_on_an_empty_text);
  RUN(a_docstring_in_parentheses_is_one_for_rules_too);
  RUN(a_regex_matches_bytes);
  RUN(a_pattern_that_asks_for_utf_8_itself_takes_any_bytes);
  RUN(endless_backtracking_ends);
  FINISH();
}
