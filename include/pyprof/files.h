/* files.h - the Python files below some paths, in an order that does not depend on the disk.
 *
 * A path that is a file is given whatever its name. In a folder: *.py and *.pyw (with `stubs`
 * *.pyi too), names in the order of their bytes, folders in their places. .git is left out, and
 * what .gitignore files say (there, and above up to the repository's root); so are, in a
 * repository, its info/exclude and the user's core.excludesFile.
 * Symbolic links to folders are not followed inside of a walk.
 */
#ifndef PYPROF_FILES_H
#define PYPROF_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "pyprof/error.h"

typedef struct pp_files_options {
  bool no_ignore; /* every file, whatever .gitignore says */
  bool stubs;     /* *.pyi too */
} pp_files_options;

typedef struct pp_files pp_files;

/* The paths are copied. PP_SYSTEM, with the path in the message, where one of them is not
 * there; PP_MEMORY. */
pp_code pp_files_new(const char *const *paths, size_t count, const pp_files_options *options,
                    pp_files **files, pp_error *error);
void pp_files_free(pp_files *files); /* NULL is fine */

/* The next file's path, the caller's to free(); NULL at the end. A folder that cannot be read
 * is passed over. PP_MEMORY. */
pp_code pp_files_next(pp_files *files, char **path, pp_error *error);

/* "a FIFO", "a socket" or "a device": who reads it may wait for ever, or read for ever. NULL for
 * all else, and where the name is one of a descriptor of ours (/dev/fd/N, /dev/stdin). */
const char *pp_file_special(const char *path);
/* Is there a regular file? */
bool pp_file_is_plain(const char *path);

#endif
