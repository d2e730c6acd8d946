#include "pyprof/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/ignore.h"

#define NO_MEMORY (-1) /* beside the types of directory entries (DT_REG …) */

/* One name in a folder. Names are sorted as if folders ended in a slash, which is the order of the
 * whole paths. */
typedef struct entry {
  char *name;
  bool folder;
} entry;

/* A folder that is being walked. */
typedef struct level {
  struct level *above;
  char *path; /* with a slash at its end */
  entry *entries;
  size_t count, next;
  pp_ignore *ignore; /* the rules of its .gitignore, then those of the levels above; or NULL */
} level;

struct pp_files {
  pp_files_options options;
  char **paths;
  size_t count, next;
  level *top;
  pp_ignore *outside; /* the rules of the folders above the path that is being walked */
};

static char *join(const char *folder, const char *name, const char *end) {
  size_t a = strlen(folder), b = strlen(name), c = strlen(end);
  char *path = malloc(a + b + c + 1);
  if (path == NULL) return NULL;
  memcpy(path, folder, a);
  memcpy(path + a, name, b);
  memcpy(path + a + b, end, c + 1);
  return path;
}

static void level_free(level *top) {
  for (size_t i = 0; i < top->count; i++) free(top->entries[i].name);
  free(top->entries);
  free(top->path);
  pp_ignore_free(top->ignore);
  free(top);
}

static void folder_leave(pp_files *files) {
  level *top = files->top;
  files->top = top->above;
  level_free(top);
}

static void outside_free(pp_files *files) {
  while (files->outside != NULL) {
    pp_ignore *above = pp_ignore_above(files->outside);
    pp_ignore_free(files->outside);
    files->outside = above;
  }
}

void pp_files_free(pp_files *files) {
  if (files == NULL) return;
  while (files->top != NULL) folder_leave(files);
  outside_free(files);
  for (size_t i = 0; i < files->count; i++) free(files->paths[i]);
  free(files->paths);
  free(files);
}

pp_code pp_files_new(const char *const *paths, size_t count, const pp_files_options *options,
                    pp_files **files, pp_error *error) {
  pp_files *made = calloc(1, sizeof *made);
  if (made == NULL) return pp_error_memory(error);
  made->options = *options;
  made->paths = calloc(count + 1, sizeof *made->paths);
  if (made->paths == NULL) {
    pp_files_free(made);
    return pp_error_memory(error);
  }
  for (size_t i = 0; i < count; i++) {
    struct stat status;
    if (stat(paths[i], &status) != 0) {
      int number = errno;
      pp_files_free(made);
      return pp_error_system(error, paths[i], number);
    }
    made->paths[i] = strdup(paths[i]);
    if (made->paths[i] == NULL) {
      pp_files_free(made);
      return pp_error_memory(error);
    }
    made->count++;
  }
  *files = made;
  return PP_OK;
}

static int compare(const void *left, const void *right) {
  const entry *a = left, *b = right;
  const char *x = a->name, *y = b->name;
  while (*x != '\0' && *x == *y) {
    x++;
    y++;
  }
  unsigned char p = (unsigned char)*x, q = (unsigned char)*y;
  if (p == '\0' && a->folder) p = '/';
  if (q == '\0' && b->folder) q = '/';
  return (p > q) - (p < q);
}

static bool is_python(const pp_files *files, const char *name) {
  const char *dot = strrchr(name, '.');
  if (dot == NULL) return false;
  return strcmp(dot, ".py") == 0 || strcmp(dot, ".pyw") == 0 ||
    (files->options.stubs && strcmp(dot, ".pyi") == 0);
}

/* The type of a directory entry. The folder knows it, except for links and on some file systems;
 * stat then tells. A link to a folder has no type, so that it is not followed. */
static int type_of(const char *folder, const struct dirent *found) {
  if (found->d_type != DT_UNKNOWN && found->d_type != DT_LNK) return found->d_type;
  char *path = join(folder, found->d_name, "");
  if (path == NULL) return NO_MEMORY;
  struct stat status;
  int type = DT_UNKNOWN;
  if (found->d_type == DT_UNKNOWN && lstat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
    type = DT_DIR;
  } else if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
    type = DT_REG;
  }
  free(path);
  return type;
}

static bool add_entry(level *top, size_t *capacity, const char *name, bool folder) {
  if (top->count == *capacity) {
    size_t more = *capacity * 2 + 16;
    entry *room = realloc(top->entries, more * sizeof *room);
    if (room == NULL) return false;
    top->entries = room;
    *capacity = more;
  }
  char *copy = strdup(name);
  if (copy == NULL) return false;
  top->entries[top->count++] = (entry){ copy, folder };
  return true;
}

/* Enters a folder. It takes over the path, which ends in a slash. */
static pp_code folder_enter(pp_files *files, char *path, pp_error *error) {
  DIR *folder = opendir(path);
  if (folder == NULL) {
    int reason = errno;
    free(path);
    return reason == ENOMEM ? pp_error_memory(error) : PP_OK;
  }
  level *top = calloc(1, sizeof *top);
  if (top == NULL) {
    closedir(folder);
    free(path);
    return pp_error_memory(error);
  }
  top->path = path;
  top->above = files->top;
  pp_ignore *above = top->above != NULL ? top->above->ignore : files->outside;
  size_t capacity = 0;
  bool good = true, has_ignore = false;
  const struct dirent *found;
  while (good && (found = readdir(folder)) != NULL) {
    const char *name = found->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0) continue;
    if (strcmp(name, ".gitignore") == 0) has_ignore = true;
    bool python = is_python(files, name);
    if (!python && found->d_type == DT_REG) continue;
    int type = type_of(path, found);
    if (type == NO_MEMORY) {
      good = false;
    } else if (type == DT_DIR || (type == DT_REG && python)) {
      good = add_entry(top, &capacity, name, type == DT_DIR);
    }
  }
  closedir(folder);
  if (good && !files->options.no_ignore) {
    good = pp_ignore_new(path, has_ignore ? ".gitignore" : NULL, above, &top->ignore);
  }
  files->top = top;
  if (!good) return pp_error_memory(error);
  if (top->count > 1) qsort(top->entries, top->count, sizeof *top->entries, compare);
  return PP_OK;
}

/* Reads the rules of the folders above, up to the repository's root. */
static bool rules_above(pp_files *files, const char *path) {
  if (files->options.no_ignore) return true;
  return pp_ignore_outside(path, &files->outside);
}

pp_code pp_files_next(pp_files *files, char **path, pp_error *error) {
  *path = NULL;
  for (;;) {
    level *top = files->top;
    pp_code code = PP_OK;
    if (top == NULL) {
      outside_free(files);
      if (files->next == files->count) return PP_OK;
      const char *given = files->paths[files->next++];
      struct stat status;
      bool folder = stat(given, &status) == 0 && S_ISDIR(status.st_mode);
      size_t length = strlen(given);
      char *copy = join(given, "", folder && length > 0 && given[length - 1] != '/' ? "/" : "");
      if (copy == NULL || (folder && !rules_above(files, given))) {
        free(copy);
        return pp_error_memory(error);
      }
      if (!folder) {
        *path = copy;
        return PP_OK;
      }
      code = folder_enter(files, copy, error);
    } else if (top->next == top->count) {
      folder_leave(files);
    } else {
      const entry *found = &top->entries[top->next++];
      char *whole = join(top->path, found->name, found->folder ? "/" : "");
      if (whole == NULL) return pp_error_memory(error);
      if (pp_ignore_says(top->ignore, whole, found->folder)) {
        free(whole);
        continue;
      }
      if (!found->folder) {
        *path = whole;
        return PP_OK;
      }
      code = folder_enter(files, whole, error);
    }
    if (code != PP_OK) return code;
  }
}
