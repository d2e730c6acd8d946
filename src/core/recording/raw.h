/* raw.h - a recording as it is in the file, before names and markers are interpreted.
 *
 * The readers fill it. pp_raw_normalize makes a base of it: equal frames become one, py-spy's
 * markers and those of our plugin for pytest become the tracks' labels, the gate's own samples are
 * removed, and one metric is chosen.
 */
#ifndef PYPROF_CORE_RECORDING_RAW_H
#define PYPROF_CORE_RECORDING_RAW_H

#include "profile/base.h"
#include "pyprof/error.h"

/* The file name of the code of our gate, which runs at the start of a program, and the folder of
 * the code that leads to it. */
#define PP_GATE_FILE "<pyprof-lua gate>"
/* The file name of the code of our plugin for pytest, and the folder of the code that leads to it.
 * It runs each phase of a test in a function whose name is `id [phase]`: that frame is a marker,
 * the other frames are removed. */
#define PP_TESTS_FILE "<pyprof-lua tests>"

typedef struct pp_raw_profile {
  uint32_t name, kind; /* strings */
  pp_unit unit;
  pp_nodes nodes; /* nodes of base->tree, whose frames have the file's own numbers */
  pp_weights weights;
} pp_raw_profile;

typedef struct pp_raw {
  pp_base *base; /* readers fill strings, tree and quality; pp_raw_normalize does the rest */
  pp_frame *frames;
  uint32_t frame_count, frame_capacity;
  pp_raw_profile *profiles;
  uint32_t profile_count, profile_capacity;
  uint32_t active; /* the profile whose metric is the default */
  bool timeless;   /* the format has no order of samples: folded text */
} pp_raw;

bool pp_raw_open(pp_raw *raw); /* false: no memory */
void pp_raw_close(pp_raw *raw);
bool pp_raw_add_frame(pp_raw *raw, pp_frame frame);
pp_raw_profile *pp_raw_add_profile(pp_raw *raw); /* NULL: no memory */
uint32_t pp_raw_string(pp_raw *raw, const char *text, size_t length); /* or PP_INTERN_NONE */

/* On PP_OK the caller owns *base. `metric` is as in pp_recording_options. */
pp_code pp_raw_normalize(pp_raw *raw, const char *metric, pp_base **base, pp_error *error);

#endif
