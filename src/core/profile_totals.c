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

/* Links the chains that are on the way to an entry so that each is followed by all that hangs on
 * it: links[header × digits] is the next one's header, 0 ends. Only nodes have sums, so that the
 * headers' places in sums are free for it; the root's own sum gives way to the first chain's. */
static void link_chains(const pp_tree *tree, uint32_t *sums, size_t digits, const pp_scale *scale) {
  sums[0] = 0;
  for (uint32_t i = 1; i + 1 < tree->count; i++) {
    if (pp_tree_is_node(tree, i) || pp_amount_is_zero(scale, sums + (i + 1) * digits)) continue;
    uint32_t above = tree->words[i] & ~PP_TREE_HEADER;
    while (pp_tree_is_node(tree, above)) above--;
    sums[i * digits] = sums[above * digits];
    sums[above * digits] = i;
  }
}

/* --- the way from the root to where a pass over the chains is, and how often each group is on it.
 * Ancestors have the smaller numbers: going on to another branch costs the distance. */

typedef struct path {
  const pp_tree *tree;
  pp_node *nodes;
  size_t depth, capacity;
} path;

/* One way to group, while it is counted. */
typedef struct tally {
  const uint32_t *groups;
  uint32_t *on;      /* of each group: how many of the path's nodes are of it */
  uint32_t *amounts; /* the scale's digits for each group */
  uint32_t *lines;
} tally;

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

/* Makes the path end at this node. */
static bool path_go(path *way, pp_node to, const tally *tallies, size_t count) {
  size_t keep = way->depth;
  for (pp_node node = to;; node = pp_tree_parent(way->tree, node)) {
    while (keep > 0 && way->nodes[keep - 1] > node) {
      uint32_t frame = pp_tree_frame(way->tree, way->nodes[--keep]);
      for (size_t t = 0; t < count; t++) tallies[t].on[tallies[t].groups[frame]]--;
    }
    if ((keep == 0 ? PP_NODE_ROOT : way->nodes[keep - 1]) == node) break;
  }
  way->depth = keep;
  pp_node stop = path_end(way);
  for (pp_node node = to; node != stop; node = pp_tree_parent(way->tree, node)) {
    uint32_t frame = pp_tree_frame(way->tree, node);
    for (size_t t = 0; t < count; t++) tallies[t].on[tallies[t].groups[frame]]++;
    if (!path_push(way, node)) return false;
  }
  for (size_t low = keep, high = way->depth; low + 1 < high; low++) {
    pp_node swapped = way->nodes[low];
    way->nodes[low] = way->nodes[--high];
    way->nodes[high] = swapped;
  }
  return true;
}

/* --- totals */

static void lower_line(uint32_t *line, uint32_t seen) {
  if (seen != 0 && (*line == 0 || seen < *line)) *line = seen;
}

static inline void add_total(tally *to, const pp_frame *frames, uint32_t frame,
                             const pp_scale *scale, const uint32_t *sum) {
  uint32_t group = to->groups[frame];
  if (to->on[group]++ == 0) {
    if (scale->digits == 1) to->amounts[group] += *sum;
    else pp_amount_add(scale, to->amounts + group * (size_t)scale->digits, sum);
  }
  lower_line(&to->lines[group], frames[frame].line);
}

static pp_code add_totals(const pp_profile *view, path *way, const uint32_t *sums,
                          tally *tallies, size_t count, const pp_control *control,
                          pp_error *error) {
  const pp_tree *tree = way->tree;
  const pp_scale *scale = &view->common->scale;
  const pp_frame *frames = pp_view_frames(view);
  size_t digits = scale->digits, steps = 0;
  uint32_t header = 0;
  do {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    pp_node parent = tree->words[header] & ~PP_TREE_HEADER;
    if (path_end(way) != parent && !path_go(way, parent, tallies, count)) {
      return pp_error_memory(error);
    }
    for (uint32_t i = header + 1; i < tree->count && pp_tree_is_node(tree, i); i++) {
      const uint32_t *sum = sums + i * digits;
      if (pp_amount_is_zero(scale, sum)) break; /* and so are those below */
      if (!path_push(way, i)) return pp_error_memory(error);
      uint32_t frame = pp_tree_frame(tree, i);
      for (size_t t = 0; t < count; t++) add_total(&tallies[t], frames, frame, scale, sum);
    }
    header = sums[header * digits];
  } while (header != 0);
  return PP_OK;
}

static void add_self(const pp_profile *view, const tally *to) {
  const pp_tree *tree = pp_view_tree(view);
  const pp_scale *scale = &view->common->scale;
  for (size_t i = 0; i < view->entries.count; i++) {
    pp_node node = view->entries.nodes[i];
    if (node == PP_NODE_ROOT) continue;
    uint32_t group = to->groups[pp_tree_frame(tree, node)];
    pp_amount_add(scale, to->amounts + group * (size_t)scale->digits,
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

static pp_code count_totals(const pp_profile *view, tally *tallies, size_t count,
                            const pp_control *control, pp_error *error) {
  path way = {.tree = pp_view_tree(view)};
  uint32_t *sums = subtrees(view);
  if (sums == NULL) return pp_error_memory(error);
  link_chains(way.tree, sums, view->common->scale.digits, &view->common->scale);
  pp_code code = add_totals(view, &way, sums, tallies, count, control, error);
  free(way.nodes);
  free(sums);
  return code;
}

pp_code pp_profile_totals(pp_profile *profile, const pp_grouping *groupings, size_t count,
                          const pp_control *control, pp_totals *totals, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_scale *scale = &profile->common->scale;
  tally *tallies = calloc(count + 1, sizeof *tallies);
  if (tallies == NULL) return pp_error_memory(error);
  for (size_t t = 0; t < count; t++) {
    size_t groups = (size_t)groupings[t].count + 1;
    memset(totals[t].line, 0, groups * sizeof *totals[t].line);
    tallies[t] = (tally){
      .groups = groupings[t].groups,
      .on = calloc(groups, sizeof *tallies[t].on),
      .amounts = calloc(groups * scale->digits, sizeof *tallies[t].amounts),
      .lines = totals[t].line,
    };
    if (tallies[t].on == NULL || tallies[t].amounts == NULL) code = pp_error_memory(error);
  }
  if (code == PP_OK) code = count_totals(profile, tallies, count, control, error);
  for (size_t t = 0; t < count; t++) {
    size_t groups = (size_t)groupings[t].count + 1;
    if (code == PP_OK) {
      read_amounts(scale, tallies[t].amounts, groups, totals[t].total, totals[t].total_weight);
      memset(tallies[t].amounts, 0, groups * scale->digits * sizeof *tallies[t].amounts);
      add_self(profile, &tallies[t]);
      read_amounts(scale, tallies[t].amounts, groups, totals[t].self, totals[t].self_weight);
    }
    free(tallies[t].on);
    free(tallies[t].amounts);
  }
  free(tallies);
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
