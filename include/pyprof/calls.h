/* calls.h - the call tree, with frames merged by group; frames of group 0 are left out of
 * it. Frames, groups and weights are as in profile.h.
 */
#ifndef PYPROF_CALLS_H
#define PYPROF_CALLS_H

#include "pyprof/profile.h"

typedef struct pp_calls pp_calls;

typedef struct pp_call {
  uint32_t parent, group, depth; /* of the root: all 0 */
  uint32_t line;                 /* the lowest seen */
  uint64_t self, total;
  double self_weight, total_weight;
} pp_call;

/* Those of each thread by itself: by the thread's number, then as above by weight. *leaves is the
 * caller's and ends with free(). profile, ranks: those that the calls were made of, and for. */
typedef struct pp_thread_leaf {
  uint32_t thread, call;
  uint64_t samples;
  double weight;
} pp_thread_leaf;

pp_code pp_calls_make(pp_profile *profile, const uint32_t *groups, uint32_t group_count,
                      const pp_control *control, pp_calls **calls, pp_error *error);
void pp_calls_free(pp_calls *calls); /* NULL is fine */
/* Calls are numbered from 0, the root; a parent's number is smaller than its children's. */
uint32_t pp_calls_count(const pp_calls *calls);
uint32_t pp_calls_group_count(const pp_calls *calls);
void pp_calls_get(const pp_calls *calls, uint32_t number, pp_call *call);

/* The calls with samples of their own, heaviest first (or those with the most samples); alike in
 * that: by the rank of their group, then of the groups on their path, root first. Ranks are one
 * a group, from 1; groups of rank 0 are left out. At most `limit` are given. *numbers is the
 * caller's and ends with free(). */
pp_code pp_calls_leaves(const pp_calls *calls, const uint32_t *ranks, bool by_samples,
                        size_t limit, uint32_t **numbers, size_t *count, pp_error *error);

pp_code pp_calls_thread_leaves(const pp_calls *calls, pp_profile *profile, const uint32_t *ranks,
                               pp_thread_leaf **leaves, size_t *count, pp_error *error);

#endif
