/* units.h - the units of weights. */
#ifndef PYPROF_CORE_PROFILE_UNITS_H
#define PYPROF_CORE_PROFILE_UNITS_H

#include <stddef.h>

typedef enum pp_unit {
  PP_UNIT_NONE,
  PP_UNIT_NANOSECONDS,
  PP_UNIT_MICROSECONDS,
  PP_UNIT_MILLISECONDS,
  PP_UNIT_SECONDS,
  PP_UNIT_BYTES
} pp_unit;

const char *pp_unit_name(pp_unit unit);
/* The number of units in a second; 0: the unit is no time. */
double pp_unit_per_second(pp_unit unit);
/* The unit of this name or abbreviation; PP_UNIT_NONE: there is none. */
pp_unit pp_unit_named(const char *name, size_t length);

#endif
