/* calls.h - the call tree, with frames merged by group, without the frames of group 0. profile.h
 * explains frames, groups and weights.
 */
#ifndef PYPROF_CALLS_H
#define PYPROF_CALLS_H

#include "pyprof/profile.h"

typedef struct pp_calls pp_calls;

typedef struct pp_call {
  uint32_t parent, group, depth; /* all 0 in the root */
  uint32_t line;                 /* the lowest seen */
  uint64_t self, total;
  double self_weight, total_weight;
} pp_call;

typedef struct pp_thread_leaf {
  uint32_t thread, call;
  uint32_t test; /* its number in tests.h, if tests are told apart; else 0 */
  uint64_t samples;
  double weight;
} pp_thread_leaf;

pp_code pp_calls_make(pp_profile *profile, const uint32_t *groups, uint32_t group_count,
                      const pp_control *control, pp_calls **calls, pp_error *error);
void pp_calls_free(pp_calls *calls); /* NULL is fine */
/* Calls are numbered from 0, the root. A parent has a smaller number than its children. */
uint32_t pp_calls_count(const pp_calls *calls);
uint32_t pp_calls_group_count(const pp_calls *calls);
void pp_calls_get(const pp_calls *calls, uint32_t number, pp_call *call);

/* The calls that have samples of their own, at most `limit`. They are sorted by weight (or by
 * samples), the greatest first; ties are sorted by the rank of the call's group, then by the ranks
 * of the groups on its path, root first. `ranks` has one rank for each group, from 1; calls in
 * groups of rank 0 are left out. The caller frees *numbers with free(). */
pp_code pp_calls_leaves(const pp_calls *calls, const uint32_t *ranks, bool by_samples,
                        size_t limit, uint32_t **numbers, size_t *count, pp_error *error);
/* The same calls for each thread by itself, sorted by the thread's number, then by weight as
 * above. If `by_tests`, a call's samples of different tests are different leaves. `calls` was made
 * of `profile`. The caller frees *leaves with free(). */
pp_code pp_calls_thread_leaves(const pp_calls *calls, pp_profile *profile, const uint32_t *ranks,
                               bool by_tests, pp_thread_leaf **leaves, size_t *count,
                               pp_error *error);

#endif
