/* view.h - the inside of a pp_profile, for the files of this folder.
 *
 * A view is a base, a map from the base's nodes to its own, and the tracks and seconds that it
 * keeps. The tree that it shows is the base's, or one that it shares with the views made of it.
 * Counting uses its entries: the distinct stacks of each track with their amounts.
 */
#ifndef PYPROF_CORE_PROFILE_VIEW_H
#define PYPROF_CORE_PROFILE_VIEW_H

#include <stdatomic.h>

#include "profile/amount.h"
#include "profile/base.h"
#include "pyprof/profile.h"

/* The part that all views of one base share. */
typedef struct pp_common {
  atomic_uint references;
  pp_base *base;
  struct pp_common *owner; /* of what the base borrows; NULL: it owns all */
  pp_scale scale;       /* the first pp_view_prepare makes this and the ends */
  double *ends;         /* for each track: the end of its last sample, in seconds */
  double per_second;    /* the number of the metric's units in a second; 0: it is no time */
  uint32_t *threads;    /* the number of each track's thread; NULL: not made yet */
  uint32_t thread_count;
  pp_intern *tests;     /* the distinct tests by number; NULL: not made yet */
  uint32_t *test_of;    /* the number of each track's test */
} pp_common;

/* A view's node for each of the base's nodes; views that differ only in tracks or seconds share
 * it. */
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
  pp_node *nodes;    /* of the view's tree; if views were made of views, a node may come twice */
  uint32_t *amounts; /* the scale's digits for each */
  size_t *starts;    /* the first entry of each of the view's tracks; one more is the end */
  size_t count, capacity;
} pp_entries;

struct pp_profile {
  pp_common *common;
  pp_shape *shape;   /* NULL: the base's tree */
  pp_naming *naming; /* NULL: the base's frames */
  pp_map *map;       /* NULL: every node is itself */
  uint32_t *tracks;  /* the numbers of the tracks that it keeps, ascending; NULL: all */
  uint32_t track_count; /* if tracks is not NULL */
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

/* The number of tracks that the view keeps, and the base's number of each. Loops go over these, so
 * that a view of one thread of very many costs only that thread. */
static inline uint32_t pp_view_track_count(const pp_profile *view) {
  return view->tracks != NULL ? view->track_count : view->common->base->track_count;
}

static inline uint32_t pp_view_track(const pp_profile *view, uint32_t place) {
  return view->tracks != NULL ? view->tracks[place] : place;
}

static inline bool pp_view_has_window(const pp_profile *view) {
  return view->from > 0 || view->to < __builtin_inf();
}

/* The view's node for a node of the base. */
static inline pp_node pp_view_node(const pp_profile *view, pp_node node) {
  return node == PP_NODE_GAP || view->map == NULL ? node : view->map->nodes[node];
}

/* Loops call it with their index, and it checks the control once in a while. */
static inline bool pp_view_cancelled(const pp_control *control, size_t index) {
  return (index & 0xffff) == 0 && pp_control_cancelled(control);
}

pp_code pp_view_cancel(pp_error *error);

static inline pp_text pp_view_text(const pp_intern *strings, uint32_t number) {
  pp_text text;
  text.bytes = pp_intern_text(strings, number, &text.length);
  return text;
}

/* The line of a group is the lowest of its frames with samples; 0: none. */
static inline void pp_view_lower_line(uint32_t *line, uint32_t seen) {
  if (seen != 0 && (*line == 0 || seen < *line)) *line = seen;
}

/* Makes the scale and the entries, if they were not made yet. */
pp_code pp_view_prepare(pp_profile *view, const pp_control *control, pp_error *error);

/* Counts the samples of one view, or of several that differ only in their windows, track by track.
 * Each window begins where the one before it ends. */
pp_code pp_entries_make(pp_profile *const *views, size_t count, const pp_control *control,
                        pp_error *error);
void pp_entries_free(pp_entries *entries);
bool pp_entries_copy(const pp_entries *from, pp_entries *to, uint32_t track_count,
                     uint32_t digits);

/* Fills common->threads. */
pp_code pp_view_number_threads(pp_profile *view, pp_error *error);
/* Fills common->tests and common->test_of. */
pp_code pp_view_number_tests(pp_profile *view, pp_error *error);
/* Sets a byte for each track: was it started by threading? false: no memory. */
bool pp_view_find_started(const pp_base *base, uint8_t *started_tracks);

/* The common part of views of this base, with one reference; NULL: no memory. */
pp_common *pp_common_new(pp_base *base);
/* A view like this one, but of all tracks and without entries; NULL: no memory. */
pp_profile *pp_view_share(const pp_profile *view);
/* The same, but of the same tracks. */
pp_profile *pp_view_copy(const pp_profile *view);

/* The same, but of the tracks at these `count` places among its own; its entries are made. */
pp_profile *pp_view_take_tracks(const pp_profile *view, const uint32_t *places, uint32_t count);

/* One byte for each word of the view's tree: is it in the stack of an entry? NULL: no memory. */
uint8_t *pp_view_used(const pp_profile *view);

pp_naming *pp_naming_new(void); /* no frames, no strings but "" */
void pp_naming_release(pp_naming *naming);
void pp_shape_release(pp_shape *shape);
pp_map *pp_map_new(size_t count); /* its nodes are not set; NULL: no memory */
void pp_map_release(pp_map *map);

#endif
