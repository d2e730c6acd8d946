/* marks.h - the first pass over a text: one bit for each byte that may matter to the scanner.
 *
 * Marks are candidates, because the bytes around them decide whether they matter: a quote in a
 * comment does not. The scanner jumps from mark to mark.
 */
#ifndef PYPROF_CORE_SOURCE_MARKS_H
#define PYPROF_CORE_SOURCE_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 64 bytes of text, the first in the lowest bit. */
typedef struct pp_marks {
  uint64_t event;   /* quotes # \ newlines brackets, and places where a keyword may begin */
  uint64_t string;  /* quotes, \ and newlines */
  uint64_t newline; /* \n and \r */
} pp_marks;

typedef struct pp_marks_seen {
  bool zero; /* a zero byte */
  bool high; /* a byte above 127 */
} pp_marks_seen;

/* Marks length bytes. The text must be readable up to the next multiple of 64, whatever the bytes
 * are there, and there must be room for the marks of all these. */
typedef pp_marks_seen pp_marks_find(const char *text, size_t length, pp_marks *marks);

/* The number of ways that this processor can run. */
int pp_marks_ways(void);
pp_marks_find *pp_marks_way(int way);

/* The bytes of words: letters, digits, _ and all above 127. */
extern const uint8_t pp_is_word[256];

#endif
