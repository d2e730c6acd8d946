/* speedscope_events.c - "events": frames open and close; the stack between two events is a sample.
 *
 * Producers write all events in one form: the same keys in the same order with the same white
 * space. So we read the first event token by token and keep its shape, the text around its three
 * values. As long as the next events have this shape, only their values are read.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "recording/speedscope_lists.h"

#define LITERAL 64 /* bytes of text between two values, at most; they may reach into the slack */

_Static_assert(LITERAL <= PP_JSON_SLACK, "a literal may be compared at any place of the window");

struct event {
  char type; /* 'O', 'C'; 0: not read yet */
  bool has_at, has_frame;
  double at;
  uint64_t frame;
  size_t start[3], end[3]; /* the places of the values' texts, counted from the event's '{' */
};

enum { TYPE, AT, FRAME };

typedef struct literal {
  uint64_t text[LITERAL / 8], mask[LITERAL / 8];
  size_t length, words;
} literal;

struct shape {
  bool known;
  int order[3];       /* TYPE, AT, FRAME in the order of the text */
  literal literals[4]; /* the text before each of them, and up to the '}' */
};

static bool read_type(pp_json *json, struct event *event) {
  if (!pp_json_string(json)) return false;
  if (json->string.length == 1) event->type = json->string.data[0];
  event->start[TYPE] = (size_t)(json->at - json->keep) - 2;
  event->end[TYPE] = event->start[TYPE] + 1;
  if (event->type == 'O' || event->type == 'C') return true;
  return pp_json_fail(json, json->at, "an event's type is \"O\" or \"C\"");
}

static bool read_number(pp_json *json, struct event *event, int which, pp_number *number) {
  if (!pp_json_number(json, number)) return false;
  event->start[which] = (size_t)(number->text - json->keep);
  event->end[which] = (size_t)(json->at - json->keep);
  return true;
}

static bool set_at(pp_json *json, struct event *event, const pp_number *number) {
  event->has_at = true;
  event->at = pp_number_value(number, json->c);
  if (isfinite(event->at)) return true;
  return pp_json_fail(json, number->text, "a number too large for %s", json->place);
}

static bool set_frame(pp_json *json, struct event *event, const pp_number *number) {
  event->has_frame = true;
  if (pp_number_index(number, PP_MOST_FRAMES, &event->frame)) return true;
  return pp_json_fail(json, number->text, "no frame's number, in %s", json->place);
}

/* Reads the event at `at`, which is also json->keep. */
static bool read_event(pp_stacks *s, struct event *event) {
  pp_json *json = s->json;
  pp_number number;
  if (!pp_json_take(json, '{', "'{'")) return false;
  for (bool first = true; pp_json_key(json, &first);) {
    bool ok;
    if (pp_json_key_is(json, "type")) {
      ok = read_type(json, event);
    } else if (pp_json_key_is(json, "at")) {
      ok = read_number(json, event, AT, &number) && set_at(json, event, &number);
    } else if (pp_json_key_is(json, "frame")) {
      ok = read_number(json, event, FRAME, &number) && set_frame(json, event, &number);
    } else {
      ok = pp_json_skip(json);
    }
    if (!ok) return false;
  }
  if (json->code != PP_OK) return false;
  const char *missing = event->type == 0    ? "type"
                        : !event->has_at    ? "at"
                        : !event->has_frame ? "frame"
                                            : NULL;
  return missing == NULL || pp_json_fail(json, json->keep, "an event without \"%s\"", missing);
}

/* ---- the shape */

static bool make_literal(literal *l, const char *text, size_t length) {
  if (length > LITERAL) return false;
  *l = (literal){.length = length, .words = (length + 7) / 8};
  memcpy(l->text, text, length);
  memset(l->mask, 0xFF, length);
  return true;
}

static bool fits(const literal *l, const char *text) {
  uint64_t differs = 0, word;
  for (size_t i = 0; i < l->words; i++) {
    memcpy(&word, text + i * 8, 8);
    differs |= (word ^ l->text[i]) & l->mask[i];
  }
  return differs == 0;
}

/* Makes the shape of the event from json->keep to `at`. */
static void learn(const pp_json *json, const struct event *event, struct shape *shape) {
  int *order = shape->order;
  order[0] = TYPE, order[1] = AT, order[2] = FRAME;
  for (int i = 0; i < 2; i++) {
    for (int k = 0; k < 2; k++) {
      if (event->start[order[k]] < event->start[order[k + 1]]) continue;
      int later = order[k];
      order[k] = order[k + 1];
      order[k + 1] = later;
    }
  }
  size_t from = 0, length = (size_t)(json->at - json->keep);
  shape->known = true;
  for (int i = 0; i <= 3; i++) {
    size_t to = i < 3 ? event->start[order[i]] : length;
    shape->known = shape->known && make_literal(&shape->literals[i], json->keep + from, to - from);
    if (i < 3) from = event->end[order[i]];
  }
}

/* Reads up to nine digits, as nearly every frame's number has; NULL: it is something else. */
static const char *short_index(const char *p, uint64_t *index) {
  const char *start = p;
  uint32_t value = 0;
  for (uint32_t digit; (digit = (uint32_t)(*p - '0')) <= 9; p++) value = value * 10 + digit;
  if (p == start || p - start > 9 || (*start == '0' && p - start > 1)) return NULL;
  if (*p == '.' || *p == 'e' || *p == 'E') return NULL;
  *index = value;
  return p;
}

/* Reads the time at p. Successive events often have the same; `before` is the last one's text. */
static const char *read_at(const pp_json *json, const char *p, const char **before,
                           size_t *length, double *at) {
  bool alike = *before != NULL && (size_t)(json->end - p) > *length &&
               pp_stacks_alike(p, *before, *length + 1) > *length;
  if (alike) {
    *before = p;
    return p + *length;
  }
  pp_number number;
  const char *after = pp_number_scan(p, &number);
  if (after == NULL) return NULL;
  *at = pp_number_value(&number, json->c);
  if (!isfinite(*at)) return NULL;
  *before = p;
  *length = (size_t)(after - p);
  return after;
}

/* Reads the event at p if it has the shape, and returns the place after it; NULL: the event must be
 * read token by token. */
static const char *read_alike(const pp_json *json, const struct shape *shape, const char *p,
                              struct event *event, const char **at_text, size_t *at_length) {
  const char *start = p;
  for (int i = 0; i < 3 && p != NULL; i++) {
    if (!fits(&shape->literals[i], p)) return NULL;
    p += shape->literals[i].length;
    int which = shape->order[i];
    if (which == AT) {
      p = read_at(json, p, at_text, at_length, &event->at);
    } else if (which == FRAME) {
      event->start[FRAME] = (size_t)(p - start);
      p = short_index(p, &event->frame);
    } else {
      event->type = *p++;
      if (event->type != 'O' && event->type != 'C') return NULL;
    }
  }
  if (p == NULL || !fits(&shape->literals[3], p)) return NULL;
  return p + shape->literals[3].length;
}

/* The open stack, and the time since which it is open. */
typedef struct moment {
  pp_node node;
  double at;
  bool begun;
} moment;

static bool apply(pp_stacks *s, moment *now, const struct event *event, pp_nodes *nodes,
                  pp_weights *weights) {
  pp_json *json = s->json;
  if (now->begun && event->at < now->at) {
    return pp_json_fail(json, json->keep, "an event earlier than the one before it");
  }
  if (now->begun && event->at > now->at) {
    if (!pp_nodes_add(nodes, now->node, 1)) return pp_json_no_memory(json);
    if (!pp_weights_add(weights, event->at - now->at, 1)) return pp_json_no_memory(json);
  }
  now->at = event->at;
  now->begun = true;
  if (event->type == 'O') {
    now->node = pp_stacks_child(s, now->node, event->frame, json->keep + event->start[FRAME]);
    return now->node != PP_NODE_NONE;
  }
  if (now->node == PP_NODE_ROOT) {
    return pp_json_fail(json, json->keep, "an event closes a frame while none is open");
  }
  uint32_t open = pp_tree_frame(s->tree, now->node);
  if (open != event->frame) {
    return pp_json_fail(json, json->keep, "an event closes frame %llu while frame %u is open",
                        (unsigned long long)event->frame, open);
  }
  now->node = pp_tree_parent(s->tree, now->node);
  return true;
}

/* Reads all events that have the shape; `at` is then the first that has not. */
static bool read_run(pp_stacks *s, const struct shape *shape, moment *now, struct event *event,
                     pp_nodes *nodes, pp_weights *weights) {
  pp_json *json = s->json;
  const char *at_text = NULL;
  size_t at_length = 0;
  for (;;) {
    const char *p = json->at;
    if (*p != ',') return true;
    do p++;
    while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t');
    const char *after = read_alike(json, shape, p, event, &at_text, &at_length);
    if (after == NULL) return true;
    json->keep = p;
    json->at = after;
    if (!apply(s, now, event, nodes, weights)) return false;
  }
}

bool pp_stacks_events(pp_stacks *stacks, pp_nodes *nodes, pp_weights *weights) {
  pp_json *json = stacks->json;
  moment now = {.node = PP_NODE_ROOT};
  struct shape shape = {0};
  for (bool first = true; pp_json_item(json, ']', &first);) {
    pp_json_peek(json);
    json->keep = json->at;
    struct event event = {0};
    if (!read_event(stacks, &event) || !apply(stacks, &now, &event, nodes, weights)) break;
    learn(json, &event, &shape);
    if (shape.known && !read_run(stacks, &shape, &now, &event, nodes, weights)) break;
  }
  json->keep = NULL;
  if (json->code != PP_OK || now.node == PP_NODE_ROOT) return json->code == PP_OK;
  return pp_json_fail(json, json->at, "the events end while frame %u is still open",
                      pp_tree_frame(stacks->tree, now.node));
}
