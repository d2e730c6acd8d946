/* profile.h - views of what recordings hold. The numbers that are counted from them are in
 * totals.h, calls.h and timeline.h.
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
/* Samples of the selected threads: one byte for each of pp_profile_threads (timeline.h). */
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

#endif
