#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/child.h"
#include "pyprof/system.h"

static double seconds_of(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

void pp_child_reap(pp_child *child) {
  pp_exit *result = &child->outcome;
  pp_child_record record;
  child->held = false;
  if (child->record >= 0) {
    struct pollfd reported = {.fd = child->record, .events = POLLIN};
    child->held = poll(&reported, 1, 0) == 0;
    if (child->held || !pp_child_read_record(child, &record)) return;
  } else {
    pid_t pid;
    do pid = wait4(child->pid, &record.status, WNOHANG, &record.usage);
    while (pid < 0 && errno == EINTR);
    child->held = pid == 0;
    if (pid != child->pid) return;
  }
  int status = record.status;
  result->known = true;
  if (WIFEXITED(status)) result->code = WEXITSTATUS(status);
  else result->signal = WTERMSIG(status);
  result->user = seconds_of(record.usage.ru_utime);
  result->system = seconds_of(record.usage.ru_stime);
  result->max_rss = (uint64_t)record.usage.ru_maxrss * 1024;
}

/* Called after the pidfd reported the child's end. */
static void child_end(pp_child *child) {
  pp_exit *result = &child->outcome;
  result->ended = true;
  result->wall = pp_clock_now() - child->started;
  result->code = -1;
  pp_thread_time main = {0};
  /* What ended has its times until it is reaped. */
  bool timed = pp_main_thread_read(child->pid, &main);
  result->main_cpu = timed ? main.cpu : -1;
  result->main_delay = timed ? main.delay : -1;
  close(child->descriptor);
  child->descriptor = -1;
  if (child->ours) pp_child_reap(child);
}

/* The functions from here on make an event if poll found one; false: they did not. They are called
 * in the order of importance: signals, output, the gate, and only then the end. */
static bool take_signal(pp_run *run, pp_event *event) {
  struct signalfd_siginfo info;
  if (read(run->signals, &info, sizeof info) != (ssize_t)sizeof info) return false;
  event->kind = PP_EVENT_SIGNAL;
  event->signal = (int)info.ssi_signo;
  /* The kernel sends a terminal's signals to its whole group, but a hang-up to the session's leader
   * alone. */
  if (info.ssi_code == SI_KERNEL) {
    event->to_group = event->signal != SIGHUP || getsid(0) != getpid();
    pp_witness_renew(run);
  } else {
    event->to_group = pp_witness_saw(run, event->signal);
  }
  return true;
}

static bool take_output(pp_run *run, size_t number, pp_event *event) {
  pp_child *child = &run->children[number];
  ssize_t got = read(child->output, run->bytes, sizeof run->bytes);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    got = 0;
    close(child->output);
    child->output = -1;
  }
  event->kind = PP_EVENT_OUTPUT;
  event->process = number;
  event->bytes = run->bytes;
  event->length = (size_t)got;
  return true;
}

static bool take_gate(pp_run *run, size_t number, pp_event *event) {
  pp_child *child = &run->children[number];
  char byte;
  ssize_t got = read(child->gate, &byte, 1);
  if (got < 0 && errno == EINTR) return false;
  if (got <= 0) { /* it ended, or closed a descriptor that it does not know */
    close(child->gate);
    child->gate = -1;
    return false;
  }
  child->waits = true;
  event->kind = PP_EVENT_READY;
  event->process = number;
  return true;
}

static bool take_exit(pp_run *run, size_t number, pp_event *event) {
  child_end(&run->children[number]);
  event->kind = PP_EVENT_EXIT;
  event->process = number;
  return true;
}

/* Fills poll's array: the signals, then output, gate and pidfd of each child. Poll skips -1. */
static void poll_fill(const pp_run *run, struct pollfd *polled) {
  polled[0] = (struct pollfd){.fd = run->signals, .events = POLLIN};
  for (size_t i = 0; i < run->count; i++) {
    const pp_child *child = &run->children[i];
    struct pollfd *at = polled + 1 + 3 * i;
    at[0] = (struct pollfd){.fd = child->output, .events = POLLIN};
    at[1] = (struct pollfd){.fd = child->waits ? -1 : child->gate, .events = POLLIN};
    at[2] = (struct pollfd){.fd = child->descriptor, .events = POLLIN};
  }
}

static bool poll_take(pp_run *run, const struct pollfd *polled, pp_event *event) {
  if (polled[0].revents != 0 && take_signal(run, event)) return true;
  for (int kind = 0; kind < 3; kind++) {
    for (size_t i = 0; i < run->count; i++) {
      const struct pollfd *at = polled + 1 + 3 * i + kind;
      if (at->fd < 0 || at->revents == 0) continue;
      if (kind == 0 && take_output(run, i, event)) return true;
      if (kind == 1 && take_gate(run, i, event)) return true;
      if (kind == 2 && take_exit(run, i, event)) return true;
    }
  }
  return false;
}

pp_code pp_run_wait(pp_run *run, double seconds, pp_event *event, pp_error *error) {
  double end = seconds < 0 ? INFINITY : pp_clock_now() + seconds;
  nfds_t count = (nfds_t)(1 + 3 * run->count);
  struct pollfd *polled = malloc(count * sizeof *polled);
  if (polled == NULL) return pp_error_memory(error);
  *event = (pp_event){.kind = PP_EVENT_TIMEOUT};
  pp_code code = PP_OK;
  for (;;) {
    poll_fill(run, polled);
    double left = end - pp_clock_now();
    int milliseconds = left > 1e6 ? (seconds < 0 ? -1 : 1000000000)
                       : left <= 0 ? 0 : (int)ceil(left * 1000);
    int ready = poll(polled, count, milliseconds);
    if (ready < 0 && errno != EINTR) {
      code = pp_error_system(error, "cannot wait", errno);
      break;
    }
    if (ready > 0 && poll_take(run, polled, event)) break;
    if (ready <= 0 && pp_clock_now() >= end) break;
  }
  free(polled);
  return code;
}
