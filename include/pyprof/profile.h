/* profile.h - views of what recordings hold, and the numbers that are counted from them.
 *
 * A pp_profile is a view: it shares what was read with all other views of it, and says which
 * samples it keeps and as which stacks it shows them. Making a view never changes the one it is
 * made from; each is owned by whom it was given to, and ends with pp_profile_free, in any order.
 * Counting costs what there are distinct stacks; only pp_profile_window, _slices, _cut and
 * _runs, and the first question asked of what was read, walk samples.
 *
 * Frames are numbered from 0; masks have one byte a frame (not 0: selected). Groups are one
 * number a frame: 0 for none, else 1 … group_count. Weights are exact sums, rounded once, in
 * the metric's unit; times are seconds on the thread's own clock, which no view moves.
 *
 * Calls return PP_OK, or PP_MEMORY, PP_CANCELLED (by the control) or what is said with them;
 * nothing was made then. Profiles of the same recordings belong to one thread at a time.
 */
#ifndef PYPROF_PROFILE_H
#define PYPROF_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pyprof/control.h"
#include "pyprof/error.h"

struct pp_base;
typedef struct pp_profile pp_profile;

/* A string that belongs to the profile and lives as long. */
typedef struct pp_text {
  const char *bytes;
  size_t length;
} pp_text;

/* Everything in the base. Takes over the caller's reference, also when it fails (NULL). */
pp_profile *pp_profile_from_base(struct pp_base *base);
void pp_profile_free(pp_profile *profile); /* NULL is fine */
/* Roughly how many bytes are its own, not shared with what it was made from. */
size_t pp_profile_memory(const pp_profile *profile);

/* One profile of several (at least one). Samples that a view left out become gaps, so that time
 * stays; frames that are alike become one. PP_ARGUMENT: their metrics differ. */
pp_code pp_profile_merge(const pp_profile *const *profiles, size_t count,
                         const pp_control *control, pp_profile **merged, pp_error *error);

typedef struct pp_profile_info {
  uint64_t samples, empty_samples;
  double weight;      /* of the samples that are not empty */
  const char *unit;   /* "none", "seconds", "bytes" … */
  pp_text kind;       /* what the producer calls the metric, or "" */
  double rate;        /* samples a second; 0: not known or mixed */
  bool has_time;
  double from, to;    /* seconds; meaningful if has_time */
  pp_text exporter;
  uint32_t metric_count, quality_count;
} pp_profile_info;

pp_code pp_profile_inform(pp_profile *profile, const pp_control *control, pp_profile_info *info,
                          pp_error *error);
/* A metric that the recordings hold, the chosen one included. */
void pp_profile_metric(const pp_profile *profile, uint32_t number, const char **unit,
                       pp_text *kind);
void pp_profile_quality(const pp_profile *profile, uint32_t number, pp_text *what,
                        uint64_t *count);

uint32_t pp_profile_frame_count(const pp_profile *profile);
void pp_profile_frame(const pp_profile *profile, uint32_t frame, pp_text *name, pp_text *file,
                      uint32_t *line);

/* Writes the numbers of all frames in the order of their name, file and line. */
pp_code pp_profile_sort_frames(const pp_profile *profile, uint32_t *order, pp_error *error);

/* --- counting. The caller owns the arrays: count + 1 elements for a grouping's groups, the
 * first for what is of none. */

typedef struct pp_grouping {
  const uint32_t *groups; /* one a frame */
  uint32_t count;
} pp_grouping;

typedef struct pp_totals {
  uint64_t *self, *total; /* a sample counts once in a group's total, whatever the recursion */
  double *self_weight, *total_weight;
  uint32_t *line;         /* the lowest line seen of the group's frames; 0: none has one */
} pp_totals;

/* For each of so many ways to group, in one go, which is faster than one after the other. seen
 * has a byte for each frame, and is set where a sample holds it. */
pp_code pp_profile_totals(pp_profile *profile, const pp_grouping *groupings, size_t count,
                          const pp_control *control, uint8_t *seen, pp_totals *totals,
                          pp_error *error);

/* Of samples with a selected frame, each once: the group that the outermost is called by, or
 * that the innermost calls. One element more, at group_count + 1, has those where it is the root,
 * or the leaf. */
typedef struct pp_neighbours {
  uint64_t *samples;
  double *weight;
  uint32_t *line;
} pp_neighbours;

pp_code pp_profile_callers(pp_profile *profile, const uint8_t *mask, const uint32_t *groups,
                           uint32_t group_count, const pp_control *control,
                           pp_neighbours *neighbours, pp_error *error);
pp_code pp_profile_callees(pp_profile *profile, const uint8_t *mask, const uint32_t *groups,
                           uint32_t group_count, const pp_control *control,
                           pp_neighbours *neighbours, pp_error *error);

/* --- views. `view` is set on PP_OK. */

/* Samples with a selected frame (keep), or those without any. */
pp_code pp_profile_where(pp_profile *profile, const uint8_t *mask, bool keep,
                         const pp_control *control, pp_profile **view, pp_error *error);
/* Selected frames vanish into their caller; of a run of them at the root the outermost stays. */
pp_code pp_profile_fold(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                        pp_profile **view, pp_error *error);
/* Samples with a selected frame, cut above the outermost. */
pp_code pp_profile_root(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                        pp_profile **view, pp_error *error);
/* Neighbouring frames of one group become one, the innermost, which keeps the leaf's line. */
pp_code pp_profile_flat(pp_profile *profile, const uint32_t *groups, const pp_control *control,
                        pp_profile **view, pp_error *error);
/* Frames by other names: one a frame, or bytes == NULL to keep it. Frames that are alike then
 * become one. */
pp_code pp_profile_rename(pp_profile *profile, const pp_text *names, const pp_control *control,
                          pp_profile **view, pp_error *error);
/* Samples of the selected threads: one byte for each of pp_profile_threads. */
pp_code pp_profile_thread(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                          pp_profile **view, pp_error *error);
/* Those of each of so many threads alone, in one go; threads: their numbers in
 * pp_profile_threads. views: `count`, all of them set, or none. */
pp_code pp_profile_split(pp_profile *profile, const uint32_t *threads, size_t count,
                         const pp_control *control, pp_profile **views, pp_error *error);
/* Samples that start in [from, to). PP_ARGUMENT: the recording has no time. */
pp_code pp_profile_window(pp_profile *profile, double from, double to, const pp_control *control,
                          pp_profile **view, pp_error *error);
/* The windows [bounds[i], bounds[i + 1]), in one go; bounds increase. views: bound_count - 1,
 * all of them set, or none. PP_ARGUMENT: the recording has no time. */
pp_code pp_profile_slices(pp_profile *profile, const double *bounds, size_t bound_count,
                          const pp_control *control, pp_profile **views, pp_error *error);

/* --- threads: numbers are the same in all views of the same recordings. */

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

/* --- the call tree, with frames merged by group; frames of group 0 are left out of it. */

typedef struct pp_calls pp_calls;

typedef struct pp_call {
  uint32_t parent, group, depth; /* of the root: all 0 */
  uint32_t line;                 /* the lowest seen */
  uint64_t self, total;
  double self_weight, total_weight;
} pp_call;

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

/* Those of each thread by itself: by the thread's number, then as above by weight. *leaves is the
 * caller's and ends with free(). profile, ranks: those that the calls were made of, and for. */
typedef struct pp_thread_leaf {
  uint32_t thread, call;
  uint64_t samples;
  double weight;
} pp_thread_leaf;

pp_code pp_calls_thread_leaves(const pp_calls *calls, pp_profile *profile, const uint32_t *ranks,
                               pp_thread_leaf **leaves, size_t *count, pp_error *error);

/* --- in time order */

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
