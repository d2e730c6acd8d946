/* fuzz_recording.c - any bytes are a recording or an error. By hand:
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Iinclude -Isrc/core -o fuzz \
 *     tests/fuzz/fuzz_recording.c $(ls src/core/[a-z]*.c) -lpcre2-8 -lz -lm */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording_base.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  char path[64];
  pp_error error;
  pp_base *base;
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  if (fd < 0 || write(fd, bytes, length) != (ssize_t)length) return 0;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  pp_recording_base(path, NULL, NULL, &base, &error);
  pp_base_release(base);
  close(fd);
  return 0;
}
