/* scan_many.h - scanning the files of a pp_files, in its order, on several threads.
 *
 * A file that cannot be read does not make the scans fail: the file has a message. The pp_scan_many
 * owns what pp_scan_many_next returns; it is valid until the next call.
 */
#ifndef PYPROF_SCAN_MANY_H
#define PYPROF_SCAN_MANY_H

#include "pyprof/control.h"
#include "pyprof/files.h"
#include "pyprof/kept_files.h"
#include "pyprof/rules.h"
#include "pyprof/source.h"

typedef struct pp_scan_many_options {
  pp_files_options files;
  pp_complexity complexity;
  int threads;   /* 0: as many as there are cores for this process */
  const pp_rules *rules; /* NULL: none; the caller frees them after the pp_scan_many */
  const pp_kept_files *texts; /* NULL, or files that were read before; likewise */
  bool portable; /* for tests: the way that works on every processor */
} pp_scan_many_options;

typedef struct pp_scan_many_file {
  const char *path;
  const pp_scan *scan; /* without its text; NULL: the file could not be read */
  const char *message; /* why it could not be read, or NULL */
  const pp_found_list *found; /* the matches of the rules */
} pp_scan_many_file;

typedef struct pp_scan_many pp_scan_many;

/* Fails as pp_files_new does. If options.texts are given, the paths are not used. */
pp_code pp_scan_many_new(const char *const *paths, size_t count,
                         const pp_scan_many_options *options,
                         pp_scan_many **scans, pp_error *error);
void pp_scan_many_free(pp_scan_many *scans); /* NULL is fine; ends its threads */

/* *file is NULL at the end. PP_MEMORY, PP_CANCELLED, or PP_LIMIT with the file in the message: a
 * rule backtracks without end. */
pp_code pp_scan_many_next(pp_scan_many *scans, const pp_control *control,
                          const pp_scan_many_file **file, pp_error *error);

#endif
