/* merge.h - one profile of several bases. */
#ifndef PYPROF_CORE_PROFILE_MERGE_H
#define PYPROF_CORE_PROFILE_MERGE_H

#include "profile/base.h"
#include "pyprof/profile.h"

/* Makes one profile of several bases, which nobody else may use: their samples are taken over, not
 * copied. A base that is used up becomes NULL; after a failure some may be left. */
pp_code pp_bases_merge(pp_base **bases, size_t count, const pp_control *control,
                       pp_profile **merged, pp_error *error);

#endif
