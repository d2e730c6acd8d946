#include "common/pages.h"

#include <stdbool.h>
#include <stdint.h>

#include "check.h"

static const size_t sizes[] = {100, 5000, 1 << 20, 2 << 20, 3 << 20, 20 << 20, 9 << 20, 4000, 64};

static uint8_t byte_at(size_t i) {
  return (uint8_t)(i * 7 + i / 4096);
}

static void an_array_keeps_its_bytes_in_every_size(void) {
  uint8_t *memory = NULL;
  size_t old = 0, written = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    memory = pp_pages_resize(memory, old, sizes[i]);
    CHECK(memory != NULL);
    CHECK((uintptr_t)memory % 64 == 0);
    old = sizes[i];
    if (written > old) written = old;
    bool same = true;
    for (size_t k = 0; k < written; k++) same = same && memory[k] == byte_at(k);
    CHECK(same);
    for (; written < old; written++) memory[written] = byte_at(written);
  }
  pp_pages_free(memory, old);
}

static void a_large_array_begins_at_a_huge_page(void) {
  void *some[4];
  for (size_t i = 0; i < 4; i++) {
    some[i] = pp_pages_resize(NULL, 0, (i + 1) * (3 << 20));
    CHECK((uintptr_t)some[i] % (2 << 20) == 0);
  }
  some[0] = pp_pages_resize(some[0], 3 << 20, 64 << 20); /* it has no room where it is */
  CHECK((uintptr_t)some[0] % (2 << 20) == 0);
  pp_pages_free(some[0], 64 << 20);
  for (size_t i = 1; i < 4; i++) pp_pages_free(some[i], (i + 1) * (3 << 20));
}

static void without_memory_the_array_is_as_it_was(void) {
  char *memory = pp_pages_resize(NULL, 0, 3 << 20);
  memory[0] = 'a';
  CHECK(pp_pages_resize(memory, 3 << 20, SIZE_MAX / 4) == NULL);
  CHECK(memory[0] == 'a');
  memory[(3 << 20) - 1] = 'z';
  pp_pages_free(memory, 3 << 20);
}

int main(void) {
  RUN(an_array_keeps_its_bytes_in_every_size);
  RUN(a_large_array_begins_at_a_huge_page);
  RUN(without_memory_the_array_is_as_it_was);
  FINISH();
}
