/* amount.h - exact sums of samples and of their weights.
 *
 * An amount is one long number of `digits` 32-bit digits, the lowest first. The first
 * `count_digits` hold the number of samples, the others their weight in units of 2^exponent. The
 * scale of a base is so large that the sum of all its samples fits. So no carry ever leaves the
 * count, and adding two amounts is one long addition. If all weights are equal, there are no digits
 * of weight: the weight is the count times the one weight. Either way the result is the exact sum,
 * rounded once, whatever the order of the additions.
 */
#ifndef PYPROF_CORE_PROFILE_AMOUNT_H
#define PYPROF_CORE_PROFILE_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "profile/base.h"

#define PP_DIGITS_MAX 72u /* doubles span 2,098 bits, counts 64 */

typedef struct pp_scale {
  bool uniform;  /* all weights are `weight` */
  double weight;
  int exponent;
  uint32_t count_digits, digits;
} pp_scale;

void pp_scale_measure(const pp_base *base, pp_scale *scale);

void pp_amount_add_weighed(const pp_scale *scale, uint32_t *to, double weight, uint64_t times);
uint64_t pp_amount_samples(const pp_scale *scale, const uint32_t *amount);
double pp_amount_weight(const pp_scale *scale, const uint32_t *amount);
/* count × weight, rounded once. */
double pp_weight_times(double weight, uint64_t count);

/* to += `times` samples of this weight, which must be a weight in the base. */
static inline void pp_amount_add_samples(const pp_scale *scale, uint32_t *to, double weight,
                                         uint64_t times) {
  if (scale->digits == 1) *to += (uint32_t)times;
  else pp_amount_add_weighed(scale, to, weight, times);
}

/* to += more */
static inline void pp_amount_add(const pp_scale *scale, uint32_t *to, const uint32_t *more) {
  uint64_t carry = 0;
  for (uint32_t i = 0; i < scale->digits; i++) {
    carry += (uint64_t)to[i] + more[i];
    to[i] = (uint32_t)carry;
    carry >>= 32;
  }
}

/* to = more - less; more must not be smaller than less */
static inline void pp_amount_subtract(const pp_scale *scale, uint32_t *to, const uint32_t *more,
                                      const uint32_t *less) {
  int64_t carry = 0;
  for (uint32_t i = 0; i < scale->digits; i++) {
    carry += (int64_t)more[i] - less[i];
    to[i] = (uint32_t)carry;
    carry >>= 32;
  }
}

/* Reads the samples and the weight of each amount. */
static inline void pp_amounts_read(const pp_scale *scale, const uint32_t *amounts, size_t count,
                                   uint64_t *samples, double *weight) {
  for (size_t i = 0; i < count; i++) {
    samples[i] = pp_amount_samples(scale, amounts + i * scale->digits);
    weight[i] = pp_amount_weight(scale, amounts + i * scale->digits);
  }
}

#endif
