#include "common/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE ((size_t)64)
#define HUGE ((size_t)2 << 20) /* from this size on an array is a mapping of whole huge pages */

static size_t round_up(size_t size, size_t unit) {
  return (size + unit - 1) / unit * unit;
}

/* Maps whole huge pages; they begin where the processor can use them as such. */
static void *map(size_t length, int protection) {
  size_t room = length + HUGE;
  char *memory = mmap(NULL, room, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return NULL;
  size_t before = round_up((uintptr_t)memory, HUGE) - (uintptr_t)memory;
  if (before > 0) munmap(memory, before);
  munmap(memory + before + length, HUGE - before);
  return memory + before;
}

static void *allocate(size_t size) {
  if (size < HUGE) return aligned_alloc(LINE, round_up(size, LINE));
  size_t length = round_up(size, HUGE);
  void *memory = map(length, PROT_READ | PROT_WRITE);
  if (memory != NULL) madvise(memory, length, MADV_HUGEPAGE);
  return memory;
}

/* Changes the length of a mapping; its pages keep their contents and stay huge. */
static void *remap(void *memory, size_t old, size_t length) {
  if (mremap(memory, old, length, 0) != MAP_FAILED) return memory;
  void *to = map(length, PROT_NONE);
  if (to == NULL) return NULL;
  if (mremap(memory, old, length, MREMAP_MAYMOVE | MREMAP_FIXED, to) != MAP_FAILED) return to;
  munmap(to, length);
  return NULL;
}

void *pp_pages_resize(void *memory, size_t old, size_t size) {
  if (old >= HUGE && size >= HUGE) {
    return remap(memory, round_up(old, HUGE), round_up(size, HUGE));
  }
  void *other = allocate(size);
  if (other == NULL) return NULL;
  size_t kept = old < size ? old : size;
  if (kept > 0) memcpy(other, memory, kept);
  pp_pages_free(memory, old);
  return other;
}

void pp_pages_free(void *memory, size_t size) {
  if (size >= HUGE) munmap(memory, round_up(size, HUGE));
  else free(memory);
}
