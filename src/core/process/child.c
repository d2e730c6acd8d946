/* child.c - what the parts of a run do with a child. */
#include "process/child.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "pyprof/system.h"

double pp_clock_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void pp_close_descriptor(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

pp_child *pp_child_add(pp_run *run) {
  pp_child *children = realloc(run->children, (run->count + 1) * sizeof *children);
  if (children == NULL) return NULL;
  run->children = children;
  children[run->count] = (pp_child){
      .descriptor = -1, .output = -1, .gate = -1, .record = -1, .life = -1, .go = -1};
  return &children[run->count];
}

bool pp_child_read(int descriptor, void *bytes, size_t length) {
  ssize_t got;
  do got = read(descriptor, bytes, length);
  while (got < 0 && errno == EINTR);
  return got == (ssize_t)length;
}

bool pp_child_read_record(pp_child *child, pp_child_record *record) {
  bool good = pp_child_read(child->record, record, sizeof *record);
  pp_close_descriptor(&child->record);
  pp_close_descriptor(&child->life);
  return good;
}
