/* totals.h - self and total of groups of frames. profile.h explains frames, groups and weights.
 *
 * The caller owns the arrays. Each has count + 1 elements for a grouping's groups; the first is
 * for frames of no group.
 */
#ifndef PYPROF_TOTALS_H
#define PYPROF_TOTALS_H

#include "pyprof/profile.h"

typedef struct pp_grouping {
  const uint32_t *groups; /* one for each frame */
  uint32_t count;
} pp_grouping;

typedef struct pp_totals {
  uint64_t *self, *total; /* a sample counts once in a group's total, even with recursion */
  double *self_weight, *total_weight;
  uint32_t *line;         /* the lowest line of the group's frames; 0: none has one */
} pp_totals;

/* The totals of `count` groupings in one pass, which is faster than one after the other. `seen`
 * has a byte for each frame, which is set if a sample has the frame. */
pp_code pp_profile_totals(pp_profile *profile, const pp_grouping *groupings, size_t count,
                          const pp_control *control, uint8_t *seen, pp_totals *totals,
                          pp_error *error);

/* Each sample with a selected frame counts once: for the group of the caller of its outermost
 * selected frame, or of the callee of its innermost. The arrays have one element more, at
 * group_count + 1, for samples in which that frame is the root, or the leaf. */
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

#endif
