/* system.h - a clock, facts from /proc, and files that disappear when we end. */
#ifndef PYPROF_SYSTEM_H
#define PYPROF_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pyprof/error.h"

/* The resources that a process uses now, according to /proc. */
typedef struct pp_usage {
  uint64_t rss;      /* bytes */
  uint64_t peak_rss; /* bytes */
  uint64_t image;    /* another number after each exec */
  double user, system;
} pp_usage;

/* A clock that never jumps, in seconds from an arbitrary moment. */
double pp_clock_now(void);

/* False: the process has ended, or /proc refuses. */
bool pp_process_usage(pid_t pid, pp_usage *usage);

/* A file without a name, which disappears with its last descriptor. The caller owns *descriptor. */
pp_code pp_memory_file(const char *label, int *descriptor, pp_error *error);

/* A private directory in TMPDIR. It disappears when we end, for whatever reason: a keeper, a
 * process of its own, waits for our end. */
typedef struct pp_directory pp_directory;

pp_code pp_directory_make(pp_directory **directory, pp_error *error);
/* Makes a directory at this path, which only we can read. */
pp_code pp_directory_add(const char *path, pp_error *error);
const char *pp_directory_path(const pp_directory *directory);
void pp_directory_remove(pp_directory *directory); /* with all that is in it; NULL is fine */

#endif
