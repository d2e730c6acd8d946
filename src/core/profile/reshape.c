#include <stdlib.h>
#include <string.h>

#include "profile/frame_table.h"
#include "profile/view.h"

static void move_entries(pp_entries *entries, const pp_node *step, uint32_t track_count,
                         uint32_t digits) {
  size_t count = 0, from = 0;
  for (uint32_t track = 0; track < track_count; track++) {
    for (; from < entries->starts[track + 1]; from++) {
      pp_node node = step[entries->nodes[from]];
      if (node == PP_NODE_GAP) continue;
      memmove(entries->amounts + count * digits, entries->amounts + from * digits,
              digits * sizeof *entries->amounts);
      entries->nodes[count++] = node;
    }
    entries->starts[track + 1] = count;
  }
  entries->count = count;
}

/* Makes a view in which each node of the profile's tree is now step[node]. It takes over step and
 * shape; shape == NULL: the tree stays. */
static pp_code view_through(pp_profile *profile, pp_map *step, pp_shape *shape,
                            pp_profile **view, pp_error *error) {
  const pp_base *base = profile->common->base;
  const pp_scale *scale = &profile->common->scale;
  pp_profile *made = pp_view_copy(profile);
  if (made == NULL) {
    pp_map_release(step);
    pp_shape_release(shape);
    return pp_error_memory(error);
  }
  if (shape != NULL) {
    pp_shape_release(made->shape);
    made->shape = shape;
  }
  pp_map *both = made->map == NULL ? step : pp_map_new(base->tree.count);
  uint32_t track_count = pp_view_track_count(profile);
  if (both == NULL ||
      !pp_entries_copy(&profile->entries, &made->entries, track_count, scale->digits)) {
    if (both != step) pp_map_release(both);
    pp_map_release(step);
    pp_profile_free(made);
    return pp_error_memory(error);
  }
  move_entries(&made->entries, step->nodes, track_count, scale->digits);
  made->ready = true;
  for (uint32_t i = 0; made->map != NULL && i < base->tree.count; i++) {
    pp_node node = made->map->nodes[i];
    both->nodes[i] = node == PP_NODE_GAP ? PP_NODE_GAP : step->nodes[node];
  }
  if (both != step) pp_map_release(step);
  pp_map_release(made->map);
  made->map = both;
  *view = made;
  return PP_OK;
}

pp_code pp_profile_where(pp_profile *profile, const uint8_t *mask, bool keep,
                         const pp_control *control, pp_profile **view, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_tree *tree = pp_view_tree(profile);
  pp_map *step = pp_map_new(tree->count);
  uint8_t *found = calloc(tree->count, 1);
  if (step == NULL || found == NULL) {
    pp_map_release(step);
    free(found);
    return pp_error_memory(error);
  }
  step->nodes[PP_NODE_ROOT] = keep ? PP_NODE_GAP : PP_NODE_ROOT;
  for (uint32_t i = 1; i < tree->count; i++) {
    step->nodes[i] = PP_NODE_GAP;
    if (!pp_tree_is_node(tree, i)) continue;
    found[i] = mask[pp_tree_frame(tree, i)] != 0 || found[pp_tree_parent(tree, i)] != 0;
    if ((found[i] != 0) == keep) step->nodes[i] = i;
  }
  free(found);
  return view_through(profile, step, NULL, view, error);
}

/* --- views that show another tree */

typedef struct reshaping {
  pp_tree *tree; /* the new one */
  const uint8_t *mask;
  const uint32_t *numbers; /* groups, or new numbers of frames */
} reshaping;

/* The new node of a node whose parent's new node is `above` (PP_NODE_GAP: left out). */
typedef pp_node (*reshape_rule)(const reshaping *to, pp_node above, uint32_t frame);

static pp_node fold_rule(const reshaping *to, pp_node above, uint32_t frame) {
  if (to->mask[frame] != 0 && above != PP_NODE_ROOT) return above;
  return pp_tree_child(to->tree, above, frame);
}

static pp_node root_rule(const reshaping *to, pp_node above, uint32_t frame) {
  if (above != PP_NODE_GAP) return pp_tree_child(to->tree, above, frame);
  return to->mask[frame] != 0 ? pp_tree_child(to->tree, PP_NODE_ROOT, frame) : PP_NODE_GAP;
}

static pp_node flat_rule(const reshaping *to, pp_node above, uint32_t frame) {
  if (above != PP_NODE_ROOT &&
      to->numbers[pp_tree_frame(to->tree, above)] == to->numbers[frame]) {
    above = pp_tree_parent(to->tree, above);
  }
  return pp_tree_child(to->tree, above, frame);
}

static pp_node rename_rule(const reshaping *to, pp_node above, uint32_t frame) {
  return pp_tree_child(to->tree, above, to->numbers[frame]);
}

static pp_code fill_shape(const pp_profile *profile, reshaping *to, reshape_rule rule,
                          pp_node *step, const pp_control *control, pp_error *error) {
  const pp_tree *tree = pp_view_tree(profile);
  uint8_t *used = pp_view_used(profile);
  pp_code code = used == NULL ? pp_error_memory(error) : PP_OK;
  for (uint32_t i = 1; code == PP_OK && i < tree->count; i++) {
    step[i] = PP_NODE_GAP;
    if (used[i] == 0) continue;
    step[i] = rule(to, step[pp_tree_parent(tree, i)], pp_tree_frame(tree, i));
    if (step[i] == PP_NODE_NONE) code = pp_error_memory(error);
    if (pp_view_cancelled(control, i)) code = pp_view_cancel(error);
  }
  free(used);
  return code;
}

static pp_code reshape(pp_profile *profile, reshaping *to, reshape_rule rule,
                       const pp_control *control, pp_profile **view, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  pp_shape *shape = calloc(1, sizeof *shape);
  if (shape == NULL) return pp_error_memory(error);
  atomic_init(&shape->references, 1);
  pp_map *step = pp_map_new(pp_view_tree(profile)->count);
  if (step == NULL || !pp_tree_make(&shape->tree)) {
    pp_map_release(step);
    pp_shape_release(shape);
    return pp_error_memory(error);
  }
  step->nodes[PP_NODE_ROOT] = rule == root_rule ? PP_NODE_GAP : PP_NODE_ROOT;
  to->tree = &shape->tree;
  code = fill_shape(profile, to, rule, step->nodes, control, error);
  if (code != PP_OK) {
    pp_map_release(step);
    pp_shape_release(shape);
    return code;
  }
  pp_tree_seal(&shape->tree);
  return view_through(profile, step, shape, view, error);
}

pp_code pp_profile_fold(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                        pp_profile **view, pp_error *error) {
  reshaping to = {.mask = mask};
  return reshape(profile, &to, fold_rule, control, view, error);
}

pp_code pp_profile_root(pp_profile *profile, const uint8_t *mask, const pp_control *control,
                        pp_profile **view, pp_error *error) {
  reshaping to = {.mask = mask};
  return reshape(profile, &to, root_rule, control, view, error);
}

pp_code pp_profile_flat(pp_profile *profile, const uint32_t *groups, const pp_control *control,
                        pp_profile **view, pp_error *error) {
  reshaping to = {.numbers = groups};
  return reshape(profile, &to, flat_rule, control, view, error);
}

/* Copies a string of the profile to the naming's strings. */
static uint32_t carry(pp_naming *naming, pp_text text) {
  return pp_intern_add(naming->strings, text.bytes, text.length);
}

static bool fill_naming(const pp_profile *profile, const pp_text *names, pp_naming *naming,
                        pp_frame_table *table, uint32_t *numbers) {
  const pp_frame *frames = pp_view_frames(profile);
  const pp_intern *strings = pp_view_strings(profile);
  uint32_t count = pp_profile_frame_count(profile);
  for (uint32_t i = 0; i < count; i++) {
    pp_frame frame = {
      .name = carry(naming, names[i].bytes != NULL ? names[i]
                                                   : pp_view_text(strings, frames[i].name)),
      .file = carry(naming, pp_view_text(strings, frames[i].file)),
      .line = frames[i].line,
    };
    if (frame.name == PP_INTERN_NONE || frame.file == PP_INTERN_NONE) return false;
    numbers[i] = pp_frame_table_add(table, frame);
    if (numbers[i] == PP_FRAME_NONE) return false;
  }
  return true;
}

pp_code pp_profile_rename(pp_profile *profile, const pp_text *names, const pp_control *control,
                          pp_profile **view, pp_error *error) {
  pp_frame_table table = {0};
  pp_naming *naming = pp_naming_new();
  uint32_t *numbers = malloc(((size_t)pp_profile_frame_count(profile) + 1) * sizeof *numbers);
  bool made = naming != NULL && numbers != NULL &&
              fill_naming(profile, names, naming, &table, numbers);
  if (made) pp_frame_table_take(&table, &naming->frames, &naming->frame_count);
  pp_frame_table_free(&table);
  reshaping to = {.numbers = numbers};
  pp_code code = made ? reshape(profile, &to, rename_rule, control, view, error)
                      : pp_error_memory(error);
  free(numbers);
  if (code != PP_OK) {
    pp_naming_release(naming);
    return code;
  }
  pp_naming_release((*view)->naming);
  (*view)->naming = naming;
  return PP_OK;
}
