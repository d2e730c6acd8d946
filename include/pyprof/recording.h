/* recording.h - reading recordings: speedscope (sampled, evented), pprof, folded text; also gzip.
 *
 * The format is recognized by the content, never by the name. "-" is standard input. A recording
 * is read once, in blocks; memory grows with the distinct stacks, and by a few bytes with each
 * sample. Several recordings are read on as many threads as there are cores, and merged in the
 * order given, so the result does not depend on the number of threads.
 */
#ifndef PYPROF_RECORDING_H
#define PYPROF_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "pyprof/control.h"
#include "pyprof/error.h"
#include "pyprof/profile.h"

typedef struct pp_recording_options {
  const char *metric; /* unit or kind, as the user writes it; NULL: the file's active one */
  int threads;        /* 0: as many as there are cores */
} pp_recording_options;

/* On PP_OK the caller owns *profile. On failure the message begins with the path. PP_ARGUMENT: the
 * recording has no such metric; the message lists the metrics that it has. */
pp_code pp_recording_read(const char *const *paths, size_t count,
                          const pp_recording_options *options, const pp_control *control,
                          pp_profile **profile, pp_error *error);

/* Does this text begin like a recording? Only its first bytes are read; gzip is unpacked. */
pp_code pp_recording_sniff(const char *path, bool *is_recording, pp_error *error);

#endif
