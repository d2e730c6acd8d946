/* witness.c - a signal to our whole group (^C, kill -PGID, a service manager, a CI runner) reaches
 * a target directly; we must pass on a signal to us alone. A signal does not say which of the two
 * it is. So the witness, a process of ours in the group, blocks every signal: those that the group
 * got are pending in it. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "process/child.h"

/* A program that signals us and then the group, or one process after the other, takes less time
 * than this; a person needs longer to send a second signal. */
#define MOMENT 50000000 /* nanoseconds */

__attribute__((noreturn)) static void witness_run(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(0);
  pp_descriptors_keep(0); /* so that it holds no pipe open whose end somebody waits for */
  close(0);
  if (chdir("/") != 0) _exit(0);
  for (;;) pause();
}

pp_code pp_witness_start(pp_run *run, pp_error *error) {
  if (run->witness > 0) return PP_OK;
  sigset_t every, before;
  pid_t parent = getpid();
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  pid_t pid = fork();
  if (pid == 0) witness_run(parent);
  int reason = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid < 0) return pp_error_system(error, "cannot start a process", reason);
  run->witness = pid;
  return PP_OK;
}

void pp_witness_end(pp_run *run) {
  if (run->witness <= 0) return;
  kill(run->witness, SIGKILL);
  while (waitpid(run->witness, NULL, 0) < 0 && errno == EINTR) continue;
  run->witness = 0;
}

void pp_witness_renew(pp_run *run) {
  if (run->witness <= 0) return;
  pp_witness_end(run);
  pp_error ignored; /* without a witness we pass on every signal */
  (void)pp_witness_start(run, &ignored);
}

bool pp_witness_saw(pp_run *run, int signal) {
  char text[4096];
  const struct timespec moment = {.tv_nsec = MOMENT};
  if (run->witness <= 0) return false;
  nanosleep(&moment, NULL);
  const char *at = NULL;
  if (pp_proc_read(run->witness, "status", text, sizeof text)) at = strstr(text, "\nShdPnd:");
  bool saw = at != NULL && (strtoull(at + 8, NULL, 16) >> (signal - 1) & 1) != 0;
  sigset_t again;
  sigemptyset(&again);
  sigaddset(&again, signal);
  const struct timespec never = {0};
  while (sigtimedwait(&again, NULL, &never) > 0) continue;
  pp_witness_renew(run);
  return saw;
}
