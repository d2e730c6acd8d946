/* track.h - the samples of one thread, of one test or of none, in time order, as runs.
 *
 * There are two streams of the same length: nodes and weights. They are separate because files
 * have them so ("samples" before "weights"), and because weights are mostly all equal.
 */
#ifndef PYPROF_CORE_PROFILE_TRACK_H
#define PYPROF_CORE_PROFILE_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/tree.h"

/* A word of nodes is a node (or PP_NODE_GAP); if its top bit is set, the next word says how often
 * the node comes. A word of weights is the bits of a double (never negative); if its top bit is
 * set, it says how many more times the weight before it comes. */
#define PP_NODES_COUNTED 0x80000000u

typedef struct pp_nodes {
  uint32_t *words;
  size_t count, capacity;
  size_t last;     /* the beginning of the newest run, if there is one */
  uint64_t length; /* samples and gaps */
} pp_nodes;

typedef struct pp_weights {
  uint64_t *words;
  size_t count, capacity;
  uint64_t length;
} pp_weights;

/* A stretch of a track in which samples follow each other at equal distances. */
typedef struct pp_tick {
  uint64_t first;    /* the number of its first sample; it ends where the next tick begins */
  double from, step; /* seconds: the start of that sample, and the length of each */
} pp_tick;

typedef struct pp_track {
  pp_nodes nodes;
  pp_weights weights; /* in the file's unit of the metric */
  /* When the samples were taken, if that is known: in order, with holes where the thread waited.
   * NULL: each sample starts where the one before it ends, and its weight is its length. */
  pp_tick *ticks;
  size_t tick_count;
  /* Strings are numbers in the base's intern; ids are -1 if unknown. */
  uint32_t name, command;
  uint32_t test;   /* `id [phase]`; 0 ("") if the samples are of no test */
  uint32_t family; /* not 0: tracks with this number are one thread, whose tests differ */
  int64_t id, pid, parent_pid;
  uint32_t record; /* the number in the base's records, from 1; 0: there is none */
  bool started; /* threading started it, though its stacks may no longer show it */
} pp_track;

/* Equal samples in succession become one run. false: no memory. */
bool pp_nodes_add(pp_nodes *nodes, pp_node node, uint64_t times);
bool pp_weights_add(pp_weights *weights, double weight, uint64_t times);
bool pp_weights_copy(const pp_weights *from, pp_weights *to);
bool pp_weights_cut(pp_weights *weights, uint64_t length); /* keeps the first `length` */
void pp_track_seal(pp_track *track); /* frees spare memory; samples may still be added */
void pp_track_free(pp_track *track);

/* Walks both streams together: a step is all successive samples with the same node and weight. */
typedef struct pp_track_cursor {
  const pp_track *track;
  size_t node_at, weight_at;
  uint64_t node_left, weight_left;
  pp_node node;
  double weight;
  uint64_t times;
} pp_track_cursor;

void pp_track_begin(const pp_track *track, pp_track_cursor *cursor);
bool pp_track_next_weight(pp_track_cursor *cursor); /* for pp_track_next alone */

/* false: the end; else node, weight and times are set. It is inline because it takes most of the
 * time when millions of samples are walked. */
static inline bool pp_track_next(pp_track_cursor *cursor) {
  const pp_nodes *nodes = &cursor->track->nodes;
  if (cursor->node_left == 0) {
    if (cursor->node_at == nodes->count) return false;
    const uint32_t *run = nodes->words + cursor->node_at;
    uint32_t counted = *run >> 31, times = run[counted]; /* a branch could not be predicted */
    cursor->node = *run & ~PP_NODES_COUNTED;
    cursor->node_left = counted != 0 ? times : 1;
    cursor->node_at += 1 + counted;
  }
  if (cursor->weight_left == 0 && !pp_track_next_weight(cursor)) return false;
  cursor->times = cursor->node_left < cursor->weight_left ? cursor->node_left
                                                          : cursor->weight_left;
  cursor->node_left -= cursor->times;
  cursor->weight_left -= cursor->times;
  return true;
}

/* Shortens the step; the samples that it loses are in the next one. */
static inline void pp_track_shorten(pp_track_cursor *cursor, uint64_t times) {
  cursor->node_left += cursor->times - times;
  cursor->weight_left += cursor->times - times;
  cursor->times = times;
}

#endif
