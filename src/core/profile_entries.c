#include <stdlib.h>
#include <string.h>

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

/* The entry's amount, which is 0 yet. */
static uint32_t *entries_put(pp_entries *entries, size_t index, pp_node node, uint32_t digits) {
  entries->nodes[index] = node;
  uint32_t *amount = entries->amounts + index * digits;
  for (uint32_t i = 0; i < digits; i++) amount[i] = 0;
  return amount;
}

/* An entry for each node of a track. slots (all 0, and left so) has a number for each word of
 * the tree. */
static pp_code entries_by_node(pp_profile *view, uint32_t track, uint32_t *slots,
                               const pp_control *control, pp_error *error) {
  pp_entries *entries = &view->entries;
  const pp_scale *scale = &view->common->scale;
  size_t start = entries->count, steps = 0;
  pp_code code = PP_OK;
  pp_walk walk;
  pp_walk_begin(&walk, view, track, false);
  while (code == PP_OK && pp_walk_next(&walk)) {
    if (pp_view_cancelled(control, steps++)) code = pp_view_cancel(error);
    if (walk.node == PP_NODE_GAP || walk.first == walk.last) continue;
    uint32_t *slot = &slots[walk.node];
    if (*slot == 0) {
      if (!entries_reserve(entries, 1, scale->digits)) {
        code = pp_error_memory(error);
        break;
      }
      entries_put(entries, entries->count, walk.node, scale->digits);
      *slot = (uint32_t)(++entries->count - start);
    }
    pp_amount_add_samples(scale, entries->amounts + (start + *slot - 1) * scale->digits,
                          walk.cursor.weight, walk.last - walk.first);
  }
  for (size_t i = start; i < entries->count; i++) slots[entries->nodes[i]] = 0;
  return code;
}

/* The nodes that chains hang from, numbered in order: a bit for each word of the tree, and how
 * many are set before each 64 of them. */
typedef struct joints {
  uint64_t *bits;
  uint32_t *before;
  uint32_t count;
} joints;

static void joints_free(joints *of) {
  free(of->bits);
  free(of->before);
}

static bool joints_make(const pp_tree *tree, joints *of) {
  size_t words = tree->count / 64 + 1;
  *of = (joints){calloc(words, sizeof *of->bits), calloc(words, sizeof *of->before), 0};
  if (of->bits == NULL || of->before == NULL) {
    joints_free(of);
    return false;
  }
  for (uint32_t i = 0; i < tree->count; i++) {
    if ((tree->words[i] & PP_TREE_HEADER) == 0) continue;
    pp_node joint = tree->words[i] & ~PP_TREE_HEADER;
    of->bits[joint / 64] |= (uint64_t)1 << joint % 64;
  }
  for (size_t i = 0; i < words; i++) {
    of->before[i] = of->count;
    of->count += (uint32_t)__builtin_popcountll(of->bits[i]);
  }
  return true;
}

/* The number of the joint that the node's chain hangs from. */
static uint32_t joint_of(const joints *of, const pp_tree *tree, pp_node node) {
  pp_node joint = pp_tree_joint(tree, node);
  uint64_t lower = ((uint64_t)1 << joint % 64) - 1;
  return of->before[joint / 64] +
         (uint32_t)__builtin_popcountll(of->bits[joint / 64] & lower);
}

/* An entry for each run of a track's samples, those whose chains hang from one node side by
 * side: what is above it is then looked at once for all of them. */
static pp_code entries_by_run(pp_profile *view, uint32_t track, const joints *of,
                              const pp_control *control, pp_error *error) {
  pp_entries *entries = &view->entries;
  const pp_scale *scale = &view->common->scale;
  const pp_tree *tree = pp_view_tree(view);
  uint32_t *ends = calloc((size_t)of->count + 1, sizeof *ends);
  if (ends == NULL) return pp_error_memory(error);
  pp_walk walk;
  pp_walk_begin(&walk, view, track, false);
  uint32_t count = 0;
  while (pp_walk_next(&walk)) {
    if (walk.node == PP_NODE_GAP || walk.first == walk.last) continue;
    ends[joint_of(of, tree, walk.node) + 1]++;
    count++;
  }
  /* Each joint's beginning now, its end when all its entries are put. */
  for (uint32_t i = 1; i < of->count; i++) ends[i] += ends[i - 1];
  pp_code code = entries_reserve(entries, count, scale->digits) ? PP_OK : pp_error_memory(error);
  size_t steps = 0;
  pp_walk_begin(&walk, view, track, false);
  while (code == PP_OK && pp_walk_next(&walk)) {
    if (pp_view_cancelled(control, steps++)) code = pp_view_cancel(error);
    if (walk.node == PP_NODE_GAP || walk.first == walk.last) continue;
    size_t index = entries->count + ends[joint_of(of, tree, walk.node)]++;
    pp_amount_add_samples(scale, entries_put(entries, index, walk.node, scale->digits),
                          walk.cursor.weight, walk.last - walk.first);
  }
  if (code == PP_OK) entries->count += count;
  free(ends);
  return code;
}

/* Is it worth a number for each word to bring samples of one node together? Not where most runs
 * of samples have a stack of their own, and memory is short as it is. */
static bool mostly_distinct(const pp_profile *view) {
  const pp_base *base = view->common->base;
  size_t words = 0, runs = 0, distinct = 0;
  for (uint32_t t = 0; t < base->track_count; t++) words += base->tracks[t].nodes.count;
  if (base->tree.count <= words) return false; /* the numbers are no more than the samples */
  uint8_t *seen = calloc(base->tree.count / 8 + 1, 1);
  if (seen == NULL) return true;
  for (uint32_t t = 0; t < base->track_count; t++) {
    pp_track_cursor cursor;
    pp_track_begin(&base->tracks[t], &cursor);
    while (pp_track_next(&cursor)) {
      runs++;
      if (cursor.node == PP_NODE_GAP) continue;
      uint8_t bit = (uint8_t)(1u << (cursor.node & 7));
      distinct += (seen[cursor.node >> 3] & bit) == 0;
      seen[cursor.node >> 3] |= bit;
    }
  }
  free(seen);
  return distinct > runs / 2 && runs < UINT32_MAX / 2;
}

static pp_code add_tracks(pp_profile *view, uint32_t *slots, const joints *of,
                          const pp_control *control, pp_error *error) {
  pp_code code = PP_OK;
  for (uint32_t track = 0; code == PP_OK && track < view->common->base->track_count; track++) {
    if (pp_view_has_track(view, track)) {
      code = slots != NULL ? entries_by_node(view, track, slots, control, error)
                           : entries_by_run(view, track, of, control, error);
    }
    view->entries.starts[track + 1] = view->entries.count;
  }
  return code;
}

pp_code pp_entries_make(pp_profile *view, const pp_control *control, pp_error *error) {
  const pp_tree *tree = pp_view_tree(view);
  size_t starts = (size_t)view->common->base->track_count + 1;
  view->entries.starts = calloc(starts, sizeof *view->entries.starts);
  if (view->entries.starts == NULL) return pp_error_memory(error);
  uint32_t *slots = NULL;
  joints of = {0};
  bool made;
  if (mostly_distinct(view)) {
    made = joints_make(tree, &of);
  } else {
    slots = calloc(tree->count, sizeof *slots);
    made = slots != NULL;
  }
  pp_code code = made ? add_tracks(view, slots, &of, control, error) : pp_error_memory(error);
  free(slots);
  if (made) joints_free(&of);
  if (code != PP_OK) pp_entries_free(&view->entries);
  return code;
}
