#include "files/ignore.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files/git_config.h"
#include "pyprof/buffer.h"
#include "pyprof/files.h"

typedef struct rule {
  const char *pattern; /* in text, with a zero byte at its end */
  bool negated, folders_only, anchored;
} rule;

struct pp_ignore {
  pp_ignore *above;
  char *text;
  rule *rules;
  size_t count;
  size_t skip;  /* of a path: the length of the walk's folder */
  char *prefix; /* put in front of the rest of the path: from the rules' folder to the walk's */
};

/* --- matching, as git's wildmatch does it for paths */

/* Matches a set of characters. `set` is the place behind its `[`; the result is the place behind
 * its `]`, or NULL if it has none. */
static const char *set_match(const char *set, unsigned char c, bool *matched) {
  bool negated = *set == '!' || *set == '^';
  if (negated) set++;
  bool found = false;
  const char *first = set;
  while (*set != '\0' && (*set != ']' || set == first)) {
    static const struct { const char *name, *characters; } classes[] = {
      { "[:alpha:]", "AZaz" }, { "[:digit:]", "09" }, { "[:alnum:]", "AZaz09" },
      { "[:upper:]", "AZ" }, { "[:lower:]", "az" }, { "[:space:]", "\t\r  " },
      { "[:xdigit:]", "09AFaf" }, { "[:punct:]", "!/:@[`{~" }, { "[:blank:]", "\t\t  " },
      { "[:cntrl:]", "\1\37\177\177" }, { "[:graph:]", "!~" }, { "[:print:]", " ~" },
    };
    size_t class = 0, count = sizeof classes / sizeof *classes;
    while (class < count && strncmp(set, classes[class].name, strlen(classes[class].name)) != 0) {
      class++;
    }
    if (class < count) {
      for (const char *range = classes[class].characters; *range != '\0'; range += 2) {
        if (c >= (unsigned char)range[0] && c <= (unsigned char)range[1]) found = true;
      }
      set += strlen(classes[class].name);
      continue;
    }
    if (*set == '\\' && set[1] != '\0') set++;
    unsigned char low = (unsigned char)*set++, high = low;
    if (set[0] == '-' && set[1] != ']' && set[1] != '\0') {
      set++;
      if (*set == '\\' && set[1] != '\0') set++;
      high = (unsigned char)*set++;
    }
    if (c == low || (c >= low && c <= high)) found = true; /* z is in [z-a], too */
  }
  if (*set != ']') return NULL;
  *matched = found != negated && c != '/';
  return set + 1;
}

static bool match(const char *pattern, const char *text, bool at_segment) {
  for (; *pattern != '\0'; at_segment = pattern[-1] == '/') {
    if (*pattern == '*') {
      bool deep = pattern[1] == '*' && at_segment;
      while (*pattern == '*') pattern++;
      bool escaped = strncmp(pattern, "\\/", 2) == 0;
      if (deep && *pattern == '\0') return true;
      if (deep && (*pattern == '/' || escaped)) {
        /* It matches any number of whole folders; also none, unless the slash is escaped. */
        pattern += escaped ? 2 : 1;
        if (!escaped && match(pattern, text, true)) return true;
        while ((text = strchr(text, '/')) != NULL) {
          if (match(pattern, ++text, true)) return true;
        }
        return false;
      }
      for (;; text++) {
        if (match(pattern, text, false)) return true;
        if (*text == '\0' || *text == '/') return false;
      }
    }
    if (*text == '\0') return false;
    if (*pattern == '?') {
      if (*text == '/') return false;
    } else if (*pattern == '[') {
      bool matched = false;
      const char *end = set_match(pattern + 1, (unsigned char)*text, &matched);
      if (end == NULL || !matched) return false;
      pattern = end;
      text++;
      continue;
    } else {
      if (*pattern == '\\') pattern++;
      if (*pattern != *text) return false;
    }
    pattern++;
    text++;
  }
  return *text == '\0';
}

/* A pattern of several segments. Git compares the text in front of the first wildcard and starts
 * the match behind it, so the stars of `a**` are at the beginning of a match. */
static bool match_path(const char *pattern, const char *text) {
  size_t plain = strcspn(pattern, "*?[\\");
  return strncmp(pattern, text, plain) == 0 && match(pattern + plain, text + plain, true);
}

/* --- reading */

static bool read_text(const char *folder, const char *file, pp_buffer *text) {
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s%s", folder, file) >= (int)sizeof path) return true;
  FILE *stream = pp_file_is_plain(path) ? fopen(path, "re") : NULL;
  if (stream == NULL) return true;
  bool good = true;
  for (;;) {
    if (!(good = pp_buffer_reserve(text, 4096))) break;
    size_t got = fread(text->data + text->length, 1, 4096, stream);
    if (got == 0) break;
    text->length += got;
  }
  fclose(stream);
  return good && (text->length == 0 || pp_buffer_add_byte(text, '\0'));
}

/* Makes a rule of a line that ends in a zero byte; false: the line is no rule. */
static bool rule_of(char *line, rule *made) {
  size_t length = strlen(line);
  if (length > 0 && line[length - 1] == '\r') line[--length] = '\0';
  char *end = line; /* behind the last character that is not a space, or is an escaped space */
  for (char *at = line; *at != '\0'; at++) {
    if (*at == '\\' && at[1] != '\0') at++;
    else if (*at == ' ') continue;
    end = at + 1;
  }
  *end = '\0';
  if (*line == '#') return false;
  *made = (rule){ line, false, false, false };
  if (*made->pattern == '!') {
    made->negated = true;
    made->pattern++;
  }
  length = strlen(made->pattern);
  if (length > 0 && made->pattern[length - 1] == '/') {
    made->folders_only = true;
    line[strlen(line) - 1] = '\0';
  }
  made->anchored = strchr(made->pattern, '/') != NULL;
  if (*made->pattern == '/') made->pattern++;
  return *made->pattern != '\0';
}

static bool read_rules(pp_ignore *ignore) {
  size_t lines = 1;
  for (const char *at = ignore->text; (at = strchr(at, '\n')) != NULL; at++) lines++;
  ignore->rules = malloc(lines * sizeof *ignore->rules);
  if (ignore->rules == NULL) return false;
  char *line = ignore->text;
  if (strncmp(line, "\xEF\xBB\xBF", 3) == 0) line += 3;
  while (line != NULL) {
    char *newline = strchr(line, '\n');
    if (newline != NULL) *newline = '\0';
    if (rule_of(line, &ignore->rules[ignore->count])) ignore->count++;
    line = newline != NULL ? newline + 1 : NULL;
  }
  return true;
}

bool pp_ignore_new(const char *folder, const char *file, pp_ignore *above, pp_ignore **ignore) {
  pp_ignore *made = calloc(1, sizeof *made);
  if (made == NULL) return false;
  made->above = above;
  made->skip = strlen(folder);
  pp_buffer text = { 0 };
  bool good = file == NULL || read_text(folder, file, &text);
  made->text = text.data;
  if (good && text.length > 0) good = read_rules(made);
  if (!good) {
    pp_ignore_free(made);
    return false;
  }
  *ignore = made;
  return true;
}

static bool has_git(const char *folder) {
  char path[PATH_MAX];
  return snprintf(path, sizeof path, "%s.git", folder) < (int)sizeof path &&
    access(path, F_OK) == 0;
}

/* Puts the rules of one folder further up in front of the list. */
static bool add_outside(const char *folder, const char *file, const char *prefix, size_t skip,
                        pp_ignore **list) {
  pp_ignore *made;
  if (!pp_ignore_new(folder, file, *list, &made)) return false;
  made->skip = skip;
  made->prefix = strdup(prefix);
  *list = made;
  return made->prefix != NULL;
}

bool pp_ignore_outside(const char *folder, pp_ignore **ignore) {
  *ignore = NULL;
  char real[PATH_MAX + 1];
  if (realpath(folder, real) == NULL) return true;
  size_t length = strlen(real);
  if (length > 1) strcpy(real + length++, "/");
  size_t skip = strlen(folder);
  if (skip > 0 && folder[skip - 1] != '/') skip++;
  /* The root is the nearest folder, this one or one above, that holds .git. */
  size_t root = length;
  char whole[PATH_MAX + 1];
  strcpy(whole, real);
  while (!has_git(real)) {
    if (root <= 1) return true; /* no repository */
    real[--root] = '\0';
    while (root > 0 && real[root - 1] != '/') real[--root] = '\0';
  }
  pp_git_excludes excludes;
  if (!pp_git_excludes_of(real, &excludes) ||
      !add_outside("", excludes.everywhere, whole + root, skip, ignore) ||
      !add_outside("", excludes.repository, whole + root, skip, ignore)) {
    return false;
  }
  for (size_t end = root; end < length;) {
    memcpy(real, whole, end);
    real[end] = '\0';
    if (!add_outside(real, ".gitignore", whole + end, skip, ignore)) return false;
    while (whole[end] != '/') end++;
    end++;
  }
  return true;
}

pp_ignore *pp_ignore_above(const pp_ignore *ignore) {
  return ignore->above;
}

void pp_ignore_free(pp_ignore *ignore) {
  if (ignore == NULL) return;
  free(ignore->text);
  free(ignore->rules);
  free(ignore->prefix);
  free(ignore);
}

bool pp_ignore_says(const pp_ignore *ignore, const char *path, bool folder) {
  char relative[PATH_MAX + 1];
  for (; ignore != NULL; ignore = ignore->above) {
    if (ignore->count == 0) continue;
    int length = snprintf(relative, sizeof relative, "%s%s",
                          ignore->prefix != NULL ? ignore->prefix : "", path + ignore->skip);
    if (length <= 0 || length >= (int)sizeof relative) continue;
    if (relative[length - 1] == '/') relative[length - 1] = '\0';
    const char *slash = strrchr(relative, '/');
    const char *name = slash != NULL ? slash + 1 : relative;
    for (size_t i = ignore->count; i-- > 0;) {
      const rule *one = &ignore->rules[i];
      if (one->folders_only && !folder) continue;
      if (one->anchored ? match_path(one->pattern, relative) : match(one->pattern, name, true)) {
        return !one->negated;
      }
    }
  }
  return false;
}
