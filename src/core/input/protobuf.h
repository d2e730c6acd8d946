/* protobuf.h - Protocol Buffers' wire format: the fields of a message, one after the other. */
#ifndef PYPROF_CORE_INPUT_PROTOBUF_H
#define PYPROF_CORE_INPUT_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_wire {
  const uint8_t *at, *end;
  const char *broken; /* what is wrong at `at`, once something is */
} pp_wire;

typedef struct pp_wire_field {
  uint32_t number;
  bool is_message;     /* or text, or a packed list: bytes is set, else value */
  uint64_t value;
  pp_wire bytes;
  const uint8_t *start;
} pp_wire_field;

/* false: the end, or something is broken. */
bool pp_wire_next(pp_wire *wire, pp_wire_field *field);
/* The next number of a packed list; false as above. */
bool pp_wire_number(pp_wire *wire, uint64_t *number);

#endif
