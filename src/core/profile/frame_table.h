/* frame_table.h - distinct frames by number, from 0 in the order in which they are added.
 *
 * A zeroed table is empty and valid. Strings are numbers of one intern.
 */
#ifndef PYPROF_CORE_PROFILE_FRAME_TABLE_H
#define PYPROF_CORE_PROFILE_FRAME_TABLE_H

#include "profile/base.h"

#define PP_FRAME_NONE UINT32_MAX

typedef struct pp_frame_table {
  pp_frame *frames;
  uint32_t count, capacity;
  uint32_t *slots; /* number + 1; 0: free. There are twice `capacity`, a power of two */
} pp_frame_table;

/* The frame's number, or PP_FRAME_NONE: no memory. */
uint32_t pp_frame_table_add(pp_frame_table *table, pp_frame frame);
/* Hands the frames over to the caller, who frees them with free(). The table is then empty. */
void pp_frame_table_take(pp_frame_table *table, pp_frame **frames, uint32_t *count);
void pp_frame_table_free(pp_frame_table *table);

#endif
