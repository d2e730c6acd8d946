/* marks.h - the first look at a text: one bit a byte for what may matter to the scanner.
 *
 * Which bytes matter depends on what is around them (a quote in a comment does not), which is
 * not known yet: marks are candidates. Whoever walks over them jumps from mark to mark.
 */
#ifndef PYPROF_CORE_SOURCE_MARKS_H
#define PYPROF_CORE_SOURCE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 64 bytes of text, the first in the lowest bit. */
typedef struct pp_marks {
  uint64_t event;   /* quotes # \ newlines brackets, and where a keyword may begin */
  uint64_t string;  /* quotes, \ and newlines */
  uint64_t newline; /* \n and \r */
} pp_marks;

typedef struct pp_marks_seen {
  bool zero; /* a zero byte */
  bool high; /* a byte above 127 */
} pp_marks_seen;

/* Marks length bytes; text is readable (any bytes) up to the next multiple of 64 behind it, and
 * there is room for the marks of that. */
typedef pp_marks_seen pp_marks_find(const char *text, size_t length, pp_marks *marks);

/* The fastest that this processor has. */
int pp_marks_ways(void);
pp_marks_find *pp_marks_way(int way);

/* Bytes of a word: letters, digits, _ and all above 127. */
extern const uint8_t pp_is_word[256];

#endif
