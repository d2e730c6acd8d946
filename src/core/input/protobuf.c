#include "input/protobuf.h"

enum { VARINT = 0, FIXED_64 = 1, BYTES = 2, FIXED_32 = 5 };

static bool fail(pp_protobuf *wire, const uint8_t *at, const char *what) {
  wire->at = at;
  wire->broken = what;
  return false;
}

bool pp_protobuf_number(pp_protobuf *wire, uint64_t *number) {
  const uint8_t *start = wire->at;
  if (wire->at == wire->end) return false;
  *number = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (wire->at == wire->end) return fail(wire, start, "a number that is cut off");
    uint8_t byte = *wire->at++;
    *number |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return fail(wire, start, "a number of more than 64 bits");
}

static bool fixed(pp_protobuf *wire, const uint8_t *start, unsigned size, uint64_t *value) {
  if ((size_t)(wire->end - wire->at) < size) return fail(wire, start, "a field that is cut off");
  *value = 0;
  for (unsigned i = 0; i < size; i++) *value |= (uint64_t)*wire->at++ << 8 * i;
  return true;
}

bool pp_protobuf_next(pp_protobuf *wire, pp_protobuf_field *field) {
  uint64_t tag;
  const uint8_t *start = wire->at;
  if (!pp_protobuf_number(wire, &tag)) return false;
  *field = (pp_protobuf_field){.number = (uint32_t)(tag >> 3), .start = start};
  if (tag >> 3 == 0 || tag >> 32 != 0) return fail(wire, start, "no field's number");
  switch (tag & 7) {
  case VARINT:
    if (pp_protobuf_number(wire, &field->value)) return true;
    return fail(wire, start, wire->broken != NULL ? wire->broken : "a field that is cut off");
  case FIXED_64: return fixed(wire, start, 8, &field->value);
  case FIXED_32: return fixed(wire, start, 4, &field->value);
  case BYTES:
    if (!pp_protobuf_number(wire, &field->value) ||
        field->value > (uint64_t)(wire->end - wire->at)) {
      return fail(wire, start, "a field that is longer than its message");
    }
    field->is_message = true;
    field->bytes = (pp_protobuf){.at = wire->at, .end = wire->at + field->value};
    wire->at = field->bytes.end;
    return true;
  default: return fail(wire, start, "no field's type");
  }
}
