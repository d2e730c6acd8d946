/* pprof_reader.c - failures, ids and strings of a pprof profile. */
#include "recording/pprof_reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pyprof/utf8.h"

bool pp_pprof_no_memory(pp_pprof *r) {
  if (r->code == PP_OK) r->code = pp_error_memory(r->error);
  return false;
}

static uint64_t offset_of(const pp_pprof *r, const uint8_t *at) {
  return (uint64_t)(at - (const uint8_t *)r->file.data);
}

bool pp_pprof_fail(pp_pprof *r, const uint8_t *at, const char *format, ...) {
  char what[300];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  r->code = pp_error_set(r->error, PP_FORMAT, "byte %" PRIu64 ": %s", offset_of(r, at), what);
  return false;
}

bool pp_pprof_ended(pp_pprof *r, const pp_protobuf *wire, const char *what) {
  if (r->code != PP_OK) return false;
  return wire->broken == NULL || pp_pprof_fail(r, wire->at, "%s, in %s", wire->broken, what);
}

bool pp_pprof_append(pp_pprof *r, pp_pprof_list *l, uint64_t number) {
  if (l->count == l->capacity) {
    size_t capacity = l->capacity * 3 / 2 + 64;
    uint64_t *numbers = realloc(l->numbers, capacity * sizeof *numbers);
    if (numbers == NULL) return pp_pprof_no_memory(r);
    l->numbers = numbers;
    l->capacity = capacity;
  }
  l->numbers[l->count++] = number;
  return true;
}

bool pp_pprof_enter(pp_pprof *r, pp_intern *ids, uint64_t id, const uint8_t *at, const char *what) {
  uint32_t before = pp_intern_count(ids);
  if (id == 0) return pp_pprof_fail(r, at, "%s without an id", what);
  uint32_t number = pp_intern_add(ids, (const char *)&id, sizeof id);
  if (number == PP_INTERN_NONE) return pp_pprof_no_memory(r);
  return number == before || pp_pprof_fail(r, at, "%s %" PRIu64 " a second time", what, id);
}

bool pp_pprof_find(pp_pprof *r, const pp_intern *ids, uint64_t id, const uint8_t *at,
                   const char *what, uint32_t *number) {
  *number = pp_intern_find(ids, (const char *)&id, sizeof id);
  return *number != PP_INTERN_NONE || pp_pprof_fail(r, at, "no %s %" PRIu64, what, id);
}

bool pp_pprof_text(pp_pprof *r, uint64_t index, const uint8_t *at, const char **text,
                   size_t *length) {
  if (index >= r->strings.count) {
    return pp_pprof_fail(r, at, "no string %" PRIu64 ": there are %zu", index, r->strings.count);
  }
  uint64_t place = r->strings.numbers[index];
  *text = r->file.data + (place >> 32);
  *length = (size_t)(place & UINT32_MAX);
  return true;
}

bool pp_pprof_string(pp_pprof *r, uint64_t index, const uint8_t *at, uint32_t *string) {
  const char *text = NULL;
  size_t length = 0;
  if (!pp_pprof_text(r, index, at, &text, &length)) return false;
  *string = r->string_numbers[index];
  if (*string != PP_INTERN_NONE) return true;
  for (size_t i = 0; i < length;) {
    size_t character = pp_utf8_length(text + i, text + length);
    if (character == 0) return pp_pprof_fail(r, (const uint8_t *)text + i, "invalid UTF-8");
    i += character;
  }
  *string = pp_raw_string(r->raw, text, length);
  r->string_numbers[index] = *string;
  return *string != PP_INTERN_NONE || pp_pprof_no_memory(r);
}

bool pp_pprof_strings(pp_pprof *r, pp_protobuf file) {
  pp_protobuf_field field;
  while (pp_protobuf_next(&file, &field)) {
    if (field.number != PP_PPROF_STRING || !field.is_message) continue;
    uint64_t place = offset_of(r, field.bytes.at) << 32 | field.value;
    if (!pp_pprof_append(r, &r->strings, place)) return false;
  }
  if (!pp_pprof_ended(r, &file, "the profile")) return false;
  r->string_numbers = malloc((r->strings.count + 1) * sizeof *r->string_numbers);
  if (r->string_numbers == NULL) return pp_pprof_no_memory(r);
  memset(r->string_numbers, 0xFF, (r->strings.count + 1) * sizeof *r->string_numbers);
  return true;
}

bool pp_pprof_is_text(const char *text, size_t length, const char *word) {
  return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

bool pp_pprof_each(pp_pprof *r, pp_protobuf file, uint32_t number, pp_pprof_entry *read) {
  pp_protobuf_field field;
  while (pp_protobuf_next(&file, &field)) {
    if (field.number != number) continue;
    if (!field.is_message) return pp_pprof_fail(r, field.start, "a message is expected");
    if (!read(r, &field)) return false;
  }
  return true;
}
