#include "fault.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The real functions, AddressSanitizer's or libc's. */
#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
#define REAL_ALIGNED __interceptor_aligned_alloc
#else
#define REAL(name) __libc_##name
#define REAL_ALIGNED __libc_memalign
#endif
void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *block, size_t size);
void *REAL_ALIGNED(size_t alignment, size_t size);

/* False while a sanitizer allocates for a new thread, which does not count. */
static _Thread_local bool ours;
static atomic_bool active, endless;
static _Atomic uint64_t counted, wanted;

void fault_set(uint64_t first, bool lasting) {
  counted = 0;
  wanted = first;
  endless = lasting;
  ours = true;
  active = true;
}

uint64_t fault_stop(void) {
  active = false;
  return counted;
}

uint64_t fault_count(void) {
  return counted;
}

static bool fails(void) {
  if (!active || !ours) return false;
  uint64_t number = atomic_fetch_add(&counted, 1) + 1;
  if (wanted == 0 || (endless ? number < wanted : number != wanted)) return false;
  errno = ENOMEM;
  return true;
}

void *malloc(size_t size) {
  return fails() ? NULL : REAL(malloc)(size);
}

void *calloc(size_t count, size_t size) {
  return fails() ? NULL : REAL(calloc)(count, size);
}

void *realloc(void *block, size_t size) {
  return fails() ? NULL : REAL(realloc)(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  return fails() ? NULL : REAL_ALIGNED(alignment, size);
}

/* AddressSanitizer's strndup would not call the malloc above. */
char *strndup(const char *text, size_t most) {
  size_t length = strnlen(text, most);
  char *copy = malloc(length + 1);
  if (copy == NULL) return NULL;
  memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

char *strdup(const char *text) {
  return strndup(text, strlen(text));
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data);

typedef struct beginning {
  void *(*run)(void *);
  void *data;
} beginning;

static void *begin(void *data) {
  beginning what = *(beginning *)data;
  free(data);
  ours = true;
  return what.run(what.data);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data) {
  if (fails()) return EAGAIN;
  beginning *what = REAL(malloc)(sizeof *what);
  if (what == NULL) return EAGAIN;
  *what = (beginning){run, data};
  bool before = ours;
  ours = false;
  int result = __real_pthread_create(thread, attributes, begin, what);
  ours = before;
  if (result != 0) free(what);
  return result;
}
