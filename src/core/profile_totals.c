#include <stdlib.h>
#include <string.h>

#include "view.h"

/* --- what is in the subtree of each node */

/* The scale's digits for each word of the tree; NULL: no memory. */
static uint32_t *subtrees(const pp_profile *view) {
  const pp_tree *tree = pp_view_tree(view);
  const pp_scale *scale = &view->common->scale;
  const pp_entries *entries = &view->entries;
  size_t digits = scale->digits;
  uint32_t *sums = calloc((size_t)tree->count * digits, sizeof *sums);
  if (sums == NULL) return NULL;
  for (size_t i = 0; i < entries->count; i++) {
    pp_amount_add(scale, sums + entries->nodes[i] * digits, entries->amounts + i * digits);
  }
  for (uint32_t i = tree->count - 1; i > 0; i--) {
    if (!pp_tree_is_node(tree, i)) continue;
    pp_node parent = pp_tree_parent(tree, i);
    if (digits == 1) sums[parent] += sums[i];
    else pp_amount_add(scale, sums + parent * digits, sums + i * digits);
  }
  return sums;
}

/* --- the way from the root to where a pass over the nodes is, and how often each group is on it.
 * Nodes are met in order, and ancestors have the smaller numbers: going on to another branch
 * costs the distance, not the depth. */

typedef struct path {
  const pp_tree *tree;
  const uint32_t *groups;
  uint32_t *on; /* of each group: how many of the path's nodes are of it */
  pp_node *nodes;
  size_t depth, capacity;
} path;

static bool path_push(path *way, pp_node node) {
  if (way->depth == way->capacity) {
    size_t capacity = way->capacity * 2 + 64;
    pp_node *nodes = realloc(way->nodes, capacity * sizeof *nodes);
    if (nodes == NULL) return false;
    way->nodes = nodes;
    way->capacity = capacity;
  }
  way->nodes[way->depth++] = node;
  return true;
}

static pp_node path_end(const path *way) {
  return way->depth == 0 ? PP_NODE_ROOT : way->nodes[way->depth - 1];
}

static uint32_t group_of(const path *way, pp_node node) {
  return way->groups[pp_tree_frame(way->tree, node)];
}

/* Makes the path end at this node. */
static bool path_go(path *way, pp_node to) {
  size_t keep = way->depth;
  for (pp_node node = to;; node = pp_tree_parent(way->tree, node)) {
    while (keep > 0 && way->nodes[keep - 1] > node) {
      way->on[group_of(way, way->nodes[--keep])]--;
    }
    if ((keep == 0 ? PP_NODE_ROOT : way->nodes[keep - 1]) == node) break;
  }
  way->depth = keep;
  pp_node stop = path_end(way);
  for (pp_node node = to; node != stop; node = pp_tree_parent(way->tree, node)) {
    if (!path_push(way, node)) return false;
  }
  for (size_t low = keep, high = way->depth; low + 1 < high; low++) {
    pp_node swapped = way->nodes[low];
    way->nodes[low] = way->nodes[--high];
    way->nodes[high] = swapped;
  }
  for (size_t i = keep; i < way->depth; i++) way->on[group_of(way, way->nodes[i])]++;
  return true;
}

/* --- totals */

static void lower_line(uint32_t *line, uint32_t seen) {
  if (seen != 0 && (*line == 0 || seen < *line)) *line = seen;
}

static pp_code add_totals(const pp_profile *view, path *way, const uint32_t *sums,
                          uint32_t *amounts, uint32_t *lines, const pp_control *control,
                          pp_error *error) {
  const pp_tree *tree = way->tree;
  const pp_scale *scale = &view->common->scale;
  const pp_frame *frames = pp_view_frames(view);
  size_t digits = scale->digits;
  for (uint32_t i = 1; i < tree->count; i++) {
    if (pp_view_cancelled(control, i)) return pp_view_cancel(error);
    const uint32_t *sum = sums + i * digits;
    if (!pp_tree_is_node(tree, i) || pp_amount_is_zero(scale, sum)) continue;
    pp_node parent = pp_tree_parent(tree, i);
    if (path_end(way) != parent && !path_go(way, parent)) return pp_error_memory(error);
    if (!path_push(way, i)) return pp_error_memory(error);
    uint32_t frame = pp_tree_frame(tree, i);
    uint32_t group = way->groups[frame];
    if (way->on[group]++ == 0 && group != 0) {
      pp_amount_add(scale, amounts + group * digits, sum);
    }
    lower_line(&lines[group], frames[frame].line);
  }
  return PP_OK;
}

static void add_self(const pp_profile *view, const uint32_t *groups, uint32_t *amounts) {
  const pp_tree *tree = pp_view_tree(view);
  const pp_scale *scale = &view->common->scale;
  for (size_t i = 0; i < view->entries.count; i++) {
    pp_node node = view->entries.nodes[i];
    if (node == PP_NODE_ROOT) continue;
    uint32_t group = groups[pp_tree_frame(tree, node)];
    pp_amount_add(scale, amounts + group * (size_t)scale->digits,
                  view->entries.amounts + i * scale->digits);
  }
}

static void read_amounts(const pp_scale *scale, const uint32_t *amounts, size_t count,
                         uint64_t *samples, double *weight) {
  for (size_t i = 0; i < count; i++) {
    samples[i] = pp_amount_samples(scale, amounts + i * scale->digits);
    weight[i] = pp_amount_weight(scale, amounts + i * scale->digits);
  }
}

pp_code pp_profile_totals(pp_profile *profile, const uint32_t *groups, uint32_t group_count,
                          const pp_control *control, pp_totals *totals, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_scale *scale = &profile->common->scale;
  size_t count = (size_t)group_count + 1;
  path way = {.tree = pp_view_tree(profile), .groups = groups};
  uint32_t *sums = subtrees(profile);
  uint32_t *amounts = calloc(count * scale->digits, sizeof *amounts);
  way.on = calloc(count, sizeof *way.on);
  memset(totals->line, 0, count * sizeof *totals->line);
  code = sums == NULL || amounts == NULL || way.on == NULL
             ? pp_error_memory(error)
             : add_totals(profile, &way, sums, amounts, totals->line, control, error);
  free(sums);
  if (code == PP_OK) {
    read_amounts(scale, amounts, count, totals->total, totals->total_weight);
    memset(amounts, 0, count * scale->digits * sizeof *amounts);
    add_self(profile, groups, amounts);
    read_amounts(scale, amounts, count, totals->self, totals->self_weight);
  }
  free(way.nodes);
  free(way.on);
  free(amounts);
  return code;
}

/* --- neighbours */

/* For each node the one beside the selection in its stack: PP_NODE_NONE where nothing is
 * selected, the root where the selection begins, or ends, the stack. */
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
      lower_line(&neighbours->line[group], frames[frame].line);
    }
    pp_amount_add(scale, amounts + group * (size_t)scale->digits,
                  entries->amounts + i * scale->digits);
  }
  read_amounts(scale, amounts, count, neighbours->samples, neighbours->weight);
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
