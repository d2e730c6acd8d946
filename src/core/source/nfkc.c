#include "source/nfkc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "source/decode.h"
#include "source/nfkc_table.h"

/* Hangul syllables are composed of their parts by arithmetic. */
enum {
  S_BASE = 0xAC00, L_BASE = 0x1100, V_BASE = 0x1161, T_BASE = 0x11A7,
  L_COUNT = 19, V_COUNT = 21, T_COUNT = 28, S_COUNT = L_COUNT * V_COUNT * T_COUNT
};

/* Characters, with their combining classes. */
typedef struct text {
  struct { uint32_t c, class; } *at;
  size_t length, capacity;
} text;

static const pp_nfkc_run *find(const pp_nfkc_run *runs, size_t count, uint32_t c, bool one) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const pp_nfkc_run *run = &runs[middle];
    if (c < run->first) high = middle;
    else if (c >= run->first + (one ? 1 : run->count)) low = middle + 1;
    else return run;
  }
  return NULL;
}

static bool put(text *made, uint32_t c) {
  if (made->length == made->capacity) {
    size_t capacity = made->capacity * 2 + 32;
    void *room = realloc(made->at, capacity * sizeof *made->at);
    if (room == NULL) return false;
    made->at = room;
    made->capacity = capacity;
  }
  const pp_nfkc_run *run = find(pp_nfkc_class, pp_nfkc_class_count, c, false);
  made->at[made->length].c = c;
  made->at[made->length++].class = run != NULL ? run->value : 0;
  return true;
}

/* Adds all the parts of a character. */
static bool decompose(text *made, uint32_t c) {
  if (c >= S_BASE && c < S_BASE + S_COUNT) {
    uint32_t s = c - S_BASE, t = s % T_COUNT;
    return put(made, L_BASE + s / (V_COUNT * T_COUNT)) &&
      put(made, V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT) &&
      (t == 0 || put(made, T_BASE + t));
  }
  for (size_t i = 0; i < pp_nfkc_pairs_count; i++) {
    const pp_nfkc_pair *pair = &pp_nfkc_pairs[i];
    if (pair->both == c) return decompose(made, pair->first) && decompose(made, pair->second);
  }
  return put(made, c);
}

static bool fold(text *made, uint32_t c) {
  const pp_nfkc_run *run = find(pp_nfkc_single, pp_nfkc_single_count, c, false);
  if (run != NULL) return decompose(made, run->value + (c - run->first));
  run = find(pp_nfkc_several, pp_nfkc_several_count, c, true);
  if (run == NULL) return decompose(made, c);
  for (uint32_t i = 0; i < run->count; i++) {
    if (!decompose(made, pp_nfkc_texts[run->value + i])) return false;
  }
  return true;
}

/* Sorts combining marks stably by their class. */
static void order(text *made) {
  for (size_t i = 1; i < made->length; i++) {
    for (size_t j = i; j > 0 && made->at[j].class != 0 &&
         made->at[j - 1].class > made->at[j].class; j--) {
      uint32_t c = made->at[j].c, class = made->at[j].class;
      made->at[j] = made->at[j - 1];
      made->at[j - 1].c = c;
      made->at[j - 1].class = class;
    }
  }
}

/* The composition of two characters; 0: there is none. */
static uint32_t both(uint32_t a, uint32_t b) {
  if (a >= L_BASE && a < L_BASE + L_COUNT && b >= V_BASE && b < V_BASE + V_COUNT) {
    return S_BASE + ((a - L_BASE) * V_COUNT + (b - V_BASE)) * T_COUNT;
  }
  if (a >= S_BASE && a < S_BASE + S_COUNT && (a - S_BASE) % T_COUNT == 0 && b > T_BASE &&
      b < T_BASE + T_COUNT) {
    return a + (b - T_BASE);
  }
  size_t low = 0, high = pp_nfkc_pairs_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const pp_nfkc_pair *pair = &pp_nfkc_pairs[middle];
    if (pair->first == a && pair->second == b) return pair->both;
    if (pair->first < a || (pair->first == a && pair->second < b)) low = middle + 1;
    else high = middle;
  }
  return 0;
}

static void compose(text *made) {
  size_t starter = 0, length = 0;
  bool has_starter = false;
  uint32_t last_class = 0;
  for (size_t i = 0; i < made->length; i++) {
    uint32_t c = made->at[i].c, class = made->at[i].class;
    /* A mark of the same or a higher class in between prevents the composition. */
    bool adjacent = length > 0 && starter == length - 1;
    uint32_t composed = 0;
    if (has_starter && (adjacent || last_class < class)) composed = both(made->at[starter].c, c);
    if (composed != 0) {
      made->at[starter].c = composed;
      continue;
    }
    if (class == 0) {
      starter = length;
      has_starter = true;
    }
    last_class = class;
    made->at[length++] = made->at[i];
  }
  made->length = length;
}

static uint32_t read_character(const char **at) {
  const uint8_t *bytes = (const uint8_t *)*at;
  unsigned more = bytes[0] >= 0xF0 ? 3 : bytes[0] >= 0xE0 ? 2 : bytes[0] >= 0xC0 ? 1 : 0;
  uint32_t c = more == 0 ? bytes[0] : bytes[0] & (0x3Fu >> more);
  for (unsigned i = 1; i <= more; i++) c = c << 6 | (bytes[i] & 0x3Fu);
  *at += more + 1;
  return c;
}

static bool write_character(pp_buffer *buffer, uint32_t c) {
  unsigned more = c >= 0x10000 ? 3 : c >= 0x800 ? 2 : c >= 0x80 ? 1 : 0;
  static const uint8_t lead[] = { 0, 0xC0, 0xE0, 0xF0 };
  if (!pp_buffer_add_byte(buffer, (char)(lead[more] | c >> 6 * more))) return false;
  while (more-- > 0) {
    if (!pp_buffer_add_byte(buffer, (char)(0x80 | (c >> 6 * more & 0x3F)))) return false;
  }
  return true;
}

bool pp_nfkc_add(pp_buffer *buffer, const char *name, size_t length) {
  bool ascii = true;
  for (size_t i = 0; i < length; i++) ascii = ascii && (uint8_t)name[i] < 0x80;
  if (ascii || pp_decode_valid(name, length) < length) {
    return pp_buffer_add(buffer, name, length);
  }
  text made = { 0 };
  bool good = true;
  for (const char *at = name; good && at < name + length;) good = fold(&made, read_character(&at));
  if (good) {
    order(&made);
    compose(&made);
    for (size_t i = 0; good && i < made.length; i++) good = write_character(buffer, made.at[i].c);
  }
  free(made.at);
  return good;
}
