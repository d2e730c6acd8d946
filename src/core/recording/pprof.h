/* pprof.h - pprof's profile.proto: stacks with several values each, without order in time.
 *
 * Each type of value becomes a metric. If one of them is the number of samples, it is the number
 * for all metrics. Threads come from the labels thread, thread_id and pid. Inlined calls are
 * frames.
 */
#ifndef PYPROF_CORE_RECORDING_PPROF_H
#define PYPROF_CORE_RECORDING_PPROF_H

#include "pyprof/input.h"
#include "recording/raw.h"

/* Does a file that begins like this look like a profile? */
bool pp_pprof_is(const char *head, size_t length);
/* Fills raw (opened, empty). Offsets in messages are those of the unpacked file. */
pp_code pp_pprof_read(pp_input *input, pp_raw *raw, pp_error *error);

#endif
