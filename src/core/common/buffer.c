#include "pyprof/buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool pp_buffer_reserve(pp_buffer *buffer, size_t more) {
  if (more <= buffer->capacity - buffer->length) return true;
  if (more > SIZE_MAX / 2 - buffer->length) return false;
  size_t wanted = buffer->length + more;
  size_t capacity = buffer->capacity + buffer->capacity / 2;
  if (capacity < wanted) capacity = wanted;
  if (capacity < 64) capacity = 64;
  char *data = realloc(buffer->data, capacity);
  if (data == NULL) return false;
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

bool pp_buffer_add(pp_buffer *buffer, const void *bytes, size_t length) {
  if (length == 0) return true;
  if (!pp_buffer_reserve(buffer, length)) return false;
  memcpy(buffer->data + buffer->length, bytes, length);
  buffer->length += length;
  return true;
}

bool pp_buffer_add_byte(pp_buffer *buffer, char byte) {
  if (!pp_buffer_reserve(buffer, 1)) return false;
  buffer->data[buffer->length++] = byte;
  return true;
}

void pp_buffer_free(pp_buffer *buffer) {
  free(buffer->data);
  *buffer = (pp_buffer){0};
}
