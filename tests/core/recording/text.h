/* text.h - reads a recording from a string. */
#ifndef PYPROF_TESTS_RECORDING_TEXT_H
#define PYPROF_TESTS_RECORDING_TEXT_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording/read.h"

static inline pp_code read_bytes(const char *bytes, size_t length, const char *metric,
                                 pp_base **base, pp_error *error) {
  char path[64];
  int fd = memfd_create("recording", MFD_CLOEXEC);
  *base = NULL;
  if (fd < 0 || write(fd, bytes, length) != (ssize_t)length) {
    printf("# no memfd\n");
    return PP_SYSTEM;
  }
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  pp_code code = pp_recording_base(path, metric, NULL, base, error);
  close(fd);
  return code;
}

static inline pp_base *read_text(const char *text) {
  pp_base *base;
  pp_error error;
  if (read_bytes(text, strlen(text), NULL, &base, &error) != PP_OK) {
    printf("# refused: %s\n", error.message);
  }
  return base;
}

static inline const char *string_of(const pp_base *base, uint32_t number) {
  return pp_intern_text(base->strings, number, NULL);
}

/* Is it refused with this code and message? */
static inline bool is_refused(const char *text, pp_code code, const char *message) {
  pp_base *base;
  pp_error error = {0};
  pp_code got = read_bytes(text, strlen(text), NULL, &base, &error);
  pp_base_free(base);
  if (got == code && strcmp(error.message, message) == 0) return true;
  printf("# %s\n#  got %d: %s\n# want %d: %s\n", text, (int)got, error.message, (int)code,
         message);
  return false;
}

static inline uint64_t quality_of(const pp_base *base, const char *what) {
  for (uint32_t i = 0; i < base->quality_count; i++) {
    if (strcmp(string_of(base, base->quality[i].what), what) == 0) return base->quality[i].count;
  }
  return 0;
}

#endif
