#include "profile/track.h"

#include <stdlib.h>
#include <string.h>

#define TOP32 PP_NODES_COUNTED
#define TOP64 0x8000000000000000u

static bool nodes_reserve(pp_nodes *nodes) {
  if (nodes->capacity - nodes->count >= 2) return true;
  size_t capacity = nodes->capacity + nodes->capacity / 2 + 16;
  uint32_t *words = realloc(nodes->words, capacity * sizeof *words);
  if (words == NULL) return false;
  nodes->words = words;
  nodes->capacity = capacity;
  return true;
}

/* Lengthens the last run by as much of `times` as fits; returns the rest. */
static uint64_t lengthen(pp_nodes *nodes, uint64_t times) {
  uint32_t *run = &nodes->words[nodes->last];
  if ((run[0] & TOP32) == 0) {
    run[0] |= TOP32;
    run[1] = 1;
    nodes->count++;
  }
  uint32_t room = UINT32_MAX - run[1];
  uint32_t more = times < room ? (uint32_t)times : room;
  run[1] += more;
  nodes->length += more;
  return times - more;
}

bool pp_nodes_add(pp_nodes *nodes, pp_node node, uint64_t times) {
  while (times > 0) {
    if (!nodes_reserve(nodes)) return false;
    if (nodes->count > 0 && (nodes->words[nodes->last] & ~TOP32) == node) {
      times = lengthen(nodes, times);
      if (times == 0) return true;
      if (!nodes_reserve(nodes)) return false;
    }
    nodes->last = nodes->count;
    nodes->words[nodes->count++] = node;
    nodes->length++;
    times--;
  }
  return true;
}

static bool weights_add_word(pp_weights *weights, uint64_t word) {
  if (weights->count == weights->capacity) {
    size_t capacity = weights->capacity + weights->capacity / 2 + 8;
    uint64_t *words = realloc(weights->words, capacity * sizeof *words);
    if (words == NULL) return false;
    weights->words = words;
    weights->capacity = capacity;
  }
  weights->words[weights->count++] = word;
  return true;
}

bool pp_weights_add(pp_weights *weights, double weight, uint64_t times) {
  if (times == 0) return true;
  uint64_t word;
  weight += 0.0; /* makes 0 of -0, whose sign bit means something else here */
  memcpy(&word, &weight, sizeof word);
  bool counted = weights->count > 0 && (weights->words[weights->count - 1] & TOP64) != 0;
  size_t newest = weights->count - (counted ? 2 : 1);
  if (weights->count == 0 || weights->words[newest] != word) {
    if (!weights_add_word(weights, word)) return false;
    if (times > 1 && !weights_add_word(weights, TOP64 | (times - 1))) {
      weights->count--;
      return false;
    }
  } else if (counted) {
    weights->words[weights->count - 1] += times;
  } else if (!weights_add_word(weights, TOP64 | times)) {
    return false;
  }
  weights->length += times;
  return true;
}

bool pp_weights_copy(const pp_weights *from, pp_weights *to) {
  to->words = malloc((from->count + 1) * sizeof *to->words);
  if (to->words == NULL) return false;
  if (from->count > 0) memcpy(to->words, from->words, from->count * sizeof *to->words);
  to->count = from->count;
  to->capacity = from->count + 1;
  to->length = from->length;
  return true;
}

bool pp_weights_cut(pp_weights *weights, uint64_t length) {
  pp_weights kept = {0};
  for (size_t i = 0; i < weights->count && kept.length < length; i++) {
    double weight;
    memcpy(&weight, &weights->words[i], sizeof weight);
    uint64_t times = 1;
    if (i + 1 < weights->count && (weights->words[i + 1] & TOP64) != 0) {
      times += weights->words[++i] & ~TOP64;
    }
    if (times > length - kept.length) times = length - kept.length;
    if (pp_weights_add(&kept, weight, times)) continue;
    free(kept.words);
    return false;
  }
  free(weights->words);
  *weights = kept;
  return true;
}

void pp_track_seal(pp_track *track) {
  pp_nodes *nodes = &track->nodes;
  uint32_t *words = realloc(nodes->words, (nodes->count + 1) * sizeof *words);
  if (words != NULL) {
    nodes->words = words;
    nodes->capacity = nodes->count + 1;
  }
  pp_weights *weights = &track->weights;
  uint64_t *bits = realloc(weights->words, (weights->count + 1) * sizeof *bits);
  if (bits != NULL) {
    weights->words = bits;
    weights->capacity = weights->count + 1;
  }
}

void pp_track_free(pp_track *track) {
  free(track->nodes.words);
  free(track->weights.words);
  free(track->ticks);
  *track = (pp_track){0};
}

void pp_track_begin(const pp_track *track, pp_track_cursor *cursor) {
  *cursor = (pp_track_cursor){.track = track};
}

bool pp_track_next_weight(pp_track_cursor *cursor) {
  const pp_weights *weights = &cursor->track->weights;
  if (cursor->weight_at == weights->count) return false;
  memcpy(&cursor->weight, &weights->words[cursor->weight_at++], sizeof cursor->weight);
  cursor->weight_left = 1;
  if (cursor->weight_at < weights->count && (weights->words[cursor->weight_at] & TOP64) != 0) {
    cursor->weight_left += weights->words[cursor->weight_at++] & ~TOP64;
  }
  return true;
}
