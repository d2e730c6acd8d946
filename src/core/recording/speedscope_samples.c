/* speedscope_samples.c - "samples": lists of frame numbers. */
#include <stdlib.h>

#include "recording/speedscope_batch.h"

/* Goes to the next sample's first byte; false: the end of the list was read, or a failure. */
static bool next_sample(pp_json *json, bool *first) {
  if (!*first && json->at[0] == ',' && json->at[1] == '[') {
    json->at++;
    return true;
  }
  bool must = *first && json->keep != NULL; /* a comma was read */
  if (must && pp_json_peek(json) == ']') return pp_json_expected(json, json->at, "'['");
  if (!pp_json_item(json, ']', first)) return false;
  pp_json_peek(json);
  return json->code == PP_OK;
}

bool pp_stacks_samples(pp_stacks *stacks, pp_nodes *nodes) {
  pp_json *json = stacks->json;
  if (stacks->batch == NULL) stacks->batch = pp_batch_new();
  if (stacks->batch == NULL) return pp_json_no_memory(json);
  pp_batch_begin(stacks->batch);
  for (bool first = true; next_sample(json, &first);) {
    pp_batch_end end = pp_batch_read(stacks->batch, stacks, nodes, &first);
    /* One refill at most, so that a sample of any length is read in a time that its length sets. */
    if (end == PP_BATCH_CUT && pp_json_refill(json)) {
      end = pp_batch_read(stacks->batch, stacks, nodes, &first);
    }
    if (end != PP_BATCH_END && json->code == PP_OK) {
      pp_batch_slowly(stacks->batch, stacks, nodes);
      first = false;
    }
    if (json->code != PP_OK) break;
  }
  json->keep = NULL;
  return json->code == PP_OK;
}

/* It is here because lists know no batch. */
void pp_stacks_close(pp_stacks *stacks) {
  pp_batch_free(stacks->batch);
  free(stacks->highest);
  *stacks = (pp_stacks){0};
}
