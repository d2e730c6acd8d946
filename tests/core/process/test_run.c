#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "pyprof/process.h"
#include "pyprof/system.h"

static pp_error error;

static pp_run *open_run(void) {
  pp_run *run = NULL;
  CHECK(pp_run_open(&run, NULL, &error) == PP_OK);
  return run;
}

/* Waits until the process ends, and puts its output into text. */
static pp_exit finish(pp_run *run, size_t number, char *text, size_t room) {
  size_t length = 0;
  pp_event event = {0};
  do {
    if (pp_run_wait(run, 100, &event, &error) != PP_OK) break;
    if (event.kind == PP_EVENT_OUTPUT && event.process == number && text != NULL) {
      size_t more = event.length < room - 1 - length ? event.length : room - 1 - length;
      memcpy(text + length, event.bytes, more);
      length += more;
    }
  } while (event.kind != PP_EVENT_TIMEOUT &&
           !(event.kind == PP_EVENT_EXIT && event.process == number));
  if (text != NULL) text[length] = '\0';
  CHECK(event.kind == PP_EVENT_EXIT);
  pp_exit result;
  pp_run_exit(run, number, &result);
  CHECK(result.ended);
  return result;
}

static pp_start shell(const char *const *argv) {
  return (pp_start){.argv = argv, .keep = -1, .capture = true};
}

static void a_program_runs_and_its_end_is_known(void) {
  pp_run *run = open_run();
  const char *const exits[] = {"sh", "-c", "echo out; echo err >&2; exit 7", NULL};
  const char *const dies[] = {"sh", "-c", "kill -9 $$", NULL};
  size_t first = 9, second = 9;
  pp_start start = shell(exits);
  CHECK(pp_run_start(run, &start, &first, &error) == PP_OK && first == 0);
  start.argv = dies;
  CHECK(pp_run_start(run, &start, &second, &error) == PP_OK && second == 1);
  char text[100];
  pp_exit result = finish(run, first, text, sizeof text);
  CHECK(strcmp(text, "out\nerr\n") == 0);
  CHECK(result.known && result.code == 7 && result.signal == 0);
  CHECK(result.wall > 0 && result.wall < 100 && result.max_rss > 100000);
  pp_run_exit(run, second, &result);
  if (!result.ended) result = finish(run, second, NULL, 0);
  CHECK(result.code == -1 && result.signal == SIGKILL);
  CHECK(!pp_run_alive(run, first) && !pp_run_signal(run, first, SIGTERM));
  pp_run_close(run);
}

static void what_cannot_start_says_why(void) {
  pp_run *run = open_run();
  size_t number = 77;
  const char *const missing[] = {"no-such-program-here", NULL};
  const char *const directory[] = {"/", NULL};
  const char *const empty[] = {"", NULL};
  pp_start start = shell(missing);
  CHECK(pp_run_start(run, &start, &number, &error) == PP_SYSTEM);
  CHECK(strcmp(error.message, "no-such-program-here: No such file or directory") == 0);
  start.argv = directory;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_SYSTEM);
  CHECK(strcmp(error.message, "/: Permission denied") == 0);
  start.argv = empty;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_SYSTEM);
  const char *const good[] = {"true", NULL};
  start = shell(good);
  start.directory = "/no/such/place";
  CHECK(pp_run_start(run, &start, &number, &error) == PP_SYSTEM);
  CHECK(strcmp(error.message, "/no/such/place: No such file or directory") == 0);
  CHECK(number == 77);
  CHECK(pp_run_adopt(run, 0x7ffffff0, &number, &error) == PP_SYSTEM);
  CHECK(strstr(error.message, "No such process") != NULL);
  pp_run_close(run);
  CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static void a_file_is_read_from_a_place_as_input(void) {
  char path[] = "/tmp/pyprof-test-XXXXXX", text[100];
  int file = mkstemp(path);
  CHECK(file >= 0 && write(file, "one\ntwo\n", 8) == 8);
  close(file);
  pp_run *run = open_run();
  const char *argv[] = {"cat", NULL};
  size_t number;
  for (off_t at = 0; at <= 8; at += 4) {
    pp_start start = shell(argv);
    start.input = path;
    start.input_at = at;
    CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
    CHECK(finish(run, number, text, sizeof text).code == 0);
    CHECK(strcmp(text, "one\ntwo\n" + at) == 0);
  }
  pp_start start = shell(argv); /* what is kept aside reads nothing */
  CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
  CHECK(finish(run, number, text, sizeof text).code == 0 && *text == '\0');
  start.input = "/no/such/input";
  CHECK(pp_run_start(run, &start, &number, &error) == PP_SYSTEM);
  CHECK(strcmp(error.message, "/no/such/input: No such file or directory") == 0);
  pp_run_close(run);
  unlink(path);
}

static void a_broken_interpreter_is_reported_by_exec(void) {
  char path[] = "/tmp/pyprof-test-XXXXXX";
  int file = mkstemp(path);
  CHECK(file >= 0 && write(file, "#!/no/such/interpreter\n", 23) == 23);
  fchmod(file, 0700);
  close(file);
  pp_run *run = open_run();
  const char *argv[] = {path, "word", NULL};
  pp_start start = shell(argv);
  size_t number;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_SYSTEM);
  CHECK(strstr(error.message, "No such file or directory") != NULL);
  file = open(path, O_WRONLY | O_TRUNC);
  CHECK(write(file, "echo \"$1\"\n", 10) == 10); /* without an interpreter's name a shell runs it */
  close(file);
  char text[100] = "";
  CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
  CHECK(finish(run, number, text, sizeof text).code == 0);
  CHECK(strcmp(text, "word\n") == 0);
  unlink(path);
  pp_run_close(run);
}

static void the_environment_is_changed(void) {
  setenv("PP_KEPT", "old", 1);
  setenv("PP_GONE", "old", 1);
  setenv("PP_KEPT_TOO", "x=y", 1);
  pp_run *run = open_run();
  const char *const argv[] = {
      "sh", "-c", "echo $PP_KEPT ${PP_GONE-none} $PP_NEW ${PP_NEVER-none} $PP_KEPT_TOO", NULL};
  const char *const changes[] = {"PP_KEPT=new", "PP_GONE", "PP_NEW=1", "PP_NEVER", NULL};
  pp_start start = shell(argv);
  start.changes = changes;
  size_t number;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
  char text[100];
  finish(run, number, text, sizeof text);
  CHECK(strcmp(text, "new none 1 none x=y\n") == 0);
  pp_run_close(run);
}

static void a_gate_holds(void) {
  pp_run *run = open_run();
  const char *const argv[] = {
      "bash", "-c", "echo -n r >&$GATE; read -n1 -u$GATE go; echo \"$go\"", NULL};
  pp_start start = shell(argv);
  start.gate = "GATE";
  size_t number;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
  pp_event event;
  CHECK(pp_run_wait(run, 100, &event, &error) == PP_OK && event.kind == PP_EVENT_READY);
  CHECK(pp_run_wait(run, 0.05, &event, &error) == PP_OK && event.kind == PP_EVENT_TIMEOUT);
  pp_run_release(run, number);
  pp_run_release(run, number);
  char text[100];
  CHECK(finish(run, number, text, sizeof text).code == 0);
  CHECK(strcmp(text, "g\n") == 0);
  pp_run_close(run);
}

static void a_gate_may_be_ignored(void) {
  pp_run *run = open_run();
  const char *const argv[] = {"true", NULL};
  pp_start start = shell(argv);
  start.gate = "GATE";
  size_t number;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
  CHECK(finish(run, number, NULL, 0).code == 0);
  pp_run_release(run, number); /* the process is gone: this must not raise SIGPIPE */
  pp_run_close(run);
}

static void only_what_is_asked_for_is_inherited(void) {
  int file = -1;
  CHECK(pp_memory_file("a test", &file, &error) == PP_OK);
  int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
  pp_run *run = open_run();
  char script[100];
  snprintf(script, sizeof script, "test -e /dev/fd/%d && echo leaked; echo kept >&%d", other, file);
  const char *const argv[] = {"sh", "-c", script, NULL};
  pp_start start = shell(argv);
  start.keep = file;
  start.group = true;
  size_t number;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
  CHECK(getpgid(pp_run_pid(run, number)) == pp_run_pid(run, number));
  char text[100];
  finish(run, number, text, sizeof text);
  CHECK(strcmp(text, "") == 0);
  char bytes[10] = "";
  CHECK(pread(file, bytes, sizeof bytes, 0) == 5 && strcmp(bytes, "kept\n") == 0);
  close(other);
  close(file);
  pp_run_close(run);
}

static void signals_are_events(void) {
  sigset_t before, during, after;
  sigprocmask(SIG_SETMASK, NULL, &before);
  signal(SIGHUP, SIG_IGN);
  pp_run *run = open_run();
  sigprocmask(SIG_SETMASK, NULL, &during);
  CHECK(sigismember(&during, SIGTERM) && sigismember(&during, SIGINT));
  CHECK(!sigismember(&during, SIGHUP)); /* an ignored signal stays ignored */
  kill(getpid(), SIGTERM);
  kill(getpid(), SIGHUP);
  pp_event event;
  CHECK(pp_run_wait(run, 100, &event, &error) == PP_OK);
  CHECK(event.kind == PP_EVENT_SIGNAL && event.signal == SIGTERM && !event.to_group);
  CHECK(pp_run_wait(run, 0, &event, &error) == PP_OK && event.kind == PP_EVENT_TIMEOUT);
  const char *const argv[] = {"sh", "-c", "grep SigBlk /proc/self/status", NULL};
  pp_start start = shell(argv);
  size_t number;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
  char text[100];
  finish(run, number, text, sizeof text);
  CHECK(strcmp(text, "SigBlk:\t0000000000000000\n") == 0);
  pp_run_close(run);
  sigprocmask(SIG_SETMASK, NULL, &after);
  CHECK(!sigismember(&after, SIGTERM));
  signal(SIGHUP, SIG_DFL);
  (void)before;
}

static void wait_signal(pp_run *run, int signal, bool to_group) {
  pp_event event;
  do CHECK(pp_run_wait(run, 100, &event, &error) == PP_OK);
  while (event.kind != PP_EVENT_SIGNAL && event.kind != PP_EVENT_TIMEOUT);
  CHECK(event.kind == PP_EVENT_SIGNAL && event.signal == signal && event.to_group == to_group);
}

/* It has a process group of its own, so that the test's group does not get the signals. */
static void who_got_a_signal_is_known(void) {
  fflush(stdout);
  pid_t we = fork();
  if (we == 0) {
    setpgid(0, 0);
    pp_run *run = open_run();
    const char *const argv[] = {"sh", "-c", "trap '' INT TERM HUP; sleep 999", NULL};
    pp_start start = shell(argv);
    size_t number;
    CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
    for (int round = 0; round < 3; round++) {
      kill(getpid(), SIGTERM);
      wait_signal(run, SIGTERM, false);
      kill(0, SIGTERM);
      wait_signal(run, SIGTERM, true);
      kill(getpid(), SIGHUP); /* one sender signals us and the group, like timeout(1) */
      kill(0, SIGHUP);
      wait_signal(run, SIGHUP, true);
      kill(getpid(), SIGHUP);
      wait_signal(run, SIGHUP, false);
    }
    pp_event event;
    CHECK(pp_run_wait(run, 0, &event, &error) == PP_OK && event.kind != PP_EVENT_SIGNAL);
    pp_run_close(run);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    fflush(stdout);
    _exit(check_failures_in_test > 0);
  }
  int status = 1;
  CHECK(waitpid(we, &status, 0) == we && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void children_are_reaped_where_nobody_waits_for_them(void) {
  signal(SIGCHLD, SIG_IGN);
  pp_run *run = open_run();
  const char *const argv[] = {"sh", "-c", "exit 5", NULL};
  pp_start start = shell(argv);
  size_t number;
  CHECK(pp_run_start(run, &start, &number, &error) == PP_OK);
  pp_exit result = finish(run, number, NULL, 0);
  CHECK(result.known && result.code == 5);
  pp_run_close(run);
  struct sigaction action;
  sigaction(SIGCHLD, NULL, &action);
  CHECK(action.sa_handler == SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
}

static void closing_ends_what_is_ours(void) {
  pp_run *run = open_run();
  const char *const argv[] = {"sleep", "100", NULL};
  pp_start start = shell(argv);
  size_t ours, theirs;
  pid_t other = fork();
  if (other == 0) {
    pause();
    _exit(0);
  }
  CHECK(pp_run_start(run, &start, &ours, &error) == PP_OK);
  CHECK(pp_run_adopt(run, other, &theirs, &error) == PP_OK);
  pid_t pid = pp_run_pid(run, ours);
  pp_usage usage;
  /* The kernel may count the pages of a new process late. */
  for (int i = 0; i < 12000 && pp_process_usage(pid, &usage) && usage.rss == 0; i++) usleep(5000);
  CHECK(usage.rss > 0 && usage.image != 0);
  pp_run_close(run);
  CHECK(kill(pid, 0) == -1 && errno == ESRCH);
  CHECK(!pp_process_usage(pid, &usage));
  CHECK(kill(other, 0) == 0);
  kill(other, SIGKILL);
  waitpid(other, NULL, 0);
}

static void an_adopted_process_only_ends(void) {
  pp_run *run = open_run();
  pid_t other = fork();
  if (other == 0) {
    usleep(50000);
    _exit(3);
  }
  size_t number;
  CHECK(pp_run_adopt(run, other, &number, &error) == PP_OK);
  pp_exit result = finish(run, number, NULL, 0);
  CHECK(!result.known && result.code == -1);
  CHECK(waitpid(other, NULL, 0) == other); /* its parent can still reap it */
  pp_run_close(run);
}

static pid_t parent_of(pid_t pid) {
  char path[60], text[500] = "";
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  int file = open(path, O_RDONLY);
  if (file < 0) return -1;
  CHECK(read(file, text, sizeof text - 1) > 0);
  close(file);
  const char *at = strrchr(text, ')');
  return at != NULL ? (pid_t)strtol(at + 4, NULL, 10) : -1;
}

/* Any process that is left of the tree holds the pipe open. */
static void a_tree_dies_with_us(void) {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  fflush(stdout);
  pid_t we = fork();
  if (we == 0) {
    pp_run *run = open_run();
    const char *const argv[] = {"sh", "-c", "(sleep 999; :) & echo ready >&2; sleep 999; :", NULL};
    pp_start start = shell(argv);
    start.keep = ends[1];
    size_t number;
    if (pp_run_start(run, &start, &number, &error) != PP_OK) _exit(1);
    pp_event event = {0};
    if (pp_run_wait(run, 100, &event, &error) != PP_OK) _exit(1);
    kill(getpid(), event.kind == PP_EVENT_OUTPUT ? SIGKILL : SIGTERM);
  }
  close(ends[1]);
  int status = 0;
  CHECK(waitpid(we, &status, 0) == we && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  struct pollfd polled = {.fd = ends[0], .events = POLLIN};
  CHECK(poll(&polled, 1, 100000) == 1 && (polled.revents & POLLHUP) != 0);
  close(ends[0]);
}

static void a_helper_above_its_target(void) {
  for (int round = 0; round < 2; round++) {
    pp_run *run = open_run();
    const char *const target[] = {"sh", "-c", "exec 2>/dev/null; read line; exit 6", NULL};
    const char *const helper[] = {"sh", "-c", "echo helper $$ $1; sleep 100", "sh", "PID", NULL};
    pp_start start = {.argv = target, .keep = -1}, above = shell(helper);
    above.group = true;
    size_t number, helper_number;
    int ends[2], old = dup(0);
    CHECK(pipe(ends) == 0);
    dup2(ends[0], 0);
    CHECK(pp_run_start_below(run, &start, &above, &number, &helper_number, &error) == PP_OK);
    CHECK(number == 0 && helper_number == 1);
    pid_t pid = pp_run_pid(run, number), helper_pid = pp_run_pid(run, helper_number);
    pid_t shim = parent_of(pid);
    CHECK(shim > 0 && parent_of(shim) == helper_pid && parent_of(helper_pid) == getpid());
    CHECK(getsid(pid) == getsid(0) && getpgid(pid) == getpgrp());
    pp_event event = {0};
    CHECK(pp_run_wait(run, 0.02, &event, &error) == PP_OK && event.kind == PP_EVENT_TIMEOUT);
    pp_run_go(run, helper_number, number);
    CHECK(pp_run_wait(run, 100, &event, &error) == PP_OK && event.kind == PP_EVENT_OUTPUT);
    char wanted[60];
    snprintf(wanted, sizeof wanted, "helper %ld %010ld\n", (long)helper_pid, (long)pid);
    CHECK(event.length == strlen(wanted) && memcmp(event.bytes, wanted, event.length) == 0);
    CHECK(getpgid(helper_pid) == helper_pid);
    if (round == 0) {
      /* If the helper ends, the target lives on. */
      pp_run_signal(run, helper_number, SIGKILL);
      CHECK(finish(run, helper_number, NULL, 0).signal == SIGKILL);
      CHECK(pp_run_alive(run, number) && kill(pid, 0) == 0);
      CHECK(write(ends[1], "\n", 1) == 1);
      pp_exit result = finish(run, number, NULL, 0);
      CHECK(result.known && result.code == 6 && result.max_rss > 100000);
    }
    pp_run_close(run); /* in the second round both processes are running */
    CHECK(kill(pid, 0) == -1);
    dup2(old, 0);
    close(old);
    close(ends[0]);
    close(ends[1]);
  }
}

static void what_cannot_start_below_says_why(void) {
  pp_run *run = open_run();
  const char *const missing[] = {"/no/such/program", NULL};
  const char *const good[] = {"true", "PID", NULL};
  pp_start start = {.argv = missing, .keep = -1}, above = shell(good);
  size_t number, helper_number;
  CHECK(pp_run_start_below(run, &start, &above, &number, &helper_number, &error) == PP_SYSTEM);
  CHECK(strstr(error.message, "/no/such/program: No such file") != NULL);
  start.argv = good;
  start.directory = "/no/such/place";
  CHECK(pp_run_start_below(run, &start, &above, &number, &helper_number, &error) == PP_SYSTEM);
  CHECK(strcmp(error.message, "/no/such/place: No such file or directory") == 0);
  pp_run_close(run);
  CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static bool is_running(pid_t pid) {
  char path[60], text[500] = "";
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  int file = open(path, O_RDONLY);
  if (file < 0) return false;
  ssize_t got = read(file, text, sizeof text - 1);
  close(file);
  const char *at = got > 0 ? strrchr(text, ')') : NULL;
  return at != NULL && at[2] != 'Z' && at[2] != 'X';
}

static bool grandchildren_end_first;

/* This replaces the C library's pidfd_open. If a test wants it, a process that is not our child is
 * opened only after its end. */
int pidfd_open(pid_t pid, unsigned flags) {
  while (grandchildren_end_first && parent_of(pid) != getpid() && is_running(pid)) usleep(100);
  return (int)syscall(SYS_pidfd_open, pid, flags);
}

static void a_target_below_may_end_at_once(void) {
  const char *const quick[] = {"sh", "-c", "exit 3", NULL};
  const char *const helping[] = {"sh", "-c", "exit 4", "PID", NULL};
  pp_start start = {.argv = quick, .keep = -1}, above = shell(helping);
  grandchildren_end_first = true;
  for (int round = 0; round < 20; round++) {
    pp_run *run = open_run();
    size_t number, helper_number;
    pp_code code = pp_run_start_below(run, &start, &above, &number, &helper_number, &error);
    CHECK(code == PP_OK);
    if (code == PP_OK) {
      pp_run_go(run, helper_number, number);
      pp_exit result = finish(run, number, NULL, 0);
      CHECK(result.known && result.code == 3);
      if (pp_run_alive(run, helper_number)) finish(run, helper_number, NULL, 0);
      pp_run_exit(run, helper_number, &result);
      CHECK(result.known && result.code == 4);
    }
    pp_run_close(run);
  }
  grandchildren_end_first = false;
}

int main(void) {
  RUN(a_program_runs_and_its_end_is_known);
  RUN(what_cannot_start_says_why);
  RUN(a_file_is_read_from_a_place_as_input);
  RUN(a_broken_interpreter_is_reported_by_exec);
  RUN(the_environment_is_changed);
  RUN(a_gate_holds);
  RUN(a_gate_may_be_ignored);
  RUN(only_what_is_asked_for_is_inherited);
  RUN(signals_are_events);
  RUN(who_got_a_signal_is_known);
  RUN(children_are_reaped_where_nobody_waits_for_them);
  RUN(closing_ends_what_is_ours);
  RUN(an_adopted_process_only_ends);
  RUN(a_tree_dies_with_us);
  RUN(a_helper_above_its_target);
  RUN(what_cannot_start_below_says_why);
  RUN(a_target_below_may_end_at_once);
  FINISH();
}
