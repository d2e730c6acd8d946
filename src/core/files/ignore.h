/* ignore.h - what .gitignore files say, as git understands them.
 *
 * A pp_ignore is one folder's rules with those of the folders above behind it: the last rule that
 * matches decides, the nearest folder first.
 */
#ifndef PYPROF_CORE_FILES_IGNORE_H
#define PYPROF_CORE_FILES_IGNORE_H

#include <stdbool.h>

typedef struct pp_ignore pp_ignore;

/* The rules of `file` in this folder (a path with a slash at its end), with those of `above`
 * behind it, which must live as long. NULL for file: it has none of its own. A file that cannot
 * be read says nothing. False: no memory. */
bool pp_ignore_new(const char *folder, const char *file, pp_ignore *above, pp_ignore **ignore);
/* Those of the folders that hold this one, from its repository's root; NULL where there is no
 * repository. The list is freed one by one. */
bool pp_ignore_outside(const char *folder, pp_ignore **ignore);
pp_ignore *pp_ignore_above(const pp_ignore *ignore);
void pp_ignore_free(pp_ignore *ignore); /* this one alone; NULL is fine */

/* Is this path, which begins with the folder that the rules belong to, left out? A folder's may
 * end in a slash. */
bool pp_ignore_says(const pp_ignore *ignore, const char *path, bool folder);

#endif
