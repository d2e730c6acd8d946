/* system.h - a clock, what /proc tells, and files that end with us. */
#ifndef PYPROF_SYSTEM_H
#define PYPROF_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pyprof/error.h"

/* What /proc tells now. */
typedef struct pp_usage {
  uint64_t rss;      /* bytes */
  uint64_t peak_rss; /* bytes */
  uint64_t image;    /* another number after each exec */
  double user, system;
} pp_usage;

/* A clock that never jumps, in seconds from some moment. */
double pp_clock_now(void);

/* False: it has ended, or /proc refuses. */
bool pp_process_usage(pid_t pid, pp_usage *usage);

/* A file without a name that is gone with its last descriptor. The descriptor is the caller's. */
pp_code pp_memory_file(const char *label, int *descriptor, pp_error *error);

/* A private directory in TMPDIR that disappears with us, however we end: a process of its own
 * waits for that. */
typedef struct pp_directory pp_directory;

pp_code pp_directory_make(pp_directory **directory, pp_error *error);
/* A directory at this path, for us alone. */
pp_code pp_directory_add(const char *path, pp_error *error);
const char *pp_directory_path(const pp_directory *directory);
void pp_directory_remove(pp_directory *directory); /* with all that is in it; NULL is fine */

#endif
