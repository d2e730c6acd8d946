#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "profile/amount.h"

/* A base of one track, with one sample for each of these weights. */
static pp_base *base_of(const double *weights, size_t count) {
  pp_base *base = pp_base_new();
  base->tracks = calloc(1, sizeof *base->tracks);
  base->track_count = 1;
  for (size_t i = 0; i < count; i++) {
    pp_nodes_add(&base->tracks[0].nodes, PP_NODE_ROOT, 1);
    pp_weights_add(&base->tracks[0].weights, weights[i], 1);
  }
  return base;
}

/* The exact sum of the weights, rounded once. */
static double sum_of(const double *weights, size_t count, bool backwards) {
  pp_base *base = base_of(weights, count);
  pp_scale scale;
  pp_scale_measure(base, &scale);
  uint32_t amount[PP_DIGITS_MAX] = {0};
  for (size_t i = 0; i < count; i++) {
    pp_amount_add_samples(&scale, amount, weights[backwards ? count - 1 - i : i], 1);
  }
  CHECK(pp_amount_samples(&scale, amount) == count);
  double sum = pp_amount_weight(&scale, amount);
  pp_base_free(base);
  return sum;
}

/* The sums are those of Python's math.fsum. */
static void sums_are_rounded_once(void) {
  static const struct { double weights[5]; size_t count; double sum; } cases[] = {
    {{0.1, 0.1, 0.1, 0.1, 0.1}, 5, 0.5},
    {{0.1, 0.2, 0.3}, 3, 0.6},
    {{1e16, 1, 1}, 3, 10000000000000002.0},
    {{9007199254740992.0, 1, 5e-324}, 3, 9007199254740994.0},
    {{9007199254740992.0, 1}, 2, 9007199254740992.0},
    {{9007199254740994.0, 1}, 2, 9007199254740996.0},
    {{1e308, 1e-308, 5e-324}, 3, 1e308},
    {{5e-324, 5e-324, 5e-324}, 3, 1.5e-323},
    {{2.2250738585072014e-308, 5e-324}, 2, 2.225073858507202e-308},
    {{0, 0, 0.25}, 3, 0.25},
    {{0, 0}, 2, 0},
    {{1.7976931348623157e308, 1e292}, 2, INFINITY},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double sum = sum_of(cases[i].weights, cases[i].count, false);
    if (sum != cases[i].sum) printf("# case %zu: %.17g, not %.17g\n", i, sum, cases[i].sum);
    CHECK(sum == cases[i].sum);
    CHECK(sum_of(cases[i].weights, cases[i].count, true) == cases[i].sum);
  }
}

static void equal_weights_give_exact_multiples(void) {
  CHECK(pp_weight_times(0.01, 1000) == 10.0);
  CHECK(pp_weight_times(0.01, 300000) == 3000.0);
  CHECK(pp_weight_times(0.01, 2941) == 29.41);
  CHECK(pp_weight_times(0.1, 3) == 0.30000000000000004); /* the double nearest the product */
  CHECK(pp_weight_times(0, 7) == 0);
  CHECK(pp_weight_times(1, UINT64_MAX) == 18446744073709551616.0);
  CHECK(pp_weight_times(5e-324, 3) == 1.5e-323);
}

/* Another weight among the samples makes the sums use digits of weight. */
static void digits_agree_with_multiples(void) {
  double weights[1000];
  for (size_t i = 0; i < 999; i++) weights[i] = 0.01;
  weights[999] = 0;
  CHECK(sum_of(weights, 1000, false) == pp_weight_times(0.01, 999));
}

static void many_samples_at_once(void) {
  double weights[] = {0.01, 3};
  pp_base *base = base_of(weights, 2);
  pp_nodes_add(&base->tracks[0].nodes, PP_NODE_ROOT, 5000000000);
  pp_weights_add(&base->tracks[0].weights, 0.01, 5000000000);
  pp_scale scale;
  pp_scale_measure(base, &scale);
  CHECK(scale.count_digits == 2);
  uint32_t amount[PP_DIGITS_MAX] = {0}, twice[PP_DIGITS_MAX], less[PP_DIGITS_MAX];
  pp_amount_add_samples(&scale, amount, 0.01, 2500000000);
  CHECK(pp_amount_samples(&scale, amount) == 2500000000);
  CHECK(pp_amount_weight(&scale, amount) == 25000000.0);
  memcpy(twice, amount, sizeof twice);
  pp_amount_add(&scale, twice, amount);
  CHECK(pp_amount_samples(&scale, twice) == 5000000000);
  CHECK(pp_amount_weight(&scale, twice) == 50000000.0);
  pp_amount_subtract(&scale, less, twice, amount);
  CHECK(memcmp(less, amount, scale.digits * sizeof *less) == 0);
  pp_base_free(base);
}

static void the_widest_range_fits(void) {
  double weights[] = {5e-324, 1.7976931348623157e308};
  pp_base *base = base_of(weights, 2);
  pp_scale scale;
  pp_scale_measure(base, &scale);
  CHECK(scale.digits <= PP_DIGITS_MAX);
  pp_base_free(base);
}

int main(void) {
  RUN(sums_are_rounded_once);
  RUN(equal_weights_give_exact_multiples);
  RUN(digits_agree_with_multiples);
  RUN(many_samples_at_once);
  RUN(the_widest_range_fits);
  FINISH();
}
