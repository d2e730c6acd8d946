#include "pyprof/layout.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

void pp_layout_free(pp_layout *layout) {
  if (layout == NULL) return;
  free(layout->depths);
  free(layout->functions);
  free(layout->samples);
  free(layout->weights);
  free(layout->groups);
  free(layout->cut);
  free(layout->nodes);
  free(layout);
}

typedef struct ranked {
  double weight;
  uint32_t number;
} ranked;

/* A caller weighs at least what a callee does and has the smaller number, so it comes first. */
static int compare_ranked(const void *a, const void *b) {
  const ranked *one = a, *other = b;
  if (one->weight != other->weight) return one->weight > other->weight ? -1 : 1;
  return (one->number > other->number) - (one->number < other->number);
}

/* The work of making a layout: arrays with one element for each call. */
typedef struct workings {
  ranked *order;   /* the calls but the root, heaviest first */
  uint32_t *first, *next; /* the kept callees of each call, heaviest first */
  uint32_t *sizes; /* how many kept calls each one's subtree has; 0: left out */
} workings;

static void free_workings(workings *work) {
  free(work->order);
  free(work->first);
  free(work->next);
  free(work->sizes);
}

/* Links each kept call to its caller. */
static void link_calls(const pp_calls *calls, uint32_t kept, workings *work) {
  uint32_t count = pp_calls_count(calls);
  pp_call call;
  for (uint32_t i = 1; i < count; i++) {
    pp_calls_get(calls, i, &call);
    work->order[i - 1] = (ranked){call.total_weight, i};
  }
  if (count > 2) qsort(work->order, count - 1, sizeof *work->order, compare_ranked);
  memset(work->first, 0xff, count * sizeof *work->first);
  work->sizes[0] = 1;
  for (uint32_t i = kept; i > 0; i--) { /* the lightest first, since each goes to the front */
    uint32_t number = work->order[i - 1].number;
    pp_calls_get(calls, number, &call);
    work->sizes[number] = 1;
    work->next[number] = work->first[call.parent];
    work->first[call.parent] = number;
  }
  for (uint32_t i = count - 1; i > 0; i--) {
    pp_calls_get(calls, i, &call);
    work->sizes[call.parent] += work->sizes[i];
  }
}

/* Gives each call its node, and each node its depth, group and samples. */
static void place_calls(const pp_calls *calls, const workings *work, pp_layout *layout) {
  uint32_t count = pp_calls_count(calls);
  pp_call call;
  layout->nodes[0] = 0;
  for (uint32_t i = 0; i < count; i++) {
    pp_calls_get(calls, i, &call);
    if (work->sizes[i] == 0) layout->nodes[i] = layout->nodes[call.parent];
    uint32_t node = layout->nodes[i], at = node + 1;
    layout->samples[node] += call.self;
    layout->weights[node] += call.self_weight;
    if (work->sizes[i] == 0) continue;
    layout->depths[node] = call.depth;
    layout->functions[node] = call.group;
    for (uint32_t callee = work->first[i]; callee != NONE; callee = work->next[callee]) {
      layout->nodes[callee] = at;
      at += work->sizes[callee];
    }
  }
  for (uint32_t i = 1; i < count; i++) {
    if (work->sizes[i] != 0) continue;
    uint32_t node = layout->nodes[i];
    if (layout->cut[node] == 0) layout->cut_count++;
    layout->cut[node] = 1;
  }
  uint32_t found = 0;
  for (uint32_t node = 0; node < layout->count; node++) {
    if (layout->cut[node] != 0) layout->cut[found++] = node;
  }
}

typedef struct occurrence {
  uint32_t group, nodes;
} occurrence;

static int compare_occurrences(const void *a, const void *b) {
  const occurrence *one = a, *other = b;
  if (one->nodes != other->nodes) return one->nodes > other->nodes ? -1 : 1;
  return (one->group > other->group) - (one->group < other->group);
}

/* Numbers the functions by how many nodes they have: high bytes are then mostly 0. */
static bool number_functions(uint32_t group_count, pp_layout *layout) {
  occurrence *found = calloc((size_t)group_count + 1, sizeof *found);
  uint32_t *number_of = calloc((size_t)group_count + 1, sizeof *number_of);
  layout->groups = calloc((size_t)group_count + 1, sizeof *layout->groups);
  bool made = found != NULL && number_of != NULL && layout->groups != NULL;
  if (made) {
    for (uint32_t i = 0; i <= group_count; i++) found[i].group = i;
    for (uint32_t node = 1; node < layout->count; node++) found[layout->functions[node]].nodes++;
    qsort(found, (size_t)group_count + 1, sizeof *found, compare_occurrences);
    for (uint32_t i = 0; i <= group_count && found[i].nodes > 0; i++) {
      layout->groups[layout->function_count] = found[i].group;
      number_of[found[i].group] = layout->function_count++;
    }
    for (uint32_t node = 1; node < layout->count; node++) {
      layout->functions[node] = number_of[layout->functions[node]];
    }
  }
  free(found);
  free(number_of);
  return made;
}

pp_code pp_layout_make(const pp_calls *calls, size_t limit, pp_layout **layout, pp_error *error) {
  size_t count = pp_calls_count(calls);
  uint32_t kept = (uint32_t)(limit < count - 1 ? limit : count - 1);
  size_t nodes = (size_t)kept + 1;
  workings work = {malloc(count * sizeof(ranked)), malloc(count * sizeof(uint32_t)),
               malloc(count * sizeof(uint32_t)), calloc(count, sizeof(uint32_t))};
  pp_layout *made = calloc(1, sizeof *made);
  bool good = made != NULL && work.order != NULL && work.first != NULL && work.next != NULL &&
              work.sizes != NULL;
  if (good) {
    made->count = kept + 1;
    made->depths = calloc(nodes, sizeof *made->depths);
    made->functions = calloc(nodes, sizeof *made->functions);
    made->samples = calloc(nodes, sizeof *made->samples);
    made->weights = calloc(nodes, sizeof *made->weights);
    made->cut = calloc(nodes, sizeof *made->cut);
    made->nodes = malloc(count * sizeof *made->nodes);
    good = made->depths != NULL && made->functions != NULL && made->samples != NULL &&
           made->weights != NULL && made->cut != NULL && made->nodes != NULL;
  }
  if (good) {
    link_calls(calls, kept, &work);
    place_calls(calls, &work, made);
    good = number_functions(pp_calls_group_count(calls), made);
  }
  free_workings(&work);
  if (!good) {
    pp_layout_free(made);
    return pp_error_memory(error);
  }
  *layout = made;
  return PP_OK;
}
