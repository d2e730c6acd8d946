#include "profile/units.h"

#include <string.h>

static const struct {
  const char *names[4]; /* we write the first, and read all */
  double per_second;
} units[] = {
  [PP_UNIT_NONE] = {{"none"}, 0},
  [PP_UNIT_NANOSECONDS] = {{"nanoseconds", "ns"}, 1e9},
  [PP_UNIT_MICROSECONDS] = {{"microseconds", "us", "\xc2\xb5s", "\xce\xbcs"}, 1e6},
  [PP_UNIT_MILLISECONDS] = {{"milliseconds", "ms"}, 1e3},
  [PP_UNIT_SECONDS] = {{"seconds", "s"}, 1},
  [PP_UNIT_BYTES] = {{"bytes", "byte"}, 0},
};

const char *pp_unit_name(pp_unit unit) { return units[unit].names[0]; }

double pp_unit_per_second(pp_unit unit) { return units[unit].per_second; }

pp_unit pp_unit_named(const char *name, size_t length) {
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    for (size_t k = 0; k < 4 && units[i].names[k] != NULL; k++) {
      const char *known = units[i].names[k];
      if (strlen(known) == length && memcmp(known, name, length) == 0) return (pp_unit)i;
    }
  }
  return PP_UNIT_NONE;
}
