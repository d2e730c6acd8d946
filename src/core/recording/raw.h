/* raw.h - a recording as a reader finds it, before anything is made of names and markers.
 *
 * The readers fill it; pp_raw_normalize makes the base: frames that are alike become one, py-spy's
 * markers become the tracks' labels, the gate's own samples go, one metric is chosen.
 */
#ifndef PYPROF_CORE_RECORDING_RAW_H
#define PYPROF_CORE_RECORDING_RAW_H

#include "profile/base.h"
#include "pyprof/error.h"

/* The file name that our gate at the start of a program compiles its code under. */
#define PP_GATE_FILE "<pyprof-lua gate>"

typedef struct pp_raw_profile {
  uint32_t name, kind; /* strings */
  pp_unit unit;
  pp_nodes nodes; /* their nodes are of base->tree, in the file's own frame numbers */
  pp_weights weights;
} pp_raw_profile;

typedef struct pp_raw {
  pp_base *base; /* strings, tree and quality are filled; the rest is pp_raw_normalize's */
  pp_frame *frames;
  uint32_t frame_count, frame_capacity;
  pp_raw_profile *profiles;
  uint32_t profile_count, profile_capacity;
  uint32_t active; /* whose metric is chosen if nobody says otherwise */
  bool timeless;   /* the format knows no order: folded text */
} pp_raw;

bool pp_raw_open(pp_raw *raw); /* false: no memory */
void pp_raw_close(pp_raw *raw);
bool pp_raw_add_frame(pp_raw *raw, pp_frame frame);
pp_raw_profile *pp_raw_add_profile(pp_raw *raw); /* NULL: no memory */
uint32_t pp_raw_string(pp_raw *raw, const char *text, size_t length); /* or PP_INTERN_NONE */

/* On PP_OK *base is the caller's; `metric` as in pp_recording_options. */
pp_code pp_raw_normalize(pp_raw *raw, const char *metric, pp_base **base, pp_error *error);

#endif
