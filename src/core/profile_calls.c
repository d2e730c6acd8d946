#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

struct pp_calls {
  pp_scale scale;
  uint32_t count;
  uint32_t *parents, *groups, *depths, *lines; /* one a call */
  uint32_t *self, *total;                      /* the scale's digits for each */
  uint32_t *calls; /* of each word of the view's tree: its call; not set where nothing is seen */
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

/* The tree of groups; to[word of the view's tree] is a node of it. */
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

/* Numbers the nodes without the headers between them, in to as well. */
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
  (void)group_count;
  pp_code code = pp_view_prepare(profile, control, error);
  if (code != PP_OK) return code;
  pp_calls *made = calloc(1, sizeof *made);
  if (made == NULL) return pp_error_memory(error);
  made->scale = profile->common->scale;
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

/* --- runs */

typedef struct run_list {
  pp_run *runs;
  size_t count, capacity;
} run_list;

static pp_run *add_run(run_list *list) {
  if (list->count == list->capacity) {
    size_t capacity = list->capacity + list->capacity / 2 + 64;
    pp_run *runs = realloc(list->runs, capacity * sizeof *runs);
    if (runs == NULL) return NULL;
    list->runs = runs;
    list->capacity = capacity;
  }
  return &list->runs[list->count++];
}

/* The key of what the step's samples have on top; 0: they belong to no run. */
static uint32_t key_of(const pp_walk *walk, const uint32_t *groups, const pp_calls *calls) {
  if (walk->node == PP_NODE_GAP || walk->node == PP_NODE_ROOT) return 0;
  if (calls != NULL) return calls->calls[walk->node];
  return groups[pp_tree_frame(pp_view_tree(walk->view), walk->node)];
}

static void end_run(const pp_scale *scale, uint32_t *amount, double to, pp_run *run) {
  run->to = to;
  run->samples = pp_amount_samples(scale, amount);
  run->weight = pp_amount_weight(scale, amount);
  memset(amount, 0, scale->digits * sizeof *amount);
}

static pp_code add_runs(pp_walk *walk, uint32_t thread, const uint32_t *groups,
                        const pp_calls *calls, const pp_control *control, run_list *list,
                        pp_error *error) {
  const pp_scale *scale = &walk->view->common->scale;
  uint32_t amount[PP_DIGITS_MAX] = {0};
  uint32_t open = 0; /* the key of the run that the last sample belongs to */
  size_t steps = 0;
  while (pp_walk_next(walk)) {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    uint32_t key = walk->first == walk->last ? 0 : key_of(walk, groups, calls);
    if (open != 0 && key != open) {
      end_run(scale, amount, pp_walk_time(walk, 0), &list->runs[list->count - 1]);
      open = 0;
    }
    if (key == 0) continue;
    if (open == 0) {
      pp_run *run = add_run(list);
      if (run == NULL) return pp_error_memory(error);
      *run = (pp_run){.thread = thread, .key = key, .from = pp_walk_time(walk, walk->first)};
      open = key;
    }
    pp_amount_add_samples(scale, amount, walk->cursor.weight, walk->last - walk->first);
    if (walk->last < walk->cursor.times) { /* the window ends within this step */
      end_run(scale, amount, pp_walk_time(walk, walk->last), &list->runs[list->count - 1]);
      open = 0;
    }
  }
  if (open != 0) {
    end_run(scale, amount, pp_walk_time(walk, 0), &list->runs[list->count - 1]);
  }
  return PP_OK;
}

pp_code pp_profile_runs(pp_profile *profile, const uint32_t *groups, const pp_calls *calls,
                        const pp_control *control, pp_run **runs, size_t *count,
                        pp_error *error) {
  if (profile->common->per_second <= 0) {
    return pp_error_set(error, PP_ARGUMENT, "the recording has no time");
  }
  pp_code code = pp_view_prepare(profile, control, error);
  if (code == PP_OK) code = pp_view_number_threads(profile, error);
  run_list list = {0};
  for (uint32_t t = 0; code == PP_OK && t < profile->common->base->track_count; t++) {
    if (!pp_view_has_track(profile, t)) continue;
    pp_walk walk;
    pp_walk_begin(&walk, profile, t, true);
    code = add_runs(&walk, profile->common->threads[t], groups, calls, control, &list, error);
  }
  if (code != PP_OK) {
    free(list.runs);
    return code;
  }
  *runs = list.runs;
  *count = list.count;
  return PP_OK;
}
