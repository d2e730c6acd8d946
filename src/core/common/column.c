#include "pyprof/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "columns are the bytes of arrays");

#define LEVEL 6 /* level 9 saves 7 % of the bytes for ten times the time */

pp_code pp_column_base64(const void *bytes, size_t length, pp_buffer *base64, pp_error *error) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const uint8_t *from = bytes;
  if (!pp_buffer_reserve(base64, (length + 2) / 3 * 4)) return pp_error_memory(error);
  char *to = base64->data + base64->length;
  for (size_t i = 0; i < length; i += 3) {
    size_t left = length - i;
    uint32_t group = (uint32_t)from[i] << 16;
    if (left > 1) group |= (uint32_t)from[i + 1] << 8;
    if (left > 2) group |= from[i + 2];
    *to++ = digits[group >> 18];
    *to++ = digits[group >> 12 & 63];
    *to++ = left > 1 ? digits[group >> 6 & 63] : '=';
    *to++ = left > 2 ? digits[group & 63] : '=';
  }
  base64->length += (length + 2) / 3 * 4;
  return PP_OK;
}

pp_code pp_column_pack(const void *text, size_t length, pp_buffer *base64, pp_error *error) {
  uLongf room = compressBound((uLong)length);
  void *packed = malloc(room);
  if (packed == NULL || compress2(packed, &room, text, (uLong)length, LEVEL) != Z_OK) {
    free(packed);
    return pp_error_memory(error);
  }
  pp_code code = pp_column_base64(packed, room, base64, error);
  free(packed);
  return code;
}

static pp_code write_column(const char *type, size_t count, const void *bytes, size_t length,
                            pp_buffer *json, pp_error *error) {
  bool deflated = length >= PP_COLUMN_DEFLATED;
  char head[96];
  int size = snprintf(head, sizeof head, "{\"type\":\"%s\",\"n\":%zu,\"z\":%d,\"data\":\"", type,
                      count, deflated ? 1 : 0);
  if (!pp_buffer_add(json, head, (size_t)size)) return pp_error_memory(error);
  pp_code code = deflated ? pp_column_pack(bytes, length, json, error)
                          : pp_column_base64(bytes, length, json, error);
  if (code == PP_OK && !pp_buffer_add(json, "\"}", 2)) code = pp_error_memory(error);
  return code;
}

pp_code pp_column_of_u64(const uint64_t *values, size_t count, pp_buffer *json, pp_error *error) {
  uint64_t most = 0;
  for (size_t i = 0; i < count; i++) most = values[i] > most ? values[i] : most;
  size_t width = most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : most <= UINT32_MAX ? 4 : 8;
  const char *type = width == 1 ? "u8" : width == 2 ? "u16" : width == 4 ? "u32" : "f64";
  uint8_t *bytes = malloc(count * width + 1);
  if (bytes == NULL) return pp_error_memory(error);
  for (size_t i = 0; i < count; i++) {
    uint16_t two = (uint16_t)values[i];
    uint32_t four = (uint32_t)values[i];
    double number = (double)values[i];
    if (width == 1) bytes[i] = (uint8_t)values[i];
    else if (width == 2) memcpy(bytes + i * 2, &two, 2);
    else if (width == 4) memcpy(bytes + i * 4, &four, 4);
    else memcpy(bytes + i * 8, &number, 8);
  }
  pp_code code = write_column(type, count, bytes, count * width, json, error);
  free(bytes);
  return code;
}

pp_code pp_column_of_u32(const uint32_t *values, size_t count, pp_buffer *json, pp_error *error) {
  uint64_t *wide = malloc((count + 1) * sizeof *wide);
  if (wide == NULL) return pp_error_memory(error);
  for (size_t i = 0; i < count; i++) wide[i] = values[i];
  pp_code code = pp_column_of_u64(wide, count, json, error);
  free(wide);
  return code;
}

pp_code pp_column_of_f64(const double *values, size_t count, pp_buffer *json, pp_error *error) {
  return write_column("f64", count, values, count * sizeof *values, json, error);
}
