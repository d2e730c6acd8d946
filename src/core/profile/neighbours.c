/* neighbours.c - the callers and the callees of the selected frames. */
#include <stdlib.h>
#include <string.h>

#include "profile/view.h"
#include "pyprof/totals.h"

/* For each node, the node beside the selection in its stack. PP_NODE_NONE: the stack has no
 * selected frame; the root: the stack begins, or ends, with a selected frame. */
static pp_node *find_neighbours(const pp_tree *tree, const uint8_t *mask, bool callees) {
  pp_node *beside = malloc((size_t)tree->count * sizeof *beside);
  if (beside == NULL) return NULL;
  beside[PP_NODE_ROOT] = PP_NODE_NONE;
  for (uint32_t i = 1; i < tree->count; i++) {
    if (!pp_tree_is_node(tree, i)) continue;
    pp_node parent = pp_tree_parent(tree, i);
    pp_node above = beside[parent];
    bool selected = mask[pp_tree_frame(tree, i)] != 0;
    if (callees) beside[i] = selected ? PP_NODE_ROOT : above == PP_NODE_ROOT ? i : above;
    else beside[i] = above != PP_NODE_NONE ? above : selected ? parent : PP_NODE_NONE;
  }
  return beside;
}

static pp_code neighbours_of(pp_profile *profile, const uint8_t *mask, bool callees,
                             const uint32_t *groups, uint32_t group_count,
                             const pp_control *control, pp_neighbours *neighbours,
                             pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_tree *tree = pp_view_tree(profile);
  const pp_scale *scale = &profile->common->scale;
  const pp_frame *frames = pp_view_frames(profile);
  const pp_entries *entries = &profile->entries;
  size_t count = (size_t)group_count + 2;
  pp_node *beside = find_neighbours(tree, mask, callees);
  uint32_t *amounts = calloc(count * scale->digits, sizeof *amounts);
  if (beside == NULL || amounts == NULL) {
    free(beside);
    free(amounts);
    return pp_error_memory(error);
  }
  memset(neighbours->line, 0, count * sizeof *neighbours->line);
  for (size_t i = 0; i < entries->count; i++) {
    pp_node node = beside[entries->nodes[i]];
    if (node == PP_NODE_NONE) continue;
    uint32_t group = group_count + 1;
    if (node != PP_NODE_ROOT) {
      uint32_t frame = pp_tree_frame(tree, node);
      group = groups[frame];
      pp_view_lower_line(&neighbours->line[group], frames[frame].line);
    }
    pp_amount_add(scale, amounts + group * (size_t)scale->digits,
                  entries->amounts + i * scale->digits);
  }
  pp_amounts_read(scale, amounts, count, neighbours->samples, neighbours->weight);
  free(beside);
  free(amounts);
  return PP_OK;
}

pp_code pp_profile_callers(pp_profile *profile, const uint8_t *mask, const uint32_t *groups,
                           uint32_t group_count, const pp_control *control,
                           pp_neighbours *neighbours, pp_error *error) {
  return neighbours_of(profile, mask, false, groups, group_count, control, neighbours, error);
}

pp_code pp_profile_callees(pp_profile *profile, const uint8_t *mask, const uint32_t *groups,
                           uint32_t group_count, const pp_control *control,
                           pp_neighbours *neighbours, pp_error *error) {
  return neighbours_of(profile, mask, true, groups, group_count, control, neighbours, error);
}
