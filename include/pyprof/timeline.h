/* timeline.h - threads, and what is asked in time order. Weights and times are as in
 * profile.h; the numbers of threads are the same in all views of the same recordings.
 */
#ifndef PYPROF_TIMELINE_H
#define PYPROF_TIMELINE_H

#include "pyprof/calls.h"

typedef struct pp_thread {
  pp_text name, command;
  int64_t id, pid; /* -1: not known */
  int64_t parent;  /* of the process; -1: not known */
  bool main;       /* id is pid; or, where they are not known, not started by threading */
  bool present;    /* the view has samples of it, be they empty */
  uint64_t samples;
  double weight;
} pp_thread;

/* *threads is the caller's and ends with free(). */
pp_code pp_profile_threads(pp_profile *profile, const pp_control *control, pp_thread **threads,
                           uint32_t *count, pp_error *error);

/* The samples that start in [bounds[i], bounds[i + 1]), for bound_count - 1 intervals; bounds
 * increase. PP_ARGUMENT: the recording has no time. */
pp_code pp_profile_cut(pp_profile *profile, const double *bounds, size_t bound_count,
                       const pp_control *control, uint64_t *samples, double *weight,
                       pp_error *error);

typedef struct pp_stretch {
  uint32_t thread, key; /* key: the leaf's group, or the number of its call */
  double from, to;
  uint64_t samples;
  double weight;
} pp_stretch;

/* Consecutive samples of a thread whose leaves have one group; if calls is not NULL (made of
 * the same profile and groups) those of one call. Leaves of group 0, empty samples and left out
 * ones end a run. *runs is the caller's and ends with free(). PP_ARGUMENT: no time. */
pp_code pp_profile_runs(pp_profile *profile, const uint32_t *groups, const pp_calls *calls,
                        const pp_control *control, pp_stretch **runs, size_t *count,
                        pp_error *error);

typedef enum pp_stretch_order {
  PP_STRETCHES_BY_START,
  PP_STRETCHES_BY_WEIGHT,
  PP_STRETCHES_BY_SAMPLES
} pp_stretch_order;

/* Sorts runs: the earliest first, or the heaviest. Alike in that: by rank of the leaf's group and
 * of the groups on its path, by rank of the thread, by start. ranks: one a group and one a thread;
 * calls as it was given to pp_profile_runs. */
pp_code pp_stretches_sort(pp_stretch *runs, size_t count, pp_stretch_order order,
                          const pp_calls *calls,
                          const uint32_t *group_ranks, const uint32_t *thread_ranks,
                          pp_error *error);

#endif
