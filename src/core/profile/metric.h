/* metric.h - which of a recording's metrics is looked at. */
#ifndef PYPROF_CORE_PROFILE_METRIC_H
#define PYPROF_CORE_PROFILE_METRIC_H

#include "profile/base.h"
#include "pyprof/buffer.h"
#include "pyprof/error.h"

/* "seconds", "microseconds CPU time". false: no memory. */
bool pp_metric_text(const pp_intern *strings, pp_metric metric, pp_buffer *text);

/* The index of the one that a person means by `name`: the unit, the kind, both, or a part of
 * both that only one has; the case is not looked at. None or several: PP_ARGUMENT. */
pp_code pp_metric_find(const pp_intern *strings, const pp_metric *metrics, uint32_t count,
                       const char *name, uint32_t *index, pp_error *error);

#endif
