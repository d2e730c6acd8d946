#include "recording/pprof.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/utf8.h"
#include "input/protobuf.h"
#include "pyprof/buffer.h"

#define BLOCK ((size_t)128 * 1024)
#define MOST_BYTES ((size_t)INT32_MAX) /* the format's own limit */
#define MOST_SAMPLES ((uint64_t)1 << 48)
#define MOST_TYPES 64

/* The fields of the messages, by the numbers that profile.proto gives them. */
enum { PROFILE_TYPE = 1, PROFILE_SAMPLE = 2, PROFILE_MAPPING = 3, PROFILE_LOCATION = 4,
       PROFILE_FUNCTION = 5, PROFILE_STRING = 6, PROFILE_DEFAULT_TYPE = 14, PROFILE_LAST = 15 };
enum { TYPE_KIND = 1, TYPE_UNIT = 2 };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_TEXT = 2, LABEL_NUMBER = 3 };
enum { MAPPING_ID = 1, MAPPING_FILE = 5 };
enum { LOCATION_ID = 1, LOCATION_MAPPING = 2, LOCATION_ADDRESS = 3, LOCATION_LINE = 4 };
enum { LINE_FUNCTION = 1, LINE_NUMBER = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3, FUNCTION_FILE = 4 };

typedef struct list {
  uint64_t *numbers;
  size_t count, capacity;
} list;

struct value_type {
  uint64_t kind, unit; /* numbers in the file's string table */
  pp_unit base_unit;
  uint32_t kind_string;
};

typedef struct reader {
  pp_raw *raw;
  pp_error *error;
  pp_code code;
  pp_buffer file;
  list strings; /* offset << 32 | length */
  uint32_t *string_numbers; /* in the base, or PP_INTERN_NONE: not looked at yet */
  struct value_type types[MOST_TYPES];
  uint32_t type_count;
  uint64_t default_type;
  int counting; /* the type whose value is how many samples there are; -1: none */
  /* What has an id is numbered by it, from 1: ids need not be small. */
  pp_intern *mapping_ids, *function_ids, *location_ids;
  list mappings;  /* their files' strings */
  list functions; /* name, file: two each, as strings of the base */
  list locations; /* first frame << 32 | how many: raw frames, the innermost first */
  pp_intern *threads; /* names of raw profiles; each has one for each type */
  uint32_t *profiles;
  uint32_t thread_room;
  list stack, values;
} reader;

/* ---- failing */

static bool no_memory(reader *r) {
  if (r->code == PP_OK) r->code = pp_error_memory(r->error);
  return false;
}

static uint64_t offset_of(const reader *r, const uint8_t *at) {
  return (uint64_t)(at - (const uint8_t *)r->file.data);
}

__attribute__((format(__printf__, 3, 4)))
static bool fail(reader *r, const uint8_t *at, const char *format, ...) {
  char what[300];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  r->code = pp_error_set(r->error, PP_FORMAT, "byte %" PRIu64 ": %s", offset_of(r, at), what);
  return false;
}

/* After the last field: was it the end, or is something broken? */
static bool ended(reader *r, const pp_protobuf *wire, const char *what) {
  if (r->code != PP_OK) return false;
  return wire->broken == NULL || fail(r, wire->at, "%s, in %s", wire->broken, what);
}

/* ---- what is numbered */

static bool append(reader *r, list *l, uint64_t number) {
  if (l->count == l->capacity) {
    size_t capacity = l->capacity * 3 / 2 + 64;
    uint64_t *numbers = realloc(l->numbers, capacity * sizeof *numbers);
    if (numbers == NULL) return no_memory(r);
    l->numbers = numbers;
    l->capacity = capacity;
  }
  l->numbers[l->count++] = number;
  return true;
}

/* Enters an id that must be new; ids are from 1. */
static bool enter(reader *r, pp_intern *ids, uint64_t id, const uint8_t *at, const char *what) {
  uint32_t before = pp_intern_count(ids);
  if (id == 0) return fail(r, at, "%s without an id", what);
  uint32_t number = pp_intern_add(ids, (const char *)&id, sizeof id);
  if (number == PP_INTERN_NONE) return no_memory(r);
  return number == before || fail(r, at, "%s %" PRIu64 " a second time", what, id);
}

static bool find(reader *r, const pp_intern *ids, uint64_t id, const uint8_t *at,
                 const char *what, uint32_t *number) {
  *number = pp_intern_find(ids, (const char *)&id, sizeof id);
  return *number != PP_INTERN_NONE || fail(r, at, "no %s %" PRIu64, what, id);
}

/* The string's bytes. */
static bool text_of(reader *r, uint64_t index, const uint8_t *at, const char **text,
                    size_t *length) {
  if (index >= r->strings.count) {
    return fail(r, at, "no string %" PRIu64 ": there are %zu", index, r->strings.count);
  }
  uint64_t place = r->strings.numbers[index];
  *text = r->file.data + (place >> 32);
  *length = (size_t)(place & UINT32_MAX);
  return true;
}

/* The string's number in the base. */
static bool string_of(reader *r, uint64_t index, const uint8_t *at, uint32_t *string) {
  const char *text = NULL;
  size_t length = 0;
  if (!text_of(r, index, at, &text, &length)) return false;
  *string = r->string_numbers[index];
  if (*string != PP_INTERN_NONE) return true;
  for (size_t i = 0; i < length;) {
    size_t character = pp_utf8_length(text + i, text + length);
    if (character == 0) return fail(r, (const uint8_t *)text + i, "invalid UTF-8");
    i += character;
  }
  *string = pp_raw_string(r->raw, text, length);
  r->string_numbers[index] = *string;
  return *string != PP_INTERN_NONE || no_memory(r);
}

/* ---- the tables */

static bool read_strings(reader *r, pp_protobuf file) {
  pp_protobuf_field field;
  while (pp_protobuf_next(&file, &field)) {
    if (field.number != PROFILE_STRING || !field.is_message) continue;
    uint64_t place = offset_of(r, field.bytes.at) << 32 | field.value;
    if (!append(r, &r->strings, place)) return false;
  }
  if (!ended(r, &file, "the profile")) return false;
  r->string_numbers = malloc((r->strings.count + 1) * sizeof *r->string_numbers);
  if (r->string_numbers == NULL) return no_memory(r);
  memset(r->string_numbers, 0xFF, (r->strings.count + 1) * sizeof *r->string_numbers);
  return true;
}

static bool is_text(const char *text, size_t length, const char *word) {
  return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool read_type(reader *r, pp_protobuf_field *it) {
  if (r->type_count == MOST_TYPES) return fail(r, it->start, "more than %d types", MOST_TYPES);
  struct value_type *type = &r->types[r->type_count];
  pp_protobuf_field field;
  *type = (struct value_type){0};
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == TYPE_KIND) type->kind = field.value;
    if (field.number == TYPE_UNIT) type->unit = field.value;
  }
  const char *kind = NULL, *unit = NULL;
  size_t kind_length = 0, unit_length = 0;
  if (!ended(r, &it->bytes, "a sample type") ||
      !string_of(r, type->kind, it->start, &type->kind_string) ||
      !text_of(r, type->kind, it->start, &kind, &kind_length) ||
      !text_of(r, type->unit, it->start, &unit, &unit_length)) {
    return false;
  }
  type->base_unit = pp_unit_named(unit, unit_length);
  bool counts = type->base_unit == PP_UNIT_NONE &&
                (is_text(kind, kind_length, "samples") || is_text(kind, kind_length, "sample"));
  if (counts && r->counting < 0) r->counting = (int)r->type_count;
  r->type_count++;
  return true;
}

static bool read_mapping(reader *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  uint64_t id = 0, file = 0;
  uint32_t string;
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == MAPPING_ID) id = field.value;
    if (field.number == MAPPING_FILE) file = field.value;
  }
  return ended(r, &it->bytes, "a mapping") && enter(r, r->mapping_ids, id, it->start, "mapping") &&
         string_of(r, file, it->start, &string) && append(r, &r->mappings, string);
}

static bool read_function(reader *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  uint64_t id = 0, name = 0, system_name = 0, file = 0;
  uint32_t name_string, file_string;
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == FUNCTION_ID) id = field.value;
    if (field.number == FUNCTION_NAME) name = field.value;
    if (field.number == FUNCTION_SYSTEM_NAME) system_name = field.value;
    if (field.number == FUNCTION_FILE) file = field.value;
  }
  return ended(r, &it->bytes, "a function") &&
         enter(r, r->function_ids, id, it->start, "function") &&
         string_of(r, name != 0 ? name : system_name, it->start, &name_string) &&
         string_of(r, file, it->start, &file_string) &&
         append(r, &r->functions, name_string) && append(r, &r->functions, file_string);
}

static bool read_line(reader *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  uint64_t id = 0, line = 0;
  uint32_t number;
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == LINE_FUNCTION) id = field.value;
    if (field.number == LINE_NUMBER) line = field.value;
  }
  if (!ended(r, &it->bytes, "a line") ||
      !find(r, r->function_ids, id, it->start, "function", &number)) {
    return false;
  }
  const uint64_t *function = &r->functions.numbers[2 * ((size_t)number - 1)];
  pp_frame frame = {(uint32_t)function[0], (uint32_t)function[1],
                    line <= UINT32_MAX ? (uint32_t)line : 0};
  return pp_raw_add_frame(r->raw, frame) || no_memory(r);
}

/* Without symbols a location is an address in a file. */
static bool add_address(reader *r, const pp_protobuf_field *it, uint64_t address,
                        uint64_t mapping) {
  char text[32];
  pp_frame frame = {0};
  if (mapping != 0) {
    uint32_t number;
    if (!find(r, r->mapping_ids, mapping, it->start, "mapping", &number)) return false;
    frame.file = (uint32_t)r->mappings.numbers[number - 1];
  }
  int length = snprintf(text, sizeof text, "0x%" PRIx64, address);
  frame.name = pp_raw_string(r->raw, text, (size_t)length);
  return (frame.name != PP_INTERN_NONE && pp_raw_add_frame(r->raw, frame)) || no_memory(r);
}

static bool read_location(reader *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  uint64_t id = 0, address = 0, mapping = 0, first = r->raw->frame_count;
  while (r->code == PP_OK && pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == LOCATION_ID) id = field.value;
    if (field.number == LOCATION_MAPPING) mapping = field.value;
    if (field.number == LOCATION_ADDRESS) address = field.value;
    if (field.number == LOCATION_LINE && field.is_message) read_line(r, &field);
  }
  if (!ended(r, &it->bytes, "a location")) return false;
  if (!enter(r, r->location_ids, id, it->start, "location")) return false;
  if (r->raw->frame_count == first && !add_address(r, it, address, mapping)) return false;
  return append(r, &r->locations, first << 32 | (r->raw->frame_count - first));
}

typedef bool read_entry(reader *r, pp_protobuf_field *field);

/* All entries of one table, which may stand anywhere in the file. */
static bool each(reader *r, pp_protobuf file, uint32_t number, read_entry *read) {
  pp_protobuf_field field;
  while (pp_protobuf_next(&file, &field)) {
    if (field.number != number) continue;
    if (!field.is_message) return fail(r, field.start, "a message is expected");
    if (!read(r, &field)) return false;
  }
  return true;
}

/* ---- samples */

/* A field that is repeated, packed or not. */
static bool gather(reader *r, pp_protobuf_field *field, list *to) {
  if (!field->is_message) return append(r, to, field->value);
  uint64_t number;
  while (pp_protobuf_number(&field->bytes, &number)) {
    if (!append(r, to, number)) return false;
  }
  return ended(r, &field->bytes, "a sample");
}

struct thread {
  const char *name;
  size_t name_length;
  uint64_t id, pid;
  bool has_id, has_pid;
};

static bool read_label(reader *r, pp_protobuf_field *it, struct thread *thread) {
  pp_protobuf_field field;
  uint64_t key = 0, text = 0, number = 0;
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == LABEL_KEY) key = field.value;
    if (field.number == LABEL_TEXT) text = field.value;
    if (field.number == LABEL_NUMBER) number = field.value;
  }
  const char *name = NULL;
  size_t length = 0;
  if (!ended(r, &it->bytes, "a label") || !text_of(r, key, it->start, &name, &length)) return false;
  if (is_text(name, length, "thread") || is_text(name, length, "thread_name") ||
      is_text(name, length, "thread name")) {
    uint32_t string; /* for the check of its characters */
    return string_of(r, text, it->start, &string) &&
           text_of(r, text, it->start, &thread->name, &thread->name_length);
  }
  if (text != 0) { /* austin2pprof writes numbers as text */
    const char *digits = NULL;
    size_t count = 0;
    if (!text_of(r, text, it->start, &digits, &count)) return false;
    if (count == 0 || count > 18) return true;
    for (size_t i = 0; i < count; i++) {
      if (digits[i] < '0' || digits[i] > '9') return true;
      number = number * 10 + (uint64_t)(digits[i] - '0');
    }
  }
  bool positive = number <= INT64_MAX;
  if (positive && (is_text(name, length, "thread_id") || is_text(name, length, "thread id") ||
                   is_text(name, length, "tid"))) {
    thread->id = number;
    thread->has_id = true;
  } else if (positive && (is_text(name, length, "pid") || is_text(name, length, "process_id") ||
                          is_text(name, length, "process id"))) {
    thread->pid = number;
    thread->has_pid = true;
  }
  return true;
}

/* The first of the thread's raw profiles; they are named as py-spy names them. */
static bool profiles_of(reader *r, const struct thread *thread, uint32_t *first) {
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
  if (number == PP_INTERN_NONE || string == PP_INTERN_NONE) return no_memory(r);
  if (number >= r->thread_room) {
    uint32_t room = number * 2 + 16;
    uint32_t *profiles = realloc(r->profiles, room * sizeof *profiles);
    if (profiles == NULL) return no_memory(r);
    memset(profiles + r->thread_room, 0xFF, (room - r->thread_room) * sizeof *profiles);
    r->profiles = profiles;
    r->thread_room = room;
  }
  *first = r->profiles[number];
  if (*first != UINT32_MAX) return true;
  *first = r->profiles[number] = r->raw->profile_count;
  for (uint32_t i = 0; i < r->type_count; i++) {
    pp_raw_profile *profile = pp_raw_add_profile(r->raw);
    if (profile == NULL) return no_memory(r);
    profile->name = string;
    profile->unit = r->types[i].base_unit;
    profile->kind = r->types[i].kind_string;
  }
  return true;
}

static bool node_of(reader *r, const uint8_t *at, pp_node *node) {
  *node = PP_NODE_ROOT;
  for (size_t i = r->stack.count; i > 0; i--) {
    uint32_t number;
    if (!find(r, r->location_ids, r->stack.numbers[i - 1], at, "location", &number)) return false;
    uint64_t frames = r->locations.numbers[number - 1];
    uint32_t first = (uint32_t)(frames >> 32);
    for (uint32_t k = (uint32_t)frames; k > 0; k--) {
      *node = pp_tree_child(&r->raw->base->tree, *node, first + k - 1);
      if (*node == PP_NODE_NONE) return no_memory(r);
    }
  }
  return true;
}

static bool add_values(reader *r, const uint8_t *at, uint32_t first, pp_node node) {
  uint64_t count = r->counting >= 0 ? r->values.numbers[r->counting] : 1;
  for (uint32_t i = 0; i < r->type_count; i++) {
    uint64_t value = r->values.numbers[i];
    if (value > INT64_MAX) return fail(r, at, "a negative value: is it a difference of profiles?");
    uint64_t times = count > 0 ? count : value > 0 ? 1 : 0;
    if (times > MOST_SAMPLES) return fail(r, at, "more than 2^48 samples");
    if (r->counting < 0 && value == 0) continue; /* nothing of this metric was there */
    if (times == 0) continue;
    pp_raw_profile *profile = &r->raw->profiles[first + i];
    if (!pp_nodes_add(&profile->nodes, node, times) ||
        !pp_weights_add(&profile->weights, (double)value / (double)times, times)) {
      return no_memory(r);
    }
  }
  return true;
}

static bool read_sample(reader *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  struct thread thread = {.name = ""};
  r->stack.count = r->values.count = 0;
  while (r->code == PP_OK && pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == SAMPLE_LOCATION) gather(r, &field, &r->stack);
    if (field.number == SAMPLE_VALUE) gather(r, &field, &r->values);
    if (field.number == SAMPLE_LABEL && field.is_message) read_label(r, &field, &thread);
  }
  if (!ended(r, &it->bytes, "a sample")) return false;
  if (r->values.count != r->type_count) {
    return fail(r, it->start, "a sample of %zu values, but %u types", r->values.count,
                r->type_count);
  }
  uint32_t first;
  pp_node node;
  return profiles_of(r, &thread, &first) && node_of(r, it->start, &node) &&
         add_values(r, it->start, first, node);
}

/* ---- the whole */

static bool read_file(reader *r, pp_input *input) {
  for (size_t got = 1; got > 0;) {
    if (!pp_buffer_reserve(&r->file, BLOCK)) return no_memory(r);
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

/* The metric that pprof itself shows first: the one that is named, else the last. */
static void choose(reader *r) {
  uint32_t chosen = r->type_count - 1;
  for (uint32_t i = 0; i < r->type_count; i++) {
    if (r->default_type != 0 && r->types[i].kind == r->default_type) chosen = i;
  }
  r->raw->active = chosen; /* of the first thread; the others have the same metrics */
}

static bool read_profile(reader *r) {
  const uint8_t *start = (const uint8_t *)r->file.data;
  pp_protobuf file = {.at = start, .end = start + r->file.length};
  if (!read_strings(r, file)) return false;
  if (r->strings.count == 0 || (uint32_t)r->strings.numbers[0] != 0) {
    return fail(r, start, "no pprof profile: its first string is not empty");
  }
  if (!each(r, file, PROFILE_TYPE, read_type)) return false;
  if (r->type_count == 0) return fail(r, start, "no pprof profile: it has no sample type");
  if (!each(r, file, PROFILE_MAPPING, read_mapping) ||
      !each(r, file, PROFILE_FUNCTION, read_function) ||
      !each(r, file, PROFILE_LOCATION, read_location)) {
    return false;
  }
  for (pp_protobuf_field field; pp_protobuf_next(&file, &field);) {
    if (field.number == PROFILE_DEFAULT_TYPE) r->default_type = field.value;
  }
  file.at = start;
  const struct thread none = {.name = ""};
  uint32_t first; /* metrics are known though there may be no sample */
  if (!profiles_of(r, &none, &first)) return false;
  choose(r);
  return each(r, file, PROFILE_SAMPLE, read_sample);
}

pp_code pp_pprof_read(pp_input *input, pp_raw *raw, pp_error *error) {
  reader r = {.raw = raw, .error = error, .counting = -1, .mapping_ids = pp_intern_new(),
              .function_ids = pp_intern_new(), .location_ids = pp_intern_new(),
              .threads = pp_intern_new()};
  raw->timeless = true;
  raw->base->exporter = pp_raw_string(raw, "pprof", 5);
  if (r.mapping_ids == NULL || r.function_ids == NULL || r.location_ids == NULL ||
      r.threads == NULL || raw->base->exporter == PP_INTERN_NONE) {
    no_memory(&r);
  }
  if (r.code == PP_OK && read_file(&r, input)) read_profile(&r);
  pp_intern_free(r.mapping_ids);
  pp_intern_free(r.function_ids);
  pp_intern_free(r.location_ids);
  pp_intern_free(r.threads);
  list *lists[] = {&r.strings, &r.mappings, &r.functions, &r.locations, &r.stack, &r.values};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) free(lists[i]->numbers);
  free(r.string_numbers);
  free(r.profiles);
  pp_buffer_free(&r.file);
  return r.code;
}

/* A sample type is two small numbers, and there is no text that looks like one. */
static bool is_type(pp_protobuf type) {
  pp_protobuf_field field;
  while (pp_protobuf_next(&type, &field)) {
    if (field.is_message || (field.number != TYPE_KIND && field.number != TYPE_UNIT)) return false;
  }
  return type.broken == NULL;
}

bool pp_pprof_is(const char *head, size_t length) {
  pp_protobuf file = {.at = (const uint8_t *)head, .end = (const uint8_t *)head + length};
  pp_protobuf_field field;
  bool typical = false;
  while (pp_protobuf_next(&file, &field)) {
    bool message = field.number <= PROFILE_STRING;
    if (field.number > PROFILE_LAST || (message && !field.is_message)) return false;
    if (field.number == PROFILE_TYPE && !is_type(field.bytes)) return false;
    typical = typical || field.number == PROFILE_TYPE ||
              (field.number == PROFILE_STRING && field.value == 0);
  }
  return typical;
}
