#include <stdlib.h>
#include <string.h>

#include "profile/calls.h"
#include "profile/view.h"
#include "pyprof/calls.h"

struct pp_calls {
  pp_scale scale;
  uint32_t count, group_count;
  uint32_t *parents, *groups, *depths, *lines; /* one for each call */
  uint32_t *self, *total;                      /* amounts: the scale's digits for each call */
  uint32_t *calls; /* the call of each word of the view's tree; not set for words without samples */
};

void pp_calls_free(pp_calls *calls) {
  if (calls == NULL) return;
  free(calls->parents);
  free(calls->groups);
  free(calls->depths);
  free(calls->lines);
  free(calls->self);
  free(calls->total);
  free(calls->calls);
  free(calls);
}

uint32_t pp_calls_count(const pp_calls *calls) {
  return calls->count;
}

uint32_t pp_calls_group_count(const pp_calls *calls) {
  return calls->group_count;
}

uint32_t pp_calls_of(const pp_calls *calls, pp_node node) {
  return calls->calls[node];
}

void pp_calls_get(const pp_calls *calls, uint32_t number, pp_call *call) {
  const pp_scale *scale = &calls->scale;
  const uint32_t *self = calls->self + number * (size_t)scale->digits;
  const uint32_t *total = calls->total + number * (size_t)scale->digits;
  *call = (pp_call){
    .parent = calls->parents[number],
    .group = calls->groups[number],
    .depth = calls->depths[number],
    .line = calls->lines[number],
    .self = pp_amount_samples(scale, self),
    .total = pp_amount_samples(scale, total),
    .self_weight = pp_amount_weight(scale, self),
    .total_weight = pp_amount_weight(scale, total),
  };
}

/* Makes the tree of groups; to[word of the view's tree] is a node of it. */
static pp_code regroup(const pp_profile *view, const uint32_t *groups, const uint8_t *used,
                       pp_tree *grouped, pp_node *to, const pp_control *control,
                       pp_error *error) {
  const pp_tree *tree = pp_view_tree(view);
  to[PP_NODE_ROOT] = PP_NODE_ROOT;
  for (uint32_t i = 1; i < tree->count; i++) {
    if (pp_view_cancelled(control, i)) return pp_view_cancel(error);
    if (used[i] == 0) continue;
    uint32_t group = groups[pp_tree_frame(tree, i)];
    pp_node above = to[pp_tree_parent(tree, i)];
    to[i] = group == 0 ? above : pp_tree_child(grouped, above, group);
    if (to[i] == PP_NODE_NONE) return pp_error_memory(error);
  }
  return PP_OK;
}

/* Numbers the nodes of `grouped` without the headers between them, and fills calls->calls. */
static bool number_calls(const pp_profile *view, const uint8_t *used, const pp_tree *grouped,
                         pp_calls *calls) {
  const pp_tree *tree = pp_view_tree(view);
  uint32_t *numbers = calloc(grouped->count, sizeof *numbers);
  if (numbers == NULL) return false;
  uint32_t count = 1;
  for (uint32_t i = 1; i < grouped->count; i++) {
    if (pp_tree_is_node(grouped, i)) numbers[i] = count++;
  }
  size_t digits = calls->scale.digits;
  calls->count = count;
  calls->parents = calloc(count, sizeof *calls->parents);
  calls->groups = calloc(count, sizeof *calls->groups);
  calls->depths = calloc(count, sizeof *calls->depths);
  calls->lines = calloc(count, sizeof *calls->lines);
  calls->self = calloc(count * digits, sizeof *calls->self);
  calls->total = calloc(count * digits, sizeof *calls->total);
  bool made = calls->parents != NULL && calls->groups != NULL && calls->depths != NULL &&
              calls->lines != NULL && calls->self != NULL && calls->total != NULL;
  for (uint32_t i = 1; made && i < grouped->count; i++) {
    if (!pp_tree_is_node(grouped, i)) continue;
    uint32_t number = numbers[i];
    calls->parents[number] = numbers[pp_tree_parent(grouped, i)];
    calls->groups[number] = pp_tree_frame(grouped, i);
    calls->depths[number] = calls->depths[calls->parents[number]] + 1;
  }
  for (uint32_t i = 1; i < tree->count; i++) {
    if (used[i] != 0) calls->calls[i] = numbers[calls->calls[i]];
  }
  free(numbers);
  return made;
}

static void count_calls(const pp_profile *view, const uint32_t *groups, const uint8_t *used,
                        pp_calls *calls) {
  const pp_tree *tree = pp_view_tree(view);
  const pp_frame *frames = pp_view_frames(view);
  const pp_scale *scale = &calls->scale;
  size_t digits = scale->digits;
  for (uint32_t i = 1; i < tree->count; i++) {
    if (used[i] == 0) continue;
    uint32_t frame = pp_tree_frame(tree, i);
    uint32_t *line = &calls->lines[calls->calls[i]];
    uint32_t seen = groups[frame] == 0 ? 0 : frames[frame].line;
    if (seen != 0 && (*line == 0 || seen < *line)) *line = seen;
  }
  for (size_t i = 0; i < view->entries.count; i++) {
    pp_node node = view->entries.nodes[i];
    if (node == PP_NODE_ROOT) continue; /* an empty sample */
    pp_amount_add(scale, calls->self + calls->calls[node] * digits,
                  view->entries.amounts + i * digits);
  }
  memcpy(calls->total, calls->self, calls->count * digits * sizeof *calls->total);
  for (uint32_t i = calls->count - 1; i > 0; i--) {
    pp_amount_add(scale, calls->total + calls->parents[i] * digits, calls->total + i * digits);
  }
}

pp_code pp_calls_make(pp_profile *profile, const uint32_t *groups, uint32_t group_count,
                      const pp_control *control, pp_calls **calls, pp_error *error) {
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  pp_calls *made = calloc(1, sizeof *made);
  if (made == NULL) return pp_error_memory(error);
  made->scale = profile->common->scale;
  made->group_count = group_count;
  made->calls = malloc(pp_view_tree(profile)->count * sizeof *made->calls);
  uint8_t *used = pp_view_used(profile);
  pp_tree grouped = {0};
  if (made->calls == NULL || used == NULL || !pp_tree_make(&grouped)) {
    code = pp_error_memory(error);
  } else {
    code = regroup(profile, groups, used, &grouped, made->calls, control, error);
    if (code == PP_OK) {
      pp_tree_seal(&grouped);
      if (!number_calls(profile, used, &grouped, made)) code = pp_error_memory(error);
    }
  }
  if (code == PP_OK) count_calls(profile, groups, used, made);
  pp_tree_free(&grouped);
  free(used);
  if (code != PP_OK) {
    pp_calls_free(made);
    return code;
  }
  *calls = made;
  return PP_OK;
}

/* --- the order of calls */

/* Sorts numbers stably by their keys, which are below `keys`. counts: keys + 1 of them, all 0. */
static void sort_by(const uint32_t *numbers, uint32_t count, const uint32_t *key_of, uint32_t keys,
                    uint32_t *counts, uint32_t *sorted) {
  for (uint32_t i = 0; i < count; i++) counts[key_of[numbers[i]] + 1]++;
  for (uint32_t key = 0; key < keys; key++) counts[key + 1] += counts[key];
  for (uint32_t i = 0; i < count; i++) sorted[counts[key_of[numbers[i]]]++] = numbers[i];
}

/* The place of each call in a walk that visits children in the order of their groups' ranks.
 * children: all calls but the root, sorted by parent and rank. */
static void number_walk(const pp_calls *calls, const uint32_t *children, uint32_t *sizes,
                        uint32_t *walk) {
  for (uint32_t i = 0; i < calls->count; i++) sizes[i] = 1;
  for (uint32_t i = calls->count - 1; i > 0; i--) sizes[calls->parents[i]] += sizes[i];
  uint32_t parent = 0, next = 1;
  walk[0] = 0;
  for (uint32_t i = 0; i + 1 < calls->count; i++) {
    uint32_t child = children[i];
    if (calls->parents[child] != parent) {
      parent = calls->parents[child];
      next = walk[parent] + 1;
    }
    walk[child] = next;
    next += sizes[child];
  }
}

/* Each stack gets a number to compare by, since comparing frames takes long for deep stacks. */
uint32_t *pp_calls_places(const pp_calls *calls, const uint32_t *ranks) {
  uint32_t count = calls->count, keys = calls->group_count + 1;
  if (keys < count) keys = count;
  uint32_t *one = calloc(count, sizeof *one), *other = malloc(count * sizeof *other);
  uint32_t *rank_of = calloc(count, sizeof *rank_of), *walk = malloc(count * sizeof *walk);
  uint32_t *counts = calloc((size_t)keys + 1, sizeof *counts);
  bool made = one != NULL && other != NULL && rank_of != NULL && walk != NULL && counts != NULL;
  if (made) {
    for (uint32_t i = 0; i < count; i++) {
      rank_of[i] = ranks[calls->groups[i]];
      one[i] = i;
    }
    sort_by(one + 1, count - 1, rank_of, calls->group_count + 1, counts, other);
    memset(counts, 0, ((size_t)keys + 1) * sizeof *counts);
    sort_by(other, count - 1, calls->parents, count, counts, one);
    number_walk(calls, one, other, walk);
    /* The rank of a call's own group comes first. */
    for (uint32_t i = 0; i < count; i++) other[walk[i]] = i;
    memset(counts, 0, ((size_t)keys + 1) * sizeof *counts);
    sort_by(other, count, rank_of, calls->group_count + 1, counts, one);
    for (uint32_t i = 0; i < count; i++) walk[one[i]] = i;
  } else {
    free(walk);
    walk = NULL;
  }
  free(one);
  free(other);
  free(rank_of);
  free(counts);
  return walk;
}

/* --- the heaviest leaves */

typedef struct leaf {
  double key;
  uint32_t number;
} leaf;

typedef struct leaf_order {
  const pp_calls *calls;
  const uint32_t *ranks, *places;
} leaf_order;

static int compare_leaves(const void *a, const void *b, void *context) {
  const leaf *one = a, *other = b;
  const leaf_order *order = context;
  if (one->key > other->key) return -1;
  if (one->key < other->key) return 1;
  uint32_t place = order->places[one->number], other_place = order->places[other->number];
  return (place > other_place) - (place < other_place);
}

/* Replaces the top of the heap, the last leaf in order, and brings the new last to the top. */
static void replace_last(leaf *heap, size_t count, leaf with, leaf_order *order) {
  size_t at = 0;
  for (size_t child = 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count && compare_leaves(&heap[child + 1], &heap[child], order) > 0) child++;
    if (compare_leaves(&heap[child], &with, order) <= 0) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = with;
}

static size_t choose_leaves(leaf_order *order, bool by_samples, size_t limit, leaf *leaves) {
  const pp_calls *calls = order->calls;
  const pp_scale *scale = &calls->scale;
  size_t count = 0;
  for (uint32_t i = 1; i < calls->count; i++) {
    const uint32_t *self = calls->self + i * (size_t)scale->digits;
    uint64_t samples = pp_amount_samples(scale, self);
    if (samples == 0 || order->ranks[calls->groups[i]] == 0) continue;
    leaf it = {by_samples ? (double)samples : pp_amount_weight(scale, self), i};
    if (count < limit) {
      leaves[count++] = it;
      /* An array that is sorted backwards is a heap. */
      if (count == limit) {
        qsort_r(leaves, count, sizeof *leaves, compare_leaves, order);
        for (size_t low = 0, high = count; low + 1 < high; low++) {
          leaf swapped = leaves[low];
          leaves[low] = leaves[--high];
          leaves[high] = swapped;
        }
      }
    } else if (compare_leaves(&it, &leaves[0], order) < 0) {
      replace_last(leaves, count, it, order);
    }
  }
  qsort_r(leaves, count, sizeof *leaves, compare_leaves, order);
  return count;
}

pp_code pp_calls_leaves(const pp_calls *calls, const uint32_t *ranks, bool by_samples,
                        size_t limit, uint32_t **numbers, size_t *count, pp_error *error) {
  if (limit > calls->count) limit = calls->count;
  leaf *leaves = malloc((limit + 1) * sizeof *leaves);
  uint32_t *made = malloc((limit + 1) * sizeof *made);
  uint32_t *places = pp_calls_places(calls, ranks);
  if (leaves == NULL || made == NULL || places == NULL) {
    free(leaves);
    free(made);
    free(places);
    return pp_error_memory(error);
  }
  leaf_order order = {calls, ranks, places};
  *count = limit == 0 ? 0 : choose_leaves(&order, by_samples, limit, leaves);
  for (size_t i = 0; i < *count; i++) made[i] = leaves[i].number;
  free(leaves);
  free(places);
  *numbers = made;
  return PP_OK;
}
