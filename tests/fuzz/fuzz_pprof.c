#include "reader.h"
#include "recording/pprof.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  return fuzz_reader(pp_pprof_read, bytes, length);
}
