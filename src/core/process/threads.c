/* threads.c - the times and the children of a process's threads, from /proc. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/child.h"
#include "pyprof/system.h"

static bool read_file(int directory, const char *thread, const char *name, pp_buffer *text) {
  char path[300];
  snprintf(path, sizeof path, "%s/%s", thread, name);
  int descriptor = openat(directory, path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  text->length = 0;
  ssize_t got = -1;
  while (pp_buffer_reserve(text, 1024)) {
    got = read(descriptor, text->data + text->length, text->capacity - text->length - 1);
    if (got <= 0) break;
    text->length += (size_t)got;
  }
  close(descriptor);
  if (got != 0) return false;
  text->data[text->length] = '\0';
  return true;
}

/* utime and stime are the fields 14 and 15 of "stat"; the first one after the ')' is field 3. */
static bool read_ticks(int directory, const char *thread, pp_buffer *text, double *cpu) {
  if (!read_file(directory, thread, "stat", text)) return false;
  const char *at = strrchr(text->data, ')');
  for (int field = 2; at != NULL && field < 14; field++) at = strchr(at + 1, ' ');
  if (at == NULL) return false;
  char *end;
  unsigned long long ticks = strtoull(at, &end, 10);
  ticks += strtoull(end, NULL, 10);
  *cpu = (double)ticks / (double)sysconf(_SC_CLK_TCK);
  return true;
}

/* "schedstat" is exact. A kernel that does not count has only zeros there, or no such file; "stat"
 * has hundredths of a second. */
static bool read_time(int directory, const char *thread, pp_buffer *text, pp_thread_time *time) {
  if (read_file(directory, thread, "schedstat", text)) {
    char *end;
    time->cpu = (double)strtoull(text->data, &end, 10) / 1e9;
    time->delay = (double)strtoull(end, NULL, 10) / 1e9;
    if (time->cpu > 0) return true;
  }
  if (!read_ticks(directory, thread, text, &time->cpu)) return false;
  time->delay = time->cpu > 0 ? -1 : 0;
  return true;
}

static bool add_children(int directory, const char *thread, pp_buffer *text,
                         pp_buffer *children) {
  if (!read_file(directory, thread, "children", text)) return true;
  char *end;
  for (const char *at = text->data; true; at = end) {
    pid_t pid = (pid_t)strtol(at, &end, 10);
    if (end == at) return true;
    if (!pp_buffer_add(children, &pid, sizeof pid)) return false;
  }
}

bool pp_process_threads(pid_t pid, pp_threads *threads) {
  char path[60];
  threads->times.length = threads->children.length = 0;
  snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
  DIR *tasks = opendir(path);
  if (tasks == NULL) return false;
  pp_buffer text = {0};
  bool room = true;
  for (const struct dirent *entry; room && (entry = readdir(tasks)) != NULL;) {
    pp_thread_time time = {.id = (pid_t)strtol(entry->d_name, NULL, 10)};
    if (time.id <= 0) continue;
    /* A thread that ended meanwhile has no files. */
    if (!read_time(dirfd(tasks), entry->d_name, &text, &time)) continue;
    room = pp_buffer_add(&threads->times, &time, sizeof time) &&
           add_children(dirfd(tasks), entry->d_name, &text, &threads->children);
  }
  closedir(tasks);
  pp_buffer_free(&text);
  return room && threads->times.length > 0;
}

bool pp_main_thread_read(pid_t pid, pp_thread_time *time) {
  char path[60], thread[20];
  snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
  snprintf(thread, sizeof thread, "%ld", (long)pid);
  int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return false;
  pp_buffer text = {0};
  time->id = pid;
  bool read = read_time(directory, thread, &text, time);
  pp_buffer_free(&text);
  close(directory);
  return read;
}

void pp_threads_free(pp_threads *threads) {
  pp_buffer_free(&threads->times);
  pp_buffer_free(&threads->children);
}
