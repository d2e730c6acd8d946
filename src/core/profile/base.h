/* base.h - what was read, once, never changed, shared by every view of it.
 *
 * The readers fill a base; views look at it. Frames are distinct: no two
 * have the same name, file and line. Process and thread markers and the gate's own samples are
 * gone from the tree: they became the tracks' labels.
 */
#ifndef PYPROF_CORE_PROFILE_BASE_H
#define PYPROF_CORE_PROFILE_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "profile/track.h"
#include "profile/tree.h"
#include "profile/units.h"
#include "pyprof/intern.h"

typedef struct pp_frame {
  uint32_t name, file; /* numbers in strings; file is 0 ("") where there is none */
  uint32_t line;       /* 0 where there is none */
} pp_frame;

/* What weights measure: "seconds", or with the kind that the producer named: "seconds CPU time". */
typedef struct pp_metric {
  pp_unit unit;
  uint32_t kind; /* string; 0 ("") where the producer names none */
} pp_metric;

/* What a reader tolerated or left out, counted by name: "samples of the gate", "lines skipped" … */
typedef struct pp_quality {
  uint32_t what; /* string, made for a person */
  uint64_t count;
} pp_quality;

typedef struct pp_base {
  pp_intern *strings;
  pp_frame *frames;
  uint32_t frame_count;
  pp_tree tree;
  pp_track *tracks;
  uint32_t track_count;
  pp_metric metric;
  pp_metric *metrics; /* all that the recording holds, the chosen one included, in file order */
  uint32_t metric_count;
  bool has_time;      /* folded text, and units that are no time, have none */
  double rate;        /* samples a second where weights are all alike and a time; 0: not known */
  uint32_t exporter;  /* string */
  pp_quality *quality;
  uint32_t quality_count;
} pp_base;

pp_base *pp_base_new(void); /* NULL: no memory */
void pp_base_free(pp_base *base); /* NULL is fine */
/* Adds to the quality's entry of this name; nothing where count is 0. false: no memory. */
bool pp_base_count(pp_base *base, const char *what, uint64_t count);

#endif
