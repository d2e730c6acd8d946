/* folded.h - folded stacks: lines of `frame;frame;frame count`. After austin's header each line is
 * one sample of its thread, and the number is its weight. */
#ifndef PYPROF_CORE_RECORDING_FOLDED_H
#define PYPROF_CORE_RECORDING_FOLDED_H

#include "pyprof/input.h"
#include "recording/raw.h"

/* Fills raw (opened, empty). Lines that are no stacks are skipped and counted. */
pp_code pp_folded_read(pp_input *input, pp_raw *raw, pp_error *error);

#endif
