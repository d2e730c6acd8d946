/* calls.h - the order of calls, for those who sort what belongs to them. */
#ifndef PYPROF_CORE_PROFILE_CALLS_H
#define PYPROF_CORE_PROFILE_CALLS_H

#include "profile/tree.h"
#include "pyprof/calls.h"

/* The call of a node of the view's tree. */
uint32_t pp_calls_of(const pp_calls *calls, pp_node node);
/* Each call's place among all: by the rank of its group, then of the groups on its path, root
 * first; a path that ends within the other comes first. To be freed; NULL: no memory. */
uint32_t *pp_calls_places(const pp_calls *calls, const uint32_t *ranks);

#endif
