/* kept_files.h - the bytes of many files, read at once and kept: for who will not be able to open them.
 */
#ifndef PYPROF_KEPT_FILES_H
#define PYPROF_KEPT_FILES_H

#include "pyprof/control.h"
#include "pyprof/files.h"

typedef struct pp_text {
  char *path;
  char *real;    /* its absolute path, without symbolic links; NULL: unknown */
  char *bytes;   /* NULL: it could not be read */
  size_t length;
  char *message; /* why not */
} pp_text;

typedef struct pp_texts {
  pp_text *texts; /* in the order of pp_files */
  size_t count;
} pp_texts;

/* Fails as pp_files_new does, and with PP_CANCELLED. A file that cannot be read is no failure. */
pp_code pp_texts_new(const char *const *paths, size_t count, const pp_files_options *options,
                     const pp_control *control, pp_texts **texts, pp_error *error);
void pp_texts_free(pp_texts *texts); /* NULL is fine */

/* The file of this path, as it was found or absolute; NULL: none of them. */
const pp_text *pp_texts_find(const pp_texts *texts, const char *path);

#endif
