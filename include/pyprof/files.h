/* files.h - the Python files below some paths, in an order that does not depend on the disk.
 *
 * A path that is a file is given whatever its name is. A folder gives its *.py and *.pyw (with
 * `stubs` also *.pyi), sorted by the bytes of their names, with folders in their places among
 * them. Left out are .git and all that is ignored by .gitignore files (in the folder, and above it
 * up to the repository's root), by the repository's info/exclude or by the user's
 * core.excludesFile. A walk does not follow symbolic links to folders.
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

/* The paths are copied. PP_SYSTEM, with the path in the message: one of them does not exist.
 * PP_MEMORY. */
pp_code pp_files_new(const char *const *paths, size_t count, const pp_files_options *options,
                    pp_files **files, pp_error *error);
void pp_files_free(pp_files *files); /* NULL is fine */

/* The next file's path, which the caller frees with free(); NULL at the end. A folder that cannot
 * be read is skipped. PP_MEMORY. */
pp_code pp_files_next(pp_files *files, char **path, pp_error *error);

/* "a FIFO", "a socket" or "a device": reading it may never end. NULL for all other files, and for
 * a path that names one of our descriptors (/dev/fd/N, /dev/stdin). */
const char *pp_file_special(const char *path);
/* Is the path a regular file? */
bool pp_file_is_plain(const char *path);

#endif
