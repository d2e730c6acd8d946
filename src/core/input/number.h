/* number.h - JSON's numbers, correctly rounded, whatever the locale. */
#ifndef PYPROF_CORE_INPUT_NUMBER_H
#define PYPROF_CORE_INPUT_NUMBER_H

#include <locale.h>
#include <stdbool.h>
#include <stdint.h>

/* The number is mantissa * 10^exponent, unless there were too many digits (`cut`). */
typedef struct pp_number {
  const char *text;
  uint64_t mantissa;
  int64_t exponent;
  bool negative, cut;
} pp_number;

/* Scans one number by JSON's grammar and returns the place after it. If the grammar is broken, it
 * returns NULL and sets number->text to the fault. A byte that is part of no number must end the
 * text. */
const char *pp_number_scan(const char *text, pp_number *number);

/* Infinite if the number is too large. `c` is a "C" locale, for the rare number that needs
 * strtod. */
double pp_number_value(const pp_number *number, locale_t c);

/* Is it an integer from 0 to `most`? -0, 1.0 and 1e2 are integers too. */
bool pp_number_index(const pp_number *number, uint64_t most, uint64_t *index);

#endif
