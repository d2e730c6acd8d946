/* base.h - the content of recordings. It never changes; all views of it share it.
 *
 * The readers fill a base; views read it. Frames are distinct: no two have the same name, file and
 * line. The tree has no markers of processes, threads and tests, which became the tracks' labels, and
 * no samples of the gate itself.
 */
#ifndef PYPROF_CORE_PROFILE_BASE_H
#define PYPROF_CORE_PROFILE_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "profile/track.h"
#include "profile/tree.h"
#include "profile/units.h"
#include "pyprof/buffer.h"
#include "pyprof/intern.h"
#include "pyprof/weights.h"

typedef struct pp_frame {
  uint32_t name, file; /* numbers in strings; file is 0 ("") if there is none */
  uint32_t line;       /* 0: there is none */
} pp_frame;

/* The quantity that weights measure: "seconds", or with the producer's kind "seconds CPU time". */
typedef struct pp_metric {
  pp_unit unit;
  uint32_t kind; /* string; 0 ("") if the producer names none */
} pp_metric;

/* Counts of what a reader tolerated or left out: "samples of the gate", "lines skipped" … */
typedef struct pp_quality {
  uint32_t what; /* string, for the user */
  uint64_t count;
} pp_quality;

typedef struct pp_base {
  pp_intern *strings;
  pp_frame *frames;
  uint32_t frame_count;
  pp_tree tree;
  pp_track *tracks;
  uint32_t track_count;
  uint32_t family_count; /* the highest number of a family of tracks */
  pp_metric metric;
  pp_metric *metrics; /* all metrics of the recording, also the chosen one, in file order */
  uint32_t metric_count;
  bool has_time;      /* false for folded text, and for units that are no time */
  double rate;        /* samples per second if all weights are the same time; 0: not known */
  uint32_t exporter;  /* string */
  pp_quality *quality;
  uint32_t quality_count;
  pp_buffer *records; /* what the recorder says of its runs, as JSON that was checked; a track names
                         its own */
  uint32_t record_count;
  pp_weighing weighing;
  bool borrows;       /* another base owns all but the tracks' weights and ticks */
} pp_base;

pp_base *pp_base_new(void); /* NULL: no memory */
void pp_base_free(pp_base *base); /* NULL is fine */
/* A base with the same content whose tracks have no weights and no ticks; `of` must outlive it.
 * NULL: no memory. */
pp_base *pp_base_borrow(const pp_base *of);
/* Adds to the quality's entry of this name, unless count is 0. false: no memory. */
bool pp_base_count(pp_base *base, const char *what, uint64_t count);
/* Adds a copy of a run's record. false: no memory. */
bool pp_base_add_record(pp_base *base, const char *text, size_t length);

#endif
