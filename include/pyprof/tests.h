/* tests.h - the tests that ran while samples were taken. profile.h explains weights.
 * A test has the same number in all views of the same recordings; 0 stands for no test.
 */
#ifndef PYPROF_TESTS_H
#define PYPROF_TESTS_H

#include "pyprof/profile.h"

typedef struct pp_test {
  pp_text name; /* `id [phase]`; "" for test 0 */
  bool present; /* the view has samples of it, even if all of them are empty */
  uint64_t samples;
  double weight;
} pp_test;

/* The caller frees *tests with free(); there is at least test 0. */
pp_code pp_profile_tests(pp_profile *profile, const pp_control *control, pp_test **tests,
                         uint32_t *count, pp_error *error);

/* The samples of the selected tests: the mask has one byte for each of pp_profile_tests. */
pp_code pp_profile_test(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                        pp_profile **view, pp_error *error);

typedef struct pp_test_leaf {
  uint32_t test, group;
  uint64_t samples;
  double weight;
} pp_test_leaf;

/* The samples of each test (but 0) by the group of their leaf, sorted by test and group; leaves of
 * group 0 are left out. The caller frees *leaves with free(). */
pp_code pp_profile_test_leaves(pp_profile *profile, const uint32_t *groups,
                               const pp_control *control, pp_test_leaf **leaves, size_t *count,
                               pp_error *error);

#endif
