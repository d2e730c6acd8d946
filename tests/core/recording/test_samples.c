/* "samples" that fill many windows, each compared with the stack that was written. */
#include <stdlib.h>

#include "check.h"
#include "pyprof/buffer.h"
#include "recording/text.h"

#define FRAMES 300
#define DEPTH 60

static uint32_t state;

static uint32_t below(uint32_t end) {
  state = state * 1664525 + 1013904223;
  return (uint32_t)(((uint64_t)state * end) >> 32);
}

typedef struct list {
  uint32_t *stacks; /* each: its length, and the frames */
  size_t count, samples;
  pp_buffer text;
} list;

static void add_text(list *to, const char *text) {
  pp_buffer_add(&to->text, text, strlen(text));
}

static void add_space(list *to, uint32_t style) {
  static const char *const spaces[] = {"", " ", "\n", "\r\n\t", "                    "};
  if (style == 1) add_text(to, " ");
  if (style == 2) add_text(to, spaces[below(5)]);
}

/* Writes a sample. Of unusual numbers, only the slow way reads some. */
static void add_sample(list *to, const uint32_t *frames, uint32_t depth, uint32_t style) {
  to->stacks = realloc(to->stacks, (to->count + 1 + depth) * sizeof *to->stacks);
  to->stacks[to->count++] = depth;
  if (to->samples++ > 0) add_text(to, ",");
  add_space(to, style);
  add_text(to, "[");
  for (uint32_t i = 0; i < depth; i++) {
    char number[64];
    const char *form = style == 2 && below(200) == 0 ? "%ue0" : "%u";
    snprintf(number, sizeof number, form, frames[i]);
    if (i > 0) add_text(to, ",");
    add_space(to, style);
    add_text(to, number);
    to->stacks[to->count++] = frames[i];
  }
  add_space(to, style);
  add_text(to, "]");
  add_space(to, style);
}

/* Stacks that repeat, that share a beginning with the one before, and that are new. */
static void add_samples(list *to, size_t count, uint32_t style) {
  static uint32_t kept[50][DEPTH], depths[50];
  uint32_t now[DEPTH], depth = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t one = below(50), way = below(8);
    if (way == 0) {
      depth = depths[one];
      memcpy(now, kept[one], sizeof now);
    } else if (way < 6) {
      depth = below(depth + 1);
      for (uint32_t more = below(4); more > 0 && depth < DEPTH; more--) {
        now[depth++] = below(way == 1 ? FRAMES : 3);
      }
    }
    if (way == 7) {
      depths[one] = depth;
      memcpy(kept[one], now, sizeof now);
    }
    add_sample(to, now, depth, style);
  }
}

static void begin(list *to, uint32_t seed) {
  state = seed;
  *to = (list){0};
  add_text(to, "{\"shared\":{\"frames\":[");
  for (uint32_t i = 0; i < FRAMES; i++) {
    char frame[64];
    snprintf(frame, sizeof frame, "%s{\"name\":\"f%u\",\"file\":\"f.py\"}", i > 0 ? "," : "", i);
    add_text(to, frame);
  }
  add_text(to, "]},\"profiles\":[{\"type\":\"sampled\",\"name\":\"t\",\"unit\":\"none\","
               "\"startValue\":0,\"endValue\":1,\"samples\":[");
}

static void finish(list *to) {
  add_text(to, "],\"weights\":[");
  for (size_t i = 0; i < to->samples; i++) add_text(to, i > 0 ? ",1" : "1");
  add_text(to, "]}]}");
}

static void forget(list *of) {
  free(of->stacks);
  pp_buffer_free(&of->text);
}

static uint32_t name_of(const pp_base *base, uint32_t frame) {
  return (uint32_t)strtoul(string_of(base, base->frames[frame].name) + 1, NULL, 10);
}

/* Is the node's stack this one, the root's frame first? */
static bool is_stack(const pp_base *base, pp_node node, const uint32_t *frames, uint32_t depth) {
  while (depth > 0 && node != PP_NODE_ROOT) {
    if (name_of(base, pp_tree_frame(&base->tree, node)) != frames[--depth]) return false;
    node = pp_tree_parent(&base->tree, node);
  }
  return depth == 0 && node == PP_NODE_ROOT;
}

static bool is_read(const list *from) {
  pp_base *base;
  pp_error error;
  if (read_bytes(from->text.data, from->text.length, NULL, &base, &error) != PP_OK) {
    printf("# refused: %s\n", error.message);
    return false;
  }
  const uint32_t *stack = from->stacks;
  bool same = base->track_count == 1 && base->tracks[0].nodes.length == from->samples;
  pp_track_cursor at;
  pp_track_begin(&base->tracks[0], &at);
  while (same && pp_track_next(&at)) {
    for (uint64_t i = 0; same && i < at.times; i++) {
      same = is_stack(base, at.node, stack + 1, *stack);
      stack += 1 + *stack;
    }
  }
  pp_base_free(base);
  return same && stack == from->stacks + from->count;
}

static void samples_of_every_style_are_read(void) {
  for (uint32_t style = 0; style < 3; style++) {
    for (uint32_t seed = 0; seed < 4; seed++) {
      list samples;
      begin(&samples, seed);
      add_samples(&samples, 12000, style);
      finish(&samples);
      CHECK(is_read(&samples));
      forget(&samples);
    }
  }
}

static void a_sample_may_be_longer_than_a_window(void) {
  enum { LONG = 300000 };
  uint32_t *frames = malloc(LONG * sizeof *frames);
  list samples;
  begin(&samples, 7);
  for (size_t i = 0; i < LONG; i++) frames[i] = below(FRAMES);
  for (uint32_t style = 0; style < 3; style++) {
    add_sample(&samples, frames, LONG, style);
    add_sample(&samples, frames, LONG, style);
    add_sample(&samples, frames, LONG - 10, style);
    add_samples(&samples, 1000, style);
  }
  finish(&samples);
  CHECK(is_read(&samples));
  forget(&samples);
  free(frames);
}

/* The message tells the byte, wherever in a batch or a window the sample is. */
static void a_broken_sample_has_its_place(void) {
  static const char *const broken[] = {"[1,x]", "[1,,2]", "[1 2]", "[01]", "[-1]", "[1,2147483647]",
                                       "7", "[0.5]", "[1,]", "[,1]", "[\"1\"]"};
  static const size_t offsets[] = {3, 3, 3, 2, 1, 3, 0, 1, 3, 1, 1};
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    list samples;
    begin(&samples, (uint32_t)i);
    add_samples(&samples, 1 + below(4000), 0);
    add_text(&samples, ",");
    uint64_t place = samples.text.length + offsets[i];
    add_text(&samples, broken[i]);
    add_samples(&samples, below(100), 0);
    finish(&samples);
    pp_base *base;
    pp_error error;
    CHECK(read_bytes(samples.text.data, samples.text.length, NULL, &base, &error) == PP_FORMAT);
    if (error.offset != place) {
      printf("# %s: byte %llu, not %llu: %s\n", broken[i], (unsigned long long)error.offset,
             (unsigned long long)place, error.message);
    }
    CHECK(error.offset == place);
    forget(&samples);
  }
}

int main(void) {
  RUN(samples_of_every_style_are_read);
  RUN(a_sample_may_be_longer_than_a_window);
  RUN(a_broken_sample_has_its_place);
  FINISH();
}
