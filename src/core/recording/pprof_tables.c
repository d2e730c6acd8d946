/* pprof_tables.c - the tables to which the samples of a pprof profile refer: types, mappings,
 * functions and locations. */
#include <inttypes.h>
#include <stdio.h>

#include "recording/pprof_reader.h"

enum { MAPPING_ID = 1, MAPPING_FILE = 5 };
enum { LOCATION_ID = 1, LOCATION_MAPPING = 2, LOCATION_ADDRESS = 3, LOCATION_LINE = 4 };
enum { LINE_FUNCTION = 1, LINE_NUMBER = 2 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3, FUNCTION_FILE = 4 };

static bool read_type(pp_pprof *r, pp_protobuf_field *it) {
  if (r->type_count == PP_PPROF_MOST_TYPES) {
    return pp_pprof_fail(r, it->start, "more than %d types", PP_PPROF_MOST_TYPES);
  }
  pp_pprof_type *type = &r->types[r->type_count];
  pp_protobuf_field field;
  *type = (pp_pprof_type){0};
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == PP_PPROF_TYPE_KIND) type->kind = field.value;
    if (field.number == PP_PPROF_TYPE_UNIT) type->unit = field.value;
  }
  const char *kind = NULL, *unit = NULL;
  size_t kind_length = 0, unit_length = 0;
  if (!pp_pprof_ended(r, &it->bytes, "a sample type") ||
      !pp_pprof_string(r, type->kind, it->start, &type->kind_string) ||
      !pp_pprof_text(r, type->kind, it->start, &kind, &kind_length) ||
      !pp_pprof_text(r, type->unit, it->start, &unit, &unit_length)) {
    return false;
  }
  type->base_unit = pp_unit_named(unit, unit_length);
  bool counts = type->base_unit == PP_UNIT_NONE &&
                (pp_pprof_is_text(kind, kind_length, "samples") ||
                 pp_pprof_is_text(kind, kind_length, "sample") ||
                 pp_pprof_is_text(kind, kind_length, "allocations"));
  if (counts && r->counting < 0) r->counting = (int)r->type_count;
  r->type_count++;
  return true;
}

static bool read_mapping(pp_pprof *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  uint64_t id = 0, file = 0;
  uint32_t string;
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == MAPPING_ID) id = field.value;
    if (field.number == MAPPING_FILE) file = field.value;
  }
  return pp_pprof_ended(r, &it->bytes, "a mapping") &&
         pp_pprof_enter(r, r->mapping_ids, id, it->start, "mapping") &&
         pp_pprof_string(r, file, it->start, &string) && pp_pprof_append(r, &r->mappings, string);
}

static bool read_function(pp_pprof *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  uint64_t id = 0, name = 0, system_name = 0, file = 0;
  uint32_t name_string, file_string;
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == FUNCTION_ID) id = field.value;
    if (field.number == FUNCTION_NAME) name = field.value;
    if (field.number == FUNCTION_SYSTEM_NAME) system_name = field.value;
    if (field.number == FUNCTION_FILE) file = field.value;
  }
  return pp_pprof_ended(r, &it->bytes, "a function") &&
         pp_pprof_enter(r, r->function_ids, id, it->start, "function") &&
         pp_pprof_string(r, name != 0 ? name : system_name, it->start, &name_string) &&
         pp_pprof_string(r, file, it->start, &file_string) &&
         pp_pprof_append(r, &r->functions, name_string) &&
         pp_pprof_append(r, &r->functions, file_string);
}

static bool read_line(pp_pprof *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  uint64_t id = 0, line = 0;
  uint32_t number;
  while (pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == LINE_FUNCTION) id = field.value;
    if (field.number == LINE_NUMBER) line = field.value;
  }
  if (!pp_pprof_ended(r, &it->bytes, "a line") ||
      !pp_pprof_find(r, r->function_ids, id, it->start, "function", &number)) {
    return false;
  }
  const uint64_t *function = &r->functions.numbers[2 * ((size_t)number - 1)];
  pp_frame frame = {(uint32_t)function[0], (uint32_t)function[1],
                    line <= UINT32_MAX ? (uint32_t)line : 0};
  return pp_raw_add_frame(r->raw, frame) || pp_pprof_no_memory(r);
}

/* Adds a frame for a location without symbols, which is an address in a file. */
static bool add_address(pp_pprof *r, const pp_protobuf_field *it, uint64_t address,
                        uint64_t mapping) {
  char text[32];
  pp_frame frame = {0};
  if (mapping != 0) {
    uint32_t number;
    if (!pp_pprof_find(r, r->mapping_ids, mapping, it->start, "mapping", &number)) return false;
    frame.file = (uint32_t)r->mappings.numbers[number - 1];
  }
  int length = snprintf(text, sizeof text, "0x%" PRIx64, address);
  frame.name = pp_raw_string(r->raw, text, (size_t)length);
  return (frame.name != PP_INTERN_NONE && pp_raw_add_frame(r->raw, frame)) || pp_pprof_no_memory(r);
}

static bool read_location(pp_pprof *r, pp_protobuf_field *it) {
  pp_protobuf_field field;
  uint64_t id = 0, address = 0, mapping = 0, first = r->raw->frame_count;
  while (r->code == PP_OK && pp_protobuf_next(&it->bytes, &field)) {
    if (field.number == LOCATION_ID) id = field.value;
    if (field.number == LOCATION_MAPPING) mapping = field.value;
    if (field.number == LOCATION_ADDRESS) address = field.value;
    if (field.number == LOCATION_LINE && field.is_message) read_line(r, &field);
  }
  if (!pp_pprof_ended(r, &it->bytes, "a location")) return false;
  if (!pp_pprof_enter(r, r->location_ids, id, it->start, "location")) return false;
  if (r->raw->frame_count == first && !add_address(r, it, address, mapping)) return false;
  return pp_pprof_append(r, &r->locations, first << 32 | (r->raw->frame_count - first));
}

bool pp_pprof_tables(pp_pprof *r, pp_protobuf file) {
  if (!pp_pprof_each(r, file, PP_PPROF_TYPE, read_type)) return false;
  if (r->type_count == 0) {
    return pp_pprof_fail(r, file.at, "no pprof profile: it has no sample type");
  }
  return pp_pprof_each(r, file, PP_PPROF_MAPPING, read_mapping) &&
         pp_pprof_each(r, file, PP_PPROF_FUNCTION, read_function) &&
         pp_pprof_each(r, file, PP_PPROF_LOCATION, read_location);
}
