/* merge.h - one profile of several bases. */
#ifndef PYPROF_CORE_PROFILE_MERGE_H
#define PYPROF_CORE_PROFILE_MERGE_H

#include "profile/base.h"
#include "pyprof/profile.h"

/* One profile of several, which are nobody else's: their samples are taken over, not copied.
 * Those that are used up, which may be not all when it fails, become NULL. */
pp_code pp_bases_merge(pp_base **bases, size_t count, const pp_control *control,
                       pp_profile **merged, pp_error *error);

#endif
