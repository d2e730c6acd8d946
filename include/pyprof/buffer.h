/* buffer.h - bytes that grow.
 *
 * A zeroed pp_buffer is empty and valid. The functions that add return false if no memory is
 * left, and do not change the buffer then. pp_buffer_free may be called twice.
 */
#ifndef PYPROF_BUFFER_H
#define PYPROF_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct pp_buffer {
  char *data;
  size_t length;
  size_t capacity;
} pp_buffer;

/* Makes room for `more` bytes after length. */
bool pp_buffer_reserve(pp_buffer *buffer, size_t more);
bool pp_buffer_add(pp_buffer *buffer, const void *bytes, size_t length);
bool pp_buffer_add_byte(pp_buffer *buffer, char byte);
void pp_buffer_free(pp_buffer *buffer);

#endif
