/* workers.h - threads of ours that share one piece of work. */
#ifndef PYPROF_CORE_COMMON_WORKERS_H
#define PYPROF_CORE_COMMON_WORKERS_H

#include <pthread.h>
#include <stddef.h>

#define PP_WORKERS_MAX 256

/* A zeroed one has no threads. */
typedef struct pp_workers {
  pthread_t threads[PP_WORKERS_MAX];
  size_t count;
} pp_workers;

/* How many processors this process may use. */
size_t pp_workers_cores(void);
/* Starts as many threads as it can get, up to `wanted` and the maximum. They get no signals: those
 * are for the host's own thread. */
void pp_workers_start(pp_workers *workers, size_t wanted, void *(*work)(void *), void *data);
/* Waits until all of them have ended. */
void pp_workers_join(pp_workers *workers);

#endif
