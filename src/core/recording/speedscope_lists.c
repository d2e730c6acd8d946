#include "recording/speedscope_lists.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pp_stacks_open(pp_stacks *stacks, pp_json *json, pp_tree *tree) {
  *stacks = (pp_stacks){.json = json, .tree = tree};
}

static bool note_highest(pp_stacks *s, uint32_t frame, const char *where) {
  if (s->highest_count == s->highest_capacity) {
    size_t capacity = s->highest_capacity * 3 / 2 + 64;
    pp_highest *highest = realloc(s->highest, capacity * sizeof *highest);
    if (highest == NULL) return pp_json_no_memory(s->json);
    s->highest = highest;
    s->highest_capacity = capacity;
  }
  s->highest[s->highest_count++] = (pp_highest){
      frame, pp_json_offset(s->json, where), pp_json_line(s->json, where)};
  s->beyond = frame + 1;
  return true;
}

pp_node pp_stacks_child(pp_stacks *stacks, pp_node node, uint64_t frame, const char *where) {
  pp_json *json = stacks->json;
  if (frame >= stacks->beyond) {
    if (frame >= PP_MOST_FRAMES) {
      pp_json_fail(json, where, "no frame can have this number, in %s", json->place);
      return PP_NODE_NONE;
    }
    if (!note_highest(stacks, (uint32_t)frame, where)) return PP_NODE_NONE;
  }
  pp_node child = pp_tree_child(stacks->tree, node, (uint32_t)frame);
  if (child != PP_NODE_NONE || json->code != PP_OK) return child;
  if (stacks->tree->count < PP_TREE_MOST - 2) {
    pp_json_no_memory(json);
  } else {
    json->code = pp_error_set(json->error, PP_LIMIT,
                              "more distinct stacks than 2^31 words can hold");
  }
  return PP_NODE_NONE;
}

bool pp_stacks_check(pp_stacks *stacks, uint32_t frame_count) {
  if (stacks->beyond <= frame_count) return true;
  const pp_highest *first = stacks->highest;
  while (first->frame < frame_count) first++;
  pp_json *json = stacks->json;
  if (json->code != PP_OK) return false;
  json->code = pp_error_at(json->error, PP_FORMAT, first->offset, first->line,
                           "frame %u, but \"frames\" has only %u", first->frame, frame_count);
  return false;
}

/* Reads a finite number. */
static bool finite_number(pp_stacks *stacks, double *value) {
  pp_json *json = stacks->json;
  pp_number number;
  if (!pp_json_number(json, &number)) return false;
  *value = pp_number_value(&number, json->c);
  if (isfinite(*value)) return true;
  return pp_json_fail(json, number.text, "a number too large for %s", json->place);
}

/* Reads all following weights whose text and separator equal the last one's, which starts at keep.
 * After them the list continues behind a comma. */
static bool repeat_weight(pp_json *json, pp_weights *weights, double value, uint64_t *times) {
  const char *p = json->at;
  size_t period = (size_t)(p - json->keep);
  *times = pp_stacks_alike(p, json->keep, (size_t)(json->end - p)) / period;
  if (*times == 0) return true;
  if (!pp_weights_add(weights, value, *times)) return pp_json_no_memory(json);
  json->keep = p + (*times - 1) * period;
  json->at = p + *times * period;
  return pp_json_peek(json) != ']' || pp_json_expected(json, json->at, "a number");
}

bool pp_stacks_weights(pp_stacks *stacks, pp_weights *weights) {
  pp_json *json = stacks->json;
  double value = 0, sum = 0;
  for (bool first = true; pp_json_item(json, ']', &first);) {
    pp_json_peek(json);
    if (json->keep != NULL) {
      uint64_t times;
      if (!repeat_weight(json, weights, value, &times)) break;
      sum += value * (double)times;
      if (times > 0) {
        first = true; /* the comma was part of the compared text */
        continue;
      }
    }
    json->keep = json->at;
    if (!finite_number(stacks, &value)) break;
    if (value < 0) {
      pp_json_fail(json, json->keep, "a negative weight");
      break;
    }
    if (!pp_weights_add(weights, value, 1)) {
      pp_json_no_memory(json);
      break;
    }
    sum += value;
  }
  if (json->code == PP_OK && !isfinite(sum)) {
    pp_json_fail(json, json->at, "weights that are too large to be added up");
  }
  json->keep = NULL;
  return json->code == PP_OK;
}
