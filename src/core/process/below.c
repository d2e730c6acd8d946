/* below.c - a target below its helper. Under Yama's scope 1 a tracer can attach only to its
 * descendants; a target can allow it for itself, but not for its children. So the processes are
 *
 *   we ── P, which waits, then executes the helper ── S ── the target
 *
 * S, which goes on running our code, reaps the target and reports its end through a pipe. */
#include "process/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pyprof/system.h"

/* Made before fork. Of each pair of descriptors, 0 is for reading and 1 for writing. */
typedef struct below {
  pp_launch target, helper;
  char **helper_argv;
  char *helper_pid; /* the place of the target's pid in helper_argv: ten digits and a zero */
  int record[2];    /* S → we: the target's pid, then a pp_child_record */
  int life[2];      /* we → S: a byte once we watch the target; if it closes, S ends the target */
  int go[2];        /* we → P: the target's pid; if it closes without one, P ends */
} below;

static bool write_all(int descriptor, const void *bytes, size_t length) {
  ssize_t written;
  do written = write(descriptor, bytes, length);
  while (written < 0 && errno == EINTR);
  return written == (ssize_t)length;
}

/* S. From here to helper_run only async-signal-safe calls are allowed. */
__attribute__((noreturn)) static void shim_run(below *all) {
  pp_launch *launch = &all->target;
  sigset_t every;
  sigfillset(&every);
  pthread_sigmask(SIG_BLOCK, &every, NULL); /* the terminal's ^C is for the target */
  launch->parent = getpid();
  pid_t pid = fork();
  if (pid == 0) pp_launch_exec(launch);
  if (pid < 0 || !write_all(all->record[1], &pid, sizeof pid)) _exit(1);
  pp_close_descriptor(&launch->failure[1]);
  pp_close_descriptor(&launch->gate[1]);
  /* We could not watch a target that S has reaped, so S waits until we watch it. */
  char watched;
  struct pollfd polled[2] = {{.fd = -1}, {.fd = all->life[0], .events = POLLIN}};
  if (pp_child_read(all->life[0], &watched, 1)) {
    polled[0] = (struct pollfd){.fd = pidfd_open(pid, 0), .events = POLLIN};
    while (poll(polled, 2, -1) < 0 && errno == EINTR) continue;
  }
  if (polled[0].revents == 0) pp_tree_kill(pid);
  pp_child_record record;
  memset(&record, 0, sizeof record);
  while (wait4(pid, &record.status, 0, &record.usage) < 0 && errno == EINTR) continue;
  write_all(all->record[1], &record, sizeof record);
  _exit(0);
}

/* P */
__attribute__((noreturn)) static void helper_run(below *all) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != all->helper.parent) _exit(127);
  pp_close_descriptor(&all->life[1]);
  pp_close_descriptor(&all->go[1]);
  pp_close_descriptor(&all->record[0]);
  pid_t shim = fork();
  if (shim == 0) shim_run(all);
  pp_close_descriptor(&all->record[1]);
  pp_close_descriptor(&all->life[0]);
  pp_close_descriptor(&all->target.failure[1]);
  pp_close_descriptor(&all->target.gate[1]);
  if (all->helper.start->group) setpgid(0, 0); /* S and the target stay in the terminal's group */
  pid_t target;
  if (shim < 0 || !pp_child_read(all->go[0], &target, sizeof target)) _exit(127);
  for (int i = 9; i >= 0; i--, target /= 10) all->helper_pid[i] = (char)('0' + target % 10);
  pp_launch_exec(&all->helper);
}

static pp_code below_prepare(below *all, pp_error *error) {
  const pp_start *start = all->helper.start;
  size_t words = 0;
  while (start->argv[words] != NULL) words++;
  all->helper_argv = calloc(words + 1, sizeof *all->helper_argv);
  all->helper_pid = calloc(1, 11);
  if (all->helper_argv == NULL || all->helper_pid == NULL) return pp_error_memory(error);
  for (size_t i = 0; i + 1 < words; i++) all->helper_argv[i] = (char *)(uintptr_t)start->argv[i];
  all->helper_argv[words - 1] = all->helper_pid;
  pp_code code = pp_launch_prepare(&all->target, error);
  if (code == PP_OK) code = pp_launch_prepare(&all->helper, error);
  if (code != PP_OK) return code;
  all->helper.argv = all->helper_argv;
  if (pipe2(all->record, O_CLOEXEC) != 0 || pipe2(all->life, O_CLOEXEC) != 0 ||
      pipe2(all->go, O_CLOEXEC) != 0) {
    return pp_error_system(error, "cannot make a pipe", errno);
  }
  return PP_OK;
}

static pp_code below_fork(below *all, pp_child *helper, pp_child *target, pp_error *error) {
  target->started = helper->started = pp_clock_now();
  helper->pid = fork();
  if (helper->pid < 0) return pp_error_system(error, "cannot start a process", errno);
  if (helper->pid == 0) helper_run(all);
  pp_close_descriptor(&all->record[1]);
  const char *what = "cannot start a process";
  int reason = ECHILD;
  if (pp_child_read(all->record[0], &target->pid, sizeof target->pid)) {
    reason = pp_launch_outcome(&all->target, &what);
    if (reason == 0) {
      helper->descriptor = pidfd_open(helper->pid, 0);
      target->descriptor = pidfd_open(target->pid, 0);
      bool open = helper->descriptor >= 0 && target->descriptor >= 0;
      if (open && write_all(all->life[1], "w", 1)) return PP_OK;
      reason = errno;
      what = "cannot watch a process (Linux 5.3 or newer is needed)";
    }
  }
  pp_close_descriptor(&helper->descriptor);
  pp_close_descriptor(&target->descriptor);
  kill(helper->pid, SIGKILL); /* S ends when the life pipe closes, and ends the target */
  while (waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR) continue;
  return pp_error_system(error, what, reason);
}

static void below_free(below *all) {
  pp_launch_free(&all->target);
  pp_launch_free(&all->helper);
  free(all->helper_argv);
  free(all->helper_pid);
  for (int i = 0; i < 2; i++) {
    pp_close_descriptor(&all->record[i]);
    pp_close_descriptor(&all->life[i]);
    pp_close_descriptor(&all->go[i]);
  }
}

static int take(int *descriptor) {
  int result = *descriptor;
  *descriptor = -1;
  return result;
}

pp_code pp_run_start_below(pp_run *run, const pp_start *start, const pp_start *helper,
                           size_t *number, size_t *helper_number, pp_error *error) {
  if (!pp_child_add(run)) return pp_error_memory(error);
  run->count++;
  if (!pp_child_add(run)) {
    run->count--;
    return pp_error_memory(error);
  }
  run->count--;
  pp_child *ours = &run->children[run->count], *above = ours + 1;
  below all = {.target = PP_LAUNCH(run, start), .helper = PP_LAUNCH(run, helper),
               .record = {-1, -1}, .life = {-1, -1}, .go = {-1, -1}};
  pp_code code = below_prepare(&all, error);
  if (code == PP_OK) code = pp_witness_start(run, error);
  if (code == PP_OK) code = below_fork(&all, above, ours, error);
  if (code == PP_OK) {
    ours->ours = above->ours = true;
    ours->gate = take(&all.target.gate[0]);
    ours->output = take(&all.target.output[0]);
    ours->record = take(&all.record[0]);
    ours->life = take(&all.life[1]);
    above->output = take(&all.helper.output[0]);
    above->go = take(&all.go[1]);
    *number = run->count++;
    *helper_number = run->count++;
  }
  below_free(&all);
  return code;
}

void pp_run_go(pp_run *run, size_t helper, size_t target) {
  pp_child *child = &run->children[helper];
  if (child->go < 0) return;
  write_all(child->go, &run->children[target].pid, sizeof(pid_t));
  pp_close_descriptor(&child->go);
}
