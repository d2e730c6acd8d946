/* process.h - starting programs and waiting for whatever happens first.
 *
 * A pp_run is one run of a target with its helpers. While it is open, SIGINT, SIGTERM, SIGHUP
 * and SIGQUIT to this process (those that were not ignored) are blocked and come out of
 * pp_run_wait as events; pp_run_close gives them back, ends by SIGKILL every process of the run
 * that we started and that is still there, and reaps it. Processes are known by small numbers
 * (0, 1, …) that are valid for the life of the run. One thread uses a run at a time, and it is
 * the thread that started the processes.
 *
 * When we die, however it is, a process with a session of its own gets SIGKILL from the kernel.
 * Another one, a target, gets it with all that is below it from a process of ours that waits for
 * that: nothing stands between us and a target, whose parent we are. What a target left behind on
 * purpose (its parent has ended) goes on as without us.
 *
 * A started process gets the signal mask that was there before the run, our environment with
 * the changes asked for, stdin, stdout and stderr as they are, and no descriptor of ours but
 * those asked for.
 */
#ifndef PYPROF_PROCESS_H
#define PYPROF_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pyprof/error.h"

typedef struct pp_run pp_run;

/* Where another run is open, it must be named: our signals are kept from when the first is opened
 * until the last is closed, in any order. Those that come between two in turn are the next one's. */
pp_code pp_run_open(pp_run **run, const pp_run *outer, pp_error *error);
void pp_run_close(pp_run *run); /* NULL is fine */

typedef struct pp_start {
  const char *const *argv;    /* NULL-terminated; at least one word */
  const char *const *changes; /* "NAME=value" sets, "NAME" removes; NULL-terminated, or NULL */
  const char *directory;      /* NULL: as it is */
  const char *gate;           /* NULL, or the name of a variable: the process inherits one end of
                                 a socket, its number is the variable's value */
  int keep;                   /* a descriptor that it inherits under its own number; -1: none */
  bool capture;               /* stdout and stderr into a pipe of ours, stdin from /dev/null */
  bool session;               /* a session of its own, out of the reach of the terminal's ^C */
  bool traceable;             /* under Yama: our descendants may attach to it */
} pp_start;

/* Finds argv[0] as a shell would, by the PATH that the process will have. A program that cannot
 * be executed is PP_SYSTEM, "NAME: reason", and nothing has been started. */
pp_code pp_run_start(pp_run *run, const pp_start *start, size_t *number, pp_error *error);

/* The same, with the helper as an ancestor of the target and of all that it starts (what Yama's
 * scope 1 asks of a tracer). The helper waits until pp_run_go; the last word of its argv becomes
 * the target's process id. The target's end is known as ever; both numbers are of this run. */
pp_code pp_run_start_below(pp_run *run, const pp_start *start, const pp_start *helper,
                           size_t *number, size_t *helper_number, pp_error *error);
void pp_run_go(pp_run *run, size_t helper, size_t target);

/* Watches a process that is not ours: it is never ended by us. */
pp_code pp_run_adopt(pp_run *run, pid_t pid, size_t *number, pp_error *error);

typedef enum pp_event_kind {
  PP_EVENT_TIMEOUT, /* nothing happened */
  PP_EVENT_EXIT,    /* the process ended; pp_run_exit tells how */
  PP_EVENT_OUTPUT,  /* it wrote `bytes`, valid until the next wait; length 0: its end */
  PP_EVENT_READY,   /* it waits at its gate */
  PP_EVENT_SIGNAL   /* `signal` for us */
} pp_event_kind;

typedef struct pp_event {
  pp_event_kind kind;
  size_t process;
  const char *bytes;
  size_t length;
  int signal;
  bool to_group; /* our whole process group has got it, and with it a target */
} pp_event;

/* Waits at most so many seconds (negative: without end) for one event. What a process wrote
 * comes before its exit. */
pp_code pp_run_wait(pp_run *run, double seconds, pp_event *event, pp_error *error);

pid_t pp_run_pid(const pp_run *run, size_t number);
bool pp_run_alive(const pp_run *run, size_t number);
/* False: it has ended already. */
bool pp_run_signal(pp_run *run, size_t number, int signal);
/* Opens its gate: it may go on. */
void pp_run_release(pp_run *run, size_t number);

typedef struct pp_exit {
  bool ended;
  bool known;  /* false for an adopted process: it only is gone */
  int code;    /* -1 where a signal ended it */
  int signal;  /* 0 where it exited */
  double wall; /* seconds from its start, or from the opening of its gate, to its end or now */
  double user, system; /* seconds, with those of the children it waited for */
  uint64_t max_rss;    /* bytes, of the largest of them */
} pp_exit;

void pp_run_exit(const pp_run *run, size_t number, pp_exit *result);

#endif
