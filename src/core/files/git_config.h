/* git_config.h - where git keeps what is to be ignored, outside of .gitignore files. */
#ifndef PYPROF_CORE_FILES_GIT_CONFIG_H
#define PYPROF_CORE_FILES_GIT_CONFIG_H

#include <limits.h>
#include <stdbool.h>

/* Paths; "" where there is none. */
typedef struct pp_git_excludes {
  char everywhere[PATH_MAX]; /* core.excludesFile, or what git takes where that is not set */
  char repository[PATH_MAX]; /* info/exclude */
} pp_git_excludes;

/* Of the repository whose working tree is at `root`, which ends in a slash and holds .git. False:
 * no memory. */
bool pp_git_excludes_of(const char *root, pp_git_excludes *excludes);

#endif
