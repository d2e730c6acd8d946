/* check.h - the few lines that a test program of the core needs.
 * A test is a function with any number of CHECK(condition). RUN calls it and prints "ok - name", or
 * "not ok - name" after the place and the text of each condition that failed. */
#ifndef PYPROF_TESTS_CHECK_H
#define PYPROF_TESTS_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failures_in_test;
static int check_failed_tests;

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition);                  \
      check_failures_in_test++;                                                 \
    }                                                                           \
  } while (0)

#define RUN(test)                                                               \
  do {                                                                          \
    check_failures_in_test = 0;                                                 \
    test();                                                                     \
    printf("%s - %s\n", check_failures_in_test ? "not ok" : "ok", #test);       \
    if (check_failures_in_test) check_failed_tests++;                           \
  } while (0)

#define FINISH() return check_failed_tests ? 1 : 0

#endif
