/* speedscope_batch.c - many samples of a list read together, so that their memory accesses overlap.
 *
 * How one sample is read. Its text is a list of frame numbers, the root's first, and nearly all of
 * it came before. There are three ways to the sample's node, from the cheapest on:
 *
 *   1. It begins like the sample before. The marks of that sample say where its pieces end, so the
 *      node at the end of the last common piece is known. If all is common, nothing else is done.
 *   2. The rest is cut into pieces, which end behind a comma or the bracket. The cache of chunks
 *      knows to which node a piece leads from a node; no number is parsed.
 *   3. A piece that is not in the cache is followed: its numbers are parsed, and the tree is asked
 *      for the child of each. If no node was new, the piece enters the cache. If one was, the piece
 *      may never come again.
 *
 * Why many together. A place in the cache, a word of the tree and a bucket of its table are
 * accesses to memory that nobody can foresee, and each needs the result of the one before. One
 * sample alone would wait for memory most of the time. So each step is done for all samples of the
 * batch before the next step begins. It finds in the processor's cache what the step before has
 * prefetched, and prefetches what the next step needs: the waits of up to 32 samples overlap.
 *
 *   step        finds                             prefetches
 *   cut         the pieces, and their paths       their places in the cache
 *   find        the nodes of known pieces         the word behind the last known node
 *   look_ahead  the next child, several times     the bucket or the words of the child after it
 *   settle      the nodes of all pieces
 *
 * Why it is exact. Only settle changes the tree, sample by sample in the file's order: nodes get
 * the numbers that they would get without a batch. What the steps before it know stays true, for
 * no node ever gets another parent or frame. What they do not know is looked for again, because an
 * earlier sample of the batch may have made it.
 *
 * Text that is unusual (an error, 1e0 for 1) ends the batch before the sample and is read token by
 * token. What the window's end cuts off is cut again in a fuller window.
 */
#include "recording/speedscope_batch.h"

#include <stdlib.h>
#include <string.h>

#include "recording/speedscope_chunks.h"
#include "recording/speedscope_text.h"

#define SAMPLES 32 /* of a batch, at most */
#define PIECES 96  /* a batch with so many gets no more samples */
#define ROUNDS 8   /* of look_ahead */

/* The place where a piece of the newest sample that was cut ends, counted from its '['. */
typedef struct mark {
  size_t at;
  uint64_t path;
} mark;

typedef struct piece {
  const char *at;
  uint32_t length, place;
  pp_node node; /* to which it leads; PP_NODE_NONE: not known yet */
} piece;

typedef struct sample {
  const char *start, *end; /* its '[', and behind its ']' */
  uint64_t times;
  size_t kept;        /* the number of pieces that are those of the sample before */
  size_t first, last; /* its own pieces are [first, last); none: it equals the sample before */
  /* The first unknown piece, as far as the steps before settle know it: */
  const char *known;  /* the end of what is known; NULL: there is no such piece */
  pp_node node;       /* to which that leads */
  /* The next number, if it is not that of the next word: */
  const char *behind; /* its end; NULL: there is none */
  uint32_t frame;
  pp_node guess;      /* the child, perhaps; 0: none */
  bool probed;        /* the guess is the bucket's */
} sample;

struct pp_batch {
  pp_chunks cache;
  mark *marks;
  /* The nodes at the marks, as find knows them, and as settle does: each step goes through the
   * samples on its own. */
  pp_node *found, *settled;
  size_t mark_count, mark_capacity;
  piece *pieces;
  size_t piece_count, piece_capacity;
  sample samples[SAMPLES];
  size_t count;
  size_t length; /* of the newest sample that was cut, which begins at json->keep */
  pp_node node;  /* of the newest sample that was settled */
  bool cut_off;  /* the window's end did not let another sample be cut */
  bool entered;  /* settle entered a piece of this batch into the cache */
};

pp_batch *pp_batch_new(void) {
  pp_batch *b = calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  if (pp_chunks_make(&b->cache, PP_CHUNK_BITS_FIRST)) return b;
  free(b);
  return NULL;
}

void pp_batch_free(pp_batch *b) {
  if (b == NULL) return;
  pp_chunks_free(&b->cache);
  free(b->marks);
  free(b->found);
  free(b->settled);
  free(b->pieces);
  free(b);
}

void pp_batch_begin(pp_batch *b) {
  b->node = PP_NODE_ROOT;
  b->mark_count = b->length = 0;
}

/* ---- cut */

static bool marks_reserve(pp_batch *b) {
  if (b->mark_count < b->mark_capacity) return true;
  size_t capacity = b->mark_capacity * 3 / 2 + 64;
  mark *marks = realloc(b->marks, capacity * sizeof *marks);
  if (marks == NULL) return false;
  b->marks = marks;
  pp_node *found = realloc(b->found, capacity * sizeof *found);
  if (found == NULL) return false;
  b->found = found;
  pp_node *settled = realloc(b->settled, capacity * sizeof *settled);
  if (settled == NULL) return false;
  b->settled = settled;
  b->mark_capacity = capacity;
  return true;
}

static bool pieces_reserve(pp_batch *b) {
  if (b->piece_count < b->piece_capacity) return true;
  size_t capacity = b->piece_capacity * 3 / 2 + 2 * PIECES;
  piece *pieces = realloc(b->pieces, capacity * sizeof *pieces);
  if (pieces == NULL) return false;
  b->pieces = pieces;
  b->piece_capacity = capacity;
  return true;
}

/* Cuts the sample at its start, whose first `alike` bytes are those of the sample before. false: it
 * is not whole in the window, or it is unusual, or there is no memory. */
static bool cut_sample(pp_batch *b, pp_json *json, sample *to, size_t alike) {
  while (b->mark_count > 0 && b->marks[b->mark_count - 1].at > alike) b->mark_count--;
  mark now = b->mark_count > 0 ? b->marks[b->mark_count - 1] : (mark){1, 0};
  to->kept = b->mark_count;
  to->first = b->piece_count;
  const char *p = to->start + now.at;
  do {
    unsigned length = pp_chunk_length(p);
    if (length == 0) { /* white space that is longer than a piece */
      p = pp_text_skip_space(p);
      length = pp_chunk_length(p);
    }
    bool room = length > 0 && marks_reserve(b) && pieces_reserve(b);
    if (!room) {
      if (length > 0) pp_json_no_memory(json);
      b->cut_off = length == 0 && p + PP_CHUNK >= json->end;
      b->mark_count = to->kept;
      b->piece_count = to->first;
      return false;
    }
    now.path = pp_chunk_path(now.path, p, length);
    uint32_t place = pp_chunk_place(&b->cache, now.path);
    __builtin_prefetch(&b->cache.places[place]);
    b->pieces[b->piece_count++] = (piece){p, length, place, PP_NODE_NONE};
    p += length;
    now.at = (size_t)(p - to->start);
    b->marks[b->mark_count++] = now;
  } while (p[-1] != ']');
  to->last = b->piece_count;
  to->end = p;
  return true;
}

/* The next sample's '[', if it is plainly there behind a sample; else NULL. */
static inline const char *next_start(const char *p) {
  if (p[0] == ',' && p[1] == '[') return p + 1;
  p = pp_text_skip_space(p);
  if (*p != ',') return NULL;
  p = pp_text_skip_space(p + 1);
  return *p == '[' ? p : NULL;
}

/* Cuts samples from json->at on, which it moves behind the last of them; *comma: and behind the
 * comma there. */
static void cut(pp_batch *b, pp_json *json, bool *comma) {
  const char *p = json->at;
  b->count = b->piece_count = 0;
  b->cut_off = *comma = false;
  while (p != NULL && *p == '[' && b->count < SAMPLES && b->piece_count < PIECES) {
    size_t period = 0, alike = 0;
    if (json->keep != NULL) {
      period = (size_t)(p - json->keep);
      alike = pp_stacks_alike(p, json->keep, (size_t)(json->end - p));
    }
    sample *now = &b->samples[b->count];
    now->start = p;
    now->times = 1;
    now->kept = now->first = now->last = 0;
    now->known = now->behind = NULL;
    bool repeated = period > 0 && alike >= period;
    if (repeated) { /* all equal samples at once, with their separators */
      now->times = alike / period;
      json->keep = p + (now->times - 1) * period;
      json->at = p + now->times * period;
      p = pp_text_skip_space(json->at);
    } else {
      if (b->length > 0 && alike >= b->length) now->end = p + b->length;
      else if (!cut_sample(b, json, now, alike)) return;
      b->length = (size_t)(now->end - p);
      json->keep = p;
      json->at = now->end;
      p = next_start(now->end);
    }
    *comma = repeated;
    b->count++;
  }
}

/* ---- find */

static void find(pp_batch *b, const pp_tree *tree, sample *of) {
  size_t depth = of->kept, i = of->first;
  pp_node node = depth > 0 ? b->found[depth - 1] : PP_NODE_ROOT;
  for (; i < of->last && node != PP_NODE_NONE; i++) {
    piece *at = &b->pieces[i];
    at->node = pp_chunk_find(&b->cache, at->place, node, at->at, at->length);
    if (at->node == PP_NODE_NONE) {
      of->known = at->at;
      of->node = node;
      __builtin_prefetch(&tree->words[node + 1]);
    }
    b->found[depth++] = node = at->node;
  }
  for (; i < of->last; i++) b->found[depth++] = PP_NODE_NONE;
}

/* ---- look_ahead */

/* Goes on from what is known to the next child that is not the next word, and fetches what it
 * takes to find it. false: no more can be known. */
static bool look_ahead(const pp_tree *tree, sample *of) {
  if (of->behind != NULL) {
    if (!pp_tree_is_child(tree, of->guess, of->node, of->frame)) {
      if (of->probed) return false;
      of->probed = true;
      of->guess = pp_tree_probe(tree, of->node, of->frame);
      return of->guess != 0;
    }
    of->node = of->guess;
    of->known = of->behind;
    of->behind = NULL;
  }
  for (const char *p = of->known; p < of->end && pp_text_frame(&p, &of->frame);) {
    if (of->node + 1 >= tree->count) return false;
    if (tree->words[of->node + 1] != of->frame) {
      of->behind = p;
      of->probed = false;
      of->guess = pp_tree_guess(tree, of->node, of->frame);
      return true;
    }
    of->node++;
    of->known = p;
  }
  return false;
}

static void look(pp_batch *b, const pp_tree *tree) {
  for (size_t i = 0; i < b->count; i++) find(b, tree, &b->samples[i]);
  sample *waiting[SAMPLES];
  size_t count = 0;
  for (size_t i = 0; i < b->count; i++) {
    waiting[count] = &b->samples[i];
    count += b->samples[i].known != NULL;
  }
  for (int round = 0; round < ROUNDS && count > 0; round++) {
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
      waiting[left] = waiting[i];
      left += look_ahead(tree, waiting[i]);
    }
    count = left;
  }
}

/* ---- settle */

/* Follows the numbers from p to `stop`. PP_NODE_NONE: the text is unusual, or a failure, which is
 * then in json->code. */
static pp_node follow(pp_stacks *s, pp_node node, const char *p, const char *stop) {
  pp_tree *tree = s->tree;
  while (p < stop) {
    const char *number = p;
    uint32_t frame;
    if (!pp_text_frame(&p, &frame)) {
      p = pp_text_skip_space(p);
      return *p == ']' && node == PP_NODE_ROOT ? node : PP_NODE_NONE; /* an empty stack */
    }
    uint32_t next = node + 1;
    if (next < tree->count && tree->words[next] == frame) {
      node = next;
    } else if (next == tree->count && next < tree->capacity && frame < s->beyond) {
      tree->words[tree->count++] = frame; /* as pp_tree_child would do */
      node = next;
    } else {
      node = pp_stacks_child(s, node, frame, pp_text_skip_space(number));
      if (node == PP_NODE_NONE) return PP_NODE_NONE;
    }
  }
  return node;
}

/* Follows an unknown piece. *fresh: a node above it in this sample is new, so all of it is. */
static pp_node learn(pp_batch *b, pp_stacks *s, const sample *of, const piece *at, pp_node node,
                     bool *fresh) {
  const char *stop = at->at + at->length;
  if (*fresh) return follow(s, node, at->at, stop);
  if (b->entered) { /* it may be in the cache by now */
    pp_node child = pp_chunk_find(&b->cache, at->place, node, at->at, at->length);
    if (child != PP_NODE_NONE) return child;
  }
  bool ahead = of->known > at->at && of->known <= stop;
  uint32_t before = s->tree->count;
  pp_node child = ahead ? follow(s, of->node, of->known, stop) : follow(s, node, at->at, stop);
  *fresh = s->tree->count != before;
  if (*fresh || child == PP_NODE_NONE) return child;
  pp_chunk_enter(&b->cache, at->place, node, at->at, at->length, child);
  b->entered = true;
  return child;
}

/* false: the sample is unusual, or a failure. */
static bool settle(pp_batch *b, pp_stacks *s, const sample *of) {
  if (of->first == of->last) return true;
  size_t depth = of->kept;
  pp_node node = depth > 0 ? b->settled[depth - 1] : PP_NODE_ROOT;
  bool fresh = false;
  for (size_t i = of->first; i < of->last; i++) {
    const piece *at = &b->pieces[i];
    node = at->node != PP_NODE_NONE ? at->node : learn(b, s, of, at, node, &fresh);
    if (node == PP_NODE_NONE) return false;
    b->settled[depth++] = node;
  }
  b->node = node;
  return true;
}

/* ---- the list */

pp_batch_end pp_batch_read(pp_batch *b, pp_stacks *s, pp_nodes *nodes, bool *first) {
  pp_json *json = s->json;
  if (b->cache.bits < PP_CHUNK_BITS && b->cache.entered >> b->cache.bits != 0 &&
      !pp_chunks_make(&b->cache, PP_CHUNK_BITS)) {
    b->cache.entered = 0; /* without memory for a larger one the small one does, too */
  }
  if (b->mark_count > 0) memcpy(b->found, b->settled, b->mark_count * sizeof *b->found);
  cut(b, json, first);
  if (json->code != PP_OK) return PP_BATCH_END;
  if (b->count == 0) return b->cut_off ? PP_BATCH_CUT : PP_BATCH_ODD;
  b->entered = false;
  look(b, s->tree);
  for (size_t i = 0; i < b->count; i++) {
    const sample *of = &b->samples[i];
    if (!settle(b, s, of)) {
      json->at = of->start;
      return PP_BATCH_ODD;
    }
    if (!pp_nodes_add(nodes, b->node, of->times)) {
      pp_json_no_memory(json);
      return PP_BATCH_END;
    }
  }
  return PP_BATCH_END;
}

bool pp_batch_slowly(pp_batch *b, pp_stacks *s, pp_nodes *nodes) {
  pp_json *json = s->json;
  b->mark_count = 0;
  b->node = PP_NODE_ROOT;
  json->keep = json->at;
  if (!pp_json_take(json, '[', "'['")) return false;
  for (bool first = true; pp_json_item(json, ']', &first);) {
    pp_number number;
    uint64_t frame;
    if (!pp_json_number(json, &number)) return false;
    if (!pp_number_index(&number, PP_MOST_FRAMES, &frame)) {
      return pp_json_fail(json, number.text, "no frame's number, in %s", json->place);
    }
    b->node = pp_stacks_child(s, b->node, frame, number.text);
    if (b->node == PP_NODE_NONE) return false;
  }
  if (json->code != PP_OK) return false;
  b->length = (size_t)(json->at - json->keep);
  return pp_nodes_add(nodes, b->node, 1) || pp_json_no_memory(json);
}
