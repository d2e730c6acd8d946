/* merge.h - one base of several. */
#ifndef PYPROF_CORE_PROFILE_MERGE_H
#define PYPROF_CORE_PROFILE_MERGE_H

#include "profile/base.h"
#include "pyprof/profile.h"

/* Makes one base of several, which nobody else may use: their samples are taken over, not
 * copied. A base that is used up becomes NULL; after a failure some may be left. */
pp_code pp_bases_merge(pp_base **bases, size_t count, const pp_control *control,
                       pp_base **merged, pp_error *error);

#endif
