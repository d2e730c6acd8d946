#include "reader.h"
#include "recording/speedscope.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  return fuzz_reader(pp_speedscope_read, bytes, length);
}
