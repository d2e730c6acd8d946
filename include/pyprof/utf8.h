/* utf8.h - checking, reading and writing characters of UTF-8. */
#ifndef PYPROF_UTF8_H
#define PYPROF_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The number of bytes of the character at `text`; 0: it is not valid (overlong, a surrogate, cut
 * off …). */
static inline size_t pp_utf8_length(const char *text, const char *end) {
  const unsigned char *p = (const unsigned char *)text;
  size_t room = (size_t)(end - text);
  if (room == 0) return 0;
  if (p[0] < 0x80) return 1;
  size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
  if (p[0] < 0xC2 || p[0] > 0xF4 || room < length) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((p[i] & 0xC0) != 0x80) return 0;
  }
  if (p[0] == 0xE0 && p[1] < 0xA0) return 0; /* overlong */
  if (p[0] == 0xED && p[1] > 0x9F) return 0; /* surrogates */
  if (p[0] == 0xF0 && p[1] < 0x90) return 0; /* overlong */
  if (p[0] == 0xF4 && p[1] > 0x8F) return 0; /* beyond U+10FFFF */
  return length;
}

/* The character at `text`, which is valid and has so many bytes. */
static inline uint32_t pp_utf8_get(const char *text, size_t length) {
  uint32_t c = (unsigned char)text[0] & (length == 1 ? 0x7FU : 0x7FU >> length);
  for (size_t i = 1; i < length; i++) c = c << 6 | ((unsigned char)text[i] & 0x3FU);
  return c;
}

/* Writes the character and returns its number of bytes. */
static inline size_t pp_utf8_put(char to[static 4], uint32_t c) {
  if (c < 0x80) {
    to[0] = (char)c;
    return 1;
  }
  size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, c >>= 6) to[i] = (char)(0x80 | (c & 0x3F));
  to[0] = (char)(c | (0xF00u >> length & 0xFF));
  return length;
}

#endif
