/* process.h - starting programs and waiting for the next event.
 *
 * A pp_run is one run of a target with its helpers. While it is open, SIGINT, SIGTERM, SIGHUP
 * and SIGQUIT to this process (those that were not ignored) are blocked, and pp_run_wait returns
 * them as events. pp_run_close unblocks them, and kills (SIGKILL) and reaps every process of the
 * run that we started and that still lives. Processes have small numbers (0, 1, …) that are valid
 * for the life of the run. Only one thread uses a run: the one that started its processes.
 *
 * When we die, for whatever reason, the kernel sends SIGKILL to a process that has a group of
 * its own. A target without one is killed, with all processes below it, by a guard: a process of
 * ours that waits for our end. The guard is beside the target, so we stay the target's parent.
 * A process that the target left behind on purpose (its parent has ended) lives on.
 *
 * A started process gets the signal mask of the time before the run, our environment with the
 * requested changes, our stdin, stdout and stderr, and none of our other descriptors but the
 * requested ones.
 */
#ifndef PYPROF_PROCESS_H
#define PYPROF_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pyprof/error.h"

typedef struct pp_run pp_run;

/* If another run is open, the caller must name it as `outer`. Our signals stay blocked from the
 * opening of the first run until all are closed, in any order. A signal that comes after one run
 * was closed and before the next is opened is an event of the next. */
pp_code pp_run_open(pp_run **run, const pp_run *outer, pp_error *error);
void pp_run_close(pp_run *run); /* NULL is fine */

typedef struct pp_start {
  const char *const *argv;    /* NULL-terminated; at least one word */
  const char *const *changes; /* "NAME=value" sets, "NAME" removes; NULL-terminated, or NULL */
  const char *directory;      /* NULL: ours */
  const char *gate;           /* NULL, or the name of a variable: the process inherits one end of
                                 a socket, whose number is the variable's value */
  const char *input;          /* a file that is opened as its stdin; NULL: ours */
  off_t input_at;             /* the place in that file at which reading begins */
  int keep;                   /* a descriptor that it inherits under the same number; -1: none */
  bool capture;               /* stdout and stderr go to a pipe of ours, stdin without `input` is
                                 /dev/null */
  bool group;                 /* a process group of its own, which the terminal's ^C does not
                                 reach. No session: that would be a scheduling group, too, in which
                                 a profiler runs before the threads that it resumed wait again */
  bool urgent;                /* it runs before other processes, where that is allowed: a profiler
                                 that waits for a processor while its target is paused would make
                                 the target wait as long */
  bool traceable;             /* under Yama, our descendants may attach to it */
} pp_start;

/* Finds argv[0] as a shell would, by the PATH that the process will have. PP_SYSTEM with "NAME:
 * reason": the program cannot be executed, and nothing was started. */
pp_code pp_run_start(pp_run *run, const pp_start *start, size_t *number, pp_error *error);

/* The same, but the helper is an ancestor of the target and of all that the target starts: Yama's
 * scope 1 demands this of a tracer. The helper waits until pp_run_go; the target's process id then
 * replaces the last word of its argv. The target's end is an event like any other's. */
pp_code pp_run_start_below(pp_run *run, const pp_start *start, const pp_start *helper,
                           size_t *number, size_t *helper_number, pp_error *error);
void pp_run_go(pp_run *run, size_t helper, size_t target);

/* Watches a process that we did not start, and never end. */
pp_code pp_run_adopt(pp_run *run, pid_t pid, size_t *number, pp_error *error);

typedef enum pp_event_kind {
  PP_EVENT_TIMEOUT, /* nothing happened */
  PP_EVENT_EXIT,    /* the process ended; pp_run_exit tells how */
  PP_EVENT_OUTPUT,  /* it wrote `bytes`, valid until the next wait; length 0: the output's end */
  PP_EVENT_READY,   /* it waits at its gate */
  PP_EVENT_SIGNAL   /* we got `signal` */
} pp_event_kind;

typedef struct pp_event {
  pp_event_kind kind;
  size_t process;
  const char *bytes;
  size_t length;
  int signal;
  bool to_group; /* our whole process group got it, and the target with it */
} pp_event;

/* Waits at most so many seconds (negative: for ever) for one event. The output of a process comes
 * before its exit. */
pp_code pp_run_wait(pp_run *run, double seconds, pp_event *event, pp_error *error);

pid_t pp_run_pid(const pp_run *run, size_t number);
bool pp_run_alive(const pp_run *run, size_t number);
/* False: it has ended already. */
bool pp_run_signal(pp_run *run, size_t number, int signal);
/* Opens its gate, so that it goes on. */
void pp_run_release(pp_run *run, size_t number);

typedef struct pp_exit {
  bool ended;
  bool known;  /* false for an adopted process, of which we only see that it is gone */
  int code;    /* -1: a signal ended it */
  int signal;  /* 0: it exited */
  double wall; /* seconds from its start, or from the opening of its gate, to its end or now */
  double user, system; /* seconds, its own and those of the children that it waited for */
  uint64_t max_rss;    /* bytes, of the largest of these processes */
  double main_cpu, main_delay; /* of its main thread, see pp_thread_time; -1: not known */
} pp_exit;

/* If a tracer holds a process that ended, this waits some seconds for the status to be known. */
void pp_run_exit(pp_run *run, size_t number, pp_exit *result);

#endif
