#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "pyprof/system.h"

static pp_error error;

static void *burn(void *seconds) {
  struct timespec now;
  do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  while ((double)now.tv_sec + (double)now.tv_nsec / 1e9 < *(double *)seconds);
  while (seconds != NULL) pause();
  return NULL;
}

static size_t count_of(pp_buffer buffer, size_t size) { return buffer.length / size; }

static void a_busy_thread_has_its_time_and_others_have_none(void) {
  double most = 0.1, none = 0;
  pid_t pid = fork();
  if (pid == 0) {
    pthread_t thread;
    for (int i = 0; i < 10; i++) pthread_create(&thread, NULL, burn, i == 5 ? &most : &none);
    fork();
    for (;;) pause();
  }
  pp_threads threads = {0};
  double total = 0, highest = 0;
  do {
    usleep(1000);
    CHECK(pp_process_threads(pid, &threads));
    const pp_thread_time *times = (const pp_thread_time *)(const void *)threads.times.data;
    total = highest = 0;
    for (size_t i = 0; i < count_of(threads.times, sizeof *times); i++) {
      total += times[i].cpu;
      if (times[i].cpu > highest) highest = times[i].cpu;
    }
  } while (highest < most || count_of(threads.children, sizeof(pid_t)) == 0);
  CHECK(count_of(threads.times, sizeof(pp_thread_time)) == 11);
  CHECK(total < highest + 0.05);
  CHECK(count_of(threads.children, sizeof(pid_t)) == 1);
  pid_t child;
  memcpy(&child, threads.children.data, sizeof child);
  CHECK(pp_process_threads(child, &threads));
  CHECK(count_of(threads.times, sizeof(pp_thread_time)) == 1);
  CHECK(threads.children.length == 0);
  kill(child, SIGKILL);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  CHECK(!pp_process_threads(pid, &threads));
  pp_threads_free(&threads);
}

/* The file's text after `text` was set twice. */
static pp_code set(const char *before, const char *first, const char *second, char *after) {
  int file = -1;
  off_t end = -1;
  CHECK(pp_memory_file("test", &file, &error) == PP_OK);
  CHECK(write(file, before, strlen(before)) == (ssize_t)strlen(before));
  pp_code code = pp_file_set_last(file, &end, first, strlen(first), &error);
  if (code == PP_OK) code = pp_file_set_last(file, &end, second, strlen(second), &error);
  ssize_t length = pread(file, after, 1000, 0);
  after[length < 0 ? 0 : length] = '\0';
  close(file);
  return code;
}

static void a_text_stands_before_the_last_brace(void) {
  char after[1001], long_text[600], spaces[100] = "{}";
  CHECK(set("{\"a\":1}\n", ",\"b\":22", ",\"c\":3", after) == PP_OK);
  CHECK(strcmp(after, "{\"a\":1,\"c\":3}\n") == 0);
  CHECK(set("{\"a\":{}} \r\n\t", ",\"b\":2", ",\"c\":33", after) == PP_OK);
  CHECK(strcmp(after, "{\"a\":{},\"c\":33}\n") == 0);
  memset(long_text, ' ', sizeof long_text - 1);
  long_text[sizeof long_text - 1] = '\0';
  CHECK(set("{}", long_text, "", after) == PP_OK);
  CHECK(strcmp(after, "{}\n") == 0);
  static const char *const others[] = {"", "\n", "[]", "{\"a\":1"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    CHECK(set(others[i], "x", "x", after) == PP_FORMAT);
    CHECK(strcmp(after, others[i]) == 0);
  }
  memset(spaces + 2, ' ', 90);
  CHECK(set(spaces, "x", "x", after) == PP_FORMAT);
  CHECK(strcmp(after, spaces) == 0);
}

int main(void) {
  RUN(a_busy_thread_has_its_time_and_others_have_none);
  RUN(a_text_stands_before_the_last_brace);
  FINISH();
}
