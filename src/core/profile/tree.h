/* tree.h - all distinct stacks as one call tree of 32-bit words.
 *
 * A node is the index of the word that holds its frame number; the root is 0. The words are
 * chains: a header (top bit, and the parent's node) followed by frames, each the child of the
 * one before it. So a node's first child is the next word and costs 4 bytes; only its other
 * children begin chains and are in a hash table. A parent has a smaller number than its children:
 * a pass from the last word to the first meets every child before its parent.
 *
 * pp_tree_child never makes two children of one parent for the same frame, nor a chain without
 * a node. A base's tree may have both: if frames of the file turned out to be equal, siblings can
 * be one call; if markers were removed, a chain can be empty.
 */
#ifndef PYPROF_CORE_PROFILE_TREE_H
#define PYPROF_CORE_PROFILE_TREE_H

#include <stdbool.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint32_t pp_node;

#define PP_NODE_ROOT 0u            /* the empty stack */
#define PP_NODE_GAP 0x7fffffffu    /* in a track: time without a sample */
#define PP_NODE_NONE UINT32_MAX    /* no memory, or 2^31 - 2 words are full */
#define PP_TREE_HEADER 0x80000000u
#define PP_TREE_MOST 0x7ffffffeu   /* words, so that nodes stay below PP_NODE_GAP */

typedef struct pp_tree {
  uint32_t *words; /* words[0] is the root, written as a header */
  uint32_t count, capacity;
  struct pp_tree_table *table; /* the children that are not the next word */
} pp_tree;

bool pp_tree_make(pp_tree *tree); /* false: no memory */
void pp_tree_free(pp_tree *tree);
/* Makes an empty tree one with the same nodes, whose frames get these numbers; false: no memory. */
bool pp_tree_copy(const pp_tree *from, const uint32_t *numbers, pp_tree *to);
/* Frees the table and the spare memory; pp_tree_child makes the table again if needed. */
void pp_tree_seal(pp_tree *tree);
/* The child of `parent` for `frame` (below 2^31); it is made if it is new. */
pp_node pp_tree_child(pp_tree *tree, pp_node parent, uint32_t frame);

/* These look ahead for a child that is not the next word, and change nothing. pp_tree_guess returns
 * a node that may be the child, or 0, and fetches its words, or the bucket that may hold it.
 * pp_tree_probe, called later, does so with a node of this bucket. */
pp_node pp_tree_guess(const pp_tree *tree, pp_node parent, uint32_t frame);
pp_node pp_tree_probe(const pp_tree *tree, pp_node parent, uint32_t frame);
/* Is a guess that child? */
bool pp_tree_is_child(const pp_tree *tree, pp_node guess, pp_node parent, uint32_t frame);

/* Is the word at this index (1 … count-1) a node? If not it is a chain's header. */
static inline bool pp_tree_is_node(const pp_tree *tree, uint32_t index) {
  return (tree->words[index] & PP_TREE_HEADER) == 0;
}

/* The frame of a node that is not the root. */
static inline uint32_t pp_tree_frame(const pp_tree *tree, pp_node node) {
  return tree->words[node];
}

static inline pp_node pp_tree_parent(const pp_tree *tree, pp_node node) {
  uint32_t before = tree->words[node - 1];
  return (before & PP_TREE_HEADER) != 0 ? before & ~PP_TREE_HEADER : node - 1;
}

/* The index of the header of this node's chain; the root's is its own. Sixteen words are checked
 * together, because the length of a chain cannot be predicted. */
static inline uint32_t pp_tree_header(const pp_tree *tree, pp_node node) {
  const uint32_t *words = tree->words;
#ifdef __SSE2__
  if (node >= 3) { /* most headers are near */
    __m128i near = _mm_loadu_si128((const __m128i *)(const void *)(words + node - 3));
    unsigned headers = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(near));
    if (headers != 0) return node + 28 - (unsigned)__builtin_clz(headers);
    node -= 4;
  }
  for (; node >= 15; node -= 16) {
    const __m128i *at = (const __m128i *)(const void *)(words + node - 15);
    __m128i low = _mm_packs_epi32(_mm_loadu_si128(at), _mm_loadu_si128(at + 1));
    __m128i high = _mm_packs_epi32(_mm_loadu_si128(at + 2), _mm_loadu_si128(at + 3));
    unsigned headers = (unsigned)_mm_movemask_epi8(_mm_packs_epi16(low, high));
    if (headers != 0) return node + 16 - (unsigned)__builtin_clz(headers);
  }
#endif
  while ((words[node] & PP_TREE_HEADER) == 0) node--;
  return node;
}

/* The node from which this node's chain hangs; for the root it is the root. */
static inline pp_node pp_tree_joint(const pp_tree *tree, pp_node node) {
  return tree->words[pp_tree_header(tree, node)] & ~PP_TREE_HEADER;
}

#endif
