/* view.h - the inside of a pp_profile: what the files of this folder share.
 *
 * A view is a base, a map from the base's nodes to its own, and which tracks and seconds it
 * keeps. The tree that it shows is the base's, or one that it shares with the views made of it.
 * What is counted from are its entries: each track's distinct stacks with their amounts.
 */
#ifndef PYPROF_CORE_PROFILE_VIEW_H
#define PYPROF_CORE_PROFILE_VIEW_H

#include <stdatomic.h>

#include "profile/amount.h"
#include "profile/base.h"
#include "pyprof/profile.h"

/* What all views of one base share. */
typedef struct pp_common {
  atomic_uint references;
  pp_base *base;
  pp_scale scale;       /* this and the ends are made by the first pp_view_prepare */
  double *ends;         /* of each track: when its last sample ends, in seconds */
  double per_second;    /* of the metric's unit; 0: it is no time */
  uint32_t *threads;    /* the number of each track's thread; NULL: not asked yet */
  uint32_t thread_count;
} pp_common;

/* Where the base's nodes are in a view; shared by the views that differ in tracks or seconds. */
typedef struct pp_map {
  atomic_uint references;
  pp_node nodes[]; /* for each of the base's words; PP_NODE_GAP: left out */
} pp_map;

typedef struct pp_shape {
  atomic_uint references;
  pp_tree tree;
} pp_shape;

typedef struct pp_naming {
  atomic_uint references;
  pp_intern *strings;
  pp_frame *frames;
  uint32_t frame_count;
} pp_naming;

typedef struct pp_entries {
  pp_node *nodes;    /* of the view's tree; where views were made of views one may come twice */
  uint32_t *amounts; /* the scale's digits for each */
  size_t *starts;    /* of each of the view's tracks; one more is the end */
  size_t count, capacity;
} pp_entries;

struct pp_profile {
  pp_common *common;
  pp_shape *shape;   /* NULL: the base's tree */
  pp_naming *naming; /* NULL: the base's frames */
  pp_map *map;       /* NULL: every node is itself */
  uint32_t *tracks;  /* the numbers of those that are kept, ascending; NULL: all */
  uint32_t track_count; /* if they are not all */
  double from, to;   /* seconds; -INFINITY, INFINITY: all */
  bool ready;        /* entries are made */
  pp_entries entries;
};

static inline const pp_tree *pp_view_tree(const pp_profile *view) {
  return view->shape != NULL ? &view->shape->tree : &view->common->base->tree;
}

static inline const pp_frame *pp_view_frames(const pp_profile *view) {
  return view->naming != NULL ? view->naming->frames : view->common->base->frames;
}

static inline const pp_intern *pp_view_strings(const pp_profile *view) {
  return view->naming != NULL ? view->naming->strings : view->common->base->strings;
}

/* How many tracks it keeps, and the base's number of each: a view of one thread of very many
 * costs what that thread costs. */
static inline uint32_t pp_view_track_count(const pp_profile *view) {
  return view->tracks != NULL ? view->track_count : view->common->base->track_count;
}

static inline uint32_t pp_view_track(const pp_profile *view, uint32_t place) {
  return view->tracks != NULL ? view->tracks[place] : place;
}

static inline bool pp_view_has_window(const pp_profile *view) {
  return view->from > 0 || view->to < __builtin_inf();
}

/* The base's node as the view shows it. */
static inline pp_node pp_view_node(const pp_profile *view, pp_node node) {
  return node == PP_NODE_GAP || view->map == NULL ? node : view->map->nodes[node];
}

/* Asked once in a while by loops, with their index. */
static inline bool pp_view_cancelled(const pp_control *control, size_t index) {
  return (index & 0xffff) == 0 && pp_control_cancelled(control);
}

pp_code pp_view_cancel(pp_error *error);

static inline pp_text pp_view_text(const pp_intern *strings, uint32_t number) {
  pp_text text;
  text.bytes = pp_intern_text(strings, number, &text.length);
  return text;
}

/* A group is shown at its lowest line that was seen; 0 is none. */
static inline void pp_view_lower_line(uint32_t *line, uint32_t seen) {
  if (seen != 0 && (*line == 0 || seen < *line)) *line = seen;
}

/* Makes the scale and the entries, if they are not there. */
pp_code pp_view_prepare(pp_profile *view, const pp_control *control, pp_error *error);

/* Counts the samples that the views keep, track by track: one view, or several that differ in
 * their windows alone, each of which begins where the one before it ends. */
pp_code pp_entries_make(pp_profile *const *views, size_t count, const pp_control *control,
                        pp_error *error);
void pp_entries_free(pp_entries *entries);
bool pp_entries_copy(const pp_entries *from, pp_entries *to, uint32_t track_count,
                     uint32_t digits);

/* Fills common->threads. */
pp_code pp_view_number_threads(pp_profile *view, pp_error *error);
/* Sets a byte for each track: was it started by threading? false: no memory. */
bool pp_view_find_started(const pp_base *base, uint8_t *started_tracks);

/* A view like this one, its entries not made yet, and of all tracks; NULL: no memory. */
pp_profile *pp_view_share(const pp_profile *view);
/* And of the same tracks. */
pp_profile *pp_view_copy(const pp_profile *view);

/* One byte a word of the view's tree: is it on the way to an entry? NULL: no memory. */
uint8_t *pp_view_used(const pp_profile *view);

pp_naming *pp_naming_new(void); /* no frames, no strings but "" */
void pp_naming_release(pp_naming *naming);
void pp_shape_release(pp_shape *shape);
pp_map *pp_map_new(size_t count); /* of so many nodes, not set; NULL: no memory */
void pp_map_release(pp_map *map);

#endif
