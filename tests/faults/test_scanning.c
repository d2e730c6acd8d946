/* A lack of memory while Python source is found, scanned and searched. */
#include <sys/stat.h>
#include <unistd.h>

#include "every.h"
#include "pyprof/scan_many.h"

static const char text[] =
  "# -*- coding: latin-1 -*-\nimport a\nfrom b import c\n\nclass A:\n    \"Doc.\"\n    @b\n"
  "    async def f(self):\n        if a and b: pass\n        x = f'{a!r:>{b}}' + \"\\N{DASH}\"\n"
  "def \xe9(): return [x for x in y if lambda: 1]\n# end\n";

static char folder[] = "/tmp/pyprof-lua-test-XXXXXX";
static char names[6][64];

static void put(int number, const char *name, const char *bytes, size_t length) {
  snprintf(names[number], sizeof names[number], "%s/%s", folder, name);
  FILE *stream = fopen(names[number], "w");
  if (stream == NULL) return;
  fwrite(bytes, 1, length, stream);
  fclose(stream);
}

static uint64_t digest(const pp_scan *scan) {
  return scan->counts.lines + 31 * scan->counts.complexity + 77 * scan->definition_count +
         (scan->error != NULL ? 1000u : 0u) + scan->length;
}

static pp_code scanning(pp_error *error, uint64_t *sum) {
  pp_scanner *scanner = NULL;
  const pp_scan *scan;
  pp_code code = pp_scanner_new(PP_COMPLEXITY_RADON, &scanner, error);
  if (code == PP_OK) {
    pp_scanner_keep_imports(scanner);
    code = pp_scanner_bytes(scanner, text, sizeof text - 1, &scan, error);
  }
  if (code == PP_OK) {
    size_t imports;
    pp_scanner_imports(scanner, &imports);
    *sum += digest(scan) + imports;
    code = pp_scanner_file(scanner, names[0], &scan, error);
  }
  if (code == PP_OK) *sum += digest(scan);
  pp_scanner_free(scanner);
  return code;
}

static pp_code compiling_a_pattern(pp_error *error, uint64_t *sum) {
  pp_regex *regex = NULL;
  pp_match *match = NULL;
  bool found = false;
  pp_code code = pp_regex_compile("(b)(?<last>c)?", 14, PP_REGEX_CASELESS, &regex, error);
  if (code == PP_OK) {
    match = pp_match_new(regex);
    code = match == NULL ? pp_error_memory(error)
                         : pp_regex_match(regex, match, "abc", 3, 0, true, &found, error);
  }
  *sum += found;
  pp_match_free(match);
  pp_regex_free(regex);
  return code;
}

static pp_code walking(pp_error *error, uint64_t *sum) {
  const char *const paths[] = {folder};
  pp_files_options options = {.stubs = true};
  pp_files *files = NULL;
  pp_code code = pp_files_new(paths, 1, &options, &files, error);
  char *path = NULL;
  do {
    if (code == PP_OK) code = pp_files_next(files, &path, error);
    if (code == PP_OK && path != NULL) *sum += strlen(path);
    if (code == PP_OK) free(path);
  } while (code == PP_OK && path != NULL);
  pp_files_free(files);
  return code;
}

static pp_code scan_many_with(const pp_kept_files *texts, int threads, pp_error *error,
                              uint64_t *sum) {
  const char *const paths[] = {folder};
  pp_regex *regex = NULL;
  pp_scan_many *scans = NULL;
  const pp_scan_many_file *file = NULL;
  pp_code code = pp_regex_compile("i(f)|mport", 10, 0, &regex, error);
  pp_rule list[] = {{regex, PP_REGION_CODE, false}, {regex, PP_REGION_STRING, false}};
  pp_rules rules = {list, 2};
  pp_scan_many_options options = {.threads = threads, .rules = &rules, .texts = texts};
  if (code == PP_OK) code = pp_scan_many_new(paths, 1, &options, &scans, error);
  do {
    if (code == PP_OK) code = pp_scan_many_next(scans, NULL, &file, error);
    if (code == PP_OK && file != NULL) {
      *sum += strlen(file->path) + (file->scan != NULL ? digest(file->scan) : 5555) +
              file->found->count;
    }
  } while (code == PP_OK && file != NULL);
  pp_scan_many_free(scans);
  pp_regex_free(regex);
  return code;
}

static pp_code scanning_many(pp_error *error, uint64_t *sum) {
  return scan_many_with(NULL, 1, error, sum);
}

static pp_code scanning_many_by_two(pp_error *error, uint64_t *sum) {
  return scan_many_with(NULL, 2, error, sum);
}

static pp_code scanning_many_that_were_read(pp_error *error, uint64_t *sum) {
  const char *const paths[] = {folder};
  pp_files_options options = {0};
  pp_kept_files *texts = NULL;
  pp_code code = pp_kept_files_new(paths, 1, &options, NULL, &texts, error);
  for (size_t i = 0; code == PP_OK && i < texts->count; i++) *sum += texts->texts[i].real != NULL;
  if (code == PP_OK) code = scan_many_with(texts, 1, error, sum);
  pp_kept_files_free(texts);
  return code;
}

int main(void) {
  if (mkdtemp(folder) == NULL) return 1;
  setenv("HOME", folder, 1);
  snprintf(names[4], sizeof names[4], "%s/.git", folder);
  mkdir(names[4], 0700);
  put(0, "a.py", text, sizeof text - 1);
  put(1, "b.py", "if x:\n  y = 'b\n", 15);
  put(2, ".gitignore", "*.pyc\n!a.py\n/b*.py\n", 19);
  put(3, ".gitconfig", "[core]\n\texcludesFile = ~/.gitignore\n", 36);
  snprintf(names[5], sizeof names[5], "%s/link.py", folder);
  if (symlink("a.py", names[5]) != 0) return 1;
  EVERY(scanning);
  EVERY(compiling_a_pattern);
  EVERY(walking);
  EVERY(scanning_many);
  EVERY(scanning_many_by_two);
  EVERY(scanning_many_that_were_read);
  for (int i = 0; i < 4; i++) unlink(names[i]);
  unlink(names[5]);
  rmdir(names[4]);
  rmdir(folder);
  FINISH();
}
