/* layout.h - the call tree as a page shows it, and who ran when in it. calls.h explains calls,
 * timeline.h runs.
 */
#ifndef PYPROF_LAYOUT_H
#define PYPROF_LAYOUT_H

#include "pyprof/timeline.h"

/* The nodes of a tree in preorder, siblings by weight, the heaviest first. Node 0 is the root.
 * Functions are the groups that have nodes, those with most nodes first. */
typedef struct pp_layout {
  uint32_t count, function_count, cut_count;
  uint32_t *depths, *functions; /* of each node; functions from 0, and 0 for the root */
  uint64_t *samples;            /* of the node alone */
  double *weights;
  uint32_t *groups;             /* of each function */
  uint32_t *cut;                /* the nodes that have the samples of callees that were left out */
  uint32_t *nodes;              /* of each call; of one that was left out its lowest caller's */
} pp_layout;

/* Keeps at most `limit` nodes beside the root, the heaviest. The samples of the others count for
 * their lowest caller that is kept. */
pp_code pp_layout_make(const pp_calls *calls, size_t limit, pp_layout **layout, pp_error *error);
void pp_layout_free(pp_layout *layout); /* NULL is fine */

/* Runs of consecutive samples of one thread, test and node, sorted by thread and time. */
typedef struct pp_order {
  size_t count;
  bool timed;          /* false: one run for all samples of a thread, test and node, without time */
  uint32_t *nodes, *threads, *tests;
  uint64_t *samples;
  double *weights;
  double tick, from;   /* seconds */
  uint64_t *waits, *spans; /* ticks since the end of the thread's last run, or since `from`; and
                              until its own end */
} pp_order;

/* `calls` and `layout` were made of the profile and the groups. There is no time if it is not
 * asked for, if the recording has none, if there are more than `limit` runs, or if a thread ran
 * twice at once, as in recordings that were merged. */
pp_code pp_order_make(pp_profile *profile, const uint32_t *groups, const pp_calls *calls,
                      const pp_layout *layout, bool timed, size_t limit, const pp_control *control,
                      pp_order **order, pp_error *error);
void pp_order_free(pp_order *order); /* NULL is fine */

#endif
