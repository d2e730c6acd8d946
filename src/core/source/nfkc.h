/* nfkc.h - the form in which Python compares names: NFKC of Unicode. */
#ifndef PYPROF_CORE_SOURCE_NFKC_H
#define PYPROF_CORE_SOURCE_NFKC_H

#include <stdbool.h>
#include <stddef.h>

#include "pyprof/buffer.h"

/* Adds the normal form of a name to the buffer. Bytes that are not UTF-8 are copied as they are.
 * False: no memory. */
bool pp_nfkc_add(pp_buffer *buffer, const char *name, size_t length);

#endif
