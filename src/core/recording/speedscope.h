/* speedscope.h - the speedscope file format, sampled and evented, as producers really write it. */
#ifndef PYPROF_CORE_RECORDING_SPEEDSCOPE_H
#define PYPROF_CORE_RECORDING_SPEEDSCOPE_H

#include "pyprof/input.h"
#include "recording/raw.h"

/* Fills raw (opened, empty). */
pp_code pp_speedscope_read(pp_input *input, pp_raw *raw, pp_error *error);

#endif
