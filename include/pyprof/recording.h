/* recording.h - reading recordings: speedscope (sampled, evented), pprof, folded text, gzip of each.
 *
 * The format is told by content, never by the name. "-" is standard input. A recording is read
 * once, in blocks; memory follows the distinct stacks and a few bytes a sample. Several are read
 * on as many threads as there are cores, and merged in the order given: the result does not
 * depend on how many threads there were.
 */
#ifndef PYPROF_RECORDING_H
#define PYPROF_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "pyprof/control.h"
#include "pyprof/error.h"
#include "pyprof/profile.h"

typedef struct pp_recording_options {
  const char *metric; /* unit or kind, as a person writes it; NULL: the file's active one */
  int threads;        /* 0: as many as there are cores */
} pp_recording_options;

/* On PP_OK *profile is the caller's. On failure the message begins with the path. Cannot mean
 * anything (no such metric): PP_ARGUMENT, the metrics that there are in the message. */
pp_code pp_recording_read(const char *const *paths, size_t count,
                          const pp_recording_options *options, const pp_control *control,
                          pp_profile **profile, pp_error *error);

/* Does this text begin like a recording? Looks at the first bytes only (gzip is looked into). */
pp_code pp_recording_sniff(const char *path, bool *is_recording, pp_error *error);

#endif
