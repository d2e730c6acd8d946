#include "profile/node_set.h"

#include <stdlib.h>

bool pp_node_set_make(pp_node_set *set, const pp_tree *tree) {
  size_t blocks = (size_t)tree->count / 64 + 1;
  *set = (pp_node_set){calloc(blocks, sizeof *set->bits),
                       calloc(blocks / 64 + 1, sizeof *set->blocks),
                       malloc(blocks * sizeof *set->before), blocks};
  if (set->bits != NULL && set->blocks != NULL && set->before != NULL) return true;
  pp_node_set_free(set);
  return false;
}

void pp_node_set_free(pp_node_set *set) {
  free(set->bits);
  free(set->blocks);
  free(set->before);
  *set = (pp_node_set){0};
}

/* Finds the next block that is not empty, from `block` on; false: there is none. */
static bool next_block(const pp_node_set *set, size_t *block) {
  for (; *block < set->block_count; *block = (*block / 64 + 1) * 64) {
    uint64_t rest = set->blocks[*block / 64] >> *block % 64;
    if (rest == 0) continue;
    *block += (size_t)__builtin_ctzll(rest);
    return true;
  }
  return false;
}

void pp_node_set_clear(pp_node_set *set) {
  for (size_t block = 0; next_block(set, &block); block++) set->bits[block] = 0;
  for (size_t i = 0; i <= set->block_count / 64; i++) set->blocks[i] = 0;
}

uint32_t pp_node_set_count(pp_node_set *set) {
  uint32_t count = 0;
  for (size_t block = 0; next_block(set, &block); block++) {
    set->before[block] = count;
    count += pp_bits_set(set->bits[block]);
  }
  return count;
}

void pp_node_set_list(const pp_node_set *set, pp_node *nodes) {
  for (size_t block = 0; next_block(set, &block); block++) {
    for (uint64_t bits = set->bits[block]; bits != 0; bits &= bits - 1) {
      *nodes++ = (pp_node)(block * 64 + (size_t)__builtin_ctzll(bits));
    }
  }
}
