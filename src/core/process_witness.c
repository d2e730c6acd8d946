/* Who sends a signal to our process group reaches the target, too, and it must not come twice;
 * who sends it to us alone means the target. What we get does not tell which it was. So a process
 * that does nothing and takes no signal stands in our group: what is pending there came to all. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process_run.h"

/* Some (timeout, for one) send to us first and to the group right after. */
#define PATIENCE 10000 /* microseconds */

void pp_witness_start(pp_run *run) {
  sigset_t every, before;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  pid_t parent = getpid();
  run->witness = fork();
  if (run->witness == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 0U, ~0U, 0U) != 0)
#endif
      for (int i = 0; i < 4096; i++) close(i);
    for (;;) pause();
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void pp_witness_end(pp_run *run) {
  if (run->witness <= 0) return;
  kill(run->witness, SIGKILL);
  while (waitpid(run->witness, NULL, 0) < 0 && errno == EINTR) continue;
  run->witness = 0;
}

bool pp_witness_saw(pp_run *run, int signal) {
  if (run->witness <= 0) return false;
  usleep(PATIENCE);
  char text[4096];
  const char *pending = NULL;
  if (pp_proc_read(run->witness, "status", text, sizeof text)) {
    pending = strstr(text, "\nShdPnd:");
  }
  bool saw = pending != NULL && (strtoull(pending + 8, NULL, 16) >> (signal - 1) & 1) != 0;
  if (saw) pp_witness_renew(run);
  return saw;
}

void pp_witness_renew(pp_run *run) {
  pp_witness_end(run);
  pp_witness_start(run);
}
