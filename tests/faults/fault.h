/* fault.h - memory that runs out where a test says so.
 *
 * fault.c stands between a program and malloc, calloc, realloc, strdup and strndup, whoever calls
 * them: the program, the libraries that are linked in, or libc. It is linked with
 * -Wl,--wrap=pthread_create, which counts as an allocation too. */
#ifndef PYPROF_TESTS_FAULT_H
#define PYPROF_TESTS_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* From now on allocations count from 1; number `first` fails, with all that follow where `lasting`
 * is true. 0: none fails. */
void fault_set(uint64_t first, bool lasting);
/* No allocation fails any more. Returns how many there were since fault_set. */
uint64_t fault_stop(void);
uint64_t fault_count(void);

#endif
