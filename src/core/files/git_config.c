#include "files/git_config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pyprof/buffer.h"
#include "pyprof/files.h"

/* Git's own limit of files that include others. */
enum { MAX_INCLUDES = 10, MAX_VALUE = PATH_MAX };

/* The whole file, ended by a zero; nothing of what cannot be read. False: no memory. */
static bool read_file(const char *path, pp_buffer *text) {
  FILE *stream = pp_file_is_plain(path) ? fopen(path, "re") : NULL;
  if (stream == NULL) return true;
  bool good;
  size_t got = 0;
  do {
    text->length += got;
    good = pp_buffer_reserve(text, 4096);
  } while (good && (got = fread(text->data + text->length, 1, 4096, stream)) > 0);
  fclose(stream);
  return good && pp_buffer_add_byte(text, '\0');
}

/* What is too long for a path names no file. */
static void join(char path[PATH_MAX], const char *folder, const char *file) {
  if (snprintf(path, PATH_MAX, "%s%s", folder, file) >= PATH_MAX) *path = '\0';
}

static const char *home(void) {
  const char *path = getenv("HOME");
  return path != NULL ? path : "";
}

/* A path as a configuration has it: of the user's home, whole, or below `folder`. */
static void resolve(char path[PATH_MAX], const char *folder, const char *value) {
  if (strncmp(value, "~/", 2) == 0) join(path, home(), value + 1);
  else join(path, *value == '/' || *value == '\0' ? "" : folder, value);
}

/* Below the user's directory of configurations. */
static void configured(char path[PATH_MAX], const char *file) {
  const char *folder = getenv("XDG_CONFIG_HOME");
  char own[PATH_MAX];
  join(own, folder != NULL && *folder != '\0' ? folder : home(),
       folder != NULL && *folder != '\0' ? "" : "/.config");
  join(path, own, file);
}

/* --- the format of git's configuration */

/* A value from behind its `=`: to the line's end, without quotes, escapes and comments. */
static const char *read_value(const char *at, char *value) {
  size_t length = 0, kept = 0;
  bool quoted = false;
  while (*at == ' ' || *at == '\t') at++;
  for (; *at != '\0' && *at != '\n'; at++) {
    char c = *at;
    if (!quoted && (c == '#' || c == ';')) {
      at += strcspn(at, "\n");
      break;
    }
    if (c == '"') {
      quoted = !quoted;
      kept = length;
      continue;
    }
    if (c == '\r' && at[1] == '\n') continue;
    bool plain = quoted || (c != ' ' && c != '\t');
    if (c == '\\' && at[1] != '\0') {
      c = *++at;
      if (c == '\r' && at[1] == '\n') at++;
      if (*at == '\n') continue;
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'b' ? '\b' : c;
    }
    if (length < MAX_VALUE - 1) value[length++] = c;
    if (plain) kept = length;
  }
  value[kept] = '\0';
  return at;
}

static bool read_config(const char *path, const char *root, int depth, pp_git_excludes *excludes);

static bool read_text(const char *at, const char *path, const char *root, int depth,
                      pp_git_excludes *excludes) {
  char value[MAX_VALUE], folder[PATH_MAX], included[PATH_MAX];
  bool in_core = false, in_include = false;
  join(folder, path, "");
  char *slash = strrchr(folder, '/');
  if (slash != NULL) slash[1] = '\0';
  while (*at != '\0') {
    at += strspn(at, " \t\r\n\f\v");
    if (*at == '#' || *at == ';') {
      at += strcspn(at, "\n");
    } else if (*at == '[') {
      in_core = strncasecmp(at, "[core]", 6) == 0;
      in_include = strncasecmp(at, "[include]", 9) == 0;
      at += strcspn(at, "]\n");
      if (*at == ']') at++;
    } else {
      size_t length = 0;
      while (isalnum((unsigned char)at[length]) || at[length] == '-') length++;
      bool excluded = in_core && length == 12 && strncasecmp(at, "excludesfile", 12) == 0;
      bool other = in_include && length == 4 && strncasecmp(at, "path", 4) == 0;
      at += length;
      at += strspn(at, " \t");
      if (*at != '=') {
        at += strcspn(at, "\n");
        continue;
      }
      at = read_value(at + 1, value);
      if (excluded) resolve(excludes->everywhere, root, value);
      if (!other || depth == MAX_INCLUDES) continue;
      resolve(included, folder, value);
      if (!read_config(included, root, depth + 1, excludes)) return false;
    }
  }
  return true;
}

static bool read_config(const char *path, const char *root, int depth,
                        pp_git_excludes *excludes) {
  pp_buffer text = { 0 };
  bool good = read_file(path, &text);
  if (good && text.length > 1) {
    const char *begin = text.data;
    if (strncmp(begin, "\xEF\xBB\xBF", 3) == 0) begin += 3;
    good = read_text(begin, path, root, depth, excludes);
  }
  pp_buffer_free(&text);
  return good;
}

/* --- */

/* The text of a file of one line behind a word, as a path below `folder`; "" where it has none. */
static bool read_link(const char *file, const char *word, const char *folder,
                      char path[PATH_MAX]) {
  pp_buffer text = { 0 };
  *path = '\0';
  bool good = read_file(file, &text);
  if (good && text.length > 1 && strncmp(text.data, word, strlen(word)) == 0) {
    char *line = text.data + strlen(word);
    line[strcspn(line, "\r\n")] = '\0';
    char whole[PATH_MAX];
    join(whole, *line == '/' ? "" : folder, line);
    join(path, whole, "/");
  }
  pp_buffer_free(&text);
  return good;
}

/* Where a repository keeps what all its working trees share, with a slash: in .git, or, where that
 * is a file, where it says. */
static bool find_common(const char *root, char common[PATH_MAX]) {
  char git[PATH_MAX], file[PATH_MAX], folder[PATH_MAX];
  join(git, root, ".git");
  if (!read_link(git, "gitdir: ", root, folder)) return false;
  if (*folder == '\0') join(folder, git, "/");
  join(file, folder, "commondir");
  if (!read_link(file, "", folder, common)) return false;
  if (*common == '\0') join(common, folder, "");
  return true;
}

bool pp_git_excludes_of(const char *root, pp_git_excludes *excludes) {
  char common[PATH_MAX], path[PATH_MAX];
  if (!find_common(root, common)) return false;
  join(excludes->repository, common, "info/exclude");
  configured(excludes->everywhere, "/git/ignore");
  /* The last that says something counts. */
  const char *given = getenv("GIT_CONFIG_SYSTEM");
  bool good = getenv("GIT_CONFIG_NOSYSTEM") != NULL ||
    read_config(given != NULL ? given : "/etc/gitconfig", root, 0, excludes);
  given = getenv("GIT_CONFIG_GLOBAL");
  if (given != NULL) {
    good = good && read_config(given, root, 0, excludes);
  } else {
    configured(path, "/git/config");
    good = good && read_config(path, root, 0, excludes);
    join(path, home(), "/.gitconfig");
    good = good && read_config(path, root, 0, excludes);
  }
  join(path, common, "config");
  return good && read_config(path, root, 0, excludes);
}
