/* profile.h - views of recordings. totals.h, calls.h and timeline.h count samples and weights in
 * them.
 *
 * A pp_profile is a view: it says which samples of the recordings it keeps and which stacks it
 * shows them with, and shares the recordings with all other views of them. Making a view never
 * changes the one it is made from. The caller owns each view and frees it with pp_profile_free,
 * in any order. The cost of counting grows with the number of distinct stacks; only
 * pp_profile_window, _slices, _cut and _runs, and the first count after reading, walk samples.
 *
 * Frames are numbered from 0. A mask has one byte for each frame (not 0: selected). Groups are one
 * number for each frame: 0 for none, else 1 … group_count. Weights are exact sums, rounded once,
 * in the metric's unit. Times are seconds since the run began where the recording says when samples
 * were taken (weights.h), else on the thread's own clock; no view shifts them.
 *
 * A call returns PP_OK, or it has made nothing and returns PP_MEMORY, PP_CANCELLED (by the
 * control) or a code that its own comment names. Only one thread at a time uses profiles of the
 * same recordings.
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

/* A string that belongs to the profile and lives as long as it. */
typedef struct pp_text {
  const char *bytes;
  size_t length;
} pp_text;

/* A view of everything in the base. It takes over the caller's reference, even if it fails and
 * returns NULL. */
pp_profile *pp_profile_from_base(struct pp_base *base);
void pp_profile_free(pp_profile *profile); /* NULL is fine */
/* Roughly how many bytes it has of its own, not shared with the view it was made from. */
size_t pp_profile_memory(const pp_profile *profile);

/* Makes one profile of several (at least one). Samples that a view left out become gaps, so that
 * times do not change; equal frames become one. PP_ARGUMENT: the metrics differ. */
pp_code pp_profile_merge(const pp_profile *const *profiles, size_t count,
                         const pp_control *control, pp_profile **merged, pp_error *error);

typedef struct pp_profile_info {
  uint64_t samples, empty_samples;
  double weight;      /* of the samples that are not empty */
  int weighing;       /* one of pp_weighing (weights.h) */
  const char *unit;   /* "none", "seconds", "bytes" … */
  pp_text kind;       /* what the producer calls the metric, or "" */
  double rate;        /* samples per second; 0: not known, or not the same everywhere */
  bool has_time;
  bool clock;         /* times are those of one clock, which all threads share */
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

/* What the recorder says of a run: a JSON value under a key of its own. Merged recordings have the
 * records of all. */
uint32_t pp_profile_record_count(const pp_profile *profile);
pp_text pp_profile_record(const pp_profile *profile, uint32_t number);

uint32_t pp_profile_frame_count(const pp_profile *profile);
void pp_profile_frame(const pp_profile *profile, uint32_t frame, pp_text *name, pp_text *file,
                      uint32_t *line);

/* Writes the numbers of all frames, sorted by name, file and line. */
pp_code pp_profile_sort_frames(const pp_profile *profile, uint32_t *order, pp_error *error);

/* What frames of one group have in common: name and file, file and line (without one of them, file
 * and name), the name, the file; or each frame is a group. */
typedef enum pp_group_kind {
  PP_GROUP_FUNCTION, PP_GROUP_LINE, PP_GROUP_NAME, PP_GROUP_FILE, PP_GROUP_FRAME,
} pp_group_kind;

/* Groups the frames. Groups are numbered from 1 in the order of their first frames in `order`.
 * `first` gets these frames; it has room for as many as there are frames. */
pp_code pp_profile_group(const pp_profile *profile, pp_group_kind kind, const uint32_t *order,
                         uint32_t *groups, uint32_t *first, uint32_t *group_count,
                         pp_error *error);

/* --- views. `view` is set on PP_OK. */

/* The samples with a selected frame (keep), or those without one. */
pp_code pp_profile_where(pp_profile *profile, const uint8_t *mask, bool keep,
                         const pp_control *control, pp_profile **view, pp_error *error);
/* Each selected frame is merged into its caller. If a stack begins with selected frames at its
 * root, the outermost stays. */
pp_code pp_profile_fold(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                        pp_profile **view, pp_error *error);
/* The samples with a selected frame; the outermost selected one becomes the root. */
pp_code pp_profile_root(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                        pp_profile **view, pp_error *error);
/* Adjacent frames of one group become one, the innermost, which keeps the leaf's line. */
pp_code pp_profile_flat(pp_profile *profile, const uint32_t *groups, const pp_control *control,
                        pp_profile **view, pp_error *error);
/* Frames get other names: `names` has one for each frame; bytes == NULL keeps the old one. Frames
 * that are then equal become one. */
pp_code pp_profile_rename(pp_profile *profile, const pp_text *names, const pp_control *control,
                          pp_profile **view, pp_error *error);
/* The samples of the selected threads: the mask has one byte for each thread of
 * pp_profile_threads (timeline.h). */
pp_code pp_profile_thread(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                          pp_profile **view, pp_error *error);
/* One view for each of `count` threads, in one pass; `threads` has their numbers in
 * pp_profile_threads. Either all `count` views are set, or none. */
pp_code pp_profile_split(pp_profile *profile, const uint32_t *threads, size_t count,
                         const pp_control *control, pp_profile **views, pp_error *error);
/* The samples that start in [from, to). PP_ARGUMENT: the recording has no time. */
pp_code pp_profile_window(pp_profile *profile, double from, double to, const pp_control *control,
                          pp_profile **view, pp_error *error);
/* One view for each window [bounds[i], bounds[i + 1]), in one pass; bounds increase. Either all
 * bound_count - 1 views are set, or none. PP_ARGUMENT: the recording has no time. */
pp_code pp_profile_slices(pp_profile *profile, const double *bounds, size_t bound_count,
                          const pp_control *control, pp_profile **views, pp_error *error);

#endif
