/* scan_many.h - scanning many files: those of a pp_files, on several threads, in its order.
 *
 * A file that cannot be read is no failure of the scans: it says so itself. What pp_scan_many_next
 * returns belongs to them, until the next call or until they are freed.
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
  const pp_rules *rules; /* NULL: none; the caller's, for as long as the scans live */
  const pp_kept_files *texts; /* NULL, or files that were read before; likewise */
  bool portable; /* the way that is there on every processor, for tests */
} pp_scan_many_options;

typedef struct pp_scan_many_file {
  const char *path;
  const pp_scan *scan; /* NULL: it could not be read. Its text is not kept */
  const char *message; /* why not */
  const pp_found_list *found; /* of the rules */
} pp_scan_many_file;

typedef struct pp_scan_many pp_scan_many;

/* Fails as pp_files_new does. Where there are options.texts, no paths are looked at. */
pp_code pp_scan_many_new(const char *const *paths, size_t count,
                         const pp_scan_many_options *options,
                         pp_scan_many **scans, pp_error *error);
void pp_scan_many_free(pp_scan_many *scans); /* NULL is fine; ends its threads */

/* *file is NULL at the end. PP_MEMORY, PP_CANCELLED; PP_LIMIT, with the file in the message,
 * where a rule backtracks without end. */
pp_code pp_scan_many_next(pp_scan_many *scans, const pp_control *control,
                          const pp_scan_many_file **file, pp_error *error);

#endif
