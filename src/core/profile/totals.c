#include <stdlib.h>
#include <string.h>

#include "common/pages.h"
#include "profile/node_set.h"
#include "profile/view.h"
#include "pyprof/totals.h"

#define REPEATED 0x80000000u /* in a frame on the path: a frame of its kind is above it */
#define AHEAD 16             /* how many entries ahead of the walk words are prefetched */
#define SHORT 16             /* a chain with at most so many nodes is counted without a walk */

/* One grouping, while it is counted. */
typedef struct tally {
  const uint32_t *groups;
  uint32_t *amounts; /* for each group: the scale's digits */
  uint32_t *open;    /* for each group: the number of its frames on the path */
} tally;

/* Frames with a common group are of one kind. If a frame is of one kind with each of two others,
 * all three are. */
typedef struct kind {
  uint32_t on_path; /* the number of its frames on the path */
  uint32_t entry;   /* the last entry with one of its frames in the chain, counted from 1 */
} kind;

/* A node on the path. */
typedef struct step {
  pp_node node;
  uint32_t frame; /* with the bit REPEATED */
} step;

typedef struct counting {
  const pp_profile *view;
  const pp_tree *tree;
  const pp_scale *scale;
  tally *tallies;
  size_t count;
  uint8_t *seen;    /* for each frame */
  uint32_t *kind_of; /* for each frame */
  kind *kinds;
  uint32_t *self;   /* for each frame: the amount of samples whose leaf it is */
  uint32_t *whole;  /* for each frame: the amount of samples with none of its kind above it */
  uint32_t *entries; /* nodes with samples, each followed by an amount; tracks may share nodes */
  uint32_t entry_count;
  size_t entries_size; /* in bytes */
  step *path;       /* from the root on */
  uint32_t *opened; /* for each step: the amount counted before it came onto the path */
  size_t depth, capacity;
  pp_node *missing; /* the nodes that the path still needs */
  size_t missing_capacity;
} counting;

/* --- the order of the entries: a walk through the tree, depth first. A joint is a node from which
 * chains hang. The entries whose chains hang from one joint are side by side, and behind them are
 * those below the next joints. So each node above them comes onto the path only once. */

typedef struct order {
  pp_node_set joints; /* the root is one of them, and so is the joint of each of them */
  pp_node *nodes;     /* the joints, ascending; a joint has its place here as its number */
  uint32_t count;
  uint32_t *starts;   /* for each joint: the place of its next entry */
} order;

static bool find_joints(const counting *c, order *o) {
  const pp_entries *entries = &c->view->entries;
  if (!pp_node_set_make(&o->joints, c->tree)) return false;
  pp_node_set_add(&o->joints, PP_NODE_ROOT);
  for (size_t i = 0; i < entries->count; i++) {
    pp_node_set_add(&o->joints, pp_tree_joint(c->tree, entries->nodes[i]));
  }
  for (size_t block = o->joints.block_count; block-- > 0;) { /* a joint's joint is lower */
    uint64_t lower = UINT64_MAX, bits;
    while ((bits = o->joints.bits[block] & lower) != 0) {
      unsigned bit = 63 - (unsigned)__builtin_clzll(bits);
      lower = ((uint64_t)1 << bit) - 1;
      pp_node_set_add(&o->joints, pp_tree_joint(c->tree, (pp_node)(block * 64 + bit)));
    }
  }
  o->count = pp_node_set_count(&o->joints);
  o->nodes = malloc(o->count * sizeof *o->nodes);
  if (o->nodes == NULL) return false;
  pp_node_set_list(&o->joints, o->nodes);
  return true;
}

/* If nearly all stacks are distinct, this needs the most memory of all. So joints are found anew
 * and not kept. */
static inline uint32_t joint_of(const counting *c, const order *o, size_t entry) {
  return pp_node_set_rank(&o->joints, pp_tree_joint(c->tree, c->view->entries.nodes[entry]));
}

/* The next joint above one that is not the root: it is in the same chain, or the chain hangs from
 * it. */
static uint32_t joint_above(const counting *c, const order *o, uint32_t joint) {
  uint32_t header = pp_tree_header(c->tree, o->nodes[joint]);
  if (o->nodes[joint - 1] > header) return joint - 1;
  return pp_node_set_rank(&o->joints, c->tree->words[header] & ~PP_TREE_HEADER);
}

/* A joint's own entries come first, then all entries below the next joints. */
static bool find_starts(const counting *c, order *o) {
  uint32_t *above = malloc(o->count * sizeof *above);
  uint32_t *used = calloc(o->count, sizeof *used); /* places that a joint has given away */
  uint32_t *all = malloc(o->count * sizeof *all);  /* its entries and all below them */
  o->starts = calloc(o->count, sizeof *o->starts);
  bool made = above != NULL && used != NULL && all != NULL && o->starts != NULL;
  for (size_t i = 0; made && i < c->view->entries.count; i++) used[joint_of(c, o, i)]++;
  if (made) memcpy(all, used, o->count * sizeof *all);
  for (uint32_t i = o->count; made && i-- > 1;) {
    above[i] = joint_above(c, o, i);
    all[above[i]] += all[i];
  }
  for (uint32_t i = 1; made && i < o->count; i++) {
    o->starts[i] = o->starts[above[i]] + used[above[i]];
    used[above[i]] += all[i];
  }
  free(above);
  free(used);
  free(all);
  return made;
}

static bool sort_entries(counting *c) {
  const pp_entries *entries = &c->view->entries;
  size_t digits = c->scale->digits;
  order o = {0};
  bool made = find_joints(c, &o) && find_starts(c, &o);
  c->entry_count = (uint32_t)entries->count;
  c->entries_size = (entries->count + 1) * (1 + digits) * sizeof *c->entries;
  if (made) c->entries = pp_pages_resize(NULL, 0, c->entries_size);
  made = made && c->entries != NULL;
  for (size_t i = 0; made && i < entries->count; i++) {
    uint32_t *entry = c->entries + o.starts[joint_of(c, &o, i)]++ * (1 + digits);
    *entry = entries->nodes[i];
    memcpy(entry + 1, entries->amounts + i * digits, digits * sizeof *entry);
  }
  pp_node_set_free(&o.joints);
  free(o.nodes);
  free(o.starts);
  return made;
}

/* --- the walk goes from entry to entry; nodes above both stay on the path. A frame gets the amount
 * that is counted while it is on the path, and so does each of its groups that was not on the path
 * before it. */

static bool path_reserve(counting *c) {
  if (c->depth < c->capacity) return true;
  size_t capacity = c->capacity * 2 + 64;
  step *path = realloc(c->path, capacity * sizeof *path);
  if (path == NULL) return false;
  c->path = path;
  uint32_t *opened = realloc(c->opened, capacity * c->scale->digits * sizeof *opened);
  if (opened == NULL) return false;
  c->opened = opened;
  c->capacity = capacity;
  return true;
}

static inline void enter(counting *c, pp_node node, const uint32_t *counted, size_t digits) {
  uint32_t frame = c->tree->words[node];
  for (size_t t = 0; t < c->count; t++) {
    const tally *to = &c->tallies[t];
    to->open[to->groups[frame]]++;
  }
  uint32_t repeated = c->kinds[c->kind_of[frame]].on_path++ != 0 ? REPEATED : 0;
  memcpy(c->opened + c->depth * digits, counted, digits * sizeof *counted);
  c->path[c->depth++] = (step){node, frame | repeated};
}

static void leave_repeated(const counting *c, uint32_t frame, const uint32_t *since) {
  if (pp_amount_samples(c->scale, since) != 0) c->seen[frame] = 1;
  for (size_t t = 0; t < c->count; t++) {
    const tally *to = &c->tallies[t];
    uint32_t group = to->groups[frame];
    if (--to->open[group] != 0) continue;
    pp_amount_add(c->scale, to->amounts + group * (size_t)c->scale->digits, since);
  }
}

/* The last node of the path leaves it. */
static inline void leave(counting *c, const uint32_t *counted, size_t digits) {
  uint32_t frame = c->path[--c->depth].frame;
  c->kinds[c->kind_of[frame & ~REPEATED]].on_path--;
  const uint32_t *opened = c->opened + c->depth * digits;
  uint32_t since[PP_DIGITS_MAX];
  if (digits == 1) *since = *counted - *opened;
  else pp_amount_subtract(c->scale, since, counted, opened);
  if ((frame & REPEATED) != 0) {
    leave_repeated(c, frame & ~REPEATED, since);
    return;
  }
  for (size_t t = 0; t < c->count; t++) {
    const tally *to = &c->tallies[t];
    to->open[to->groups[frame]]--;
  }
  uint32_t *whole = c->whole + frame * digits;
  if (digits == 1) *whole += *since;
  else pp_amount_add(c->scale, whole, since);
}

/* Makes the path end at this node. Ancestors have smaller numbers. */
static bool go_to(counting *c, pp_node node, const uint32_t *counted, size_t digits) {
  size_t missing = 0;
  for (;; node = pp_tree_parent(c->tree, node)) {
    while (c->depth > 0 && c->path[c->depth - 1].node > node) leave(c, counted, digits);
    if (node == PP_NODE_ROOT || (c->depth > 0 && c->path[c->depth - 1].node == node)) break;
    if (missing == c->missing_capacity) {
      size_t capacity = missing * 2 + 64;
      pp_node *more = realloc(c->missing, capacity * sizeof *more);
      if (more == NULL) return false;
      c->missing = more;
      c->missing_capacity = capacity;
    }
    c->missing[missing++] = node;
  }
  while (missing > 0) {
    if (!path_reserve(c)) return false;
    enter(c, c->missing[--missing], counted, digits);
  }
  return true;
}

static inline void add_digits(const pp_scale *scale, uint32_t *to, const uint32_t *amount,
                              size_t digits) {
  if (digits == 1) *to += *amount;
  else pp_amount_add(scale, to, amount);
}

/* Counts a frame of a chain that has a frame of its kind above it. */
static void count_repeated(const counting *c, pp_node first, pp_node node,
                           const uint32_t *amount) {
  const uint32_t *words = c->tree->words;
  c->seen[words[node]] = 1;
  for (size_t t = 0; t < c->count; t++) {
    const tally *to = &c->tallies[t];
    uint32_t group = to->groups[words[node]];
    pp_node same = first;
    while (same < node && to->groups[words[same]] != group) same++;
    if (same < node || to->open[group] != 0) continue;
    pp_amount_add(c->scale, to->amounts + group * (size_t)c->scale->digits, amount);
  }
}

/* Most distinct stacks end in a short chain of their own. The nodes above the chain become the
 * path, and the frames of the chain get the amount at once. */
static inline bool count_chain(counting *c, uint32_t header, uint32_t number,
                               const uint32_t *entry, const uint32_t *counted, size_t digits) {
  const uint32_t *words = c->tree->words;
  if (!go_to(c, words[header] & ~PP_TREE_HEADER, counted, digits)) return false;
  for (pp_node node = header + 1; node <= *entry; node++) {
    kind *of = &c->kinds[c->kind_of[words[node]]];
    if (of->on_path != 0 || of->entry == number) {
      count_repeated(c, header + 1, node, entry + 1);
    } else {
      of->entry = number;
      add_digits(c->scale, c->whole + words[node] * digits, entry + 1, digits);
    }
  }
  return true;
}

static inline pp_code walk(counting *c, size_t digits, const pp_control *control,
                           pp_error *error) {
  const uint32_t *words = c->tree->words;
  uint32_t counted[PP_DIGITS_MAX] = {0};
  for (uint32_t i = 0; i < c->entry_count; i++) {
    if (pp_view_cancelled(control, i)) return pp_view_cancel(error);
    const uint32_t *entry = c->entries + i * (1 + digits);
    if (i + AHEAD < c->entry_count) {
      pp_node ahead = entry[AHEAD * (1 + digits)];
      __builtin_prefetch(&words[ahead]);
      __builtin_prefetch(&words[ahead < 15 ? 0 : ahead - 15]);
    }
    if (*entry == PP_NODE_ROOT) continue; /* samples without a stack */
    pp_node header = pp_tree_header(c->tree, *entry);
    if (!(*entry - header <= SHORT ? count_chain(c, header, i + 1, entry, counted, digits)
                                   : go_to(c, *entry, counted, digits))) {
      return pp_error_memory(error);
    }
    add_digits(c->scale, counted, entry + 1, digits);
    add_digits(c->scale, c->self + words[*entry] * digits, entry + 1, digits);
  }
  while (c->depth > 0) leave(c, counted, digits);
  return PP_OK;
}

/* Adds the amounts of frames to their groups. */
static void close_tallies(counting *c) {
  size_t digits = c->scale->digits;
  for (uint32_t i = 0; i < pp_profile_frame_count(c->view); i++) {
    const uint32_t *whole = c->whole + i * digits;
    if (pp_amount_samples(c->scale, whole) == 0) continue;
    c->seen[i] = 1;
    for (size_t t = 0; t < c->count; t++) {
      const tally *to = &c->tallies[t];
      pp_amount_add(c->scale, to->amounts + to->groups[i] * digits, whole);
    }
  }
}

static pp_code count_samples(counting *c, const pp_control *control, pp_error *error) {
  if (!sort_entries(c)) return pp_error_memory(error);
  pp_code code = c->scale->digits == 1 ? walk(c, 1, control, error)
                                       : walk(c, c->scale->digits, control, error);
  if (code == PP_OK) close_tallies(c);
  return code;
}

static uint32_t kind_found(uint32_t *kind_of, uint32_t frame) {
  while (kind_of[frame] != frame) frame = kind_of[frame] = kind_of[kind_of[frame]];
  return frame;
}

/* The number of a kind is that of one of its frames. */
static bool find_kinds(counting *c) {
  uint32_t frame_count = pp_profile_frame_count(c->view);
  uint32_t most = 0;
  for (size_t t = 0; t < c->count; t++) {
    for (uint32_t i = 0; i < frame_count; i++) {
      if (c->tallies[t].groups[i] > most) most = c->tallies[t].groups[i];
    }
  }
  c->kind_of = malloc(((size_t)frame_count + 1) * sizeof *c->kind_of);
  c->kinds = calloc((size_t)frame_count + 1, sizeof *c->kinds);
  uint32_t *of_group = malloc(((size_t)most + 1) * sizeof *of_group);
  bool made = c->kind_of != NULL && c->kinds != NULL && of_group != NULL;
  for (uint32_t i = 0; made && i < frame_count; i++) c->kind_of[i] = i;
  for (size_t t = 0; made && t < c->count; t++) {
    for (uint32_t i = 0; i <= most; i++) of_group[i] = UINT32_MAX;
    for (uint32_t i = 0; i < frame_count; i++) {
      uint32_t *of = &of_group[c->tallies[t].groups[i]];
      if (*of == UINT32_MAX) *of = i;
      else c->kind_of[kind_found(c->kind_of, i)] = kind_found(c->kind_of, *of);
    }
  }
  for (uint32_t i = 0; made && i < frame_count; i++) c->kind_of[i] = kind_found(c->kind_of, i);
  free(of_group);
  return made;
}

static void counting_free(counting *c) {
  free(c->kind_of);
  free(c->kinds);
  if (c->entries != NULL) pp_pages_free(c->entries, c->entries_size);
  free(c->missing);
  free(c->path);
  free(c->opened);
  free(c->self);
  free(c->whole);
  for (size_t t = 0; c->tallies != NULL && t < c->count; t++) {
    free(c->tallies[t].amounts);
    free(c->tallies[t].open);
  }
  free(c->tallies);
}

static bool tally_make(const counting *c, const pp_grouping *grouping, tally *to) {
  size_t groups = (size_t)grouping->count + 1;
  to->groups = grouping->groups;
  to->open = calloc(groups, sizeof *to->open);
  to->amounts = calloc(groups * c->scale->digits, sizeof *to->amounts);
  return to->open != NULL && to->amounts != NULL;
}

static void tally_read(const counting *c, const pp_grouping *grouping, tally *from,
                       pp_totals *to) {
  size_t groups = (size_t)grouping->count + 1, digits = c->scale->digits;
  pp_amounts_read(c->scale, from->amounts, groups, to->total, to->total_weight);
  memset(from->amounts, 0, groups * digits * sizeof *from->amounts);
  memset(to->line, 0, groups * sizeof *to->line);
  const pp_frame *frames = pp_view_frames(c->view);
  for (uint32_t i = 0; i < pp_profile_frame_count(c->view); i++) {
    if (c->seen[i] == 0) continue;
    uint32_t group = grouping->groups[i];
    pp_view_lower_line(&to->line[group], frames[i].line);
    pp_amount_add(c->scale, from->amounts + group * digits, c->self + i * digits);
  }
  pp_amounts_read(c->scale, from->amounts, groups, to->self, to->self_weight);
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
    .whole = calloc(frame_count * scale->digits + 1, sizeof *c.whole),
  };
  memset(seen, 0, frame_count);
  bool made = c.tallies != NULL && c.self != NULL && c.whole != NULL;
  for (size_t t = 0; made && t < count; t++) made = tally_make(&c, &groupings[t], &c.tallies[t]);
  made = made && find_kinds(&c);
  code = made ? count_samples(&c, control, error) : pp_error_memory(error);
  for (size_t t = 0; code == PP_OK && t < count; t++) {
    tally_read(&c, &groupings[t], &c.tallies[t], &totals[t]);
  }
  counting_free(&c);
  return code;
}
