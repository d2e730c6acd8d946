/* pprof.h - pprof's profile.proto: stacks with several values each, without order in time.
 *
 * Each of a sample's values becomes a metric; one that counts samples says how many the others
 * are of. Threads come from the labels thread, thread_id and pid. Inlined calls are frames.
 */
#ifndef PYPROF_CORE_RECORDING_PPROF_H
#define PYPROF_CORE_RECORDING_PPROF_H

#include "pyprof/input.h"
#include "recording/raw.h"

/* Does a file that begins like this hold a profile, as far as can be seen? */
bool pp_pprof_is(const char *head, size_t length);
/* Fills raw (opened, empty). Offsets in messages are those of the unpacked file. */
pp_code pp_pprof_read(pp_input *input, pp_raw *raw, pp_error *error);

#endif
