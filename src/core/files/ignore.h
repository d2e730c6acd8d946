/* ignore.h - the rules of .gitignore files, as git understands them.
 *
 * A pp_ignore has the rules of one folder and points to those of the folders above. The last rule
 * of the nearest folder that has a match decides.
 */
#ifndef PYPROF_CORE_FILES_IGNORE_H
#define PYPROF_CORE_FILES_IGNORE_H

#include <stdbool.h>

typedef struct pp_ignore pp_ignore;

/* Reads the rules of `file` in this folder (a path with a slash at its end; NULL: the folder has no
 * rules). The rules of `above` follow them; the caller frees `above` later. A file that cannot be
 * read has no rules. False: no memory. */
bool pp_ignore_new(const char *folder, const char *file, pp_ignore *above, pp_ignore **ignore);
/* Reads the rules of the folders above this one, down from the repository's root; NULL: there is no
 * repository. The caller frees each of them with pp_ignore_free. */
bool pp_ignore_outside(const char *folder, pp_ignore **ignore);
pp_ignore *pp_ignore_above(const pp_ignore *ignore);
void pp_ignore_free(pp_ignore *ignore); /* not those above it; NULL is fine */

/* Is this path ignored? It begins with the folder of the rules. If it is a folder, it may end in a
 * slash. */
bool pp_ignore_says(const pp_ignore *ignore, const char *path, bool folder);

#endif
