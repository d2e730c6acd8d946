/* weights.h - when samples were taken, and weights that are seconds of a processor or of a clock.
 *
 * py-spy's recordings say neither. A recording that we make holds a record of its run (JSON, which
 * this library hands over as it is); whoever reads it makes a table of spans for each track, and
 * pp_profile_reweigh makes a profile of these.
 */
#ifndef PYPROF_WEIGHTS_H
#define PYPROF_WEIGHTS_H

#include "pyprof/profile.h"

/* Which weights the samples have. */
typedef enum pp_weighing {
  PP_WEIGHED_AS_RECORDED, PP_WEIGHED_BY_CPU, PP_WEIGHED_BY_WALL,
} pp_weighing;

/* A track: the samples of one thread, or of one test in it. */
typedef struct pp_track_facts {
  uint32_t record;  /* of its recording, from 1; 0: there is none */
  uint32_t family;  /* not 0: tracks with this number are one thread, and their samples have the
                       same numbers */
  int64_t id, pid;  /* -1: not known */
  uint64_t samples; /* those of the other tracks of its family included */
} pp_track_facts;

uint32_t pp_profile_track_count(const pp_profile *profile); /* of all recordings, not of the view */
pp_track_facts pp_profile_track(const pp_profile *profile, uint32_t number);

/* Samples of a track that follow each other, at equal distances from `from` to `to` (seconds). They
 * have equal parts of the weight, which is rounded to a multiple of 2^-30 of a second; so the
 * samples' weights add up to exactly that. */
typedef struct pp_span {
  uint64_t samples; /* at least 1 */
  double from, to;
  double weight;    /* seconds; of no account with PP_WEIGHED_AS_RECORDED */
} pp_span;

typedef struct pp_spans {
  const pp_span *spans;
  size_t count; /* 0: the track keeps its recorded weights, and has no clock but these */
} pp_spans;

/* The same view with other weights and times; `spans` has an element for each track. A window that
 * the view has stays as it is. PP_ARGUMENT: the spans are not in order, or not of all samples. */
pp_code pp_profile_reweigh(pp_profile *profile, pp_weighing weighing, const pp_spans *spans,
                           pp_profile **view, pp_error *error);

#endif
