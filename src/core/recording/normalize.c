/* normalize.c - making a base of a raw recording. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/frame_table.h"
#include "profile/metric.h"
#include "recording/label.h"
#include "recording/raw.h"

#define NO_TRACK UINT32_MAX

/* What becomes of a frame of the file. */
struct fate {
  uint32_t frame; /* its number in base->frames; PP_FRAME_NONE: it is not there (yet) */
  uint8_t marker; /* a pp_marker, if it is at the root of a stack */
  bool gate;      /* a frame of our gate: its samples are dropped */
  bool stub;      /* other code of ours: the frame alone is removed */
  bool test;      /* the marker of a test; its place is anywhere in a stack */
};

#define TEST 0x40000000u /* in a label: the marker is that of a test */

typedef struct normalizer {
  pp_raw *raw;
  pp_base *base;
  struct fate *fates;
  pp_frame_table table; /* the base's frames */
  bool changes;          /* the base's frames differ from the file's */
  bool markers, gate;
  pp_tree labels; /* chains of markers' names, the test's last; a label is a node of it */
  pp_node *label; /* word of the tree → label; PP_NODE_NONE: it is the gate's frame or below it.
                     NULL if there are neither markers nor the gate */
  uint32_t *track_of; /* label → track of the profile that is being split, or NO_TRACK */
  uint32_t *family_of; /* label without a test → family of its tracks in that profile, or 0 */
  uint64_t gate_samples;
  pp_buffer text;
} normalizer;

/* ---- metrics */

/* Copies a string: it must not move when other strings are added while it is read. The copy has an
 * address even if it is empty, because readers add to that address. */
static bool copy_text(normalizer *f, uint32_t string) {
  size_t length;
  const char *text = pp_intern_text(f->base->strings, string, &length);
  f->text.length = 0;
  return pp_buffer_reserve(&f->text, length + 1) && pp_buffer_add(&f->text, text, length);
}

static bool find_kinds(normalizer *f) {
  for (uint32_t i = 0; i < f->raw->profile_count; i++) {
    pp_raw_profile *profile = &f->raw->profiles[i];
    pp_label label;
    if (!copy_text(f, profile->name)) return false;
    pp_label_profile(f->text.data, f->text.length, &label);
    if (label.kind == NULL) continue;
    profile->kind = pp_intern_add(f->base->strings, label.kind, label.kind_length);
    if (profile->kind == PP_INTERN_NONE) return false;
  }
  return true;
}

static uint32_t metric_of(const pp_base *base, const pp_raw_profile *profile) {
  uint32_t i = 0;
  while (i < base->metric_count && (base->metrics[i].unit != profile->unit ||
                                    base->metrics[i].kind != profile->kind)) {
    i++;
  }
  return i;
}

static pp_code choose_metric(normalizer *f, const char *name, pp_error *error) {
  pp_base *base = f->base;
  pp_raw *raw = f->raw;
  if (!find_kinds(f)) return pp_error_memory(error);
  base->metrics = calloc((size_t)raw->profile_count + 1, sizeof *base->metrics);
  if (base->metrics == NULL) return pp_error_memory(error);
  for (uint32_t i = 0; i < raw->profile_count; i++) {
    if (metric_of(base, &raw->profiles[i]) < base->metric_count) continue;
    base->metrics[base->metric_count++] =
        (pp_metric){raw->profiles[i].unit, raw->profiles[i].kind};
  }
  if (base->metric_count == 0) return PP_OK;
  uint32_t chosen = metric_of(base, &raw->profiles[raw->active]);
  pp_code code = PP_OK;
  if (name != NULL) {
    code = pp_metric_find(base->strings, base->metrics, base->metric_count, name, &chosen, error);
  }
  base->metric = base->metrics[chosen];
  return code;
}

/* ---- frames */

static pp_marker marker_named(const normalizer *f, uint32_t name) {
  size_t length;
  const char *text = pp_intern_text(f->base->strings, name, &length);
  pp_label label;
  return pp_label_marker(text, length, &label);
}

static bool ends_with(const normalizer *f, uint32_t string, const char *end) {
  size_t length, wanted = strlen(end);
  const char *text = pp_intern_text(f->base->strings, string, &length);
  return length >= wanted && memcmp(text + length - wanted, end, wanted) == 0;
}

/* Is it `id [phase]`? A fixture of the whole session has an id of its own. */
static bool is_test(const normalizer *f, uint32_t name) {
  static const char *const phases[] = {" [setup]", " [call]", " [teardown]", " [fixture]"};
  size_t length;
  pp_intern_text(f->base->strings, name, &length);
  for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
    if (ends_with(f, name, phases[i])) return length > strlen(phases[i]); /* it has an id */
  }
  return false;
}

/* Is the file in a folder of ours? */
static bool leads_to_ours(const normalizer *f, uint32_t file) {
  size_t length;
  const char *text = pp_intern_text(f->base->strings, file, &length);
  while (length > 0 && text[length - 1] != '/') length--;
  static const char *const folders[] = {"/" PP_GATE_FILE "/", "/" PP_TESTS_FILE "/"};
  for (size_t i = 0; i < 2; i++) {
    size_t wanted = strlen(folders[i]);
    if (length >= wanted && memcmp(text + length - wanted, folders[i], wanted) == 0) return true;
  }
  return false;
}

/* Gives the frame its number in the base. False: no memory. */
static bool enter_frame(normalizer *f, pp_frame frame, struct fate *fate) {
  fate->frame = pp_frame_table_add(&f->table, frame);
  return fate->frame != PP_FRAME_NONE;
}

static bool find_fates(normalizer *f) {
  pp_raw *raw = f->raw;
  f->fates = calloc((size_t)raw->frame_count + 1, sizeof *f->fates);
  if (f->fates == NULL) return false;
  uint32_t gate = pp_intern_find(f->base->strings, PP_GATE_FILE, strlen(PP_GATE_FILE));
  uint32_t tests = pp_intern_find(f->base->strings, PP_TESTS_FILE, strlen(PP_TESTS_FILE));
  for (uint32_t i = 0; i < raw->frame_count; i++) {
    struct fate *fate = &f->fates[i];
    pp_frame frame = raw->frames[i];
    bool nowhere = frame.file == 0 && frame.line == 0;
    pp_marker marker = nowhere ? marker_named(f, frame.name) : PP_NO_MARKER;
    fate->marker = (uint8_t)marker;
    fate->gate = gate != PP_INTERN_NONE && frame.file == gate;
    f->markers = f->markers || marker != PP_NO_MARKER;
    bool of_tests = tests != PP_INTERN_NONE && frame.file == tests;
    fate->test = of_tests && is_test(f, frame.name);
    fate->stub = (of_tests && !fate->test) || leads_to_ours(f, frame.file);
    f->gate = f->gate || fate->gate || fate->stub || fate->test;
    /* A frame that looks like a marker is added later, if it is in a place where no marker is. */
    bool is_frame = marker == PP_NO_MARKER && !fate->gate && !fate->stub && !fate->test;
    fate->frame = PP_FRAME_NONE;
    if (is_frame && !enter_frame(f, frame, fate)) return false;
    f->changes = f->changes || fate->frame != i;
  }
  return true;
}

/* ---- the tree
 *
 * It is changed in place, since it may be most of the memory: no node gets another number. Nodes
 * get the base's frames. The word of a removed node becomes the header of a chain that hangs from
 * its parent (for a marker, from the root); chains that hung from the node hang from there, too. So
 * siblings may have the same frame: they are one call with several nodes. */

static bool is_header(uint32_t word) {
  return (word & PP_TREE_HEADER) != 0;
}

static bool has_test(const normalizer *f, pp_node label) {
  return label != PP_NODE_ROOT && (pp_tree_frame(&f->labels, label) & TEST) != 0;
}

static pp_marker innermost(const normalizer *f, pp_node label) {
  if (label == PP_NODE_ROOT) return PP_PROCESS_MARKER;
  if (has_test(f, label)) return PP_THREAD_MARKER; /* none may follow */
  return marker_named(f, pp_tree_frame(&f->labels, label));
}

/* Does a frame that looks like a marker have only markers above it, processes before the thread?
 * py-spy puts its markers at the root. */
static bool stands_as_marker(const normalizer *f, const struct fate *fate, uint32_t word_before,
                             pp_node label) {
  return fate->marker != PP_NO_MARKER && word_before == (PP_TREE_HEADER | PP_NODE_ROOT) &&
         innermost(f, label) == PP_PROCESS_MARKER;
}

/* A word first gets the label of the word before it, and a header that of its parent. */
static bool settle_label(normalizer *f, uint32_t i, bool *marker) {
  uint32_t *words = f->base->tree.words;
  if (is_header(words[i])) {
    pp_node parent = words[i] & ~PP_TREE_HEADER;
    f->label[i] = f->label[parent];
    if (is_header(words[parent])) words[i] = words[parent];
    return true;
  }
  const struct fate *fate = &f->fates[words[i]];
  pp_node label = f->label[i - 1];
  if (label != PP_NODE_NONE && fate->gate) label = PP_NODE_NONE;
  /* A test may set up a fixture of the session: the innermost marker counts. */
  if (label != PP_NODE_NONE && fate->test) {
    if (has_test(f, label)) label = pp_tree_parent(&f->labels, label);
    label = pp_tree_child(&f->labels, label, f->raw->frames[words[i]].name | TEST);
    if (label == PP_NODE_NONE) return false;
  }
  if (label != PP_NODE_NONE && stands_as_marker(f, fate, words[i - 1], label)) {
    label = pp_tree_child(&f->labels, label, f->raw->frames[words[i]].name);
    if (label == PP_NODE_NONE) return false;
    *marker = true;
  }
  f->label[i] = label;
  return true;
}

/* Without markers and gate, all there is to do is to give equal frames one number. */
static void renumber(normalizer *f) {
  pp_tree *tree = &f->base->tree;
  for (uint32_t i = 1; i < tree->count; i++) { /* no branch, since it could not be predicted */
    uint32_t word = tree->words[i], header = 0 - (word >> 31);
    tree->words[i] = (word & header) | (f->fates[word & ~header].frame & ~header);
  }
}

static bool settle_tree(normalizer *f) {
  pp_tree *tree = &f->base->tree;
  if (!pp_tree_make(&f->labels)) return false;
  f->label = malloc(tree->count * sizeof *f->label);
  if (f->label == NULL) return false;
  f->label[PP_NODE_ROOT] = PP_NODE_ROOT;
  for (uint32_t i = 1; i < tree->count; i++) {
    bool marker = false;
    uint32_t word = tree->words[i];
    if (!settle_label(f, i, &marker)) return false;
    if (is_header(word)) continue;
    struct fate *fate = &f->fates[word];
    if (marker) {
      tree->words[i] = PP_TREE_HEADER | PP_NODE_ROOT;
    } else if (fate->stub || fate->gate || fate->test) {
      tree->words[i] = PP_TREE_HEADER | pp_tree_parent(tree, i);
    } else {
      bool entered = fate->frame != PP_FRAME_NONE;
      if (!entered && !enter_frame(f, f->raw->frames[word], fate)) return false;
      tree->words[i] = fate->frame;
    }
  }
  return true;
}

/* ---- tracks */

static bool intern_part(normalizer *f, const char *part, size_t length, uint32_t *string) {
  if (length == 0) return true;
  *string = pp_intern_add(f->base->strings, part, length);
  return *string != PP_INTERN_NONE;
}

/* Adds a track. The profile's name labels it, and the markers if they say more. */
static pp_track *add_track(normalizer *f, const pp_raw_profile *profile, pp_node label) {
  pp_base *base = f->base;
  pp_track *tracks = realloc(base->tracks, ((size_t)base->track_count + 1) * sizeof *tracks);
  if (tracks == NULL) return NULL;
  base->tracks = tracks;
  pp_track *track = &tracks[base->track_count++];
  *track = (pp_track){.id = -1, .pid = -1, .parent_pid = -1, .record = base->record_count};
  pp_label says;
  if (!copy_text(f, profile->name)) return NULL;
  pp_label_profile(f->text.data, f->text.length, &says);
  track->id = says.id;
  track->pid = says.pid;
  if (!intern_part(f, says.name, says.name_length, &track->name)) return NULL;
  if (has_test(f, label)) {
    track->test = pp_tree_frame(&f->labels, label) & ~TEST;
    label = pp_tree_parent(&f->labels, label);
  }
  bool process = false;
  for (; label != PP_NODE_ROOT; label = pp_tree_parent(&f->labels, label)) {
    if (!copy_text(f, pp_tree_frame(&f->labels, label))) return NULL;
    if (pp_label_marker(f->text.data, f->text.length, &says) == PP_THREAD_MARKER) {
      track->id = says.id;
      if (!intern_part(f, says.name, says.name_length, &track->name)) return NULL;
    } else if (process) {
      track->parent_pid = says.pid;
      break;
    } else {
      process = true;
      track->pid = says.pid;
      if (!intern_part(f, says.command, says.command_length, &track->command)) return NULL;
    }
  }
  return track;
}

/* Gives the track of this label the family of all tracks that differ from it in the test alone. */
static void join_family(normalizer *f, pp_track *track, pp_node label) {
  if (has_test(f, label)) label = pp_tree_parent(&f->labels, label);
  if (f->family_of[label] == 0) f->family_of[label] = ++f->base->family_count;
  track->family = f->family_of[label];
}

/* Makes the profile's tracks, one for each label, in the order in which the labels come, and the
 * weights of all samples but the gate's. */
static bool make_tracks(normalizer *f, const pp_raw_profile *profile, pp_weights *weights) {
  pp_track as_read = {.nodes = profile->nodes, .weights = profile->weights};
  pp_track_cursor at;
  pp_track_begin(&as_read, &at);
  while (pp_track_next(&at)) {
    pp_node label = f->label[at.node];
    if (label == PP_NODE_NONE) continue;
    if (!pp_weights_add(weights, at.weight, at.times)) return false;
    if (f->track_of[label] != NO_TRACK) continue;
    f->track_of[label] = f->base->track_count;
    pp_track *track = add_track(f, profile, label);
    if (track == NULL) return false;
    join_family(f, track, label);
  }
  return true;
}

/* Splits the profile's samples by label. Each of its tracks keeps the whole time: it has gaps in
 * place of the samples of other labels. Folded text has no time to keep. */
static bool split(normalizer *f, pp_raw_profile *profile) {
  pp_base *base = f->base;
  uint32_t first = base->track_count;
  pp_weights weights = {0};
  memset(f->track_of, 0xFF, f->labels.count * sizeof *f->track_of);
  memset(f->family_of, 0, f->labels.count * sizeof *f->family_of);
  bool made = make_tracks(f, profile, &weights);
  pp_track as_read = {.nodes = profile->nodes, .weights = profile->weights};
  pp_track_cursor at;
  pp_track_begin(&as_read, &at);
  for (uint64_t before = 0; made && pp_track_next(&at);) {
    if (f->label[at.node] == PP_NODE_NONE) {
      f->gate_samples += at.times;
      continue;
    }
    uint32_t word = base->tree.words[at.node];
    pp_node node = is_header(word) ? word & ~PP_TREE_HEADER : at.node;
    pp_track *track = &base->tracks[f->track_of[f->label[at.node]]];
    made = f->raw->timeless ? pp_weights_add(&track->weights, at.weight, at.times)
                            : pp_nodes_add(&track->nodes, PP_NODE_GAP,
                                           before - track->nodes.length);
    made = made && pp_nodes_add(&track->nodes, node, at.times);
    before += at.times;
  }
  for (uint32_t i = first; made && i < base->track_count && !f->raw->timeless; i++) {
    pp_nodes *nodes = &base->tracks[i].nodes;
    made = pp_nodes_add(nodes, PP_NODE_GAP, weights.length - nodes->length) &&
           pp_weights_copy(&weights, &base->tracks[i].weights);
  }
  free(weights.words);
  if (!made) return false;
  pp_track_free(&as_read); /* before the tracks of the next profile need memory */
  profile->nodes = as_read.nodes;
  profile->weights = as_read.weights;
  for (uint32_t i = first; i < base->track_count; i++) pp_track_seal(&base->tracks[i]);
  return true;
}

/* Makes one track of all samples of a profile that need not be split. */
static bool take_over(normalizer *f, pp_raw_profile *profile) {
  if (profile->nodes.length == 0) return true;
  pp_track *track = add_track(f, profile, PP_NODE_ROOT);
  if (track == NULL) return false;
  track->nodes = profile->nodes;
  track->weights = profile->weights;
  profile->nodes = (pp_nodes){0};
  profile->weights = (pp_weights){0};
  pp_track_seal(track);
  return true;
}

static int compare_threads(const void *a, const void *b) {
  const pp_track *one = *(pp_track *const *)a, *other = *(pp_track *const *)b;
  int order = (one->id > other->id) - (one->id < other->id);
  return order != 0 ? order : (one->pid > other->pid) - (one->pid < other->pid);
}

/* py-spy knows a thread's name only after a while; until then it is "". If all tracks of the thread
 * that have a name have the same one, the others get it, too. */
static bool name_threads(const pp_base *base) {
  pp_track **tracks = malloc(((size_t)base->track_count + 1) * sizeof *tracks);
  if (tracks == NULL) return false;
  for (uint32_t i = 0; i < base->track_count; i++) tracks[i] = &base->tracks[i];
  qsort(tracks, base->track_count, sizeof *tracks, compare_threads);
  for (uint32_t i = 0, next; i < base->track_count; i = next) {
    uint32_t name = 0;
    bool one = tracks[i]->id >= 0;
    for (next = i; next < base->track_count && compare_threads(&tracks[i], &tracks[next]) == 0;
         next++) {
      if (tracks[next]->name == 0) continue;
      one = one && (name == 0 || name == tracks[next]->name);
      name = tracks[next]->name;
    }
    for (uint32_t k = i; one && k < next; k++) tracks[k]->name = name;
  }
  free(tracks);
  return true;
}

static bool make_base(normalizer *f) {
  pp_base *base = f->base;
  pp_tree_seal(&base->tree);
  if (!find_fates(f)) return false;
  if (f->markers || f->gate) {
    if (!settle_tree(f)) return false;
    f->track_of = calloc(f->labels.count, sizeof *f->track_of);
    f->family_of = calloc(f->labels.count, sizeof *f->family_of);
    if (f->track_of == NULL || f->family_of == NULL) return false;
  } else if (f->changes) {
    renumber(f);
  }
  pp_frame_table_take(&f->table, &base->frames, &base->frame_count);
  for (uint32_t i = 0; i < f->raw->profile_count; i++) {
    pp_raw_profile *profile = &f->raw->profiles[i];
    if (profile->unit != base->metric.unit || profile->kind != base->metric.kind) continue;
    if (!(f->label != NULL ? split(f, profile) : take_over(f, profile))) return false;
  }
  return name_threads(base) && pp_base_count(base, "samples of the gate", f->gate_samples);
}

/* The samples per second, if all weights are the same time. 1/0.01 is not exactly 100. */
static double rate_of(const pp_base *base) {
  uint64_t only = 0;
  for (uint32_t i = 0; i < base->track_count; i++) {
    const pp_weights *weights = &base->tracks[i].weights;
    bool alike = weights->count == 1 || (weights->count == 2 && weights->words[1] >> 63 != 0);
    if (!alike || (only != 0 && only != weights->words[0])) return 0;
    only = weights->words[0];
  }
  double weight;
  memcpy(&weight, &only, sizeof weight);
  double rate = pp_unit_per_second(base->metric.unit) / weight;
  if (!isfinite(rate)) return 0;
  double whole = nearbyint(rate);
  return whole > 0 && fabs(rate - whole) <= 1e-6 * whole ? whole : rate;
}

static void close_normalizer(normalizer *f) {
  free(f->fates);
  pp_frame_table_free(&f->table);
  free(f->label);
  free(f->track_of);
  free(f->family_of);
  pp_tree_free(&f->labels);
  pp_buffer_free(&f->text);
}

pp_code pp_raw_normalize(pp_raw *raw, const char *metric, pp_base **base, pp_error *error) {
  normalizer f = {.raw = raw, .base = raw->base};
  *base = NULL;
  pp_code code = choose_metric(&f, metric, error);
  if (code == PP_OK && !make_base(&f)) code = pp_error_memory(error);
  close_normalizer(&f);
  if (code != PP_OK) return code;
  bool time = pp_unit_per_second(raw->base->metric.unit) > 0;
  raw->base->has_time = time && !raw->timeless;
  raw->base->rate = rate_of(raw->base);
  *base = raw->base;
  raw->base = NULL;
  return PP_OK;
}
