/* read.h - reading one recording into a base. */
#ifndef PYPROF_CORE_RECORDING_READ_H
#define PYPROF_CORE_RECORDING_READ_H

#include "profile/base.h"
#include "pyprof/control.h"
#include "pyprof/error.h"

/* On PP_OK the caller owns *base. Messages do not name the path. */
pp_code pp_recording_base(const char *path, const char *metric, const pp_control *control,
                          pp_base **base, pp_error *error);

#endif
