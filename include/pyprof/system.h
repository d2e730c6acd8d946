/* system.h - a clock, facts from /proc, and files that disappear when we end. */
#ifndef PYPROF_SYSTEM_H
#define PYPROF_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pyprof/buffer.h"
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

/* The time that a thread had so far, in seconds. */
typedef struct pp_thread_time {
  pid_t id;
  double cpu;
  double delay; /* it could run and waited for a processor; -1: this kernel does not tell */
} pp_thread_time;

typedef struct pp_threads {
  pp_buffer times;    /* of pp_thread_time */
  pp_buffer children; /* of pid_t: the processes that its threads started */
} pp_threads;

/* Replaces the contents of `threads`, which the caller frees with pp_threads_free. False: the
 * process has ended, /proc refuses, or no memory is left. */
bool pp_process_threads(pid_t pid, pp_threads *threads);
void pp_threads_free(pp_threads *threads);

/* A file without a name, which disappears with its last descriptor. The caller owns *descriptor. */
pp_code pp_memory_file(const char *label, int *descriptor, pp_error *error);

/* Writes `text` before the '}' that ends the JSON object in a file, or in place of the text that an
 * earlier call wrote there. *end is -1 at first, then the place. PP_FORMAT: it ends otherwise. */
pp_code pp_file_set_last(int descriptor, off_t *end, const char *text, size_t length,
                         pp_error *error);

/* A private directory in TMPDIR. It disappears when we end, for whatever reason: a keeper, a
 * process of its own, waits for our end. */
typedef struct pp_directory pp_directory;

pp_code pp_directory_make(pp_directory **directory, pp_error *error);
/* Makes a directory at this path, which only we can read. */
pp_code pp_directory_add(const char *path, pp_error *error);
const char *pp_directory_path(const pp_directory *directory);
void pp_directory_remove(pp_directory *directory); /* with all that is in it; NULL is fine */

#endif
