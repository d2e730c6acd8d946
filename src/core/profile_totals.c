#include <stdlib.h>
#include <string.h>

#include "view.h"

#define AHEAD 16

/* One way to group, while it is counted. */
typedef struct tally {
  const uint32_t *groups;
  uint32_t *amounts; /* of each group: the scale's digits */
  uint32_t *marks;   /* of each group: where it was last met, or how often it is on the path */
  uint32_t *above;   /* the groups above the joint */
  size_t above_count, above_capacity;
  uint32_t *opened;  /* of each group on the path: what was counted before it came there */
} tally;

typedef struct counting {
  const pp_profile *view;
  const pp_tree *tree;
  const pp_scale *scale;
  tally *tallies;
  size_t count;
  uint8_t *seen;     /* of each frame */
  uint32_t *self;    /* of each frame: the scale's digits */
  pp_node *path;     /* root first, or last where one stack is walked up */
  size_t depth, capacity;
} counting;

static bool path_reserve(counting *c) {
  if (c->depth < c->capacity) return true;
  size_t capacity = c->capacity * 2 + 64;
  pp_node *path = realloc(c->path, capacity * sizeof *path);
  if (path == NULL) return false;
  c->path = path;
  c->capacity = capacity;
  return true;
}

static void add_self(const counting *c, uint32_t frame, const uint32_t *amount) {
  pp_amount_add(c->scale, c->self + frame * (size_t)c->scale->digits, amount);
}

/* --- stack by stack: what is above a chain is looked at once for all entries in a row that hang
 * from there, as entries that are mostly distinct stand; then each one's own chain */

/* The frames on the way up from a node, leaf first, put after those that the path has; up to the
 * chain's end only, or to the root. Returns the node above the last of them; NONE: no memory. */
static pp_node walk_up(counting *c, pp_node node, bool to_root) {
  const uint32_t *words = c->tree->words;
  while (node != PP_NODE_ROOT) {
    if (!path_reserve(c)) return PP_NODE_NONE;
    c->path[c->depth++] = words[node];
    c->seen[words[node]] = 1;
    uint32_t before = words[node - 1];
    if ((before & PP_TREE_HEADER) == 0) {
      node--;
    } else {
      node = before & ~PP_TREE_HEADER;
      if (!to_root) break;
    }
  }
  return node;
}

/* Gives to the groups above the joint what the entries that hang from it have. */
static void leave_joint(const counting *c, const uint32_t *amount) {
  for (size_t t = 0; t < c->count; t++) {
    const tally *to = &c->tallies[t];
    for (size_t k = 0; k < to->above_count; k++) {
      pp_amount_add(c->scale, to->amounts + to->above[k] * (size_t)c->scale->digits, amount);
    }
  }
}

/* Marks the groups above the joint, and notes them. */
static bool enter_joint(counting *c, pp_node joint, uint32_t mark) {
  size_t below = c->depth; /* what is on the path already is no part of it */
  if (walk_up(c, joint, true) == PP_NODE_NONE) return false;
  for (size_t t = 0; t < c->count; t++) {
    tally *to = &c->tallies[t];
    if (to->above_capacity < c->depth) {
      uint32_t *above = realloc(to->above, c->capacity * sizeof *above);
      if (above == NULL) return false;
      to->above = above;
      to->above_capacity = c->capacity;
    }
    to->above_count = 0;
    for (size_t k = below; k < c->depth; k++) {
      uint32_t group = to->groups[c->path[k]];
      if (to->marks[group] == mark) continue;
      to->marks[group] = mark;
      to->above[to->above_count++] = group;
    }
  }
  c->depth = below;
  return true;
}

/* Gives to the groups of the entry's own chain that are not above it what the entry has. */
static void add_chain(const counting *c, uint32_t above, uint32_t mark, const uint32_t *amount) {
  const uint32_t *path = c->path;
  size_t depth = c->depth, count = c->count, digits = c->scale->digits;
  for (size_t k = 0; k < depth; k++) {
    for (size_t t = 0; t < count; t++) {
      const tally *to = &c->tallies[t];
      uint32_t group = to->groups[path[k]];
      if (to->marks[group] == above || to->marks[group] == mark) continue;
      to->marks[group] = mark;
      if (digits == 1) to->amounts[group] += *amount;
      else pp_amount_add(c->scale, to->amounts + group * digits, amount);
    }
  }
}

static pp_code count_each(counting *c, const pp_control *control, pp_error *error) {
  const pp_entries *entries = &c->view->entries;
  uint32_t sum[PP_DIGITS_MAX] = {0}; /* of the entries that hang from the joint */
  uint32_t above = 0, mark = 0;
  pp_node joint = PP_NODE_NONE;
  for (size_t i = 0; i < entries->count; i++) {
    if (pp_view_cancelled(control, i)) return pp_view_cancel(error);
    /* What is above is at hand, the chain is not. */
    if (i + AHEAD < entries->count) {
      pp_node next = entries->nodes[i + AHEAD];
      __builtin_prefetch(&c->tree->words[next]);
      __builtin_prefetch(&c->tree->words[next < 8 ? 0 : next - 8]);
    }
    c->depth = 0;
    pp_node hangs = walk_up(c, entries->nodes[i], false);
    if (hangs == PP_NODE_NONE) return pp_error_memory(error);
    if (hangs != joint) {
      leave_joint(c, sum);
      memset(sum, 0, c->scale->digits * sizeof *sum);
      above = ++mark;
      joint = hangs;
      if (!enter_joint(c, joint, above)) return pp_error_memory(error);
    }
    const uint32_t *amount = entries->amounts + i * c->scale->digits;
    pp_amount_add(c->scale, sum, amount);
    if (c->depth > 0) add_self(c, c->path[0], amount);
    mark++;
    add_chain(c, above, mark, amount);
  }
  leave_joint(c, sum);
  return PP_OK;
}

/* --- by differences: from one stack to the next only what they have not in common is walked. A
 * group gets what was counted between its coming onto the path and its leaving it. */

static void enter(const counting *c, pp_node node, const uint32_t *counted) {
  uint32_t frame = pp_tree_frame(c->tree, node);
  c->seen[frame] = 1;
  for (size_t t = 0; t < c->count; t++) {
    tally *to = &c->tallies[t];
    uint32_t group = to->groups[frame];
    if (to->marks[group]++ != 0) continue;
    memcpy(to->opened + group * (size_t)c->scale->digits, counted,
           c->scale->digits * sizeof *counted);
  }
}

static void leave(const counting *c, pp_node node, const uint32_t *counted) {
  uint32_t frame = pp_tree_frame(c->tree, node);
  for (size_t t = 0; t < c->count; t++) {
    tally *to = &c->tallies[t];
    uint32_t group = to->groups[frame];
    if (--to->marks[group] != 0) continue;
    uint32_t since[PP_DIGITS_MAX];
    pp_amount_subtract(c->scale, since, counted,
                       to->opened + group * (size_t)c->scale->digits);
    pp_amount_add(c->scale, to->amounts + group * (size_t)c->scale->digits, since);
  }
}

/* How many of the path's nodes are also above `node`, or it. Ancestors have smaller numbers. */
static size_t common_depth(const counting *c, pp_node node) {
  size_t keep = c->depth;
  for (;; node = pp_tree_parent(c->tree, node)) {
    while (keep > 0 && c->path[keep - 1] > node) keep--;
    if ((keep == 0 ? PP_NODE_ROOT : c->path[keep - 1]) == node) return keep;
  }
}

/* Makes the path end at `to`, of which the first `keep` nodes stay. */
static bool path_go(counting *c, pp_node to, size_t keep) {
  c->depth = keep;
  pp_node stop = keep == 0 ? PP_NODE_ROOT : c->path[keep - 1];
  for (pp_node node = to; node != stop; node = pp_tree_parent(c->tree, node)) {
    if (!path_reserve(c)) return false;
    c->path[c->depth++] = node;
  }
  for (size_t low = keep, high = c->depth; low + 1 < high; low++) {
    pp_node swapped = c->path[low];
    c->path[low] = c->path[--high];
    c->path[high] = swapped;
  }
  return true;
}

static pp_code count_differences(counting *c, const pp_control *control, pp_error *error) {
  const pp_entries *entries = &c->view->entries;
  uint32_t counted[PP_DIGITS_MAX] = {0};
  for (size_t i = 0; i <= entries->count; i++) {
    if (pp_view_cancelled(control, i)) return pp_view_cancel(error);
    pp_node node = i < entries->count ? entries->nodes[i] : PP_NODE_ROOT;
    size_t keep = common_depth(c, node);
    for (size_t k = keep; k < c->depth; k++) leave(c, c->path[k], counted);
    if (!path_go(c, node, keep)) return pp_error_memory(error);
    for (size_t k = keep; k < c->depth; k++) enter(c, c->path[k], counted);
    if (i == entries->count) break;
    const uint32_t *amount = entries->amounts + i * c->scale->digits;
    pp_amount_add(c->scale, counted, amount);
    if (node != PP_NODE_ROOT) add_self(c, pp_tree_frame(c->tree, node), amount);
  }
  return PP_OK;
}

/* Tries some pairs of neighbours: are differences so much shorter than stacks that they cost
 * less, though each step costs more? */
static bool differences_are_short(counting *c) {
  const pp_entries *entries = &c->view->entries;
  size_t steps = 0, differences = 0;
  for (size_t i = 1; i < entries->count; i += 1 + entries->count / 64) {
    if (!path_go(c, entries->nodes[i - 1], 0)) break;
    size_t before = c->depth, keep = common_depth(c, entries->nodes[i]);
    if (!path_go(c, entries->nodes[i], 0)) break;
    steps += c->depth;
    differences += before - keep + c->depth - keep;
  }
  c->depth = 0;
  return differences * 4 < steps;
}

static void read_amounts(const pp_scale *scale, const uint32_t *amounts, size_t count,
                         uint64_t *samples, double *weight) {
  for (size_t i = 0; i < count; i++) {
    samples[i] = pp_amount_samples(scale, amounts + i * scale->digits);
    weight[i] = pp_amount_weight(scale, amounts + i * scale->digits);
  }
}

static void lower_line(uint32_t *line, uint32_t seen) {
  if (seen != 0 && (*line == 0 || seen < *line)) *line = seen;
}

static bool tally_make(const counting *c, const pp_grouping *grouping, tally *to) {
  size_t groups = (size_t)grouping->count + 1;
  to->groups = grouping->groups;
  to->marks = calloc(groups, sizeof *to->marks);
  to->amounts = calloc(groups * c->scale->digits, sizeof *to->amounts);
  to->opened = calloc(groups * c->scale->digits, sizeof *to->opened);
  return to->marks != NULL && to->amounts != NULL && to->opened != NULL;
}

static void tally_read(const counting *c, const pp_grouping *grouping, tally *from,
                       pp_totals *to) {
  size_t groups = (size_t)grouping->count + 1, digits = c->scale->digits;
  read_amounts(c->scale, from->amounts, groups, to->total, to->total_weight);
  memset(from->amounts, 0, groups * digits * sizeof *from->amounts);
  memset(to->line, 0, groups * sizeof *to->line);
  const pp_frame *frames = pp_view_frames(c->view);
  for (uint32_t i = 0; i < pp_profile_frame_count(c->view); i++) {
    if (c->seen[i] == 0) continue;
    uint32_t group = grouping->groups[i];
    lower_line(&to->line[group], frames[i].line);
    pp_amount_add(c->scale, from->amounts + group * digits, c->self + i * digits);
  }
  read_amounts(c->scale, from->amounts, groups, to->self, to->self_weight);
}

pp_code pp_profile_totals(pp_profile *profile, const pp_grouping *groupings, size_t count,
                          const pp_control *control, uint8_t *seen, pp_totals *totals,
                          pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  const pp_scale *scale = &profile->common->scale;
  size_t frame_count = pp_profile_frame_count(profile);
  counting c = {
    .view = profile, .tree = pp_view_tree(profile), .scale = scale,
    .tallies = calloc(count + 1, sizeof *c.tallies), .count = count, .seen = seen,
    .self = calloc(frame_count * scale->digits + 1, sizeof *c.self),
  };
  memset(seen, 0, frame_count);
  bool made = c.tallies != NULL && c.self != NULL;
  for (size_t t = 0; made && t < count; t++) made = tally_make(&c, &groupings[t], &c.tallies[t]);
  if (!made) code = pp_error_memory(error);
  else if (differences_are_short(&c)) code = count_differences(&c, control, error);
  else code = count_each(&c, control, error);
  for (size_t t = 0; c.tallies != NULL && t < count; t++) {
    if (code == PP_OK) tally_read(&c, &groupings[t], &c.tallies[t], &totals[t]);
    free(c.tallies[t].marks);
    free(c.tallies[t].above);
    free(c.tallies[t].amounts);
    free(c.tallies[t].opened);
  }
  free(c.self);
  free(c.tallies);
  free(c.path);
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
