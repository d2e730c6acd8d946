/* speedscope_text.h - the text of samples, without a state: white space and frame numbers.
 *
 * Bytes behind the window's end are in the slack, which is zero.
 */
#ifndef PYPROF_CORE_RECORDING_SPEEDSCOPE_TEXT_H
#define PYPROF_CORE_RECORDING_SPEEDSCOPE_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The first byte from p on that is not white space, at the latest the end of the window. */
static inline const char *pp_text_skip_space(const char *p) {
  if ((unsigned char)*p > ' ') return p;
#ifdef __SSE2__
  __m128i text = _mm_loadu_si128((const __m128i *)(const void *)p);
  __m128i blank = _mm_cmpeq_epi8(text, _mm_set1_epi8(' '));
  for (const char *c = "\n\r\t"; *c != 0; c++) {
    blank = _mm_or_si128(blank, _mm_cmpeq_epi8(text, _mm_set1_epi8(*c)));
  }
  unsigned other = ~(unsigned)_mm_movemask_epi8(blank) & 0xFFFF;
  if (other != 0) return p + __builtin_ctz(other);
  p += 16;
#endif
  while (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t') p++;
  return p;
}

/* Reads a number of up to 7 digits at p and returns how many it has; 0 or 8: there is none such.
 * Eight digits are handled together, because the length of a number cannot be predicted. */
static inline unsigned pp_text_digits(const char *p, uint32_t *number) {
  uint64_t text;
  memcpy(&text, p, sizeof text);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  text = __builtin_bswap64(text);
#endif
  text ^= 0x3030303030303030u;
  /* Sets the high bit of each byte above 9; bytes above the lowest of these may get it, too. */
  uint64_t others = (text | (text + 0x7676767676767676u)) & 0x8080808080808080u;
  unsigned length = others != 0 ? (unsigned)__builtin_ctzll(others) / 8 : 8;
  text <<= (8 - length) * 8 & 63;
  text = text * 10 + (text >> 8); /* pairs, in every other byte */
  text = (text & 0x000000FF000000FFu) * (100 + (1000000ull << 32)) +
         (text >> 16 & 0x000000FF000000FFu) * (1 + (10000ull << 32));
  *number = (uint32_t)(text >> 32);
  return length;
}

/* Takes a frame's number and the comma or bracket behind it; false: the text is unusual. */
static inline bool pp_text_frame(const char **at, uint32_t *frame) {
  const char *p = *at;
  p = pp_text_skip_space(p);
  unsigned length = pp_text_digits(p, frame);
  if (length == 0 || length > 7 || (length > 1 && *p == '0')) return false;
  p = pp_text_skip_space(p + length);
  if (*p != ',' && *p != ']') return false;
  *at = p + 1;
  return true;
}

#endif
