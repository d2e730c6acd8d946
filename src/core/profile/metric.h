/* metric.h - choosing one of a recording's metrics. */
#ifndef PYPROF_CORE_PROFILE_METRIC_H
#define PYPROF_CORE_PROFILE_METRIC_H

#include "profile/base.h"
#include "pyprof/buffer.h"
#include "pyprof/error.h"

/* "seconds", "microseconds CPU time". false: no memory. */
bool pp_metric_text(const pp_intern *strings, pp_metric metric, pp_buffer *text);

/* The index of the metric that the user means by `name`: its unit, its kind, both, or a part of
 * both that no other metric has. Upper and lower case are the same. PP_ARGUMENT: none or several
 * fit. */
pp_code pp_metric_find(const pp_intern *strings, const pp_metric *metrics, uint32_t count,
                       const char *name, uint32_t *index, pp_error *error);

#endif
