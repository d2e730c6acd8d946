/* speedscope_batch.h - many samples of a list read together: see speedscope_batch.c. */
#ifndef PYPROF_CORE_RECORDING_SPEEDSCOPE_BATCH_H
#define PYPROF_CORE_RECORDING_SPEEDSCOPE_BATCH_H

#include "recording/speedscope_lists.h"

typedef struct pp_batch pp_batch;

/* What stopped pp_batch_read: */
typedef enum pp_batch_end {
  PP_BATCH_END, /* nothing; or the list ends; or a failure, which is in json->code */
  PP_BATCH_CUT, /* the window's end cuts off the sample at json->at */
  PP_BATCH_ODD, /* the sample at json->at has text that only pp_batch_slowly reads */
} pp_batch_end;

pp_batch *pp_batch_new(void); /* NULL: no memory */
void pp_batch_free(pp_batch *batch);
/* A list of samples begins. */
void pp_batch_begin(pp_batch *batch);
/* Adds the samples from json->at on that are whole in the window, as many as make a batch. Sets
 * *first if json->at is behind a comma afterwards, so that another sample must follow. */
pp_batch_end pp_batch_read(pp_batch *batch, pp_stacks *stacks, pp_nodes *nodes, bool *first);
/* Adds the sample at json->at token by token: any white space, any form of a number, every error.
 * false: a failure. */
bool pp_batch_slowly(pp_batch *batch, pp_stacks *stacks, pp_nodes *nodes);

#endif
