#include "files/git_config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pyprof/buffer.h"
#include "pyprof/files.h"

/* Git's own limit of nested includes. */
enum { MAX_INCLUDES = 10, MAX_VALUE = PATH_MAX };

/* The whole file, with a zero byte at its end; nothing if it cannot be read. False: no memory. */
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

/* The path is "" if it would be too long, since no file can have it. */
static void join(char path[PATH_MAX], const char *folder, const char *file) {
  if (snprintf(path, PATH_MAX, "%s%s", folder, file) >= PATH_MAX) *path = '\0';
}

static const char *home(void) {
  const char *path = getenv("HOME");
  return path != NULL ? path : "";
}

/* A path in a configuration is below the user's home (~/), absolute, or below `folder`. */
static void resolve(char path[PATH_MAX], const char *folder, const char *value) {
  if (strncmp(value, "~/", 2) == 0) join(path, home(), value + 1);
  else join(path, *value == '/' || *value == '\0' ? "" : folder, value);
}

/* A file below the user's configuration directory. */
static void configured(char path[PATH_MAX], const char *file) {
  const char *folder = getenv("XDG_CONFIG_HOME");
  char own[PATH_MAX];
  join(own, folder != NULL && *folder != '\0' ? folder : home(),
       folder != NULL && *folder != '\0' ? "" : "/.config");
  join(path, own, file);
}

/* --- the format of git's configuration */

/* Reads a value, which goes from behind its `=` to the end of the line, and removes quotes, escapes
 * and comments. */
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

/* Reads a file of one line, such as "gitdir: PATH". The path behind `word` is below `folder`; it is
 * "" if the file has none. */
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

/* The directory, with a slash at its end, that all working trees of a repository share: .git, or
 * the directory that .git names if it is a file. */
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
  /* The last configuration that sets it counts. */
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
