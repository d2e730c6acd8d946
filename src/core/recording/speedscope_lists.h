/* speedscope_lists.h - the lists that are most of a speedscope file: "samples", "weights" and
 * "events".
 *
 * The function for each of them reads the list after its '[', up to and including its ']'.
 */
#ifndef PYPROF_CORE_RECORDING_SPEEDSCOPE_LISTS_H
#define PYPROF_CORE_RECORDING_SPEEDSCOPE_LISTS_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "input/json.h"
#include "profile/track.h"
#include "profile/tree.h"

#define PP_MOST_FRAMES 0x7fffffffu

/* A frame number that exceeded all before it, and its place: the number of frames is known only at
 * the end. */
typedef struct pp_highest {
  uint32_t frame;
  uint64_t offset, line;
} pp_highest;

typedef struct pp_stacks {
  pp_json *json;
  pp_tree *tree;
  struct pp_batch *batch; /* NULL until it is needed */
  pp_highest *highest;
  size_t highest_count, highest_capacity;
  uint32_t beyond; /* the highest frame number so far, plus one */
} pp_stacks;

void pp_stacks_open(pp_stacks *stacks, pp_json *json, pp_tree *tree);
void pp_stacks_close(pp_stacks *stacks);
bool pp_stacks_samples(pp_stacks *stacks, pp_nodes *nodes);
bool pp_stacks_weights(pp_stacks *stacks, pp_weights *weights);
bool pp_stacks_events(pp_stacks *stacks, pp_nodes *nodes, pp_weights *weights);
/* Are all frame numbers below frame_count? */
bool pp_stacks_check(pp_stacks *stacks, uint32_t frame_count);

/* Only for these three functions: puts one more frame on a stack; PP_NODE_NONE: a failure. `where`
 * is the text of the frame's number. */
pp_node pp_stacks_child(pp_stacks *stacks, pp_node node, uint64_t frame, const char *where);
/* The number of equal bytes at both places, at most `most`. Both are in the window, so bytes that
 * are read beyond `most` are in the slack. */
static inline size_t pp_stacks_alike(const char *a, const char *b, size_t most) {
#ifdef __SSE2__
  for (size_t n = 0; n < most; n += 16) {
    __m128i x = _mm_loadu_si128((const __m128i *)(a + n));
    __m128i y = _mm_loadu_si128((const __m128i *)(b + n));
    unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
    if (same == 0xFFFF) continue;
    n += (size_t)__builtin_ctz(~same);
    return n < most ? n : most;
  }
#else
  for (size_t n = 0; n < most; n += 8) {
    uint64_t x, y;
    memcpy(&x, a + n, 8);
    memcpy(&y, b + n, 8);
    if (x == y) continue;
    n += (size_t)__builtin_ctzll(x ^ y) / 8;
    return n < most ? n : most;
  }
#endif
  return most;
}

#endif
