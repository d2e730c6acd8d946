/* column.h - numbers and texts as the page holds them: JSON with base64 of little-endian bytes.
 *
 * A column is {"type":"u8"|"u16"|"u32"|"f64","n":…,"z":0|1,"data":"…"}. Its type is the narrowest
 * one that holds all values. From 4 KiB on its bytes are deflated (zlib's format), and z is 1.
 */
#ifndef PYPROF_COLUMN_H
#define PYPROF_COLUMN_H

#include <stddef.h>
#include <stdint.h>

#include "pyprof/buffer.h"
#include "pyprof/error.h"

#define PP_COLUMN_DEFLATED 4096 /* bytes, from which deflating is worth its start */

/* Appends a column to the buffer. */
pp_code pp_column_of_u32(const uint32_t *values, size_t count, pp_buffer *json, pp_error *error);
/* The type is f64 if a value needs more than 32 bits. */
pp_code pp_column_of_u64(const uint64_t *values, size_t count, pp_buffer *json, pp_error *error);
pp_code pp_column_of_f64(const double *values, size_t count, pp_buffer *json, pp_error *error);
/* Appends the base64 of the text's deflated bytes. */
pp_code pp_column_pack(const void *text, size_t length, pp_buffer *base64, pp_error *error);
/* Appends the base64 of the bytes. */
pp_code pp_column_base64(const void *bytes, size_t length, pp_buffer *base64, pp_error *error);

#endif
