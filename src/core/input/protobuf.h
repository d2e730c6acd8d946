/* protobuf.h - Protocol Buffers' wire format: the fields of a message, one after the other. */
#ifndef PYPROF_CORE_INPUT_PROTOBUF_H
#define PYPROF_CORE_INPUT_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_protobuf {
  const uint8_t *at, *end;
  const char *broken; /* the fault at `at`; NULL: none yet */
} pp_protobuf;

typedef struct pp_protobuf_field {
  uint32_t number;
  bool is_message;     /* or text, or a packed list: `bytes` is set, else `value` */
  uint64_t value;
  pp_protobuf bytes;
  const uint8_t *start;
} pp_protobuf_field;

/* false: the end, or a fault. */
bool pp_protobuf_next(pp_protobuf *wire, pp_protobuf_field *field);
/* The next number of a packed list; false as above. */
bool pp_protobuf_number(pp_protobuf *wire, uint64_t *number);

#endif
