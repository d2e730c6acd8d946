/* timeline.h - threads, and samples in the order of time. profile.h explains weights and times.
 * A thread has the same number in all views of the same recordings.
 */
#ifndef PYPROF_TIMELINE_H
#define PYPROF_TIMELINE_H

#include "pyprof/calls.h"

typedef struct pp_thread {
  pp_text name, command;
  int64_t id, pid; /* -1: not known */
  int64_t parent;  /* the process's parent; -1: not known */
  bool main;       /* its id is its pid; if these are not known: threading did not start it */
  bool present;    /* the view has samples of it, even if all of them are empty */
  uint64_t samples;
  double weight;
} pp_thread;

/* The caller frees *threads with free(). */
pp_code pp_profile_threads(pp_profile *profile, const pp_control *control, pp_thread **threads,
                           uint32_t *count, pp_error *error);

/* Counts the samples that start in each interval [bounds[i], bounds[i + 1]); there are
 * bound_count - 1 of them, and bounds increase. PP_ARGUMENT: the recording has no time. */
pp_code pp_profile_cut(pp_profile *profile, const double *bounds, size_t bound_count,
                       const pp_control *control, uint64_t *samples, double *weight,
                       pp_error *error);

typedef struct pp_stretch {
  uint32_t thread, key; /* key: the leaf's group, or the number of its call */
  uint32_t test;        /* its number in tests.h */
  double from, to;
  uint64_t samples;
  double weight;
} pp_stretch;

/* Runs of consecutive samples of a thread whose leaves are in one group or, if `calls` is not NULL
 * (it is made of the same profile and groups), are one call. A run ends at a leaf of group 0, an
 * empty sample, or one that the view leaves out; and where a test ends. The caller frees *runs with free(). PP_ARGUMENT:
 * the recording has no time. */
pp_code pp_profile_runs(pp_profile *profile, const uint32_t *groups, const pp_calls *calls,
                        const pp_control *control, pp_stretch **runs, size_t *count,
                        pp_error *error);

typedef enum pp_stretch_order {
  PP_STRETCHES_BY_START,
  PP_STRETCHES_BY_WEIGHT,
  PP_STRETCHES_BY_SAMPLES
} pp_stretch_order;

/* Sorts runs, the earliest or the heaviest first. Ties are sorted by the rank of the leaf's group,
 * then of the groups on its path, then of the thread, then by start. The ranks are one for each
 * group and one for each thread; `calls` is the one given to pp_profile_runs. */
pp_code pp_stretches_sort(pp_stretch *runs, size_t count, pp_stretch_order order,
                          const pp_calls *calls,
                          const uint32_t *group_ranks, const uint32_t *thread_ranks,
                          pp_error *error);

#endif
