/* program.c - runs pyprof-lua once for each of its allocations, and lets that allocation fail.
 *
 * It is linked with the program's own objects and -Wl,--wrap=main, and passes its arguments to the
 * program. Each run is a fork of a process that has done nothing yet. At most FAULTS_MOST
 * allocations are tried (0: all), chosen by FAULTS_SEED; with FAULTS_NOTES, notes may differ. It
 * prints the bugs it finds, and the number of allocations tried. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"

#define ROOM 65536
#define LONGEST 120 /* seconds that a run may take */

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

/* AddressSanitizer and UBSan end a program with a status that pyprof-lua never has. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "exitcode=99:allocator_may_return_null=1:print_suppressions=0";
}

/* setlocale of glibc leaks a block if it lacks memory. cjson leaks its buffer if Lua does. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:_nl_normalize_codeset\nleak:strbuf_new\n";
}

typedef struct end {
  int status; /* from waitpid */
  size_t out_length, err_length;
  char out[ROOM], err[ROOM];
} end;

static uint64_t *seen; /* the number of a run's allocations; the run's process writes it */

static void note_count(void) {
  *seen = fault_stop();
}

static size_t take(int file, char *bytes) {
  ssize_t got = pread(file, bytes, ROOM - 1, 0);
  bytes[got > 0 ? got : 0] = '\0';
  close(file);
  return got > 0 ? (size_t)got : 0;
}

/* Removes the lines in brackets: what a busy machine makes of sampling differs from run to run. */
static void remove_notes(end *result) {
  char *to = result->out, *next;
  for (char *line = result->out; *line != '\0'; line = next) {
    next = strchr(line, '\n');
    next = next != NULL ? next + 1 : line + strlen(line);
    if (*line == '(') continue;
    memmove(to, line, (size_t)(next - line));
    to += next - line;
  }
  *to = '\0';
  result->out_length = (size_t)(to - result->out);
}

static void run_once(int argc, char **argv, uint64_t at, bool lasting, end *result) {
  int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
  lseek(0, 0, SEEK_SET); /* each run reads all of its input */
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(out, 1);
    dup2(err, 2);
    atexit(note_count);
    alarm(LONGEST);
    fault_set(at, lasting);
    exit(__real_main(argc, argv));
  }
  while (waitpid(pid, &result->status, 0) < 0 && errno == EINTR) continue;
  result->out_length = take(out, result->out);
  result->err_length = take(err, result->err);
  if (getenv("FAULTS_NOTES") == NULL) return;
  remove_notes(result);
}

static bool is_one_line(const end *got) {
  return got->err_length > 1 && strchr(got->err, '\n') == got->err + got->err_length - 1;
}

/* Is the result of a run acceptable? It is the same as without the fault, or another status with
 * one line that gives the reason. */
static bool is_honest(const end *got, const end *want) {
  if (!WIFEXITED(got->status)) return false;
  if (got->status == want->status) {
    return got->out_length == want->out_length &&
           memcmp(got->out, want->out, got->out_length) == 0;
  }
  int status = WEXITSTATUS(got->status);
  return status >= 1 && status <= 4 && is_one_line(got);
}

static uint64_t number_of(const char *name) {
  const char *text = getenv(name);
  return text != NULL ? strtoull(text, NULL, 10) : 0;
}

int __wrap_main(int argc, char **argv) {
  static end want, got;
  seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  uint64_t most = number_of("FAULTS_MOST"), tried = 0, wrong = 0;
  run_once(argc, argv, 0, false, &want);
  uint64_t all = *seen;
  if (!WIFEXITED(want.status) || WEXITSTATUS(want.status) != 0 || all == 0) {
    printf("# without a fault: %s", want.err);
    return 1;
  }
  uint64_t step = most > 0 && all > most ? (all + most - 1) / most : 1;
  for (uint64_t at = 1 + number_of("FAULTS_SEED") % step; at <= all; at += step) {
    for (int lasting = 0; lasting <= 1; lasting++) {
      run_once(argc, argv, at, lasting, &got);
      tried++;
      if (is_honest(&got, &want) || wrong++ >= 5) continue;
      printf("# allocation %llu fails%s: ended with %s %d, printed %zu bytes, and\n%s\n%s\n",
             (unsigned long long)at, lasting ? " and all that follow" : "",
             WIFEXITED(got.status) ? "status" : "signal",
             WIFEXITED(got.status) ? WEXITSTATUS(got.status) : WTERMSIG(got.status),
             got.out_length, got.err, got.out);
    }
  }
  printf("%llu of %llu allocations, %llu wrong\n", (unsigned long long)tried / 2,
         (unsigned long long)all, (unsigned long long)wrong);
  return wrong > 0;
}
