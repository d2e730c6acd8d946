#include "profile/tree.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/pages.h"

#define BUCKET_IDS 12
#define FIRST_BUCKETS 16u

/* A bucket is one cache line: a lookup that misses costs one access to memory, a hit two. */
typedef struct bucket {
  uint8_t tags[BUCKET_IDS];
  uint8_t used; /* slots are filled in order; a full bucket spills into the next one */
  uint8_t unused[3];
  uint32_t ids[BUCKET_IDS];
} bucket;

_Static_assert(sizeof(bucket) == 64, "a bucket is one cache line");

/* A call that was found lately. Frequent calls stay in the processor's cache here. In the buckets,
 * the many calls that never come again would push them out of it. */
typedef struct recent {
  uint32_t check; /* a part of the call's hash: if it differs, the words need not be fetched */
  pp_node node;   /* 0: none; its words say which call it is */
} recent;

#define RECENT_BITS 12

struct pp_tree_table {
  recent recent[1 << RECENT_BITS];
  bucket *buckets;
  uint32_t bucket_count;
  uint32_t used, most; /* ids in the table; it grows if there are more than `most` */
};

typedef struct key {
  uint32_t bucket;
  uint8_t tag;
} key;

static inline uint64_t hash_of(pp_node parent, uint32_t frame) {
  uint64_t hash = ((uint64_t)parent << 32 | frame) * 0x9E3779B97F4A7C15u;
  hash ^= hash >> 32;
  return hash * 0xD6E8FEB86659FD93u;
}

static inline key key_of(const struct pp_tree_table *table, uint64_t hash) {
  /* This replaces a modulus, since the number of buckets is no power of two. */
  return (key){(uint32_t)(((hash >> 32) * table->bucket_count) >> 32), (uint8_t)(hash >> 24)};
}

static inline recent *recent_of(struct pp_tree_table *table, uint64_t hash) {
  return &table->recent[hash & ((1u << RECENT_BITS) - 1)];
}

static inline uint32_t check_of(uint64_t hash) {
  return (uint32_t)(hash >> 32);
}

static uint64_t matches(const uint8_t *tags, uint8_t tag) {
  uint64_t word;
  memcpy(&word, tags, sizeof word);
  word ^= tag * 0x0101010101010101u;
  /* The high bit of each byte that is zero; bytes above the lowest hit may be false hits. */
  return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

/* Is the node, which begins a chain, this call? */
static inline bool is_call(const pp_tree *tree, pp_node node, pp_node parent, uint32_t frame) {
  return tree->words[node] == frame && tree->words[node - 1] == (parent | PP_TREE_HEADER);
}

static pp_node find_in(const pp_tree *tree, const bucket *b, uint8_t tag, pp_node parent,
                       uint32_t frame) {
  for (unsigned half = 0; half < 2; half++) {
    for (uint64_t hits = matches(b->tags + half * 8, tag); hits != 0; hits &= hits - 1) {
      unsigned slot = half * 8 + (unsigned)__builtin_ctzll(hits) / 8;
      if (slot >= b->used) break;
      pp_node node = b->ids[slot];
      if (is_call(tree, node, parent, frame)) return node;
    }
  }
  return PP_NODE_NONE;
}

static void enter(struct pp_tree_table *table, key at, pp_node node) {
  uint32_t index = at.bucket;
  while (table->buckets[index].used == BUCKET_IDS) {
    if (++index == table->bucket_count) index = 0;
  }
  bucket *b = &table->buckets[index];
  b->tags[b->used] = at.tag;
  b->ids[b->used++] = node;
  table->used++;
}

static void table_free(pp_tree *tree) {
  struct pp_tree_table *table = tree->table;
  if (table != NULL) pp_pages_free(table->buckets, table->bucket_count * sizeof(bucket));
  free(tree->table);
  tree->table = NULL;
}

/* The number of words from i on that are nodes, as most are. */
static inline uint32_t nodes_ahead(const pp_tree *tree, uint32_t i) {
  uint32_t from = i;
#ifdef __SSE2__
  for (; i + 4 <= tree->count; i += 4) {
    __m128i words = _mm_loadu_si128((const __m128i *)(const void *)(tree->words + i));
    int headers = _mm_movemask_ps(_mm_castsi128_ps(words));
    if (headers != 0) return i - from + (uint32_t)__builtin_ctz((unsigned)headers);
  }
#endif
  while (i < tree->count && pp_tree_is_node(tree, i)) i++;
  return i - from;
}

/* Calls that begin a chain are entered late, so that their buckets can be prefetched. */
#define AHEAD 16

static void enter_all(const pp_tree *tree, struct pp_tree_table *table) {
  key keys[AHEAD];
  pp_node nodes[AHEAD];
  uint32_t count = 0;
  for (uint32_t i = 1; i + 1 < tree->count; i++) {
    i += nodes_ahead(tree, i);
    if (i + 1 >= tree->count || !pp_tree_is_node(tree, i + 1)) continue; /* an empty chain */
    if (count >= AHEAD) enter(table, keys[count % AHEAD], nodes[count % AHEAD]);
    key at = key_of(table, hash_of(tree->words[i] & ~PP_TREE_HEADER, tree->words[i + 1]));
    __builtin_prefetch(&table->buckets[at.bucket], 1);
    keys[count % AHEAD] = at;
    nodes[count++ % AHEAD] = i + 1;
  }
  for (uint32_t i = count < AHEAD ? 0 : count - AHEAD; i < count; i++) {
    enter(table, keys[i % AHEAD], nodes[i % AHEAD]);
  }
}

/* Everything in the table can be made again from the words. So growing needs no second table; it
 * uses the pages of the old one again, which is cheaper than getting new ones. */
static bool table_make(pp_tree *tree, uint32_t bucket_count) {
  struct pp_tree_table *table = tree->table;
  if (table == NULL) {
    table = tree->table = calloc(1, sizeof *table);
    if (table == NULL) return false;
  }
  size_t size = bucket_count * sizeof(bucket);
  bucket *buckets = pp_pages_resize(table->buckets, table->bucket_count * sizeof *buckets, size);
  if (buckets == NULL) {
    if (table->buckets == NULL) table_free(tree);
    return false;
  }
  table->buckets = buckets;
  memset(buckets, 0, size);
  table->bucket_count = bucket_count;
  table->used = 0;
  table->most = (uint32_t)((uint64_t)bucket_count * BUCKET_IDS * 3 / 4);
  enter_all(tree, table);
  return true;
}

static bool table_restore(pp_tree *tree) {
  uint32_t chains = 0;
  for (uint32_t i = 1; i < tree->count; i++) chains += !pp_tree_is_node(tree, i);
  return table_make(tree, chains / 8 + FIRST_BUCKETS);
}

static bool words_resize(pp_tree *tree, uint32_t capacity) {
  size_t size = sizeof *tree->words;
  uint32_t *words = pp_pages_resize(tree->words, tree->capacity * size, capacity * size);
  if (words == NULL) return false;
  tree->words = words;
  tree->capacity = capacity;
  return true;
}

static bool words_reserve(pp_tree *tree) {
  if (tree->capacity - tree->count >= 2) return true;
  if (tree->count > PP_TREE_MOST - 2) return false;
  uint32_t capacity = tree->capacity + tree->capacity / 2 + 64;
  if (capacity > PP_TREE_MOST) capacity = PP_TREE_MOST;
  return words_resize(tree, capacity);
}

bool pp_tree_make(pp_tree *tree) {
  *tree = (pp_tree){0};
  if (!words_reserve(tree)) return false;
  tree->words[tree->count++] = PP_TREE_HEADER;
  return true;
}

bool pp_tree_copy(const pp_tree *from, const uint32_t *numbers, pp_tree *to) {
  if (from->count > to->capacity && !words_resize(to, from->count)) return false;
  for (uint32_t i = 1; i < from->count; i++) {
    uint32_t word = from->words[i];
    to->words[i] = pp_tree_is_node(from, i) ? numbers[word] : word;
  }
  to->count = from->count;
  return true;
}

void pp_tree_free(pp_tree *tree) {
  table_free(tree);
  pp_pages_free(tree->words, tree->capacity * sizeof *tree->words);
  *tree = (pp_tree){0};
}

void pp_tree_seal(pp_tree *tree) {
  table_free(tree);
  words_resize(tree, tree->count); /* without memory for it the tree stays as it is */
}

static pp_node add_chain(pp_tree *tree, pp_node parent, uint32_t frame, uint64_t hash) {
  struct pp_tree_table *table = tree->table;
  if (table->used >= table->most) {
    if (!table_make(tree, table->bucket_count + table->bucket_count / 2)) return PP_NODE_NONE;
    table = tree->table;
  }
  tree->words[tree->count] = parent | PP_TREE_HEADER;
  tree->words[tree->count + 1] = frame;
  tree->count += 2;
  enter(table, key_of(table, hash), tree->count - 1);
  return tree->count - 1;
}

pp_node pp_tree_child(pp_tree *tree, pp_node parent, uint32_t frame) {
  uint32_t next = parent + 1;
  if (next == tree->count) { /* the newest node has no child yet, so the chain continues */
    if (!words_reserve(tree)) return PP_NODE_NONE;
    tree->words[tree->count] = frame;
    return tree->count++;
  }
  if (tree->words[next] == frame) return next;
  if (tree->table == NULL && !table_restore(tree)) return PP_NODE_NONE;
  struct pp_tree_table *table = tree->table;
  uint64_t hash = hash_of(parent, frame);
  recent *last = recent_of(table, hash);
  if (last->check == check_of(hash) && last->node != 0 &&
      is_call(tree, last->node, parent, frame)) {
    return last->node;
  }
  key at = key_of(table, hash);
  for (uint32_t index = at.bucket;;) {
    const bucket *b = &table->buckets[index];
    pp_node node = find_in(tree, b, at.tag, parent, frame);
    if (node != PP_NODE_NONE) {
      *last = (recent){check_of(hash), node};
      return node;
    }
    if (b->used < BUCKET_IDS) break;
    if (++index == table->bucket_count) index = 0;
  }
  if (!words_reserve(tree)) return PP_NODE_NONE;
  return add_chain(tree, parent, frame, hash);
}

/* --- looking ahead */

pp_node pp_tree_guess(const pp_tree *tree, pp_node parent, uint32_t frame) {
  struct pp_tree_table *table = tree->table;
  if (table == NULL) return 0;
  uint64_t hash = hash_of(parent, frame);
  const recent *last = recent_of(table, hash);
  if (last->node != 0 && last->check == check_of(hash)) {
    __builtin_prefetch(&tree->words[last->node]);
    return last->node;
  }
  __builtin_prefetch(&table->buckets[key_of(table, hash).bucket], 1);
  return 0;
}

pp_node pp_tree_probe(const pp_tree *tree, pp_node parent, uint32_t frame) {
  const struct pp_tree_table *table = tree->table;
  if (table == NULL) return 0;
  key at = key_of(table, hash_of(parent, frame));
  const bucket *b = &table->buckets[at.bucket];
  for (unsigned half = 0; half < 2; half++) {
    uint64_t hits = matches(b->tags + half * 8, at.tag);
    if (hits == 0) continue;
    unsigned slot = half * 8 + (unsigned)__builtin_ctzll(hits) / 8;
    if (slot >= b->used) return 0;
    __builtin_prefetch(&tree->words[b->ids[slot]]);
    return b->ids[slot];
  }
  return 0;
}

bool pp_tree_is_child(const pp_tree *tree, pp_node guess, pp_node parent, uint32_t frame) {
  return guess != 0 && is_call(tree, guess, parent, frame);
}
