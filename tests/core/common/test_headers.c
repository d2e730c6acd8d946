/* The public headers: each can be included alone, and all together, in either order. */
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>

#include "check.h"

#define FOLDER "include/pyprof"
#define MOST 100

static struct dirent **headers;
static int count;

static int is_header(const struct dirent *entry) {
  size_t length = strlen(entry->d_name);
  return length > 2 && strcmp(entry->d_name + length - 2, ".h") == 0;
}

/* Does the compiler take this text without a word? */
static bool compiles(const char *text, const char *errors) {
  char command[300];
  const char *compiler = getenv("CC");
  snprintf(command, sizeof command,
           "%s -std=c11 -D_GNU_SOURCE -Iinclude -Wall -Wextra -Wshadow -Wconversion "
           "-Wstrict-prototypes -Wredundant-decls -Werror -fsyntax-only -x c - %s",
           compiler != NULL && *compiler != '\0' ? compiler : "gcc", errors);
  FILE *pipe = popen(command, "w");
  if (pipe == NULL) return false;
  fputs(text, pipe);
  return pclose(pipe) == 0;
}

static void add_include(char *text, size_t room, int number) {
  size_t length = strlen(text);
  snprintf(text + length, room - length, "#include \"pyprof/%s\"\n", headers[number]->d_name);
}

static void each_header_can_be_included_alone(void) {
  for (int i = 0; i < count; i++) {
    char text[300] = "";
    add_include(text, sizeof text, i);
    add_include(text, sizeof text, i); /* as two others may, which need it */
    CHECK(compiles(text, ""));
  }
}

static void all_headers_can_be_included_together(void) {
  char forward[MOST * 100] = "", backward[MOST * 100] = "";
  for (int i = 0; i < count; i++) {
    add_include(forward, sizeof forward, i);
    add_include(backward, sizeof backward, count - 1 - i);
  }
  CHECK(compiles(forward, ""));
  CHECK(compiles(backward, ""));
}

/* Where two have one guard, the second is empty whenever both are included. */
static void each_header_has_its_own_guard(void) {
  char guards[MOST][100] = {""};
  for (int i = 0; i < count; i++) {
    char path[300], line[300];
    snprintf(path, sizeof path, FOLDER "/%s", headers[i]->d_name);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    if (file == NULL) continue;
    while (guards[i][0] == '\0' && fgets(line, sizeof line, file) != NULL) {
      sscanf(line, "#ifndef %99s", guards[i]);
    }
    fclose(file);
    CHECK(guards[i][0] != '\0');
    for (int k = 0; k < i; k++) CHECK(strcmp(guards[i], guards[k]) != 0);
  }
}

static void a_name_with_two_meanings_is_noticed(void) {
  const char *const wrong[] = {
    "typedef double pp_profile;\n", "#define PYPROF_ODD 1\n#define PYPROF_ODD 2\n",
    "void pp_profile_free(pp_profile *profile);\n", "enum { PP_OK };\n",
    "struct pp_error { int a; };\n",
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char text[300] = "#include \"pyprof/profile.h\"\n";
    CHECK(compiles(text, ""));
    strcat(text, wrong[i]);
    CHECK(!compiles(text, "2>/dev/null"));
  }
}

int main(void) {
  count = scandir(FOLDER, &headers, is_header, alphasort);
  if (count <= 0 || count > MOST) {
    printf("not ok - reading " FOLDER "\n");
    return 1;
  }
  RUN(each_header_can_be_included_alone);
  RUN(all_headers_can_be_included_together);
  RUN(each_header_has_its_own_guard);
  RUN(a_name_with_two_meanings_is_noticed);
  while (count > 0) free(headers[--count]);
  free(headers);
  FINISH();
}
