/* fuzz.h - shared by the fuzzers: REQUIRE, and the input as a file. */
#ifndef PYPROF_TESTS_FUZZ_H
#define PYPROF_TESTS_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pyprof/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define REQUIRE(condition)                                                     \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);  \
      abort();                                                                 \
    }                                                                          \
  } while (0)

/* The path of a file in memory that has these bytes until the next call. It is always the same
 * file, because making one takes longer than most inputs. */
static inline const char *fuzz_file(const uint8_t *bytes, size_t length) {
  static char path[64];
  static int file = -1;
  if (file < 0) {
    file = memfd_create("fuzz", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  }
  REQUIRE(ftruncate(file, (off_t)length) == 0);
  REQUIRE(pwrite(file, bytes, length, 0) == (ssize_t)length);
  return path;
}

/* The most bytes that one read of a file gives, as from a pipe; 0: no limit. */
static size_t fuzz_piece;

/* This replaces the C library's read. */
ssize_t read(int file, void *to, size_t room) {
  if (fuzz_piece > 0 && room > fuzz_piece) room = fuzz_piece;
  return syscall(SYS_read, file, to, room);
}

static inline bool fuzz_is_of_wrapping(const pp_error *error) {
  return strncmp(error->message, "gzip", 4) == 0 || strncmp(error->message, "UTF-16", 6) == 0;
}

/* In broken gzip or UTF-16 with broken text in it, the pieces decide which fault is found first. */
static inline bool fuzz_is_same_error(const pp_error *a, const pp_error *b) {
  bool other = fuzz_is_of_wrapping(a) || fuzz_is_of_wrapping(b);
  return a->code == b->code && (other || strcmp(a->message, b->message) == 0);
}

#endif
