#include "input/number.h"

#include <stddef.h>
#include <stdlib.h>

#define MOST_DIGITS 19 /* any 19 digits fit 64 bits */

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Adds consecutive digits to the mantissa; `fraction` says that they follow the point. */
static const char *scan_digits(const char *p, pp_number *number, bool fraction, int *digits) {
  for (; is_digit(*p); p++) {
    if (*digits < MOST_DIGITS) {
      number->mantissa = number->mantissa * 10 + (uint64_t)(*p - '0');
      *digits += number->mantissa != 0;
      number->exponent -= fraction;
    } else {
      number->cut = number->cut || *p != '0';
      number->exponent += !fraction;
    }
  }
  return p;
}

static const char *scan_exponent(const char *p, pp_number *number) {
  bool negative = *p == '-';
  if (*p == '-' || *p == '+') p++;
  if (!is_digit(*p)) {
    number->text = p;
    return NULL;
  }
  int64_t exponent = 0;
  for (; is_digit(*p); p++) {
    if (exponent < 1000000000000) exponent = exponent * 10 + (*p - '0');
  }
  number->exponent += negative ? -exponent : exponent;
  return p;
}

const char *pp_number_scan(const char *text, pp_number *number) {
  *number = (pp_number){.text = text};
  const char *p = text;
  int digits = 0;
  if (*p == '-') {
    number->negative = true;
    p++;
  }
  if (*p == '0') {
    p++;
  } else if (is_digit(*p)) {
    p = scan_digits(p, number, false, &digits);
  } else {
    number->text = p;
    return NULL;
  }
  if (*p == '.') {
    p++;
    if (!is_digit(*p)) {
      number->text = p;
      return NULL;
    }
    p = scan_digits(p, number, true, &digits);
  }
  if (*p == 'e' || *p == 'E') p = scan_exponent(p + 1, number);
  return p;
}

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* mantissa / 10^places for 17 to 19 digits and up to 19 places: one integer division whose
 * quotient has at least 55 bits. The remainder matters only if it is not zero: it sets the last
 * bit. */
static double divide(uint64_t mantissa, int places) {
  uint64_t divisor = 1;
  for (int i = 0; i < places; i++) divisor *= 10;
  int up = __builtin_clzll(mantissa);
  int shift = up + 64 - __builtin_clzll(divisor) - 8; /* quotient: 55 to 57 bits */
  if (shift < 0) shift = 0;
  unsigned __int128 dividend = (unsigned __int128)mantissa << shift;
  uint64_t quotient = (uint64_t)(dividend / divisor);
  if (dividend % divisor != 0) quotient |= 1;
  /* The conversion rounds to nearest; the last bit stands for all bits below it. */
  double value = (double)quotient;
  for (; shift >= 30; shift -= 30) value /= 1u << 30;
  return value / (double)(1u << shift);
}

double pp_number_value(const pp_number *number, locale_t c) {
  double value;
  if (number->mantissa == 0) {
    value = 0;
  } else if (number->cut || number->exponent > 22 || number->exponent < -22) {
    return strtod_l(number->text, NULL, c);
  } else if (number->mantissa <= (uint64_t)1 << 53) {
    value = (double)number->mantissa;
    if (number->exponent < 0) value /= powers[-number->exponent];
    else value *= powers[number->exponent];
  } else if (number->exponent <= 0 && number->exponent >= -19) {
    value = divide(number->mantissa, (int)-number->exponent);
  } else {
    return strtod_l(number->text, NULL, c);
  }
  return number->negative ? -value : value;
}

bool pp_number_index(const pp_number *number, uint64_t most, uint64_t *index) {
  uint64_t value = number->mantissa;
  int64_t exponent = number->exponent;
  if (value == 0) exponent = 0;
  if (number->cut || (number->negative && value != 0)) return false;
  for (; exponent > 0; exponent--) {
    if (value > most / 10) return false;
    value *= 10;
  }
  for (; exponent < 0; exponent++) {
    if (value % 10 != 0) return false;
    value /= 10;
  }
  *index = value;
  return value <= most;
}
