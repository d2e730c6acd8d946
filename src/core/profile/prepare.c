/* prepare.c - making the scale and the entries, which a view needs for counting. */
#include <stdlib.h>

#include "profile/view.h"
#include "profile/walk.h"

pp_code pp_view_prepare(pp_profile *view, const pp_control *control, pp_error *error) {
  if (view->ready) return PP_OK;
  pp_common *common = view->common;
  if (common->ends == NULL) {
    pp_scale_measure(common->base, &common->scale);
    common->ends = malloc(((size_t)common->base->track_count + 1) * sizeof *common->ends);
    if (common->ends == NULL) return pp_error_memory(error);
    for (uint32_t t = 0; t < common->base->track_count; t++) {
      common->ends[t] = common->per_second > 0 ? pp_walk_end(view, t) : 0;
    }
  }
  pp_code code = pp_entries_make(&view, 1, control, error);
  view->ready = code == PP_OK;
  return code;
}
