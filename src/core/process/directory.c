#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/child.h"
#include "pyprof/system.h"

struct pp_directory {
  pid_t keeper;
  int keeper_socket; /* if it closes without a message, the keeper removes the directory */
  char path[];
};

void pp_descriptors_keep(int descriptor) {
  dup2(descriptor, 0);
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 1U, ~0U, 0U) != 0)
#endif
    for (int i = 1; i < 4096; i++) close(i);
}

void pp_keeper_detach(int descriptor) {
  setsid(); /* the terminal's signals and a kill of our group do not reach it */
  if (chdir("/") != 0) _exit(0);
  pp_descriptors_keep(descriptor);
}

/* The child waits for our end, whatever its reason. Only async-signal-safe calls are allowed. */
__attribute__((noreturn)) static void keeper_run(const char *path, int socket) {
  pp_keeper_detach(socket);
  char byte;
  ssize_t got;
  do got = read(0, &byte, 1);
  while (got < 0 && errno == EINTR);
  if (got == 0) execl("/bin/rm", "rm", "-rf", "--", path, (char *)NULL);
  _exit(0);
}

static pp_code keeper_start(pp_directory *directory, pp_error *error) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return pp_error_system(error, "cannot make a socket", errno);
  }
  sigset_t every, before; /* a signal to each process of a service must not end the keeper */
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  directory->keeper = fork();
  if (directory->keeper == 0) {
    close(ends[1]);
    keeper_run(directory->path, ends[0]);
  }
  int reason = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[0]);
  directory->keeper_socket = ends[1];
  if (directory->keeper > 0) return PP_OK;
  close(ends[1]);
  return pp_error_system(error, "cannot start a process", reason);
}

/* The keeper removes what we could not (nftw needs memory). */
static void keeper_end(pp_directory *directory, bool removed) {
  /* send, because write would raise SIGPIPE if the keeper is gone. */
  bool told = removed && send(directory->keeper_socket, "q", 1, MSG_NOSIGNAL) == 1;
  close(directory->keeper_socket);
  if (removed && !told) kill(directory->keeper, SIGKILL);
  while (waitpid(directory->keeper, NULL, 0) < 0 && errno == EINTR) continue;
}

/* TMPDIR, unless it is not the absolute path of a directory, or has a ':', which would split it in
 * PYTHONPATH. */
static const char *temporary_place(void) {
  const char *place = getenv("TMPDIR");
  struct stat status;
  if (place == NULL || place[0] != '/' || strchr(place, ':') != NULL ||
      stat(place, &status) != 0 || !S_ISDIR(status.st_mode)) {
    return "/tmp";
  }
  return place;
}

pp_code pp_directory_make(pp_directory **result, pp_error *error) {
  const char *place = temporary_place();
  uint64_t random;
  if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
    return pp_error_system(error, "cannot make a name", errno);
  }
  size_t room = strlen(place) + 40;
  pp_directory *directory = malloc(sizeof *directory + room);
  if (directory == NULL) return pp_error_memory(error);
  snprintf(directory->path, room, "%s/pyprof-lua-%016llx", place, (unsigned long long)random);
  /* The keeper starts first, so that the directory is never left behind. */
  pp_code code = keeper_start(directory, error);
  if (code == PP_OK && mkdir(directory->path, 0700) != 0) {
    code = pp_error_system(error, directory->path, errno);
    keeper_end(directory, true);
  }
  if (code != PP_OK) {
    free(directory);
    return code;
  }
  *result = directory;
  return PP_OK;
}

pp_code pp_directory_add(const char *path, pp_error *error) {
  return mkdir(path, 0700) == 0 ? PP_OK : pp_error_system(error, path, errno);
}

const char *pp_directory_path(const pp_directory *directory) { return directory->path; }

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk) {
  (void)status;
  (void)type;
  (void)walk;
  remove(path);
  return 0;
}

void pp_directory_remove(pp_directory *directory) {
  if (directory == NULL) return;
  nftw(directory->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  keeper_end(directory, access(directory->path, F_OK) != 0);
  free(directory);
}
