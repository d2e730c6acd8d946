#include <stdlib.h>
#include <string.h>

#include "profile/frame_table.h"
#include "profile/merge.h"
#include "profile/metric.h"
#include "profile/view.h"
#include "profile/walk.h"
#include "pyprof/buffer.h"

static uint32_t carry(pp_base *to, const pp_intern *strings, uint32_t number) {
  size_t length;
  const char *bytes = pp_intern_text(strings, number, &length);
  return pp_intern_add(to->strings, bytes, length);
}

static bool same_text(const pp_intern *a, uint32_t one, const pp_intern *b, uint32_t other) {
  pp_text left = pp_view_text(a, one), right = pp_view_text(b, other);
  return left.length == right.length && memcmp(left.bytes, right.bytes, left.length) == 0;
}

static pp_code differ(const pp_base *one, const pp_base *other, pp_error *error) {
  pp_buffer texts[2] = {{0}, {0}};
  pp_code code = PP_MEMORY;
  if (pp_metric_text(one->strings, one->metric, &texts[0]) &&
      pp_metric_text(other->strings, other->metric, &texts[1])) {
    code = pp_error_set(error, PP_ARGUMENT, "metrics differ: %.*s and %.*s",
                        (int)texts[0].length, texts[0].data, (int)texts[1].length,
                        texts[1].data);
  } else {
    pp_error_memory(error);
  }
  pp_buffer_free(&texts[0]);
  pp_buffer_free(&texts[1]);
  return code;
}

static pp_code check_metrics(const pp_profile *const *profiles, size_t count, pp_error *error) {
  const pp_base *first = profiles[0]->common->base;
  for (size_t i = 1; i < count; i++) {
    const pp_base *base = profiles[i]->common->base;
    if (base->metric.unit == first->metric.unit &&
        same_text(base->strings, base->metric.kind, first->strings, first->metric.kind)) {
      continue;
    }
    return differ(first, base, error);
  }
  return PP_OK;
}

/* --- adding the parts of one base to another */

typedef struct merging {
  pp_base *base;
  pp_frame_table frames;
  pp_node *nodes; /* for each node of the added view: its node in the new tree */
  uint32_t families; /* of tracks in the bases that were added before */
  uint32_t records;  /* of those bases */
  bool same;      /* all nodes keep their numbers */
  bool taking;    /* nobody else uses the profiles, so their tracks need not be copied */
} merging;

#define AHEAD 16 /* how many words ahead of the node that is added calls are prefetched */

/* Prefetches the call that begins a chain at this word, if its parent was added. */
static inline void look_ahead(const merging *to, const pp_tree *tree, const uint32_t *numbers,
                              uint32_t word, uint32_t added) {
  if (word + 1 >= tree->count || pp_tree_is_node(tree, word)) return;
  pp_node parent = tree->words[word] & ~PP_TREE_HEADER;
  if (parent >= added || !pp_tree_is_node(tree, word + 1)) return;
  pp_tree_guess(&to->base->tree, to->nodes[parent], numbers[pp_tree_frame(tree, word + 1)]);
}

/* Adds the nodes of a tree whose frames have these numbers now. */
static bool add_nodes(merging *to, const pp_tree *tree, const uint32_t *numbers) {
  to->same = true;
  to->nodes[PP_NODE_ROOT] = PP_NODE_ROOT;
  if (to->base->tree.count == 1) { /* the first tree is copied */
    for (uint32_t i = 1; i < tree->count; i++) to->nodes[i] = i;
    return pp_tree_copy(tree, numbers, &to->base->tree);
  }
  for (uint32_t i = 1; i < tree->count; i++) {
    look_ahead(to, tree, numbers, i + AHEAD, i);
    if (!pp_tree_is_node(tree, i)) continue;
    to->nodes[i] = pp_tree_child(&to->base->tree, to->nodes[pp_tree_parent(tree, i)],
                                 numbers[pp_tree_frame(tree, i)]);
    if (to->nodes[i] == PP_NODE_NONE) return false;
    to->same = to->same && to->nodes[i] == i;
  }
  return true;
}

static bool add_tree(merging *to, const pp_profile *from) {
  const pp_frame *frames = pp_view_frames(from);
  const pp_intern *strings = pp_view_strings(from);
  const pp_tree *tree = pp_view_tree(from);
  size_t frame_count = pp_profile_frame_count(from);
  uint32_t *numbers = malloc((frame_count + 1) * sizeof *numbers);
  to->nodes = malloc(tree->count * sizeof *to->nodes);
  bool added = numbers != NULL && to->nodes != NULL;
  for (size_t i = 0; added && i < frame_count; i++) {
    pp_frame frame = {
      .name = carry(to->base, strings, frames[i].name),
      .file = carry(to->base, strings, frames[i].file),
      .line = frames[i].line,
    };
    added = frame.name != PP_INTERN_NONE && frame.file != PP_INTERN_NONE;
    if (added) numbers[i] = pp_frame_table_add(&to->frames, frame);
    added = added && numbers[i] != PP_FRAME_NONE;
  }
  added = added && add_nodes(to, tree, numbers);
  free(numbers);
  return added;
}

static bool copy_nodes(const pp_nodes *from, pp_nodes *to) {
  *to = *from;
  to->capacity = from->count + 2;
  to->words = malloc(to->capacity * sizeof *to->words);
  if (to->words == NULL) return false;
  if (from->count > 0) memcpy(to->words, from->words, from->count * sizeof *to->words);
  return true;
}

static bool copy_ticks(const pp_track *from, pp_track *to) {
  size_t size = from->tick_count * sizeof *to->ticks;
  to->ticks = malloc(size);
  if (to->ticks == NULL) return false;
  memcpy(to->ticks, from->ticks, size);
  to->tick_count = from->tick_count;
  return true;
}

/* Takes over the nodes of a whole track in place. Runs that become equal are not joined. */
static void take_nodes(const merging *to, pp_nodes *from, pp_nodes *taken) {
  *taken = *from;
  *from = (pp_nodes){0};
  for (size_t i = 0; !to->same && i < taken->count; i++) {
    uint32_t word = taken->words[i], counted = word & PP_NODES_COUNTED;
    pp_node node = word & ~PP_NODES_COUNTED;
    if (node != PP_NODE_GAP) taken->words[i] = to->nodes[node] | counted;
    i += counted != 0;
  }
}

static pp_code add_track(const merging *to, const pp_profile *from, uint32_t number,
                         uint8_t started, const pp_control *control, pp_error *error) {
  if (pp_control_cancelled(control)) return pp_view_cancel(error);
  const pp_base *base = from->common->base;
  pp_track *track = &base->tracks[number];
  pp_track *copy = &to->base->tracks[to->base->track_count++];
  *copy = (pp_track){
    .name = carry(to->base, base->strings, track->name),
    .command = carry(to->base, base->strings, track->command),
    .test = carry(to->base, base->strings, track->test),
    .family = track->family == 0 ? 0 : to->families + track->family,
    .id = track->id,
    .pid = track->pid,
    .parent_pid = track->parent_pid,
    .record = track->record == 0 ? 0 : to->records + track->record,
    .started = started != 0,
  };
  if (copy->name == PP_INTERN_NONE || copy->command == PP_INTERN_NONE ||
      copy->test == PP_INTERN_NONE) {
    return pp_error_memory(error);
  }
  if (to->taking) {
    take_nodes(to, &track->nodes, &copy->nodes);
    copy->weights = track->weights;
    track->weights = (pp_weights){0};
    copy->ticks = track->ticks;
    copy->tick_count = track->tick_count;
    track->ticks = NULL;
    return PP_OK;
  }
  if (track->ticks != NULL && !copy_ticks(track, copy)) return pp_error_memory(error);
  if (!pp_weights_copy(&track->weights, &copy->weights)) return pp_error_memory(error);
  if (to->same && from->map == NULL && !pp_view_has_window(from)) {
    return copy_nodes(&track->nodes, &copy->nodes) ? PP_OK : pp_error_memory(error);
  }
  size_t steps = 0;
  pp_walk walk;
  pp_walk_begin(&walk, from, number, false);
  while (pp_walk_next(&walk)) {
    if (pp_view_cancelled(control, steps++)) return pp_view_cancel(error);
    pp_node node = walk.node == PP_NODE_GAP ? PP_NODE_GAP : to->nodes[walk.node];
    if (!pp_nodes_add(&copy->nodes, PP_NODE_GAP, walk.first) ||
        !pp_nodes_add(&copy->nodes, node, walk.last - walk.first) ||
        !pp_nodes_add(&copy->nodes, PP_NODE_GAP, walk.cursor.times - walk.last)) {
      return pp_error_memory(error);
    }
  }
  pp_track_seal(copy);
  return PP_OK;
}

static pp_code add_tracks(const merging *to, const pp_profile *from, const pp_control *control,
                          pp_error *error) {
  const pp_base *base = from->common->base;
  size_t room = (size_t)to->base->track_count + base->track_count + 1;
  pp_track *tracks = realloc(to->base->tracks, room * sizeof *tracks);
  uint8_t *started = calloc((size_t)base->track_count + 1, 1);
  if (tracks != NULL) to->base->tracks = tracks;
  if (tracks == NULL || started == NULL || !pp_view_find_started(base, started)) {
    free(started);
    return pp_error_memory(error);
  }
  pp_code code = PP_OK;
  for (uint32_t i = 0; code == PP_OK && i < pp_view_track_count(from); i++) {
    uint32_t track = pp_view_track(from, i);
    code = add_track(to, from, track, started[track], control, error);
  }
  free(started);
  return code;
}

static bool add_metrics(pp_base *to, const pp_base *from) {
  size_t room = (size_t)to->metric_count + from->metric_count + 1;
  pp_metric *metrics = realloc(to->metrics, room * sizeof *metrics);
  if (metrics == NULL) return false;
  to->metrics = metrics;
  for (uint32_t i = 0; i < from->metric_count; i++) {
    pp_metric metric = {from->metrics[i].unit, carry(to, from->strings, from->metrics[i].kind)};
    if (metric.kind == PP_INTERN_NONE) return false;
    bool known = false;
    for (uint32_t k = 0; k < to->metric_count; k++) {
      known |= metrics[k].unit == metric.unit && metrics[k].kind == metric.kind;
    }
    if (!known) metrics[to->metric_count++] = metric;
  }
  return true;
}

static bool add_quality(pp_base *to, const pp_base *from) {
  for (uint32_t i = 0; i < from->quality_count; i++) {
    const char *what = pp_intern_text(from->strings, from->quality[i].what, NULL);
    if (!pp_base_count(to, what, from->quality[i].count)) return false;
  }
  return true;
}

static bool add_records(pp_base *to, const pp_base *from) {
  for (uint32_t i = 0; i < from->record_count; i++) {
    const pp_buffer *record = &from->records[i];
    if (!pp_base_add_record(to, record->data, record->length)) return false;
  }
  return true;
}

/* The exporters' names, each once, in alphabetical order: "a, b". */
static int compare_texts(const void *a, const void *b) {
  const pp_text *one = a, *other = b;
  size_t shorter = one->length < other->length ? one->length : other->length;
  int order = memcmp(one->bytes, other->bytes, shorter);
  return order != 0 ? order : (one->length > other->length) - (one->length < other->length);
}

static bool split_exporters(const pp_profile *const *profiles, size_t count, pp_buffer *parts) {
  for (size_t i = 0; i < count; i++) {
    const pp_base *base = profiles[i]->common->base;
    pp_text all = pp_view_text(base->strings, base->exporter);
    while (all.length > 0) {
      const char *comma = memmem(all.bytes, all.length, ", ", 2);
      pp_text part = {all.bytes, comma == NULL ? all.length : (size_t)(comma - all.bytes)};
      size_t used = comma == NULL ? all.length : part.length + 2;
      if (!pp_buffer_add(parts, &part, sizeof part)) return false;
      all.bytes += used;
      all.length -= used;
    }
  }
  return true;
}

static bool join_exporters(const pp_profile *const *profiles, size_t count, pp_base *to) {
  pp_buffer parts = {0}, joined = {0};
  bool made = split_exporters(profiles, count, &parts);
  pp_text *texts = (pp_text *)(void *)parts.data;
  size_t many = parts.length / sizeof *texts;
  if (many > 1) qsort(texts, many, sizeof *texts, compare_texts);
  for (size_t i = 0; made && i < many; i++) {
    if (i > 0 && compare_texts(&texts[i - 1], &texts[i]) == 0) continue;
    made = (joined.length == 0 || pp_buffer_add(&joined, ", ", 2)) &&
           pp_buffer_add(&joined, texts[i].bytes, texts[i].length);
  }
  if (made && joined.length > 0) {
    to->exporter = pp_intern_add(to->strings, joined.data, joined.length);
  }
  pp_buffer_free(&parts);
  pp_buffer_free(&joined);
  return made && to->exporter != PP_INTERN_NONE;
}

static pp_code merge_into(merging *to, const pp_profile *const *profiles, size_t count,
                          const pp_control *control, pp_error *error) {
  const pp_base *first = profiles[0]->common->base;
  pp_base *base = to->base;
  base->rate = first->rate;
  base->has_time = true;
  base->weighing = first->weighing;
  base->metric.unit = first->metric.unit;
  base->metric.kind = carry(base, first->strings, first->metric.kind);
  if (base->metric.kind == PP_INTERN_NONE) return pp_error_memory(error);
  for (size_t i = 0; i < count; i++) {
    const pp_base *from = profiles[i]->common->base;
    if (from->rate < base->rate || from->rate > base->rate) base->rate = 0;
    base->has_time = base->has_time && from->has_time;
    bool added = add_tree(to, profiles[i]) && add_metrics(base, from) &&
                 add_quality(base, from) && add_records(base, from);
    pp_code code = added ? add_tracks(to, profiles[i], control, error) : pp_error_memory(error);
    free(to->nodes);
    to->nodes = NULL;
    if (code != PP_OK) return code;
    to->families += from->family_count;
    to->records += from->record_count;
  }
  base->family_count = to->families;
  if (!join_exporters(profiles, count, base)) return pp_error_memory(error);
  pp_tree_seal(&base->tree);
  return PP_OK;
}

static pp_code merge(const pp_profile *const *profiles, size_t count, bool taking,
                     const pp_control *control, pp_base **merged, pp_error *error) {
  pp_code code = check_metrics(profiles, count, error);
  if (code != PP_OK) return code;
  merging to = {.base = pp_base_new(), .taking = taking};
  if (to.base == NULL) return pp_error_memory(error);
  code = merge_into(&to, profiles, count, control, error);
  pp_frame_table_take(&to.frames, &to.base->frames, &to.base->frame_count);
  if (code != PP_OK) {
    pp_base_free(to.base);
    return code;
  }
  *merged = to.base;
  return PP_OK;
}

pp_code pp_profile_merge(const pp_profile *const *profiles, size_t count,
                         const pp_control *control, pp_profile **merged, pp_error *error) {
  pp_base *base;
  pp_code code = merge(profiles, count, false, control, &base, error);
  if (code != PP_OK) return code;
  *merged = pp_profile_from_base(base);
  return *merged == NULL ? pp_error_memory(error) : PP_OK;
}

pp_code pp_bases_merge(pp_base **bases, size_t count, const pp_control *control,
                       pp_base **merged, pp_error *error) {
  pp_profile **profiles = calloc(count, sizeof(pp_profile *));
  pp_code code = profiles != NULL ? PP_OK : pp_error_memory(error);
  for (size_t i = 0; code == PP_OK && i < count; i++) {
    profiles[i] = pp_profile_from_base(bases[i]);
    bases[i] = NULL;
    if (profiles[i] == NULL) code = pp_error_memory(error);
  }
  if (code == PP_OK) {
    code = merge((const pp_profile *const *)profiles, count, true, control, merged, error);
  }
  for (size_t i = 0; profiles != NULL && i < count; i++) pp_profile_free(profiles[i]);
  free(profiles);
  return code;
}
