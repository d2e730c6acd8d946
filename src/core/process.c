#include "pyprof/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "process_run.h"

/* The target's end of the gate gets a number that programs leave alone. */
#define GATE_DESCRIPTOR 200

extern char **environ;

double pp_clock_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void close_descriptor(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

pp_code pp_run_open(pp_run **result, pp_error *error) {
  static const int wanted[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  pp_run *run = calloc(1, sizeof *run);
  if (run == NULL) return pp_error_memory(error);
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
    free(run);
    return code;
  }
  struct sigaction action;
  if (sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_IGN) {
    run->children_ignored = true;
    signal(SIGCHLD, SIG_DFL);
  }
  pthread_sigmask(SIG_BLOCK, &run->taken, &run->mask_before);
  *result = run;
  return PP_OK;
}

void pp_run_close(pp_run *run) {
  if (run == NULL) return;
  for (size_t i = 0; i < run->count; i++) {
    pp_child *child = &run->children[i];
    if (child->ours && !child->outcome.ended) {
      kill(child->pid, SIGKILL);
      while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) continue;
    }
    close_descriptor(&child->descriptor);
    close_descriptor(&child->output);
    close_descriptor(&child->gate);
  }
  free(run->children);
  close(run->signals);
  if (run->children_ignored) signal(SIGCHLD, SIG_IGN);
  pthread_sigmask(SIG_SETMASK, &run->mask_before, NULL);
  free(run);
}

/* Our environment with the changes; the strings stay where they are. */
static char **environment_make(const char *const *changes, const char *extra) {
  size_t count = 0, given = 0;
  while (environ != NULL && environ[count] != NULL) count++;
  while (changes != NULL && changes[given] != NULL) given++;
  char **result = malloc((count + given + 2) * sizeof *result);
  if (result == NULL) return NULL;
  for (size_t i = 0; i < count; i++) result[i] = environ[i];
  for (size_t i = 0; i <= given; i++) {
    const char *change = i < given ? changes[i] : extra;
    if (change == NULL) continue;
    size_t name = strcspn(change, "="), at = 0;
    while (at < count && (strncmp(result[at], change, name) != 0 || result[at][name] != '=')) at++;
    if (change[name] == '=') {
      result[at] = (char *)(uintptr_t)change; /* execve takes char *, and changes nothing */
      if (at == count) count++;
    } else if (at < count) {
      memmove(result + at, result + at + 1, (count - at - 1) * sizeof *result);
      count--;
    }
  }
  result[count] = NULL;
  return result;
}

static const char *environment_get(char *const *variables, const char *name) {
  size_t length = strlen(name);
  for (; *variables != NULL; variables++) {
    if (strncmp(*variables, name, length) == 0 && (*variables)[length] == '=') {
      return *variables + length + 1;
    }
  }
  return NULL;
}

static int program_check(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return errno;
  if (!S_ISREG(status.st_mode)) return EACCES;
  return access(path, X_OK) == 0 ? 0 : errno;
}

/* The program's path as a shell would find it: `name` itself if it has a slash, else along
 * `search`. *result is the caller's, from malloc. */
static pp_code program_find(const char *name, const char *search, char **result,
                            pp_error *error) {
  if (strchr(name, '/') != NULL) {
    int reason = program_check(name);
    if (reason != 0) return pp_error_system(error, name, reason);
    *result = strdup(name);
    return *result == NULL ? pp_error_memory(error) : PP_OK;
  }
  if (*name == '\0') return pp_error_system(error, name, ENOENT);
  if (search == NULL) search = "/usr/local/bin:/usr/bin:/bin";
  size_t room = strlen(search) + strlen(name) + 3;
  char *path = malloc(room);
  if (path == NULL) return pp_error_memory(error);
  int reason = ENOENT;
  for (const char *at = search;; at++) {
    size_t length = strcspn(at, ":");
    snprintf(path, room, "%.*s/%s", length == 0 ? 1 : (int)length, length == 0 ? "." : at, name);
    int found = program_check(path);
    if (found == 0) {
      *result = path;
      return PP_OK;
    }
    if (found == EACCES) reason = EACCES;
    at += length;
    if (*at == '\0') break;
  }
  free(path);
  return pp_error_system(error, name, reason);
}

/* Everything that the child needs, made before fork. */
typedef struct pp_launch {
  const pp_start *start;
  char *path;
  char **variables;
  char **shell; /* argv for a script that names no interpreter */
  int output[2], gate[2], failure[2];
  pid_t parent;
  const pp_run *run;
} pp_launch;

enum stage { STAGE_DIRECTORY, STAGE_EXEC };

static void launch_free(pp_launch *launch) {
  free(launch->path);
  free(launch->variables);
  free(launch->shell);
  for (int i = 0; i < 2; i++) {
    close_descriptor(&launch->output[i]);
    close_descriptor(&launch->gate[i]);
    close_descriptor(&launch->failure[i]);
  }
}

/* In the child: nothing but async-signal-safe calls. */
__attribute__((noreturn)) static void child_exec(const pp_launch *launch) {
  const pp_start *start = launch->start;
  int failed[2] = {STAGE_EXEC, 0};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch->parent) _exit(127);
#ifdef PR_SET_PTRACER
  /* Refused by a kernel without Yama, which needs no leave. */
  if (start->traceable) prctl(PR_SET_PTRACER, (unsigned long)launch->parent, 0UL, 0UL, 0UL);
#endif
  if (start->session) setsid();
  if (start->capture) {
    int null = open("/dev/null", O_RDONLY);
    if (null > 0) {
      dup2(null, 0);
      close(null);
    }
    dup2(launch->output[1], 1);
    dup2(launch->output[1], 2);
  }
  if (launch->gate[1] >= 0) fcntl(launch->gate[1], F_SETFD, 0);
  if (start->keep >= 0) fcntl(start->keep, F_SETFD, 0);
  if (start->directory != NULL && chdir(start->directory) != 0) {
    failed[0] = STAGE_DIRECTORY;
  } else {
    if (launch->run->children_ignored) signal(SIGCHLD, SIG_IGN);
    /* A signal that came since fork is the target's, not for a handler of ours. */
    for (int number = 1; number < 32; number++) {
      if (sigismember(&launch->run->taken, number) == 1) signal(number, SIG_DFL);
    }
    pthread_sigmask(SIG_SETMASK, &launch->run->mask_before, NULL);
    execve(launch->path, (char *const *)(uintptr_t)start->argv, launch->variables);
    if (errno == ENOEXEC) execve("/bin/sh", launch->shell, launch->variables);
  }
  failed[1] = errno;
  ssize_t written = write(launch->failure[1], failed, sizeof failed);
  _exit(written < 0 ? 126 : 127);
}

static pp_code launch_prepare(pp_launch *launch, char *gate_variable, size_t room,
                              pp_error *error) {
  const pp_start *start = launch->start;
  if (start->gate != NULL) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
      return pp_error_system(error, "cannot make a gate", errno);
    }
    launch->gate[0] = pair[0];
    launch->gate[1] = fcntl(pair[1], F_DUPFD_CLOEXEC, GATE_DESCRIPTOR);
    if (launch->gate[1] < 0) launch->gate[1] = pair[1];
    else close(pair[1]);
    snprintf(gate_variable, room, "%s=%d", start->gate, launch->gate[1]);
  }
  launch->variables =
      environment_make(start->changes, start->gate != NULL ? gate_variable : NULL);
  size_t words = 0;
  while (start->argv[words] != NULL) words++;
  launch->shell = calloc(words + 2, sizeof *launch->shell);
  if (launch->variables == NULL || launch->shell == NULL) return pp_error_memory(error);
  pp_code code = program_find(start->argv[0], environment_get(launch->variables, "PATH"),
                              &launch->path, error);
  if (code != PP_OK) return code;
  static char shell_name[] = "sh";
  launch->shell[0] = shell_name;
  launch->shell[1] = launch->path;
  for (size_t i = 1; i < words; i++) launch->shell[i + 1] = (char *)(uintptr_t)start->argv[i];
  if (start->capture && pipe2(launch->output, O_CLOEXEC) != 0) {
    return pp_error_system(error, "cannot make a pipe", errno);
  }
  if (start->capture) fcntl(launch->output[0], F_SETFL, O_NONBLOCK);
  if (pipe2(launch->failure, O_CLOEXEC) != 0) {
    return pp_error_system(error, "cannot make a pipe", errno);
  }
  return PP_OK;
}

/* Forks, and learns through the close-on-exec pipe whether exec went well. */
static pp_code launch_fork(pp_launch *launch, pp_child *child, pp_error *error) {
  child->started = pp_clock_now();
  launch->parent = getpid();
  child->pid = fork();
  if (child->pid < 0) return pp_error_system(error, "cannot start a process", errno);
  if (child->pid == 0) child_exec(launch);
  close_descriptor(&launch->failure[1]);
  int failed[2];
  ssize_t got;
  do got = read(launch->failure[0], failed, sizeof failed);
  while (got < 0 && errno == EINTR);
  int reason = got == (ssize_t)sizeof failed ? failed[1] : 0;
  const char *what = launch->start->argv[0];
  if (reason == 0) {
    child->descriptor = pidfd_open(child->pid, 0);
    if (child->descriptor >= 0) return PP_OK;
    reason = errno;
    what = "cannot watch a process (Linux 5.3 or newer is needed)";
    kill(child->pid, SIGKILL);
  } else if (failed[0] == STAGE_DIRECTORY) {
    what = launch->start->directory;
  }
  while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) continue;
  return pp_error_system(error, what, reason);
}

static pp_child *child_add(pp_run *run) {
  pp_child *children = realloc(run->children, (run->count + 1) * sizeof *children);
  if (children == NULL) return NULL;
  run->children = children;
  children[run->count] = (pp_child){.descriptor = -1, .output = -1, .gate = -1};
  return &children[run->count];
}

pp_code pp_run_start(pp_run *run, const pp_start *start, size_t *number, pp_error *error) {
  pp_child *child = child_add(run);
  if (child == NULL) return pp_error_memory(error);
  pp_launch launch = {.start = start, .run = run, .output = {-1, -1}, .gate = {-1, -1},
                      .failure = {-1, -1}};
  char gate_variable[100];
  pp_code code = launch_prepare(&launch, gate_variable, sizeof gate_variable, error);
  if (code == PP_OK) code = launch_fork(&launch, child, error);
  if (code == PP_OK) {
    child->ours = true;
    child->output = launch.output[0];
    child->gate = launch.gate[0];
    launch.output[0] = launch.gate[0] = -1;
    *number = run->count++;
  }
  launch_free(&launch);
  return code;
}

pp_code pp_run_adopt(pp_run *run, pid_t pid, size_t *number, pp_error *error) {
  pp_child *child = child_add(run);
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
  /* Not write: a target that is gone must not cost us a SIGPIPE. */
  send(child->gate, "g", 1, MSG_NOSIGNAL);
  close_descriptor(&child->gate);
}

void pp_run_exit(const pp_run *run, size_t number, pp_exit *result) {
  const pp_child *child = &run->children[number];
  *result = child->outcome;
  if (!result->ended) result->wall = pp_clock_now() - child->started;
}
