/* kept_files.h - the bytes of many files, read at once and kept: for the sandbox, which can
 * open no file.
 */
#ifndef PYPROF_KEPT_FILES_H
#define PYPROF_KEPT_FILES_H

#include "pyprof/control.h"
#include "pyprof/files.h"

typedef struct pp_kept_file {
  char *path;
  char *real;    /* its absolute path, without symbolic links; NULL: unknown */
  char *bytes;   /* NULL: it could not be read */
  size_t length;
  char *message; /* why it could not be read, or NULL */
} pp_kept_file;

typedef struct pp_kept_files {
  pp_kept_file *texts; /* in the order of pp_files */
  size_t count;
} pp_kept_files;

/* Fails as pp_files_new does, or with PP_CANCELLED. A file that cannot be read is no failure. */
pp_code pp_kept_files_new(const char *const *paths, size_t count, const pp_files_options *options,
                          const pp_control *control, pp_kept_files **texts, pp_error *error);
void pp_kept_files_free(pp_kept_files *texts); /* NULL is fine */

/* The file with this path, either as it was found or absolute; NULL: there is none. */
const pp_kept_file *pp_kept_files_find(const pp_kept_files *texts, const char *path);

#endif
