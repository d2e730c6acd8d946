/* events.c - "events": frames that open and close, as samples between one moment and the next. */
#include <stdlib.h>

#include "stacks.h"

struct event {
  char type; /* 'O', 'C'; 0: not read yet */
  bool has_at, has_frame;
  double at;
  uint64_t frame;
  size_t frame_text; /* where its number stands, from the event's '{' */
};

static bool read_type(pp_json *json, struct event *event) {
  if (!pp_json_string(json)) return false;
  if (json->string.length == 1) event->type = json->string.data[0];
  if (event->type == 'O' || event->type == 'C') return true;
  return pp_json_fail(json, json->at, "an event's type is \"O\" or \"C\"");
}

static bool read_frame(pp_json *json, struct event *event) {
  pp_number number;
  if (!pp_json_number(json, &number)) return false;
  event->has_frame = true;
  event->frame_text = (size_t)(number.text - json->keep);
  if (pp_number_index(&number, PP_MOST_FRAMES, &event->frame)) return true;
  return pp_json_fail(json, number.text, "no frame's number, in %s", json->place);
}

/* The event at `at`, which is also json->keep. */
static bool read_event(pp_stacks *s, struct event *event) {
  pp_json *json = s->json;
  if (!pp_json_take(json, '{', "'{'")) return false;
  for (bool first = true; pp_json_key(json, &first);) {
    bool ok;
    if (pp_json_key_is(json, "type")) {
      ok = read_type(json, event);
    } else if (pp_json_key_is(json, "at")) {
      ok = event->has_at = pp_stacks_number(s, &event->at);
    } else if (pp_json_key_is(json, "frame")) {
      ok = read_frame(json, event);
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

/* The stack that is open, and since when. */
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
    now->node = pp_stacks_child(s, now->node, event->frame, json->keep + event->frame_text);
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

bool pp_stacks_events(pp_stacks *stacks, pp_nodes *nodes, pp_weights *weights) {
  pp_json *json = stacks->json;
  moment now = {.node = PP_NODE_ROOT};
  for (bool first = true; pp_json_item(json, ']', &first);) {
    pp_json_peek(json);
    json->keep = json->at;
    struct event event = {0};
    if (!read_event(stacks, &event) || !apply(stacks, &now, &event, nodes, weights)) break;
  }
  json->keep = NULL;
  if (json->code != PP_OK || now.node == PP_NODE_ROOT) return json->code == PP_OK;
  return pp_json_fail(json, json->at, "the events end while frame %u is still open",
                      pp_tree_frame(stacks->tree, now.node));
}
