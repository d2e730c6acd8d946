/* The input is a byte of options and Python source, or any text. All ways to scan it give the same,
 * and so does a scan of its pieces as many files, on one thread or on many. */
#include "fuzz.h"
#include "pyprof/scan_many.h"
#include "pyprof/source.h"

enum { WAYS = 4, RULES = 8, PIECES = 6 };

static pp_rule rules[RULES];
static const pp_rules all_rules = {rules, RULES};
static pp_scanner *scanners[2][WAYS]; /* for each complexity, and each way to find tokens */

static void make_rule(int number, const char *pattern, pp_region region, bool at_line) {
  pp_regex *regex;
  unsigned flags = at_line ? PP_REGEX_ANCHORED : 0;
  REQUIRE(pp_regex_compile(pattern, strlen(pattern), flags, &regex, NULL) == PP_OK);
  rules[number] = (pp_rule){regex, region, at_line};
}

static void make_all(void) {
  make_rule(0, "\\b[a-z]+\\(", PP_REGION_CODE, false);
  make_rule(1, "# *\\w", PP_REGION_COMMENT, false);
  make_rule(2, "[a-f]+", PP_REGION_STRING, false);
  make_rule(3, "\\w+\\.?", PP_REGION_DOCSTRING, false);
  make_rule(4, "e.|\\n", PP_REGION_ANY, false);
  make_rule(5, "(\\w+) *=", PP_REGION_CODE, true);
  make_rule(6, "#!?", PP_REGION_COMMENT, true);
  make_rule(7, "(?:f|rb?|b)?['\"]", PP_REGION_STRING, true);
  REQUIRE(pp_scanner_ways() <= WAYS);
  for (int complexity = 0; complexity < 2; complexity++) {
    for (int way = 0; way < pp_scanner_ways(); way++) {
      pp_scanner **scanner = &scanners[complexity][way];
      pp_complexity counted = complexity != 0 ? PP_COMPLEXITY_MCCABE : PP_COMPLEXITY_RADON;
      REQUIRE(pp_scanner_new(counted, scanner, NULL) == PP_OK);
      REQUIRE(pp_scanner_rules(*scanner, &all_rules, NULL) == PP_OK);
      pp_scanner_use(*scanner, way);
      pp_scanner_keep_imports(*scanner);
    }
  }
}

static bool same(const void *some, const void *others, size_t size) {
  return size == 0 || memcmp(some, others, size) == 0;
}

static void require_same_definitions(const pp_scan *a, const pp_scan *b) {
  size_t names = 0;
  REQUIRE(a->definition_count == b->definition_count);
  for (uint32_t i = 0; i < a->definition_count; i++) {
    const pp_definition *d = &a->definitions[i], *e = &b->definitions[i];
    REQUIRE(d->name == e->name && d->name_length == e->name_length && d->name == names);
    REQUIRE(d->own_length == e->own_length && d->own_length <= d->name_length);
    REQUIRE(d->first_line == e->first_line && d->line == e->line && d->end_line == e->end_line);
    REQUIRE(d->first_line <= d->line && d->line <= d->end_line);
    REQUIRE(d->complexity == e->complexity && d->parent == e->parent && d->column == e->column);
    REQUIRE(d->parent == PP_DEFINITION_NONE || d->parent < i);
    REQUIRE(d->offset == e->offset && d->first_offset == e->first_offset && d->kind == e->kind);
    REQUIRE(d->docstring == e->docstring);
    names += d->name_length;
  }
  REQUIRE(same(a->names, b->names, names));
}

static void require_same(const pp_scan *a, const pp_scan *b) {
  const pp_counts *counts = &a->counts;
  REQUIRE(memcmp(counts, &b->counts, sizeof *counts) == 0);
  REQUIRE(counts->source + counts->docstring + counts->comment + counts->blank == counts->lines);
  REQUIRE((a->error == NULL) == (b->error == NULL));
  REQUIRE(a->error == NULL || strcmp(a->error, b->error) == 0);
  REQUIRE(a->error_line == b->error_line && a->error_column == b->error_column);
  require_same_definitions(a, b);
}

static void require_same_found(const pp_found_list *a, const pp_found_list *b) {
  REQUIRE(a->count == b->count && a->group_count == b->group_count);
  REQUIRE(a->texts_length == b->texts_length && same(a->texts, b->texts, a->texts_length));
  for (size_t i = 0; i < a->count; i++) {
    const pp_found *f = &a->found[i], *g = &b->found[i];
    REQUIRE(f->rule == g->rule && f->line == g->line && f->column == g->column);
    REQUIRE(f->definition == g->definition && f->begin == g->begin && f->end == g->end);
    REQUIRE(f->groups == g->groups && f->line_text.offset == g->line_text.offset);
    REQUIRE(f->line_text.length == g->line_text.length && f->begin <= f->end);
  }
  REQUIRE(same(a->groups, b->groups, a->group_count * sizeof *a->groups));
}

static void require_same_imports(const pp_scanner *a, const pp_scanner *b) {
  size_t count, others;
  const pp_import *some = pp_scanner_imports(a, &count), *other = pp_scanner_imports(b, &others);
  REQUIRE(count == others);
  for (size_t i = 0; i < count; i++) {
    REQUIRE(some[i].offset == other[i].offset && some[i].statement == other[i].statement);
    REQUIRE(some[i].line == other[i].line);
  }
}

/* Compares a scan of pieces of the text, as many files, with a scan of each piece. */
static void require_same_scans(pp_scanner *scanner, pp_complexity complexity, char *text,
                               size_t length, int threads) {
  static char name[] = "piece.py";
  pp_kept_file pieces[PIECES];
  pp_scan_many_options options = {.complexity = complexity, .threads = threads, .rules = &all_rules,
                                  .texts = &(pp_kept_files){pieces, PIECES},
                                  .portable = threads > 1};
  pp_scan_many *scans;
  const pp_scan_many_file *file;
  const pp_scan *scan;
  for (size_t i = 0; i < PIECES; i++) {
    size_t begin = length * i / PIECES;
    pieces[i] = (pp_kept_file){.path = name, .bytes = text + begin,
                               .length = length * (i + 1) / PIECES - begin};
  }
  REQUIRE(pp_scan_many_new(NULL, 0, &options, &scans, NULL) == PP_OK);
  for (size_t i = 0; i < PIECES; i++) {
    REQUIRE(pp_scan_many_next(scans, NULL, &file, NULL) == PP_OK && file->scan != NULL);
    REQUIRE(pp_scanner_bytes(scanner, pieces[i].bytes, pieces[i].length, &scan, NULL) == PP_OK);
    require_same(scan, file->scan);
    require_same_found(pp_scanner_found(scanner), file->found);
  }
  REQUIRE(pp_scan_many_next(scans, NULL, &file, NULL) == PP_OK && file == NULL);
  pp_scan_many_free(scans);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  if (length == 0) return 0;
  if (scanners[0][0] == NULL) make_all();
  pp_complexity complexity = bytes[0] & 1 ? PP_COMPLEXITY_MCCABE : PP_COMPLEXITY_RADON;
  pp_scanner **ways = scanners[bytes[0] & 1];
  const pp_scan *first, *scan;
  length--;
  char *text = malloc(length + 1);
  memcpy(text, bytes + 1, length);
  REQUIRE(pp_scanner_bytes(ways[0], text, length, &first, NULL) == PP_OK);
  for (int way = 1; way < pp_scanner_ways(); way++) {
    REQUIRE(pp_scanner_bytes(ways[way], text, length, &scan, NULL) == PP_OK);
    require_same(first, scan);
    REQUIRE(scan->length == first->length && same(scan->text, first->text, scan->length));
    require_same_found(pp_scanner_found(ways[0]), pp_scanner_found(ways[way]));
    require_same_imports(ways[0], ways[way]);
  }
  /* Threads cost more than everything else, so they are rare. */
  static uint64_t number;
  if (++number % 256 == 0) {
    int last = pp_scanner_ways() - 1;
    require_same_scans(ways[last], complexity, text, length, number % 512 == 0 ? 1 : 3);
  }
  free(text);
  return 0;
}
