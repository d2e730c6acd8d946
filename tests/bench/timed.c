/* timed CORES PROGRAM WORD…: runs the program on the first CORES cores, without its output, and
 * prints its status, its wall and processor seconds, and its peak memory in KiB. This is a small
 * program of its own because the kernel's peak memory of a process is at least that of the process
 * that started it. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 3) return 2;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (int i = 0; i < atoi(words[1]); i++) CPU_SET((size_t)i, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
  struct timespec begun, ended;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  pid_t child = fork();
  if (child == 0) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    execvp(words[2], words + 2);
    _exit(127);
  }
  int status = -1;
  struct rusage usage;
  wait4(child, &status, 0, &usage);
  clock_gettime(CLOCK_MONOTONIC, &ended);
  printf("%d %.6f %.6f %ld\n", status,
         (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9,
         (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
             (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6,
         usage.ru_maxrss);
  return 0;
}
