/* pages.h - arrays that may become large and are accessed at random.
 *
 * Most of the cost of such an access is finding the page. So a large array is in huge pages, if the
 * system has them, and its pages are moved and not copied when it grows.
 */
#ifndef PYPROF_CORE_COMMON_PAGES_H
#define PYPROF_CORE_COMMON_PAGES_H

#include <stddef.h>

/* As realloc, but the array begins at a cache line, and `old` is its size until now (0: `memory` is
 * NULL). NULL: no memory, and the array is as it was. */
void *pp_pages_resize(void *memory, size_t old, size_t size);
void pp_pages_free(void *memory, size_t size);

#endif
