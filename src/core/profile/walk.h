/* walk.h - going through the samples of a track. */
#ifndef PYPROF_CORE_PROFILE_WALK_H
#define PYPROF_CORE_PROFILE_WALK_H

#include "profile/view.h"

/* The samples of a track as the view shows them, with their time. */
typedef struct pp_walk {
  const pp_profile *view;
  pp_track_cursor cursor;
  bool timed;
  bool uniform;          /* the track's weights are all alike: samples are counted instead */
  double whole_rate;     /* if so, and its samples come N a second, N whole: N, else 0 */
  bool bounded;          /* if so: the numbers of the samples at the window's ends are known */
  uint64_t from_sample, to_sample;
  uint64_t before;       /* samples before those of this step */
  uint32_t sum[PP_DIGITS_MAX]; /* or their exact weight */
  uint64_t first, last;  /* of this step's samples those in the view's window: [first, last) */
  pp_node node;          /* of the view's tree; PP_NODE_GAP: left out */
} pp_walk;

/* Only a walk that is timed (one of a view with a window is) can tell times. */
void pp_walk_begin(pp_walk *walk, const pp_profile *view, uint32_t track, bool timed);
/* When the track's last sample ends. The scale must be there. */
double pp_walk_end(const pp_profile *view, uint32_t track);
bool pp_walk_next_timed(pp_walk *walk); /* for pp_walk_next alone */
/* The same step, and what follows, as another view's window has it. */
void pp_walk_look(pp_walk *walk, const pp_profile *view);
/* When the step's sample of this index starts; the index may be one past the last. */
double pp_walk_time(const pp_walk *walk, uint64_t index);
/* The first index in [first, last] whose sample starts at or after the time. */
uint64_t pp_walk_find(const pp_walk *walk, double time);

/* The next samples that are alike; false: the end. */
static inline bool pp_walk_next(pp_walk *walk) {
  if (walk->timed) return pp_walk_next_timed(walk);
  if (!pp_track_next(&walk->cursor)) {
    walk->cursor.times = walk->first = walk->last = 0;
    return false;
  }
  walk->node = pp_view_node(walk->view, walk->cursor.node);
  walk->first = 0;
  walk->last = walk->cursor.times;
  return true;
}

#endif
