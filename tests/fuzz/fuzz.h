/* fuzz.h - what the fuzzers share: a requirement, and their input as a file. */
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

/* The path of a file that holds these bytes, until the next call. It is always the same one, in
 * memory: to make one takes longer than most inputs. */
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

/* A file comes in pieces of at most so many bytes, as it may from a pipe; 0: in whole. */
static size_t fuzz_piece;

/* In place of the C library's. */
ssize_t read(int file, void *to, size_t room) {
  if (fuzz_piece > 0 && room > fuzz_piece) room = fuzz_piece;
  return syscall(SYS_read, file, to, room);
}

/* Of a broken gzip of broken text, it depends on the pieces which of the two is found first. */
static inline bool fuzz_is_same_error(const pp_error *a, const pp_error *b) {
  bool packed = strncmp(a->message, "gzip", 4) == 0 || strncmp(b->message, "gzip", 4) == 0;
  return a->code == b->code && (packed || strcmp(a->message, b->message) == 0);
}

#endif
