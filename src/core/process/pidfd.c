/* pidfd.c - glibc has these two calls only since 2.36. With ours in their place the program runs
 * with every glibc from 2.34 on. They are weak: a test has one of its own. */
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

__attribute__((weak)) int pidfd_open(pid_t pid, unsigned flags) {
  return (int)syscall(SYS_pidfd_open, pid, flags);
}

__attribute__((weak)) int pidfd_send_signal(int descriptor, int number, siginfo_t *info,
                                            unsigned flags) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, number, info, flags);
}
