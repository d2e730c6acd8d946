/* proc.c - the resources that a process uses, from /proc. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/child.h"
#include "pyprof/system.h"

/* The first field after the command's ')' in /proc/PID/stat is field 3. */
static bool stat_parse(const char *text, pp_usage *usage) {
  const char *at = strrchr(text, ')');
  if (at == NULL || at[1] == '\0' || at[2] == 'Z' || at[2] == 'X') return false;
  at += 3;
  unsigned long long values[29] = {0};
  for (int field = 4; field <= 28; field++) {
    char *end;
    values[field] = strtoull(at, &end, 10);
    if (end == at) return false;
    at = end;
  }
  if (values[26] == 0) return false; /* its memory is gone, since it is about to end */
  double ticks = (double)sysconf(_SC_CLK_TCK);
  usage->user = (double)values[14] / ticks;
  usage->system = (double)values[15] / ticks;
  usage->rss = values[24] * (uint64_t)sysconf(_SC_PAGESIZE);
  usage->image = values[26] ^ values[28]; /* each exec moves code and stack to a new place */
  return true;
}

bool pp_proc_read(pid_t pid, const char *name, char *text, size_t room) {
  char path[60];
  snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  ssize_t got = read(descriptor, text, room - 1);
  close(descriptor);
  if (got <= 0) return false;
  text[got] = '\0';
  return true;
}

bool pp_process_usage(pid_t pid, pp_usage *usage) {
  char text[4096];
  *usage = (pp_usage){0};
  if (!pp_proc_read(pid, "stat", text, sizeof text) || !stat_parse(text, usage)) return false;
  if (pp_proc_read(pid, "status", text, sizeof text)) {
    const char *at = strstr(text, "\nVmHWM:");
    if (at != NULL) usage->peak_rss = strtoull(at + 7, NULL, 10) * 1024;
  }
  return true;
}
