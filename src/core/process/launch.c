#include "process/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The target's end of the gate gets a descriptor number that programs do not use. */
#define GATE_DESCRIPTOR 200

#define URGENT 10 /* less nice by so much */

enum stage { STAGE_DIRECTORY, STAGE_INPUT, STAGE_EXEC };

extern char **environ;

/* Our environment with the changes. The strings are not copied. */
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
      result[at] = (char *)(uintptr_t)change; /* execve wants char *, but changes nothing */
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

/* The program's path as a shell would find it: `name` itself if it has a slash, else the first hit
 * along `search`. The caller frees *result with free(). */
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

void pp_launch_free(pp_launch *launch) {
  free(launch->path);
  free(launch->variables);
  free(launch->shell);
  for (int i = 0; i < 2; i++) {
    pp_close_descriptor(&launch->output[i]);
    pp_close_descriptor(&launch->gate[i]);
    pp_close_descriptor(&launch->failure[i]);
  }
}

static bool input_open(const char *path, off_t at) {
  int input = open(path, O_RDONLY);
  if (input < 0 || (at > 0 && lseek(input, at, SEEK_SET) < 0)) return false;
  if (input == 0) return true;
  bool good = dup2(input, 0) == 0;
  close(input);
  return good;
}

void pp_launch_exec(const pp_launch *launch) {
  const pp_start *start = launch->start;
  int failed[2] = {STAGE_EXEC, 0};
  /* The guard knows a guarded target before exec and kills it together with its children. Any other
   * process gets SIGKILL from the kernel. */
  if (!launch->guarded || !pp_guard_tell(launch->run, getpid())) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  }
  if (getppid() != launch->parent) _exit(127);
#ifdef PR_SET_PTRACER
  /* A kernel without Yama refuses this, but does not need it either. */
  if (start->traceable) prctl(PR_SET_PTRACER, (unsigned long)launch->tracer, 0UL, 0UL, 0UL);
#endif
  if (start->group) setpgid(0, 0);
  if (start->urgent) setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) - URGENT);
  bool fed = true;
  const char *input = start->capture && start->input == NULL ? "/dev/null" : start->input;
  if (input != NULL) fed = input_open(input, start->input_at);
  int reason = errno;
  if (start->capture) {
    dup2(launch->output[1], 1);
    dup2(launch->output[1], 2);
  }
  if (launch->gate[1] >= 0) fcntl(launch->gate[1], F_SETFD, 0);
  if (start->keep >= 0) fcntl(start->keep, F_SETFD, 0);
  if (!fed) {
    failed[0] = STAGE_INPUT;
    errno = reason;
  } else if (start->directory != NULL && chdir(start->directory) != 0) {
    failed[0] = STAGE_DIRECTORY;
  } else {
    if (launch->run->before->children_ignored) signal(SIGCHLD, SIG_IGN);
    /* A signal that came since fork is for the target, not for one of our handlers. */
    for (int number = 1; number < 32; number++) {
      if (sigismember(&launch->run->taken, number) == 1) signal(number, SIG_DFL);
    }
    pthread_sigmask(SIG_SETMASK, &launch->run->before->mask, NULL);
    execve(launch->path, launch->argv, launch->variables);
    if (errno == ENOEXEC) execve("/bin/sh", launch->shell, launch->variables);
  }
  failed[1] = errno;
  ssize_t written = write(launch->failure[1], failed, sizeof failed);
  _exit(written < 0 ? 126 : 127);
}

pp_code pp_launch_prepare(pp_launch *launch, pp_error *error) {
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
    snprintf(launch->gate_variable, sizeof launch->gate_variable, "%s=%d", start->gate,
             launch->gate[1]);
  }
  launch->variables =
      environment_make(start->changes, start->gate != NULL ? launch->gate_variable : NULL);
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

int pp_launch_outcome(pp_launch *launch, const char **what) {
  pp_close_descriptor(&launch->failure[1]);
  int failed[2];
  ssize_t got;
  do got = read(launch->failure[0], failed, sizeof failed);
  while (got < 0 && errno == EINTR);
  if (got != (ssize_t)sizeof failed) return 0;
  const pp_start *start = launch->start;
  *what = failed[0] == STAGE_DIRECTORY ? start->directory
          : failed[0] == STAGE_INPUT   ? start->input
                                       : start->argv[0];
  return failed[1];
}
