/* launch.h - preparing before fork all that a child needs, and executing it in the child. */
#ifndef PYPROF_CORE_PROCESS_LAUNCH_H
#define PYPROF_CORE_PROCESS_LAUNCH_H

#include "process/child.h"

typedef struct pp_launch {
  const pp_start *start;
  const pp_run *run;
  char *const *argv; /* start's, or a changed one */
  char *path;
  char **variables;
  char **shell; /* argv for a script that names no interpreter */
  int output[2], gate[2], failure[2];
  bool guarded; /* the child tells the guard its pid */
  pid_t parent; /* the process that forks it: the child dies with it */
  pid_t tracer; /* this process's descendants may attach to the child */
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

/* For the child: it makes only async-signal-safe calls. */
__attribute__((noreturn)) void pp_launch_exec(const pp_launch *launch);

/* Reads the result of exec from the pipe that closes on exec: 0, or errno and what failed. */
int pp_launch_outcome(pp_launch *launch, const char **what);

#endif
