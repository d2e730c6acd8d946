/* git_config.h - the files besides .gitignore from which git reads what it ignores. */
#ifndef PYPROF_CORE_FILES_GIT_CONFIG_H
#define PYPROF_CORE_FILES_GIT_CONFIG_H

#include <limits.h>
#include <stdbool.h>

/* Paths; "": there is none. */
typedef struct pp_git_excludes {
  char everywhere[PATH_MAX]; /* core.excludesFile, or git's default for it */
  char repository[PATH_MAX]; /* info/exclude */
} pp_git_excludes;

/* Finds those of the repository whose working tree is at `root`, a path that ends in a slash and
 * holds .git. False: no memory. */
bool pp_git_excludes_of(const char *root, pp_git_excludes *excludes);

#endif
