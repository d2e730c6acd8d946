/* walk.h - walking the samples of a track. */
#ifndef PYPROF_CORE_PROFILE_WALK_H
#define PYPROF_CORE_PROFILE_WALK_H

#include "profile/view.h"

/* A walk over the samples of a track, as the view shows them, with their times. */
typedef struct pp_walk {
  const pp_profile *view;
  pp_track_cursor cursor;
  bool timed;
  bool uniform;          /* the track's weights are all equal, so samples are counted instead */
  double whole_rate;     /* if uniform: the samples per second if that is an integer, else 0 */
  bool bounded;          /* if uniform: the window's ends are known as numbers of samples */
  uint64_t from_sample, to_sample;
  size_t tick;           /* if the track has ticks: this step's */
  double ended;          /* if it has: the end of the last sample before this step */
  uint64_t before;       /* the number of samples before this step */
  uint32_t sum[PP_DIGITS_MAX]; /* their exact weight, if not uniform */
  uint64_t first, last;  /* the step's samples in the view's window are [first, last) */
  pp_node node;          /* in the view's tree; PP_NODE_GAP: left out */
} pp_walk;

/* Only a timed walk knows times. The walk of a view with a window is always timed. */
void pp_walk_begin(pp_walk *walk, const pp_profile *view, uint32_t track, bool timed);
/* The end of the track's last sample. The scale must have been made. */
double pp_walk_end(const pp_profile *view, uint32_t track);
bool pp_walk_next_timed(pp_walk *walk); /* for pp_walk_next alone */
/* Continues the walk, from the same step on, with the window of another view. */
void pp_walk_look(pp_walk *walk, const pp_profile *view);
/* The start of the step's sample of this index. */
double pp_walk_time(const pp_walk *walk, uint64_t index);
/* The end of the sample before that of this index, which may be one past the last. */
double pp_walk_time_before(const pp_walk *walk, uint64_t index);
/* Did the thread wait between the step and the sample before it? */
bool pp_walk_waited(const pp_walk *walk);
/* The first index in [first, last] whose sample starts at or after the time. */
uint64_t pp_walk_find(const pp_walk *walk, double time);

/* Goes to the next step of equal samples; false: the end. */
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
