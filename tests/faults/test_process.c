/* A lack of memory while programs are started and directories are made. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every.h"
#include "pyprof/process.h"
#include "pyprof/system.h"

/* Waits for the end of the process, and adds its status to *sum. */
static pp_code wait_for(pp_run *run, size_t number, pp_error *error, uint64_t *sum) {
  pp_event event = {0};
  pp_exit end = {0};
  while (!end.ended) {
    pp_code code = pp_run_wait(run, 100, &event, error);
    if (code != PP_OK) return code;
    pp_run_exit(run, number, &end);
  }
  *sum += (uint64_t)end.code;
  return PP_OK;
}

static pp_code starting(pp_error *error, uint64_t *sum) {
  static const char *const argv[] = {"sh", "-c", "exit 3", NULL};
  static const char *const changes[] = {"A=b", "HOME", NULL};
  pp_start start = {.argv = argv, .changes = changes, .keep = -1, .capture = true, .gate = "GATE"};
  pp_run *run = NULL;
  size_t number;
  pp_code code = pp_run_open(&run, NULL, error);
  if (code == PP_OK) code = pp_run_start(run, &start, &number, error);
  if (code == PP_OK) code = wait_for(run, number, error, sum);
  pp_run_close(run);
  return code;
}

static pp_code starting_below(pp_error *error, uint64_t *sum) {
  static const char *const argv[] = {"sleep", "100", NULL};
  static const char *const above[] = {"sleep", "100", NULL};
  pp_start start = {.argv = argv, .keep = -1};
  pp_start helper = {.argv = above, .keep = -1, .capture = true, .group = true};
  pp_run *run = NULL;
  size_t number, helper_number;
  pp_code code = pp_run_open(&run, NULL, error);
  if (code == PP_OK) {
    code = pp_run_start_below(run, &start, &helper, &number, &helper_number, error);
  }
  if (code == PP_OK) {
    pp_run_go(run, helper_number, number);
    pp_run_signal(run, number, SIGTERM);
    code = wait_for(run, number, error, sum);
  }
  pp_run_close(run);
  return code;
}

static pp_code adopting_within(pp_error *error, uint64_t *sum) {
  pp_run *outer = NULL, *run = NULL;
  size_t number;
  pp_code code = pp_run_open(&outer, NULL, error);
  if (code == PP_OK) code = pp_run_open(&run, outer, error);
  if (code == PP_OK) code = pp_run_adopt(run, getppid(), &number, error);
  if (code == PP_OK) *sum += pp_run_alive(run, number);
  pp_run_close(run);
  pp_run_close(outer);
  return code;
}

static pp_code making_a_directory(pp_error *error, uint64_t *sum) {
  pp_directory *directory = NULL;
  pp_code code = pp_directory_make(&directory, error);
  if (code != PP_OK) return code;
  char path[200];
  snprintf(path, sizeof path, "%s", pp_directory_path(directory));
  *sum += access(path, W_OK) == 0;
  pp_directory_remove(directory);
  *sum += access(path, F_OK) != 0; /* removing needs memory, but must work without */
  return code;
}

static void no_process_is_left(void) {
  CHECK(waitpid(-1, NULL, WNOHANG) == -1);
}

int main(void) {
  EVERY(starting);
  EVERY(starting_below);
  EVERY(adopting_within);
  EVERY(making_a_directory);
  RUN(no_process_is_left);
  FINISH();
}
