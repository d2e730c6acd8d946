/* The files of a walk, and those that .gitignore files and git's own settings ignore. */
#include "pyprof/files.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char folder[] = "/tmp/pyprof-lua-test-XXXXXX";
static char made[64][100]; /* removed at the end, the last first */
static int made_count;

static const char *path_of(const char *name) {
  snprintf(made[made_count], sizeof made[0], "%s/%s", folder, name);
  return made[made_count++];
}

static void put(const char *name, const char *text) {
  FILE *stream = fopen(path_of(name), "w");
  if (stream == NULL) return;
  fputs(text, stream);
  fclose(stream);
}

static void put_folder(const char *name) {
  CHECK(mkdir(path_of(name), 0700) == 0);
}

static void clear(void) {
  while (made_count > 0) remove(made[--made_count]);
}

/* The names that a walk through this folder gives, with spaces between. */
static const char *walk(const char *name, pp_files_options options) {
  static char names[1000];
  char start[100];
  const char *paths[] = {start};
  pp_files *files;
  pp_error error;
  char *path = NULL;
  names[0] = '\0';
  snprintf(start, sizeof start, "%s%s", folder, name);
  CHECK(pp_files_new(paths, 1, &options, &files, &error) == PP_OK);
  while (pp_files_next(files, &path, &error) == PP_OK && path != NULL) {
    size_t used = strlen(names);
    snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? " " : "",
             path + strlen(start) + 1);
    free(path);
  }
  pp_files_free(files);
  return names;
}

static const char *walk_all(void) {
  return walk("", (pp_files_options){0});
}

static void names_in_the_order_of_their_bytes(void) {
  put("b.py", "");
  put("a.pyw", "");
  put("c.txt", "");
  put("d.pyi", "");
  put_folder("b");
  put("b/z.py", "");
  put_folder("b.d");
  put("b.d/y.py", "");
  CHECK(strcmp(walk_all(), "a.pyw b.d/y.py b.py b/z.py") == 0);
  CHECK(strcmp(walk("", (pp_files_options){.stubs = true}),
               "a.pyw b.d/y.py b.py b/z.py d.pyi") == 0);
  clear();
}

static void links_to_folders_are_not_followed(void) {
  put_folder("a");
  put("a/x.py", "");
  CHECK(symlink("a", path_of("b")) == 0);
  CHECK(symlink("a/x.py", path_of("c.py")) == 0);
  CHECK(symlink("nowhere", path_of("d.py")) == 0);
  CHECK(strcmp(walk_all(), "a/x.py c.py") == 0);
  clear();
}

/* The text of a .gitignore, and those of a.py, aa.py, b1.py, x/a.py, x/y/a.py that it keeps. */
static void what_gitignore_says(void) {
  static const char *const cases[][2] = {
    {"", "a.py aa.py b1.py x/a.py x/y/a.py"},
    {"# a.py\n\n", "a.py aa.py b1.py x/a.py x/y/a.py"},
    {"a.py\n", "aa.py b1.py"},
    {"/a.py\r\n", "aa.py b1.py x/a.py x/y/a.py"},
    {"x/\n", "a.py aa.py b1.py"},
    {"a.py/\n", "a.py aa.py b1.py x/a.py x/y/a.py"},
    {"x/a.py\n", "a.py aa.py b1.py x/y/a.py"},
    {"x/*.py\n", "a.py aa.py b1.py x/y/a.py"},
    {"**/y\n", "a.py aa.py b1.py x/a.py"},
    {"x/**\n", "a.py aa.py b1.py"},
    {"x/**/a.py\n", "a.py aa.py b1.py"},
    {"a*.py\n!aa.py\n", "aa.py b1.py"},
    {"?.py\n", "aa.py b1.py"},
    {"[a-c][0-9].py\n", "a.py aa.py x/a.py x/y/a.py"},
    {"[!a]*.py\n", "a.py aa.py x/a.py x/y/a.py"},
    {"[^b][[:alpha:]].py\n", "a.py b1.py x/a.py x/y/a.py"},
    {"b[[:digit:]].p[]y]\n", "a.py aa.py x/a.py x/y/a.py"},
    {"\\a.py \n", "aa.py b1.py"},
    {"a.py\\ \n", "a.py aa.py b1.py x/a.py x/y/a.py"},
    {"[a\n", "a.py aa.py b1.py x/a.py x/y/a.py"},
    {"x\n!x/a.py\n", "a.py aa.py b1.py"},
  };
  put("a.py", "");
  put("aa.py", "");
  put("b1.py", "");
  put_folder("x");
  put("x/a.py", "");
  put_folder("x/y");
  put("x/y/a.py", "");
  int before = made_count;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    put(".gitignore", cases[i][0]);
    const char *got = walk_all();
    CHECK(strcmp(got, cases[i][1]) == 0);
    if (strcmp(got, cases[i][1]) != 0) printf("# %s: %s\n", cases[i][0], got);
    made_count = before + 1;
  }
  CHECK(strcmp(walk("", (pp_files_options){.no_ignore = true}), cases[0][1]) == 0);
  clear();
}

static void rules_of_the_repository_around(void) {
  put_folder(".git");
  put_folder(".git/info");
  put(".git/info/exclude", "b.py\n");
  put(".gitignore", "a.py\n/s/c.py\n");
  put_folder("s");
  put("s/a.py", "");
  put("s/b.py", "");
  put("s/c.py", "");
  put("s/d.py", "");
  put("s/e.py", "");
  put("mine", "e.py\n");
  put(".gitconfig", "[user]\n name = \"a \\\"b\\\" ; c\" # d\n[core \"x\"]\n excludesFile = no\n"
      "[Core]\n\tbare\n\texcludesfile = \"~/mi\\\n ne\"\n");
  CHECK(strcmp(walk("/s", (pp_files_options){0}), "d.py e.py") == 0);
  put(".gitconfig", "; none\n[core]\n\texcludesFile = ~/mine ; mine\n");
  CHECK(strcmp(walk("/s", (pp_files_options){0}), "d.py") == 0);
  clear();
}

static void a_path_that_is_not_there(void) {
  const char *const paths[] = {folder, "/no/such/path"};
  pp_files_options options = {0};
  pp_files *files = NULL;
  pp_error error;
  CHECK(pp_files_new(paths, 2, &options, &files, &error) == PP_SYSTEM && files == NULL);
  CHECK(strcmp(error.message, "/no/such/path: No such file or directory") == 0);
}

int main(void) {
  if (mkdtemp(folder) == NULL) return 1;
  setenv("HOME", folder, 1);
  unsetenv("XDG_CONFIG_HOME");
  RUN(names_in_the_order_of_their_bytes);
  RUN(links_to_folders_are_not_followed);
  RUN(what_gitignore_says);
  RUN(rules_of_the_repository_around);
  RUN(a_path_that_is_not_there);
  rmdir(folder);
  FINISH();
}
