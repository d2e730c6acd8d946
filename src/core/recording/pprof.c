/* pprof.c - reading a pprof profile and its samples. */
#include "recording/pprof.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording/pprof_reader.h"

#define BLOCK PP_BLOCK(128 * 1024)
#define MOST_BYTES ((size_t)INT32_MAX) /* the limit of the format */
#define MOST_SAMPLES ((uint64_t)1 << 48)

enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_TEXT = 2, LABEL_NUMBER = 3 };

/* ---- samples */

/* Appends the numbers of a repeated field, packed or not. */
static bool gather(pp_pprof *r, pp_protobuf_field *field, pp_pprof_list *to) {
  if (!field->is_message) return pp_pprof_append(r, to, field->value);
  uint64_t number;
  while (pp_protobuf_number(&field->bytes, &number)) {
    if (!pp_pprof_append(r, to, number)) return false;
  }
  return pp_pprof_ended(r, &field->bytes, "a sample");
}

struct thread {
  const char *name;
  size_t name_length;
  uint64_t id, pid;
  bool has_id, has_pid;
  const char *test; /* what our own export writes, or "" */
  size_t test_length;
};

static bool read_label(pp_pprof *r, pp_protobuf_field *it, struct thread *thread) {
  pp_protobuf_field field;
  uint64_t key = 0, text = 0, number = 0;
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == LABEL_KEY) key = field.value;
    if (field.number == LABEL_TEXT) text = field.value;
    if (field.number == LABEL_NUMBER) number = field.value;
  }
  const char *name = NULL;
  size_t length = 0;
  if (!pp_pprof_ended(r, &it->bytes, "a label") ||
      !pp_pprof_text(r, key, it->start, &name, &length)) {
    return false;
  }
  if (pp_pprof_is_text(name, length, "thread") || pp_pprof_is_text(name, length, "thread_name") ||
      pp_pprof_is_text(name, length, "thread name")) {
    uint32_t string; /* unused: string_of checks the characters */
    return pp_pprof_string(r, text, it->start, &string) &&
           pp_pprof_text(r, text, it->start, &thread->name, &thread->name_length);
  }
  if (pp_pprof_is_text(name, length, "test")) {
    uint32_t string;
    return pp_pprof_string(r, text, it->start, &string) &&
           pp_pprof_text(r, text, it->start, &thread->test, &thread->test_length);
  }
  if (text != 0) { /* as austin2pprof writes numbers */
    const char *digits = NULL;
    size_t count = 0;
    if (!pp_pprof_text(r, text, it->start, &digits, &count)) return false;
    if (count == 0 || count > 18) return true;
    for (size_t i = 0; i < count; i++) {
      if (digits[i] < '0' || digits[i] > '9') return true;
      number = number * 10 + (uint64_t)(digits[i] - '0');
    }
  }
  bool positive = number <= INT64_MAX;
  if (positive && (pp_pprof_is_text(name, length, "thread_id") ||
                   pp_pprof_is_text(name, length, "thread id") ||
                   pp_pprof_is_text(name, length, "tid"))) {
    thread->id = number;
    thread->has_id = true;
  } else if (positive && (pp_pprof_is_text(name, length, "pid") ||
                          pp_pprof_is_text(name, length, "process_id") ||
                          pp_pprof_is_text(name, length, "process id"))) {
    thread->pid = number;
    thread->has_pid = true;
  }
  return true;
}

/* Finds or adds the thread's raw profiles and gives the first; their names are like py-spy's. */
static bool profiles_of(pp_pprof *r, const struct thread *thread, uint32_t *first) {
  char ids[80];
  int used = 0;
  pp_buffer name = {0};
  if (thread->has_id && thread->has_pid) {
    used = snprintf(ids, sizeof ids, "Process %" PRIu64 " Thread %" PRIu64 " \"", thread->pid,
                    thread->id);
  } else if (thread->has_id) {
    used = snprintf(ids, sizeof ids, "Thread %" PRIu64 " \"", thread->id);
  }
  bool ok = pp_buffer_reserve(&name, 1) && pp_buffer_add(&name, ids, (size_t)used) &&
            pp_buffer_add(&name, thread->name, thread->name_length) &&
            (used == 0 || pp_buffer_add_byte(&name, '"'));
  uint32_t number = ok ? pp_intern_add(r->threads, name.data, name.length) : PP_INTERN_NONE;
  uint32_t string = ok ? pp_raw_string(r->raw, name.data, name.length) : PP_INTERN_NONE;
  pp_buffer_free(&name);
  if (number == PP_INTERN_NONE || string == PP_INTERN_NONE) return pp_pprof_no_memory(r);
  if (number >= r->thread_room) {
    uint32_t room = number * 2 + 16;
    uint32_t *profiles = realloc(r->profiles, room * sizeof *profiles);
    if (profiles == NULL) return pp_pprof_no_memory(r);
    memset(profiles + r->thread_room, 0xFF, (room - r->thread_room) * sizeof *profiles);
    r->profiles = profiles;
    r->thread_room = room;
  }
  *first = r->profiles[number];
  if (*first != UINT32_MAX) return true;
  *first = r->profiles[number] = r->raw->profile_count;
  for (uint32_t i = 0; i < r->type_count; i++) {
    pp_raw_profile *profile = pp_raw_add_profile(r->raw);
    if (profile == NULL) return pp_pprof_no_memory(r);
    profile->name = string;
    profile->unit = r->types[i].base_unit;
    profile->kind = r->types[i].kind_string;
  }
  return true;
}

/* A sample of a test gets the marker that our plugin for pytest puts into its stack. */
static bool mark_test(pp_pprof *r, const struct thread *thread, pp_node *node) {
  *node = PP_NODE_ROOT;
  if (thread->test_length == 0) return true;
  uint32_t known = pp_intern_count(r->tests);
  uint32_t number = pp_intern_add(r->tests, thread->test, thread->test_length);
  if (number == PP_INTERN_NONE) return pp_pprof_no_memory(r);
  if (number == known) {
    pp_frame marker = {.name = pp_raw_string(r->raw, thread->test, thread->test_length),
                       .file = pp_raw_string(r->raw, PP_TESTS_FILE, strlen(PP_TESTS_FILE))};
    if (marker.name == PP_INTERN_NONE || marker.file == PP_INTERN_NONE ||
        !pp_raw_add_frame(r->raw, marker)) {
      return pp_pprof_no_memory(r);
    }
  }
  uint32_t last = pp_intern_count(r->tests) - 1;
  *node = pp_tree_child(&r->raw->base->tree, *node, r->raw->frame_count - 1 - (last - number));
  return *node != PP_NODE_NONE || pp_pprof_no_memory(r);
}

static bool node_of(pp_pprof *r, const uint8_t *at, pp_node *node) {
  for (size_t i = r->stack.count; i > 0; i--) {
    uint32_t number;
    uint64_t id = r->stack.numbers[i - 1];
    if (!pp_pprof_find(r, r->location_ids, id, at, "location", &number)) return false;
    uint64_t frames = r->locations.numbers[number - 1];
    uint32_t first = (uint32_t)(frames >> 32);
    for (uint32_t k = (uint32_t)frames; k > 0; k--) {
      *node = pp_tree_child(&r->raw->base->tree, *node, first + k - 1);
      if (*node == PP_NODE_NONE) return pp_pprof_no_memory(r);
    }
  }
  return true;
}

static bool add_values(pp_pprof *r, const uint8_t *at, uint32_t first, pp_node node) {
  uint64_t count = r->counting >= 0 ? r->values.numbers[r->counting] : 1;
  for (uint32_t i = 0; i < r->type_count; i++) {
    uint64_t value = r->values.numbers[i];
    if (value > INT64_MAX) {
      return pp_pprof_fail(r, at, "a negative value: is it a difference of profiles?");
    }
    uint64_t times = count > 0 ? count : value > 0 ? 1 : 0;
    if (times > MOST_SAMPLES) return pp_pprof_fail(r, at, "more than 2^48 samples");
    if (r->counting < 0 && value == 0) continue; /* the sample has nothing of this metric */
    if (times == 0) continue;
    pp_raw_profile *profile = &r->raw->profiles[first + i];
    if (!pp_nodes_add(&profile->nodes, node, times) ||
        !pp_weights_add(&profile->weights, (double)value / (double)times, times)) {
      return pp_pprof_no_memory(r);
    }
  }
  return true;
}

static bool read_sample(pp_pprof *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  struct thread thread = {.name = "", .test = ""};
  r->stack.count = r->values.count = 0;
  while (r->code == PP_OK && pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == SAMPLE_LOCATION) gather(r, &field, &r->stack);
    if (field.number == SAMPLE_VALUE) gather(r, &field, &r->values);
    if (field.number == SAMPLE_LABEL && field.is_message) read_label(r, &field, &thread);
  }
  if (!pp_pprof_ended(r, &it->bytes, "a sample")) return false;
  if (r->values.count != r->type_count) {
    return pp_pprof_fail(r, it->start, "a sample of %zu values, but %u types", r->values.count,
                r->type_count);
  }
  uint32_t first;
  pp_node node;
  return profiles_of(r, &thread, &first) && mark_test(r, &thread, &node) && node_of(r, it->start, &node) &&
         add_values(r, it->start, first, node);
}

/* ---- the whole */

static bool read_file(pp_pprof *r, pp_input *input) {
  for (size_t got = 1; got > 0;) {
    if (!pp_buffer_reserve(&r->file, BLOCK)) return pp_pprof_no_memory(r);
    r->code = pp_input_read(input, r->file.data + r->file.length, BLOCK, &got, r->error);
    if (r->code != PP_OK) return false;
    r->file.length += got;
    if (r->file.length > MOST_BYTES) {
      r->code = pp_error_set(r->error, PP_LIMIT, "a pprof profile of 2 GiB or more");
      return false;
    }
  }
  return true;
}

/* Chooses the metric that pprof itself shows first: the default type, else the last one. */
static void choose(pp_pprof *r) {
  uint32_t chosen = r->type_count - 1;
  for (uint32_t i = 0; i < r->type_count; i++) {
    if (r->default_type != 0 && r->types[i].kind == r->default_type) chosen = i;
  }
  r->raw->active = chosen; /* of the first thread; the others have the same metrics */
}

static bool read_profile(pp_pprof *r) {
  const uint8_t *start = (const uint8_t *)r->file.data;
  pp_protobuf file = {.at = start, .end = start + r->file.length};
  if (!pp_pprof_strings(r, file)) return false;
  if (r->strings.count == 0 || (uint32_t)r->strings.numbers[0] != 0) {
    return pp_pprof_fail(r, start, "no pprof profile: its first string is not empty");
  }
  if (!pp_pprof_tables(r, file)) return false;
  for (pp_protobuf_field field; pp_protobuf_next(&file, &field);) {
    if (field.number == PP_PPROF_DEFAULT_TYPE) r->default_type = field.value;
  }
  file.at = start;
  const struct thread none = {.name = ""};
  uint32_t first; /* unused: so the metrics are known even if there is no sample */
  if (!profiles_of(r, &none, &first)) return false;
  choose(r);
  return pp_pprof_each(r, file, PP_PPROF_SAMPLE, read_sample);
}

pp_code pp_pprof_read(pp_input *input, pp_raw *raw, pp_error *error) {
  pp_pprof r = {.raw = raw, .error = error, .counting = -1, .mapping_ids = pp_intern_new(),
              .function_ids = pp_intern_new(), .location_ids = pp_intern_new(),
              .threads = pp_intern_new(), .tests = pp_intern_new()};
  raw->timeless = true;
  raw->base->exporter = pp_raw_string(raw, "pprof", 5);
  if (r.mapping_ids == NULL || r.function_ids == NULL || r.location_ids == NULL ||
      r.threads == NULL || r.tests == NULL || raw->base->exporter == PP_INTERN_NONE) {
    pp_pprof_no_memory(&r);
  }
  if (r.code == PP_OK && read_file(&r, input)) read_profile(&r);
  pp_intern_free(r.mapping_ids);
  pp_intern_free(r.function_ids);
  pp_intern_free(r.location_ids);
  pp_intern_free(r.threads);
  pp_intern_free(r.tests);
  pp_pprof_list *lists[] = {&r.strings,   &r.mappings, &r.functions,
                            &r.locations, &r.stack,    &r.values};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) free(lists[i]->numbers);
  free(r.string_numbers);
  free(r.profiles);
  pp_buffer_free(&r.file);
  return r.code;
}

/* A sample type is two small numbers; no text looks like one. */
static bool is_type(pp_protobuf type) {
  pp_protobuf_field field;
  while (pp_protobuf_next(&type, &field)) {
    bool known = field.number == PP_PPROF_TYPE_KIND || field.number == PP_PPROF_TYPE_UNIT;
    if (field.is_message || !known) return false;
  }
  return type.broken == NULL;
}

bool pp_pprof_is(const char *head, size_t length) {
  pp_protobuf file = {.at = (const uint8_t *)head, .end = (const uint8_t *)head + length};
  pp_protobuf_field field;
  bool typical = false;
  while (pp_protobuf_next(&file, &field)) {
    bool message = field.number <= PP_PPROF_STRING;
    if (field.number > PP_PPROF_LAST || (message && !field.is_message)) return false;
    if (field.number == PP_PPROF_TYPE && !is_type(field.bytes)) return false;
    typical = typical || field.number == PP_PPROF_TYPE ||
              (field.number == PP_PPROF_STRING && field.value == 0);
  }
  return typical;
}
