#include "pyprof/process.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/launch.h"
#include "pyprof/system.h"

#define PATIENCE 2000 /* milliseconds */

pp_code pp_run_open(pp_run **result, const pp_run *outer, pp_error *error) {
  static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  pp_run *run = calloc(1, sizeof *run);
  if (run == NULL) return pp_error_memory(error);
  run->before = outer != NULL ? outer->before : calloc(1, sizeof *run->before);
  if (run->before == NULL) {
    free(run);
    return pp_error_memory(error);
  }
  sigemptyset(&run->taken);
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    struct sigaction action;
    if (sigaction(wanted[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
      sigaddset(&run->taken, wanted[i]);
    }
  }
  run->signals = signalfd(-1, &run->taken, SFD_CLOEXEC | SFD_NONBLOCK);
  if (run->signals < 0) {
    pp_code code = pp_error_system(error, "cannot wait for signals", errno);
    if (outer == NULL) free(run->before);
    free(run);
    return code;
  }
  if (run->before->runs++ == 0) {
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
      run->before->children_ignored = true;
      signal(SIGCHLD, SIG_DFL);
    }
    pthread_sigmask(SIG_BLOCK, &run->taken, &run->before->mask);
  }
  *result = run;
  return PP_OK;
}

void pp_run_close(pp_run *run) {
  if (run == NULL) return;
  for (size_t i = 0; i < run->count; i++) {
    pp_child *child = &run->children[i];
    if (child->record >= 0) {
      pp_child_record record;
      if (!child->outcome.ended) pidfd_send_signal(child->descriptor, SIGKILL, NULL, 0);
      pp_child_read_record(child, &record);
    } else if (child->ours && !child->outcome.ended) {
      kill(child->pid, SIGKILL);
      while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) continue;
    }
    pp_close_descriptor(&child->descriptor);
    pp_close_descriptor(&child->output);
    pp_close_descriptor(&child->gate);
    pp_close_descriptor(&child->go);
  }
  pp_guard_end(run);
  pp_witness_end(run);
  free(run->children);
  close(run->signals);
  if (--run->before->runs == 0) {
    if (run->before->children_ignored) signal(SIGCHLD, SIG_IGN);
    pthread_sigmask(SIG_SETMASK, &run->before->mask, NULL);
    free(run->before);
  }
  free(run);
}

static pp_code launch_fork(pp_launch *launch, pp_child *child, pp_error *error) {
  child->started = pp_clock_now();
  child->pid = fork();
  if (child->pid < 0) return pp_error_system(error, "cannot start a process", errno);
  if (child->pid == 0) pp_launch_exec(launch);
  const char *what = NULL;
  int reason = pp_launch_outcome(launch, &what);
  if (reason == 0) {
    child->descriptor = pidfd_open(child->pid, 0);
    if (child->descriptor >= 0) return PP_OK;
    reason = errno;
    what = "cannot watch a process (Linux 5.3 or newer is needed)";
    kill(child->pid, SIGKILL);
  }
  while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) continue;
  return pp_error_system(error, what, reason);
}

pp_code pp_run_start(pp_run *run, const pp_start *start, size_t *number, pp_error *error) {
  pp_child *child = pp_child_add(run);
  if (child == NULL) return pp_error_memory(error);
  pp_launch launch = PP_LAUNCH(run, start);
  launch.guarded = !start->group;
  pp_code code = pp_launch_prepare(&launch, error);
  if (code == PP_OK && launch.guarded) code = pp_guard_start(run, error);
  if (code == PP_OK && launch.guarded) code = pp_witness_start(run, error);
  if (code == PP_OK) code = launch_fork(&launch, child, error);
  if (code == PP_OK) {
    child->ours = true;
    child->output = launch.output[0];
    child->gate = launch.gate[0];
    launch.output[0] = launch.gate[0] = -1;
    *number = run->count++;
  }
  pp_launch_free(&launch);
  return code;
}

pp_code pp_run_adopt(pp_run *run, pid_t pid, size_t *number, pp_error *error) {
  pp_child *child = pp_child_add(run);
  if (child == NULL) return pp_error_memory(error);
  child->descriptor = pidfd_open(pid, 0);
  if (child->descriptor < 0) {
    char what[40];
    snprintf(what, sizeof what, "process %ld", (long)pid);
    return pp_error_system(error, what, errno == EINVAL ? ESRCH : errno);
  }
  child->pid = pid;
  child->started = pp_clock_now();
  *number = run->count++;
  return PP_OK;
}

pid_t pp_run_pid(const pp_run *run, size_t number) { return run->children[number].pid; }

bool pp_run_alive(const pp_run *run, size_t number) {
  return !run->children[number].outcome.ended;
}

bool pp_run_signal(pp_run *run, size_t number, int signal) {
  pp_child *child = &run->children[number];
  if (child->outcome.ended) return false;
  return pidfd_send_signal(child->descriptor, signal, NULL, 0) == 0;
}

void pp_run_release(pp_run *run, size_t number) {
  pp_child *child = &run->children[number];
  if (child->gate < 0) return;
  child->started = pp_clock_now();
  /* send, because write would raise SIGPIPE if the target is gone. */
  send(child->gate, "g", 1, MSG_NOSIGNAL);
  pp_close_descriptor(&child->gate);
}

void pp_run_exit(pp_run *run, size_t number, pp_exit *result) {
  pp_child *child = &run->children[number];
  /* A tracer needs a moment to let it go; one that never does shall not hold us as well. */
  for (int tries = 0; child->held && tries < PATIENCE; tries++) {
    poll(NULL, 0, 1);
    pp_child_reap(child);
  }
  *result = child->outcome;
  if (!result->ended) result->wall = pp_clock_now() - child->started;
}
