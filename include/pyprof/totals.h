/* totals.h - what groups of frames add up to; frames, groups and weights are as in
 * profile.h.
 *
 * The caller owns the arrays: count + 1 elements for a grouping's groups, the first for
 * what is of none.
 */
#ifndef PYPROF_TOTALS_H
#define PYPROF_TOTALS_H

#include "pyprof/profile.h"

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

#endif
