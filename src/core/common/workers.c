#include "common/workers.h"

#include <sched.h>
#include <signal.h>

size_t pp_workers_cores(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

void pp_workers_start(pp_workers *workers, size_t wanted, void *(*work)(void *), void *data) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  workers->count = 0;
  while (workers->count < wanted && workers->count < PP_WORKERS_MAX &&
         pthread_create(&workers->threads[workers->count], NULL, work, data) == 0) {
    workers->count++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void pp_workers_join(pp_workers *workers) {
  for (size_t i = 0; i < workers->count; i++) pthread_join(workers->threads[i], NULL);
}
