/* child.h - the members of a run; the files of this folder share them. */
#ifndef PYPROF_CORE_PROCESS_CHILD_H
#define PYPROF_CORE_PROCESS_CHILD_H

#include <signal.h>
#include <sys/resource.h>

#include "pyprof/process.h"
#include "pyprof/system.h"

typedef struct pp_child {
  pid_t pid;
  bool ours;      /* we started it, so we reap it and end it with the run */
  int descriptor; /* pidfd; -1 once it ended */
  int output;     /* our end of its output, -1: none */
  int gate;       /* our end of its gate, -1: none */
  int record;     /* for a target below a helper: its end comes here; -1: it is our child */
  int life;       /* … and it lives while this is open */
  int go;         /* for a helper that waits: its target's pid goes here; -1: none */
  bool waits;     /* it is at its gate */
  bool held;      /* it ended, but a tracer, such as py-spy, has yet to let it go */
  double started; /* CLOCK_MONOTONIC */
  pp_exit outcome;
} pp_child;

/* The end of a target that another process reaps for us, as that process reports it. */
typedef struct pp_child_record {
  int status;
  struct rusage usage;
} pp_child_record;

/* Our signals as they were before the first run was opened. Children start with these, and we get
 * them back when the last run is closed. */
struct pp_signals {
  size_t runs;
  sigset_t mask;
  bool children_ignored; /* SIGCHLD was ignored, so we could not wait for our children */
};

struct pp_run {
  pp_child *children;
  size_t count;
  int signals; /* signalfd */
  sigset_t taken;
  struct pp_signals *before; /* shared by all runs that are open at one time */
  pid_t guard;      /* guard.c; 0: none */
  int guard_socket; /* our end */
  pid_t witness;    /* witness.c; 0: none */
  char bytes[32768];
};

void pp_close_descriptor(int *descriptor);
bool pp_proc_read(pid_t pid, const char *name, char *text, size_t room);
/* Reads the times of the main thread. */
bool pp_main_thread_read(pid_t pid, pp_thread_time *time);
/* In a child: makes this its only descriptor, with number 0. */
void pp_descriptors_keep(int descriptor);
/* In a child that outlives us: the same, and leaves our terminal and process group. */
void pp_keeper_detach(int descriptor);
/* Kills a process and all below it. Nobody may reap it meanwhile. */
void pp_tree_kill(pid_t root);
/* Starts the guard: a process that kills, when we end, the process trees it was told of. */
pp_code pp_guard_start(pp_run *run, pp_error *error);
bool pp_guard_tell(const pp_run *run, pid_t pid);
void pp_guard_end(pp_run *run);
/* Starts the witness: a process of our group that shows which signals the whole group gets. */
pp_code pp_witness_start(pp_run *run, pp_error *error);
/* Did the whole group get the signal? It waits a moment, takes the other signals that the same
 * sender sends meanwhile, and renews the witness. */
bool pp_witness_saw(pp_run *run, int signal);
/* Replaces the witness by one that has got no signal yet. */
void pp_witness_renew(pp_run *run);
void pp_witness_end(pp_run *run);
/* A new child at the end, not yet counted; NULL: no memory. */
pp_child *pp_child_add(pp_run *run);
/* Reads exactly `length` bytes; false: there are fewer. */
bool pp_child_read(int descriptor, void *bytes, size_t length);
/* Reaps a child that ended, unless a tracer holds it. */
void pp_child_reap(pp_child *child);
/* Waits for the record, and closes its descriptors. False: none will come. */
bool pp_child_read_record(pp_child *child, pp_child_record *record);

#endif
