/* fault.h - makes the allocations fail that a test chooses.
 *
 * fault.c replaces malloc, calloc, realloc, strdup and strndup for all callers: the program, the
 * libraries that are linked in, and libc. It is linked with -Wl,--wrap=pthread_create, which counts
 * as an allocation, too. */
#ifndef PYPROF_TESTS_FAULT_H
#define PYPROF_TESTS_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* From now on allocations are counted from 1. Number `first` fails (0: none), and if `lasting` all
 * that follow. */
void fault_set(uint64_t first, bool lasting);
/* No allocation fails any more. Returns the number of allocations since fault_set. */
uint64_t fault_stop(void);
uint64_t fault_count(void);

#endif
