/* node_set.h - a set of a tree's nodes that knows how many of its nodes come before each.
 *
 * It has one bit for each word of the tree, and one for each 64 of these bits. So nodes that are
 * not in the set cost nearly nothing when the set is listed or cleared. */
#ifndef PYPROF_CORE_PROFILE_NODE_SET_H
#define PYPROF_CORE_PROFILE_NODE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/tree.h"

typedef struct pp_node_set {
  uint64_t *bits, *blocks;
  uint32_t *before; /* for each block that is not empty: the number of nodes before it */
  size_t block_count;
} pp_node_set;

bool pp_node_set_make(pp_node_set *set, const pp_tree *tree); /* false: no memory */
void pp_node_set_free(pp_node_set *set);
void pp_node_set_clear(pp_node_set *set);
/* Counts the set's nodes. pp_node_set_rank refers to the set at this moment. */
uint32_t pp_node_set_count(pp_node_set *set);
/* Writes the counted nodes in order. */
void pp_node_set_list(const pp_node_set *set, pp_node *nodes);

static inline void pp_node_set_add(pp_node_set *set, pp_node node) {
  set->bits[node / 64] |= (uint64_t)1 << node % 64;
  set->blocks[node / 4096] |= (uint64_t)1 << node / 64 % 64;
}

/* The builtin would be a function call on processors without such an instruction. */
static inline uint32_t pp_bits_set(uint64_t word) {
  word -= word >> 1 & 0x5555555555555555u;
  word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
  return (uint32_t)(((word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * 0x0101010101010101u >> 56);
}

/* The number of nodes before this one, which must be in the set. */
static inline uint32_t pp_node_set_rank(const pp_node_set *set, pp_node node) {
  uint64_t lower = ((uint64_t)1 << node % 64) - 1;
  return set->before[node / 64] + pp_bits_set(set->bits[node / 64] & lower);
}

#endif
