/* guard.c - a target dies with us, for whatever reason we die, and so do all processes below it: a
 * shell's Pythons, a pool's workers. The kernel's signal for the death of a parent reaches the
 * target alone. So each target tells its pid to the guard, a process of ours that notices our end.
 * The guard is beside the target, not above it, so nothing changes for the target. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/child.h"

#define MOST_TARGETS 64 /* that may live at once */
#define MOST_BELOW 4096

typedef struct pid_set {
  size_t count;
  pid_t pids[MOST_BELOW];
} pid_set;

static bool set_holds(const pid_set *set, pid_t pid) {
  for (size_t i = 0; i < set->count; i++) {
    if (set->pids[i] == pid) return true;
  }
  return false;
}

static pid_t parent_of(pid_t pid) {
  char text[1024];
  if (!pp_proc_read(pid, "stat", text, sizeof text)) return 0;
  const char *at = strrchr(text, ')'); /* ") S 1234": state and parent */
  if (at == NULL || strlen(at) < 5) return 0;
  return (pid_t)strtol(at + 4, NULL, 10);
}

/* Stops the children of the processes in the set, and adds them to it. */
static bool set_grow(pid_set *set, int proc) {
  _Alignas(struct dirent64) char entries[16384];
  size_t before = set->count;
  lseek(proc, 0, SEEK_SET);
  ssize_t got;
  while ((got = getdents64(proc, entries, sizeof entries)) > 0) {
    for (ssize_t at = 0; at < got;) {
      const struct dirent64 *entry = (const struct dirent64 *)(const void *)(entries + at);
      at += entry->d_reclen;
      pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
      if (pid <= 0 || set_holds(set, pid) || !set_holds(set, parent_of(pid))) continue;
      bool full = set->count == MOST_BELOW;
      kill(pid, full ? SIGKILL : SIGSTOP);
      if (!full) set->pids[set->count++] = pid;
    }
  }
  return set->count > before;
}

void pp_tree_kill(pid_t root) {
  pid_set set = {.count = 1, .pids = {root}};
  kill(root, SIGSTOP); /* a stopped process starts and reaps no children */
  int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  while (proc >= 0 && set_grow(&set, proc)) continue;
  for (size_t i = 0; i < set.count; i++) kill(set.pids[i], SIGKILL);
  pp_close_descriptor(&proc);
}

typedef struct target {
  pid_t pid;
  int descriptor; /* pidfd, since another process may get the same pid */
} target;

static bool target_lives(const target *one) {
  return one->descriptor > 0 && pidfd_send_signal(one->descriptor, 0, NULL, 0) == 0;
}

/* The guard reads all pids that were sent before it reads our end. */
__attribute__((noreturn)) static void guard_run(int socket) {
  target targets[MOST_TARGETS] = {{0, 0}};
  pp_keeper_detach(socket);
  pid_t pid;
  ssize_t got;
  while ((got = read(0, &pid, sizeof pid)) == (ssize_t)sizeof pid || (got < 0 && errno == EINTR)) {
    if (got < 0) continue;
    size_t at = 0;
    while (at < MOST_TARGETS - 1 && target_lives(&targets[at])) at++;
    if (targets[at].descriptor > 0) close(targets[at].descriptor);
    targets[at] = (target){pid, pidfd_open(pid, 0)};
  }
  for (size_t i = 0; i < MOST_TARGETS; i++) {
    if (target_lives(&targets[i])) pp_tree_kill(targets[i].pid);
  }
  _exit(0);
}

pp_code pp_guard_start(pp_run *run, pp_error *error) {
  if (run->guard > 0) return PP_OK;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return pp_error_system(error, "cannot make a socket", errno);
  }
  sigset_t every, before;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  run->guard = fork();
  if (run->guard == 0) {
    close(ends[1]);
    guard_run(ends[0]);
  }
  int reason = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[0]);
  run->guard_socket = ends[1];
  if (run->guard > 0) return PP_OK;
  pp_close_descriptor(&run->guard_socket);
  return pp_error_system(error, "cannot start a process", reason);
}

bool pp_guard_tell(const pp_run *run, pid_t pid) {
  /* send, because write would raise SIGPIPE in the target if the guard is gone. */
  return send(run->guard_socket, &pid, sizeof pid, MSG_NOSIGNAL) == (ssize_t)sizeof pid;
}

void pp_guard_end(pp_run *run) {
  if (run->guard <= 0) return;
  kill(run->guard, SIGKILL);
  while (waitpid(run->guard, NULL, 0) < 0 && errno == EINTR) continue;
  pp_close_descriptor(&run->guard_socket);
}
