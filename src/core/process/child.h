/* child.h - what a run holds; shared by the files of this folder. */
#ifndef PYPROF_CORE_PROCESS_CHILD_H
#define PYPROF_CORE_PROCESS_CHILD_H

#include <signal.h>
#include <sys/resource.h>

#include "pyprof/process.h"

typedef struct pp_child {
  pid_t pid;
  bool ours;      /* started by us: to be reaped, and ended with the run */
  int descriptor; /* pidfd; -1 once it ended */
  int output;     /* our end of its output, -1: none */
  int gate;       /* our end of its gate, -1: none */
  int record;     /* of one below a helper: its end is told here, -1: it is our child */
  int life;       /* … and while this is open, it lives */
  int go;         /* of a helper that waits: where it learns of its target, -1: none */
  bool waits;     /* it said that it is at its gate */
  double started; /* CLOCK_MONOTONIC */
  pp_exit outcome;
} pp_child;

/* What who reaps a target in our place tells of its end. */
typedef struct pp_child_record {
  int status;
  struct rusage usage;
} pp_child_record;

/* What a process's signals were before the first of its runs was opened: its children have them
 * so, and it has them so again when the last one is closed. */
struct pp_signals {
  size_t runs;
  sigset_t mask;
  bool children_ignored; /* SIGCHLD was: our children could not be waited for */
};

struct pp_run {
  pp_child *children;
  size_t count;
  int signals; /* signalfd */
  sigset_t taken;
  struct pp_signals *before; /* shared by those that are open at one time */
  pid_t guard;      /* guard.c; 0: none */
  int guard_socket; /* to it */
  pid_t witness;    /* witness.c; 0: none */
  char bytes[32768];
};

void pp_close_descriptor(int *descriptor);
bool pp_proc_read(pid_t pid, const char *name, char *text, size_t room);
/* In a child: this is its only descriptor, 0. */
void pp_descriptors_keep(int descriptor);
/* In a child that outlives us: the same, away from our terminal and group. */
void pp_keeper_detach(int descriptor);
/* Ends a process and all below it; to be called where it is not reaped meanwhile. */
void pp_tree_kill(pid_t root);
/* A process that ends, when we do, the trees of those it was told of. */
pp_code pp_guard_start(pp_run *run, pp_error *error);
bool pp_guard_tell(const pp_run *run, pid_t pid);
void pp_guard_end(pp_run *run);
/* A process of our group that gets what the whole group gets, and shows it. */
pp_code pp_witness_start(pp_run *run, pp_error *error);
/* Waits a moment, in which the rest of one and the same sending comes, and takes that. True: the
 * group got the signal, too. The witness is renewed. */
bool pp_witness_saw(pp_run *run, int signal);
/* Puts one in its place that has got nothing yet. */
void pp_witness_renew(pp_run *run);
void pp_witness_end(pp_run *run);
/* A new one at the end, not yet counted; NULL: no memory. */
pp_child *pp_child_add(pp_run *run);
/* Reads all of so many bytes; false: there are fewer. */
bool pp_child_read(int descriptor, void *bytes, size_t length);
/* Waits for the record, and closes what belongs to it. False: there will be none. */
bool pp_child_read_record(pp_child *child, pp_child_record *record);

#endif
