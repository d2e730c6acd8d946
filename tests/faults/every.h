/* every.h - runs a piece of work once for each of its allocations, and lets that allocation fail.
 *
 * Each time the work must report a lack of memory, or have the same result as without the fault.
 * Afterwards nothing that it made may be left. FAULTS=all tries every allocation; otherwise at most
 * 150 for each piece of work are tried, chosen by FAULTS_SEED. */
#ifndef PYPROF_TESTS_EVERY_H
#define PYPROF_TESTS_EVERY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fault.h"
#include "pyprof/error.h"

#define MOST_TRIED 150

/* A piece of work adds its results up in *sum, and frees everything that it makes. */
typedef pp_code work(pp_error *error, uint64_t *sum);

#ifdef __SANITIZE_ADDRESS__
int __lsan_do_recoverable_leak_check(void);
#else
static inline int __lsan_do_recoverable_leak_check(void) {
  return 0;
}
#endif

static inline bool is_honest(pp_code code, const pp_error *error) {
  if (code == PP_MEMORY) return strstr(error->message, "not enough memory") != NULL;
  return code == PP_SYSTEM && (strstr(error->message, "Cannot allocate memory") != NULL ||
                               strstr(error->message, "no thread can be started") != NULL);
}

static inline void every(const char *name, work *run) {
  uint64_t want = 0, all = 0, tried = 0;
  check_failures_in_test = 0;
  pp_error error = {0};
  pp_code code = run(&error, &want); /* also makes everything that is made once and kept */
  fault_set(0, false);
  if (code == PP_OK) {
    want = 0;
    code = run(&error, &want);
  }
  all = fault_stop();
  bool good = code == PP_OK && all > 0;
  if (!good) printf("# %s: %s\n", name, error.message);
  const char *mode = getenv("FAULTS"), *seed = getenv("FAULTS_SEED");
  uint64_t step = mode != NULL && strcmp(mode, "all") == 0 ? 1 : all / MOST_TRIED + 1;
  uint64_t start = 1 + (seed != NULL ? strtoull(seed, NULL, 10) : 0) % step;
  for (int lasting = 0; good && lasting <= 1; lasting++) {
    for (uint64_t at = start; at <= all; at += step) {
      uint64_t sum = 0;
      error = (pp_error){0};
      fault_set(at, lasting);
      code = run(&error, &sum);
      fault_stop();
      tried++;
      if (code == PP_OK ? sum == want : is_honest(code, &error)) continue;
      if (check_failures_in_test++ < 10) {
        printf("# %s: allocation %llu fails%s: code %d, \"%s\", sum %llu instead of %llu\n", name,
               (unsigned long long)at, lasting ? " and all that follow" : "", (int)code,
               error.message, (unsigned long long)sum, (unsigned long long)want);
      }
    }
  }
  if (__lsan_do_recoverable_leak_check() != 0) check_failures_in_test++;
  good = good && check_failures_in_test == 0;
  printf("%s - %s: %llu of %llu allocations fail, once and from then on\n", good ? "ok" : "not ok",
         name, (unsigned long long)tried / 2, (unsigned long long)all);
  fflush(stdout);
  if (!good) check_failed_tests++;
}

#define EVERY(work) every(#work, work)

#endif
