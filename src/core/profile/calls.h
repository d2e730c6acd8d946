/* calls.h - the order of calls, for the files of this folder that sort by it. */
#ifndef PYPROF_CORE_PROFILE_CALLS_H
#define PYPROF_CORE_PROFILE_CALLS_H

#include "profile/tree.h"
#include "pyprof/calls.h"

/* The call of a node of the view's tree. */
uint32_t pp_calls_of(const pp_calls *calls, pp_node node);
/* The place of each call among all, sorted by the rank of its group, then by the ranks of the
 * groups on its path, root first; a path comes before its continuations. The caller frees the
 * array; NULL: no memory. */
uint32_t *pp_calls_places(const pp_calls *calls, const uint32_t *ranks);

#endif
