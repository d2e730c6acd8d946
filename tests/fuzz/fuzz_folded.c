#include "reader.h"
#include "recording/folded.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  return fuzz_reader(pp_folded_read, bytes, length);
}
