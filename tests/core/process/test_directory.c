#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "pyprof/system.h"

static pp_error error;

static bool gone(const char *path) {
  for (int i = 0; i < 6000; i++) {
    if (access(path, F_OK) != 0) return true;
    usleep(10000);
  }
  return false;
}

static void a_directory_disappears(void) {
  setenv("TMPDIR", "/tmp", 1);
  pp_directory *directory = NULL;
  CHECK(pp_directory_make(&directory, &error) == PP_OK);
  char path[200], inner[300];
  snprintf(path, sizeof path, "%s", pp_directory_path(directory));
  struct stat status;
  CHECK(stat(path, &status) == 0 && (status.st_mode & 0777) == 0700);
  snprintf(inner, sizeof inner, "%s/inner", path);
  CHECK(pp_directory_add(inner, &error) == PP_OK);
  CHECK(pp_directory_add(inner, &error) == PP_SYSTEM);
  CHECK(symlink("/tmp", strcat(inner, "/link")) == 0); /* it is removed, never followed */
  pp_directory_remove(directory);
  CHECK(access(path, F_OK) != 0 && access("/tmp", F_OK) == 0);
  CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
  pp_directory_remove(NULL);
}

static void a_directory_disappears_with_who_is_killed(void) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    pp_directory *directory = NULL;
    if (pp_directory_make(&directory, &error) != PP_OK) _exit(1);
    const char *path = pp_directory_path(directory);
    if (write(ends[1], path, strlen(path) + 1) < 0) _exit(1);
    pause();
  }
  char path[200] = "";
  CHECK(read(ends[0], path, sizeof path) > 0 && access(path, F_OK) == 0);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  CHECK(gone(path));
  close(ends[0]);
  close(ends[1]);
}

static void odd_places_for_files_are_not_used(void) {
  static const char *const odd[] = {"relative", "/no/such/place", "/tmp:", ""};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    setenv("TMPDIR", odd[i], 1);
    pp_directory *directory = NULL;
    CHECK(pp_directory_make(&directory, &error) == PP_OK);
    CHECK(strncmp(pp_directory_path(directory), "/tmp/pyprof-lua-", 16) == 0);
    pp_directory_remove(directory);
  }
  setenv("TMPDIR", "/proc", 1);
  pp_directory *directory = NULL;
  CHECK(pp_directory_make(&directory, &error) == PP_SYSTEM && directory == NULL);
  CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

int main(void) {
  RUN(a_directory_disappears);
  RUN(a_directory_disappears_with_who_is_killed);
  RUN(odd_places_for_files_are_not_used);
  FINISH();
}
