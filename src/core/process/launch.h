/* launch.h - everything that a child needs, made before fork; what the child does. */
#ifndef PYPROF_CORE_PROCESS_LAUNCH_H
#define PYPROF_CORE_PROCESS_LAUNCH_H

#include "process/child.h"

typedef struct pp_launch {
  const pp_start *start;
  const pp_run *run;
  char *const *argv; /* start's, unless it was made anew */
  char *path;
  char **variables;
  char **shell; /* argv for a script that names no interpreter */
  int output[2], gate[2], failure[2];
  bool guarded; /* the guard is told of it */
  pid_t parent; /* who forks it: the child dies with it */
  pid_t tracer; /* whose descendants may attach to it */
  char gate_variable[100];
} pp_launch;

#define PP_LAUNCH(run_, start_)                                                         \
  (pp_launch) {                                                                         \
    .start = (start_), .run = (run_), .argv = (char *const *)(uintptr_t)(start_)->argv, \
    .output = {-1, -1}, .gate = {-1, -1}, .failure = {-1, -1}, .parent = getpid(),      \
    .tracer = getpid()                                                                  \
  }

pp_code pp_launch_prepare(pp_launch *launch, pp_error *error);
void pp_launch_free(pp_launch *launch);

/* In the child: nothing but async-signal-safe calls. */
__attribute__((noreturn)) void pp_launch_exec(const pp_launch *launch);

/* Learns, through the pipe that closes on exec, how exec went: 0, or errno and at what. */
int pp_launch_outcome(pp_launch *launch, const char **what);

#endif
