#include "profile/amount.h"

#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

/* weight = mantissa × 2^exponent; the mantissa is below 2^53. */
static uint64_t split(double weight, int *exponent) {
  double fraction = frexp(weight, exponent);
  *exponent -= 53;
  return (uint64_t)ldexp(fraction, 53);
}

static int bit_length(uint64_t value) {
  return value == 0 ? 0 : 64 - __builtin_clzll(value);
}

/* The number times 2^exponent as the nearest double, ties to even. A result too small for 53
 * bits is exact: like all weights, it is a multiple of the smallest double. */
static double round_once(const uint32_t *digits, uint32_t count, int exponent) {
  while (count > 0 && digits[count - 1] == 0) count--;
  if (count == 0) return 0;
  int lead = __builtin_clz(digits[count - 1]);
  uint64_t bits = (uint64_t)digits[count - 1] << 32 | (count > 1 ? digits[count - 2] : 0);
  uint64_t next = count > 2 ? digits[count - 3] : 0;
  bits = bits << lead | next << lead >> 32;
  bool more = (uint32_t)(next << lead) != 0;
  for (uint32_t i = 0; i + 3 < count; i++) more |= digits[i] != 0;
  uint64_t mantissa = bits >> 11;
  uint64_t rest = bits & 0x7ff;
  if (rest > 0x400 || (rest == 0x400 && (more || (mantissa & 1) != 0))) mantissa++;
  return ldexp((double)mantissa, exponent + 32 * ((int)count - 2) - lead + 11);
}

void pp_scale_measure(const pp_base *base, pp_scale *scale) {
  uint64_t samples = 0, first = 0;
  bool any = false, uniform = true;
  int lowest = 1024, highest = -1100;
  uint64_t last = 0;
  for (uint32_t t = 0; t < base->track_count; t++) {
    const pp_weights *weights = &base->tracks[t].weights;
    samples += base->tracks[t].nodes.length;
    for (size_t i = 0; i < weights->count; i++) {
      uint64_t word = weights->words[i];
      if (word >> 63 != 0) continue;
      if (!any) first = word;
      else if (word == last) continue;
      uniform = uniform && word == first;
      any = true;
      last = word;
      if (word == 0) continue;
      double weight;
      memcpy(&weight, &word, sizeof weight);
      int exponent;
      uint64_t mantissa = split(weight, &exponent);
      if (exponent + 53 > highest) highest = exponent + 53;
      exponent += __builtin_ctzll(mantissa);
      if (exponent < lowest) lowest = exponent;
    }
  }
  *scale = (pp_scale){.uniform = uniform, .count_digits = samples >> 32 == 0 ? 1 : 2};
  memcpy(&scale->weight, &first, sizeof first);
  scale->digits = scale->count_digits;
  if (uniform) return;
  scale->exponent = lowest;
  scale->digits += (uint32_t)(highest - lowest + bit_length(samples) + 31) / 32;
}

void pp_amount_add_weighed(const pp_scale *scale, uint32_t *to, double weight, uint64_t times) {
  uint64_t samples = pp_amount_samples(scale, to) + times;
  to[0] = (uint32_t)samples;
  if (scale->count_digits == 2) to[1] = (uint32_t)(samples >> 32);
  if (scale->uniform || weight == 0) return;
  int exponent;
  uint64_t mantissa = split(weight, &exponent);
  int zeros = __builtin_ctzll(mantissa);
  mantissa >>= zeros;
  uint32_t shift = (uint32_t)(exponent + zeros - scale->exponent);
  while (times > 0) {
    /* 53 bits, 40 bits of the count and 31 bits of shift fit in 128. */
    uint64_t part = times >> 40 == 0 ? times : (uint64_t)1 << 40;
    times -= part;
    wide sum = (wide)mantissa * part << (shift & 31);
    for (uint32_t i = scale->count_digits + shift / 32; sum != 0 && i < scale->digits; i++) {
      sum += to[i];
      to[i] = (uint32_t)sum;
      sum >>= 32;
    }
  }
}

uint64_t pp_amount_samples(const pp_scale *scale, const uint32_t *amount) {
  return scale->count_digits == 1 ? amount[0] : (uint64_t)amount[1] << 32 | amount[0];
}

double pp_amount_weight(const pp_scale *scale, const uint32_t *amount) {
  if (scale->uniform) return pp_weight_times(scale->weight, pp_amount_samples(scale, amount));
  return round_once(amount + scale->count_digits, scale->digits - scale->count_digits,
                    scale->exponent);
}

double pp_weight_times(double weight, uint64_t count) {
  if (weight == 0) return 0;
  int exponent;
  wide product = (wide)split(weight, &exponent) * count;
  uint32_t digits[4];
  for (int i = 0; i < 4; i++, product >>= 32) digits[i] = (uint32_t)product;
  return round_once(digits, 4, exponent);
}
