/* speedscope_chunks.h - a cache that knows to which node a piece of text leads from a node.
 *
 * A piece ends behind a comma or the closing bracket. What the cache knows stays true, since no
 * node gets another parent or frame; a new chunk may replace an old one at any time.
 */
#ifndef PYPROF_CORE_RECORDING_SPEEDSCOPE_CHUNKS_H
#define PYPROF_CORE_RECORDING_SPEEDSCOPE_CHUNKS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "common/pages.h"
#include "input/json.h"
#include "profile/tree.h"

#define PP_CHUNK 55 /* bytes of text, at most */
/* The number of places is 2 to the power of this: the first for small recordings. */
#ifdef PP_SMALL_BLOCKS
#define PP_CHUNK_BITS_FIRST 5
#define PP_CHUNK_BITS 7
#else
#define PP_CHUNK_BITS_FIRST 9
#define PP_CHUNK_BITS 16
#endif

/* A place of the cache: one cache line. A zeroed place has no chunk. */
typedef struct pp_chunk {
  char text[PP_CHUNK]; /* bytes behind the chunk's end mean nothing */
  uint8_t length;
  pp_node from;
  uint32_t to; /* a node; with PP_CHUNK_MORE a chunk of this place may be in the next one */
} pp_chunk;

#define PP_CHUNK_MORE 0x80000000u

typedef struct pp_chunks {
  pp_chunk *places;
  unsigned bits;
  size_t entered; /* the number of chunks that were entered */
} pp_chunks;

_Static_assert(sizeof(pp_chunk) == 64, "a chunk is one cache line");
_Static_assert(sizeof(pp_chunk) <= PP_JSON_SLACK, "64 bytes may be loaded from any place");

/* Makes the cache, or makes it larger, which empties it. false: no memory, and it is as it was. */
static inline bool pp_chunks_make(pp_chunks *chunks, unsigned bits) {
  size_t old = chunks->places != NULL ? sizeof(pp_chunk) << chunks->bits : 0;
  pp_chunk *places = pp_pages_resize(chunks->places, old, sizeof(pp_chunk) << bits);
  if (places == NULL) return false;
  memset(places, 0, sizeof(pp_chunk) << bits);
  *chunks = (pp_chunks){places, bits, 0};
  return true;
}

static inline void pp_chunks_free(pp_chunks *chunks) {
  if (chunks->places != NULL) pp_pages_free(chunks->places, sizeof(pp_chunk) << chunks->bits);
}

/* The loops over 64 bytes are written out, because the compiler would leave them loops. */
#ifdef __SSE2__
static inline __m128i pp_chunk_load(const void *p, size_t at) {
  return _mm_loadu_si128((const __m128i *)(const void *)((const char *)p + at));
}

static inline uint64_t pp_chunk_equal(const char *p, size_t at, __m128i byte) {
  return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(pp_chunk_load(p, at), byte)) << at;
}

static inline uint64_t pp_chunk_bytes(const char *p, char byte) {
  __m128i wanted = _mm_set1_epi8(byte);
  return pp_chunk_equal(p, 0, wanted) | pp_chunk_equal(p, 16, wanted) |
         pp_chunk_equal(p, 32, wanted) | pp_chunk_equal(p, 48, wanted);
}

/* The bits in which 16 bytes differ, of those in the mask. */
static inline __m128i pp_chunk_differ(const char *p, const char *q, const uint8_t *mask,
                                      size_t at) {
  __m128i bits = _mm_xor_si128(pp_chunk_load(p, at), pp_chunk_load(q, at));
  return _mm_and_si128(bits, pp_chunk_load(mask, at));
}
#endif

/* The length of the piece at p: up to the first ']', else the last ','; 0: none is in reach. */
static inline unsigned pp_chunk_length(const char *p) {
#ifdef __SSE2__
  uint64_t in_reach = ((uint64_t)1 << PP_CHUNK) - 1;
  uint64_t ends = pp_chunk_bytes(p, ']') & in_reach, commas = pp_chunk_bytes(p, ',') & in_reach;
  if (ends != 0) return (unsigned)__builtin_ctzll(ends) + 1;
  return commas != 0 ? 64 - (unsigned)__builtin_clzll(commas) : 0;
#else
  unsigned length = 0;
  for (unsigned i = 0; i < PP_CHUNK; i++) {
    if (p[i] == ']') return i + 1;
    if (p[i] == ',') length = i + 1;
  }
  return length;
#endif
}

/* 64 bytes: 255 for each byte of the chunk, then 0. */
static inline const uint8_t *pp_chunk_mask(unsigned length) {
  static const uint8_t masks[PP_CHUNK + 64] = {
      255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
      255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
      255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
      255, 255, 255, 255, 255, 255, 255};
  return masks + PP_CHUNK - length;
}

static inline uint64_t pp_chunk_mix(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t pp_chunk_word(const char *p, const uint8_t *mask, size_t at) {
  uint64_t text, bits;
  memcpy(&text, p + at, sizeof text);
  memcpy(&bits, mask + at, sizeof bits);
  return text & bits;
}

/* A path is a hash of all text up to a place. Returns that behind the piece at p, whose path is
 * `before`. */
static inline uint64_t pp_chunk_path(uint64_t before, const char *p, unsigned length) {
  const uint8_t *mask = pp_chunk_mask(length);
  uint64_t hash = pp_chunk_mix(pp_chunk_word(p, mask, 0) ^ 0x9E3779B97F4A7C15u,
                               pp_chunk_word(p, mask, 8) ^ 0xD6E8FEB86659FD93u) ^
                  pp_chunk_mix(pp_chunk_word(p, mask, 16) ^ 0xA0761D6478BD642Fu,
                               pp_chunk_word(p, mask, 24) ^ 0xE7037ED1A0B428DBu) ^
                  pp_chunk_mix(pp_chunk_word(p, mask, 32) ^ 0x8EBC6AF09C88C6E3u,
                               pp_chunk_word(p, mask, 40) ^ 0x589965CC75374CC3u);
  return pp_chunk_mix(hash ^ pp_chunk_word(p, mask, 48), 0x1D8E4E27C47D124Fu ^ before);
}

/* The place of a piece, by the path behind it. */
static inline uint32_t pp_chunk_place(const pp_chunks *chunks, uint64_t path) {
  return (uint32_t)(path >> (64 - chunks->bits));
}

/* Does the text at p begin with this chunk? */
static inline bool pp_chunk_begins(const pp_chunk *chunk, const char *p) {
#ifdef __SSE2__
  const uint8_t *mask = pp_chunk_mask(chunk->length);
  const char *q = chunk->text;
  __m128i low = _mm_or_si128(pp_chunk_differ(p, q, mask, 0), pp_chunk_differ(p, q, mask, 16));
  __m128i high = _mm_or_si128(pp_chunk_differ(p, q, mask, 32), pp_chunk_differ(p, q, mask, 48));
  __m128i differs = _mm_or_si128(low, high);
  return _mm_movemask_epi8(_mm_cmpeq_epi8(differs, _mm_setzero_si128())) == 0xFFFF;
#else
  return memcmp(p, chunk->text, chunk->length) == 0;
#endif
}

/* Finds where the piece at p leads to from the node; PP_NODE_NONE: the cache does not know. */
static inline pp_node pp_chunk_find(const pp_chunks *chunks, uint32_t place, pp_node from,
                                    const char *p, unsigned length) {
  const pp_chunk *chunk = &chunks->places[place];
  for (int way = 0; way < 2; way++) {
    if (chunk->from == from && chunk->length == length && pp_chunk_begins(chunk, p)) {
      return chunk->to & ~PP_CHUNK_MORE;
    }
    if ((chunk->to & PP_CHUNK_MORE) == 0) break;
    chunk = &chunks->places[place ^ 1];
  }
  return PP_NODE_NONE;
}

static inline void pp_chunk_enter(pp_chunks *chunks, uint32_t place, pp_node from, const char *p,
                                  unsigned length, pp_node to) {
  pp_chunk *chunk = &chunks->places[place], *next = &chunks->places[place ^ 1];
  if (chunk->length != 0 && next->length == 0) {
    chunk->to |= PP_CHUNK_MORE;
    chunk = next;
  }
  chunks->entered++;
  memcpy(chunk->text, p, PP_CHUNK);
  chunk->length = (uint8_t)length;
  chunk->from = from;
  chunk->to = (chunk->to & PP_CHUNK_MORE) | to;
}

#endif
