/* sha256.h - SHA-256 (FIPS 180-4), for the policy of a page: a browser runs a script only if its
 * hash stands there. Nothing secret depends on it. */
#ifndef PYPROF_SHA256_H
#define PYPROF_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define PP_SHA256_SIZE 32

void pp_sha256(const void *bytes, size_t length, uint8_t hash[PP_SHA256_SIZE]);

#endif
