#include <stdlib.h>
#include <string.h>

#include "profile/node_set.h"
#include "profile/view.h"
#include "profile/walk.h"

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

/* Goes to the next step; false: there is none, or the view's window ends in this one. */
static bool go_on(pp_walk *walk) {
  return walk->last == walk->cursor.times && pp_walk_next(walk);
}

/* Makes an entry for each node that has samples in the view's window, in the order of the nodes,
 * from the walk's step on. The walk stops at the step in which the window ends. */
static pp_code add_steps(pp_profile *view, pp_walk *walk, pp_node_set *set,
                         const pp_control *control, pp_error *error) {
  pp_entries *entries = &view->entries;
  const pp_scale *scale = &view->common->scale;
  size_t steps = 0;
  pp_walk_look(walk, view);
  pp_walk again = *walk;
  do {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    if (walk->node != PP_NODE_GAP && walk->first < walk->last) pp_node_set_add(set, walk->node);
  } while (go_on(walk));
  uint32_t count = pp_node_set_count(set);
  if (count == 0) return PP_OK;
  if (!entries_reserve(entries, count, scale->digits)) return pp_error_memory(error);
  pp_node_set_list(set, entries->nodes + entries->count);
  uint32_t *amounts = entries->amounts + entries->count * scale->digits;
  memset(amounts, 0, (size_t)count * scale->digits * sizeof *amounts);
  do {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    if (again.node == PP_NODE_GAP || again.first == again.last) continue;
    size_t rank = pp_node_set_rank(set, again.node);
    pp_amount_add_samples(scale, amounts + rank * scale->digits, again.cursor.weight,
                          again.last - again.first);
  } while (go_on(&again));
  entries->count += count;
  pp_node_set_clear(set);
  return PP_OK;
}

static pp_code add_track(pp_profile *const *views, size_t count, uint32_t place,
                         pp_node_set *set, const pp_control *control, pp_error *error) {
  pp_code code = PP_OK;
  pp_walk walk;
  pp_walk_begin(&walk, views[0], pp_view_track(views[0], place), count > 1);
  bool any = pp_walk_next(&walk);
  for (size_t i = 0; code == PP_OK && i < count; i++) {
    if (any) code = add_steps(views[i], &walk, set, control, error);
    views[i]->entries.starts[place + 1] = views[i]->entries.count;
  }
  return code;
}

pp_code pp_entries_make(pp_profile *const *views, size_t count, const pp_control *control,
                        pp_error *error) {
  uint32_t track_count = pp_view_track_count(views[0]);
  pp_node_set set = {0};
  bool made = pp_node_set_make(&set, pp_view_tree(views[0]));
  for (size_t i = 0; i < count; i++) {
    views[i]->entries.starts = calloc((size_t)track_count + 1, sizeof(size_t));
    made = made && views[i]->entries.starts != NULL;
  }
  pp_code code = made ? PP_OK : pp_error_memory(error);
  for (uint32_t i = 0; code == PP_OK && i < track_count; i++) {
    code = add_track(views, count, i, &set, control, error);
  }
  pp_node_set_free(&set);
  for (size_t i = 0; code != PP_OK && i < count; i++) pp_entries_free(&views[i]->entries);
  return code;
}
