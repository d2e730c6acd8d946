/* speedscope_samples.c - "samples": lists of frame numbers, whose text nearly always came before.
 *
 * Most numbers are never parsed, for three reasons. A sample whose text equals that of the sample
 * before it is the same sample; all such samples are read at once. Otherwise the text that the two
 * have in common at their beginning leads to a node that a mark of the earlier sample knows. The
 * rest is cut into chunks of up to 32 bytes that end behind a comma or the bracket; a cache knows
 * to which node a chunk leads from a node. Only a chunk that is not in the cache is parsed. Unusual
 * text (an error, 1e0 for 1, the end of the window) is left to read_slowly.
 */
#include <stdlib.h>
#include <string.h>

#include "recording/speedscope_lists.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CHUNK 32
#ifdef PP_SMALL_BLOCKS
#define CACHE_BITS 6
#else
#define CACHE_BITS 16
#endif

_Static_assert(CHUNK <= PP_JSON_SLACK, "a chunk may be loaded from any place of the window");

typedef struct pp_chunk {
  uint64_t text[CHUNK / 8]; /* with zero bytes behind its end */
  pp_node from, to;
} chunk;

/* The place where a chunk of the sample before ended, counted from its '['. The path is a hash of
 * the chunks up to here (without those below a new call). It gives the slot in the cache before the
 * node is known. */
typedef struct pp_mark {
  size_t at;
  uint64_t path;
  pp_node node;
} mark;

typedef enum outcome { READ, SHORT, ODD } outcome;

/* The length of the chunk at p: up to the first ']', else the last ','; 0: none is in reach. */
static inline unsigned chunk_length(const char *p) {
#ifdef __SSE2__
  __m128i low = _mm_loadu_si128((const __m128i *)p);
  __m128i high = _mm_loadu_si128((const __m128i *)(p + 16));
  __m128i bracket = _mm_set1_epi8(']'), comma = _mm_set1_epi8(',');
  unsigned ends = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(low, bracket)) |
                  (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(high, bracket)) << 16;
  if (ends != 0) return (unsigned)__builtin_ctz(ends) + 1;
  unsigned commas = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(low, comma)) |
                    (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(high, comma)) << 16;
  return commas != 0 ? CHUNK - (unsigned)__builtin_clz(commas) : 0;
#else
  unsigned length = 0;
  for (unsigned i = 0; i < CHUNK; i++) {
    if (p[i] == ']') return i + 1;
    if (p[i] == ',') length = i + 1;
  }
  return length;
#endif
}

static void chunk_text(const char *p, unsigned length, uint64_t text[CHUNK / 8]) {
  static const uint8_t masks[2 * CHUNK] = {
      255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
      255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  uint64_t mask[CHUNK / 8];
  memcpy(text, p, CHUNK);
  memcpy(mask, masks + CHUNK - length, CHUNK);
  for (int i = 0; i < CHUNK / 8; i++) text[i] &= mask[i];
}

static uint64_t mix(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t path_of(uint64_t path, const uint64_t text[CHUNK / 8]) {
  return mix(text[0] ^ 0x9E3779B97F4A7C15u, text[1] ^ 0xD6E8FEB86659FD93u ^ path) ^
         mix(text[2] ^ 0xA0761D6478BD642Fu, text[3] ^ 0xE7037ED1A0B428DBu ^ path << 1);
}

/* The first byte from p on that is not white space, at the latest the end of the window. */
static inline const char *skip_space(const char *p) {
  if ((unsigned char)*p > ' ') return p;
#ifdef __SSE2__
  __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
  __m128i blank = _mm_cmpeq_epi8(text, _mm_set1_epi8(' '));
  for (const char *c = "\n\r\t"; *c != 0; c++) {
    blank = _mm_or_si128(blank, _mm_cmpeq_epi8(text, _mm_set1_epi8(*c)));
  }
  unsigned other = ~(unsigned)_mm_movemask_epi8(blank) & 0xFFFF;
  if (other != 0) return p + __builtin_ctz(other);
  p += 16;
#endif
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') p++;
  return p;
}

/* Reads a number of up to 7 digits at p and returns how many it has; 0 or 8: there is none such.
 * Eight digits are handled together, because the length of a number cannot be predicted. */
static inline unsigned digits_at(const char *p, uint32_t *number) {
  uint64_t text;
  memcpy(&text, p, sizeof text);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  text = __builtin_bswap64(text);
#endif
  text ^= 0x3030303030303030u;
  /* Sets the high bit of each byte above 9; bytes above the lowest of these may get it, too. */
  uint64_t others = (text | (text + 0x7676767676767676u)) & 0x8080808080808080u;
  unsigned length = others != 0 ? (unsigned)__builtin_ctzll(others) / 8 : 8;
  text <<= (8 - length) * 8 & 63;
  text = text * 10 + (text >> 8); /* pairs, in every other byte */
  text = (text & 0x000000FF000000FFu) * (100 + (1000000ull << 32)) +
         (text >> 16 & 0x000000FF000000FFu) * (1 + (10000ull << 32));
  *number = (uint32_t)(text >> 32);
  return length;
}

/* Takes a frame's number and the comma or bracket behind it; false: the text is unusual. */
static inline bool take_frame(const char **at, uint32_t *frame) {
  const char *p = *at;
  p = skip_space(p);
  unsigned length = digits_at(p, frame);
  if (length == 0 || length > 7 || (length > 1 && *p == '0')) return false;
  p = skip_space(p + length);
  if (*p != ',' && *p != ']') return false;
  *at = p + 1;
  return true;
}

/* Follows the numbers from p to `stop`. PP_NODE_NONE: the text is unusual, or a failure, which is
 * then in json->code. */
static pp_node follow(pp_stacks *s, pp_node node, const char *p, const char *stop) {
  pp_tree *tree = s->tree;
  while (p < stop) {
    const char *number = p;
    uint32_t frame;
    if (!take_frame(&p, &frame)) {
      p = skip_space(p);
      return *p == ']' && node == PP_NODE_ROOT ? node : PP_NODE_NONE; /* an empty stack */
    }
    uint32_t next = node + 1;
    if (next < tree->count && tree->words[next] == frame) {
      node = next;
    } else if (next == tree->count && next < tree->capacity && frame < s->beyond) {
      tree->words[tree->count++] = frame; /* as pp_tree_child would do */
      node = next;
    } else {
      node = pp_stacks_child(s, node, frame, number);
      if (node == PP_NODE_NONE) return PP_NODE_NONE;
    }
  }
  return node;
}

static inline bool is_known(const chunk *slot, pp_node node, const uint64_t *text) {
  return slot->from == node && memcmp(slot->text, text, sizeof slot->text) == 0;
}

/* Finds the node to which the chunk at p leads. A chunk has two possible places in the cache. */
static inline pp_node step(pp_stacks *s, mark *to, pp_node node, const char *p,
                           unsigned length, bool *fresh) {
  if (*fresh) return follow(s, node, p, p + length);
  uint64_t text[CHUNK / 8];
  chunk_text(p, length, text);
  to->path = path_of(to->path, text);
  chunk *cache = s->cache;
  size_t place = to->path >> (64 - CACHE_BITS);
  if (is_known(&cache[place], node, text)) return cache[place].to;
  if (is_known(&cache[place ^ 1], node, text)) return cache[place ^ 1].to;
  uint32_t before = s->tree->count;
  pp_node child = follow(s, node, p, p + length);
  /* A new stack may never come again, so it is not cached; all chunks below a new node are new. */
  *fresh = s->tree->count != before;
  if (*fresh || child == PP_NODE_NONE) return child;
  chunk *slot = &cache[place];
  if (slot->to != 0 && cache[place ^ 1].to == 0) slot = &cache[place ^ 1];
  memcpy(slot->text, text, sizeof slot->text);
  slot->from = node;
  slot->to = child;
  return child;
}

static bool marks_reserve(pp_stacks *s) {
  if (s->mark_count < s->mark_capacity) return true;
  size_t capacity = s->mark_capacity * 3 / 2 + 64;
  mark *marks = realloc(s->marks, capacity * sizeof *marks);
  if (marks == NULL) return pp_json_no_memory(s->json);
  s->marks = marks;
  s->mark_capacity = capacity;
  return true;
}

/* Reads the sample at start (its '['), whose first `alike` bytes equal those of the one before. */
static outcome read_fast(pp_stacks *s, const char *start, size_t alike, pp_node *node,
                         const char **after) {
  while (s->mark_count > 0 && s->marks[s->mark_count - 1].at > alike) s->mark_count--;
  mark now = s->mark_count > 0 ? s->marks[s->mark_count - 1] : (mark){1, 0, PP_NODE_ROOT};
  const char *p = start + now.at;
  bool fresh = false;
  do {
    unsigned length = chunk_length(p);
    if (length > 0) {
      now.node = step(s, &now, now.node, p, length, &fresh);
    } else { /* white space that is longer than a chunk */
      p = skip_space(p);
      length = chunk_length(p);
      if (length == 0) return p + CHUNK >= s->json->end ? SHORT : ODD;
      now.node = follow(s, now.node, p, p + length);
    }
    if (now.node == PP_NODE_NONE || !marks_reserve(s)) return ODD;
    p += length;
    now.at = (size_t)(p - start);
    s->marks[s->mark_count++] = now;
  } while (p[-1] != ']');
  *node = now.node;
  *after = p;
  return READ;
}

/* Reads a sample token by token: any white space, any form of a number, every error. */
static bool read_slowly(pp_stacks *s, pp_node *node) {
  pp_json *json = s->json;
  s->mark_count = 0;
  *node = PP_NODE_ROOT;
  if (!pp_json_take(json, '[', "'['")) return false;
  for (bool first = true; pp_json_item(json, ']', &first);) {
    pp_number number;
    uint64_t frame;
    if (!pp_json_number(json, &number)) return false;
    if (!pp_number_index(&number, PP_MOST_FRAMES, &frame)) {
      return pp_json_fail(json, number.text, "no frame's number, in %s", json->place);
    }
    *node = pp_stacks_child(s, *node, frame, number.text);
    if (*node == PP_NODE_NONE) return false;
  }
  return json->code == PP_OK;
}

/* Reads the sample at `at`, which is also json->keep. */
static bool read_sample(pp_stacks *s, size_t alike, pp_node *node) {
  pp_json *json = s->json;
  while (*json->at == '[') {
    const char *after;
    outcome result = read_fast(s, json->at, alike, node, &after);
    if (result == READ) {
      json->at = after;
      return true;
    }
    /* The window's end cut the sample off: refill it and continue from the marks. */
    alike = (size_t)(json->end - json->at);
    if (result == ODD || !pp_json_refill(json)) break;
  }
  return json->code == PP_OK && read_slowly(s, node);
}

/* Goes to the next sample's first byte; false: the end of the list was read, or a failure. */
static bool next_sample(pp_json *json, bool *first) {
  if (!*first && json->at[0] == ',' && json->at[1] == '[') {
    json->at++;
    return true;
  }
  if (!pp_json_item(json, ']', first)) return false;
  pp_json_peek(json);
  return true;
}

bool pp_stacks_samples(pp_stacks *stacks, pp_nodes *nodes) {
  pp_json *json = stacks->json;
  if (stacks->cache == NULL) {
    stacks->cache = calloc((size_t)1 << CACHE_BITS, sizeof *stacks->cache);
    if (stacks->cache == NULL) return pp_json_no_memory(json);
  }
  pp_node node = PP_NODE_ROOT;
  size_t length = 0; /* of the last sample, which begins at keep */
  stacks->mark_count = 0;
  for (bool first = true; next_sample(json, &first);) {
    const char *p = json->at;
    uint64_t times = 1;
    size_t alike = 0, period = 0;
    if (json->keep != NULL) {
      period = (size_t)(p - json->keep);
      alike = pp_stacks_alike(p, json->keep, (size_t)(json->end - p));
    }
    if (period > 0 && alike >= period) { /* all equal samples at once, with their separators */
      times = alike / period;
      json->keep = p + (times - 1) * period;
      json->at = p + times * period;
      first = true; /* the comma was read; a value must follow */
      if (pp_json_peek(json) == ']') pp_json_expected(json, json->at, "'['");
    } else if (length > 0 && alike >= length) {
      json->keep = p;
      json->at = p + length;
    } else {
      json->keep = p;
      if (!read_sample(stacks, alike, &node)) break;
      length = (size_t)(json->at - json->keep);
    }
    if (json->code != PP_OK) break;
    if (!pp_nodes_add(nodes, node, times)) pp_json_no_memory(json);
  }
  json->keep = NULL;
  return json->code == PP_OK;
}
