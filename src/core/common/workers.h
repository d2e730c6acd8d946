/* workers.h - our own threads, which share one piece of work. */
#ifndef PYPROF_CORE_COMMON_WORKERS_H
#define PYPROF_CORE_COMMON_WORKERS_H

#include <pthread.h>
#include <stddef.h>

#define PP_WORKERS_MAX 256

/* A zeroed pp_workers has no threads. */
typedef struct pp_workers {
  pthread_t threads[PP_WORKERS_MAX];
  size_t count;
} pp_workers;

/* The number of processors that this process may use. */
size_t pp_workers_cores(void);
/* Starts as many threads as the system gives, at most `wanted` and PP_WORKERS_MAX. They block all
 * signals, which are for the host's own thread. */
void pp_workers_start(pp_workers *workers, size_t wanted, void *(*work)(void *), void *data);
/* Waits until all of them have ended. */
void pp_workers_join(pp_workers *workers);

#endif
