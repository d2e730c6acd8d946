#include <stdlib.h>
#include <string.h>

#include "node_set.h"
#include "view.h"

void pp_entries_free(pp_entries *entries) {
  free(entries->nodes);
  free(entries->amounts);
  free(entries->starts);
  *entries = (pp_entries){0};
}

bool pp_entries_copy(const pp_entries *from, pp_entries *to, uint32_t track_count,
                     uint32_t digits) {
  to->nodes = malloc((from->count + 1) * sizeof *to->nodes);
  to->amounts = malloc((from->count + 1) * digits * sizeof *to->amounts);
  to->starts = malloc(((size_t)track_count + 1) * sizeof *to->starts);
  if (to->nodes == NULL || to->amounts == NULL || to->starts == NULL) return false;
  if (from->count > 0) {
    memcpy(to->nodes, from->nodes, from->count * sizeof *to->nodes);
    memcpy(to->amounts, from->amounts, from->count * digits * sizeof *to->amounts);
  }
  memcpy(to->starts, from->starts, ((size_t)track_count + 1) * sizeof *to->starts);
  to->count = from->count;
  to->capacity = from->count + 1;
  return true;
}

static bool entries_reserve(pp_entries *entries, size_t more, uint32_t digits) {
  if (more <= entries->capacity - entries->count) return true;
  size_t capacity = entries->capacity + entries->capacity / 2 + 64;
  if (capacity < entries->count + more) capacity = entries->count + more;
  pp_node *nodes = realloc(entries->nodes, capacity * sizeof *nodes);
  if (nodes == NULL) return false;
  entries->nodes = nodes;
  uint32_t *amounts = realloc(entries->amounts, capacity * digits * sizeof *amounts);
  if (amounts == NULL) return false;
  entries->amounts = amounts;
  entries->capacity = capacity;
  return true;
}

/* An entry for each node of a track that has samples, in the order of the nodes. */
static pp_code add_track(pp_profile *view, uint32_t track, pp_node_set *set,
                         const pp_control *control, pp_error *error) {
  pp_entries *entries = &view->entries;
  const pp_scale *scale = &view->common->scale;
  size_t steps = 0;
  pp_walk walk;
  pp_walk_begin(&walk, view, track, false);
  while (pp_walk_next(&walk)) {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    if (walk.node != PP_NODE_GAP && walk.first < walk.last) pp_node_set_add(set, walk.node);
  }
  uint32_t count = pp_node_set_count(set);
  if (count == 0) return PP_OK;
  if (!entries_reserve(entries, count, scale->digits)) return pp_error_memory(error);
  pp_node_set_list(set, entries->nodes + entries->count);
  uint32_t *amounts = entries->amounts + entries->count * scale->digits;
  memset(amounts, 0, (size_t)count * scale->digits * sizeof *amounts);
  pp_walk_begin(&walk, view, track, false);
  while (pp_walk_next(&walk)) {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    if (walk.node == PP_NODE_GAP || walk.first == walk.last) continue;
    size_t rank = pp_node_set_rank(set, walk.node);
    pp_amount_add_samples(scale, amounts + rank * scale->digits, walk.cursor.weight,
                          walk.last - walk.first);
  }
  entries->count += count;
  pp_node_set_clear(set);
  return PP_OK;
}

pp_code pp_entries_make(pp_profile *view, const pp_control *control, pp_error *error) {
  uint32_t track_count = view->common->base->track_count;
  view->entries.starts = calloc((size_t)track_count + 1, sizeof *view->entries.starts);
  pp_node_set set;
  if (view->entries.starts == NULL || !pp_node_set_make(&set, pp_view_tree(view))) {
    pp_entries_free(&view->entries);
    return pp_error_memory(error);
  }
  pp_code code = PP_OK;
  for (uint32_t track = 0; code == PP_OK && track < track_count; track++) {
    if (pp_view_has_track(view, track)) code = add_track(view, track, &set, control, error);
    view->entries.starts[track + 1] = view->entries.count;
  }
  pp_node_set_free(&set);
  if (code != PP_OK) pp_entries_free(&view->entries);
  return code;
}
