/* control.h - how a caller cancels a long call of the core and follows its progress.
 *
 * The caller owns it and keeps it alive for the call. Every member may be left zero. A call
 * checks `cancel` at least every few milliseconds; once it is set, the call returns PP_CANCELLED
 * and has made nothing. `progress` is called about ten times a second at most, on any thread of
 * the call but never on two at once; total is 0 if it is not known. `waiting` is called once, on
 * any thread, if a file that is not a regular one gave nothing for a second.
 */
#ifndef PYPROF_CONTROL_H
#define PYPROF_CONTROL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pp_control {
  volatile sig_atomic_t *cancel;
  void (*progress)(void *data, uint64_t done, uint64_t total);
  void *data;
  void (*waiting)(const char *path);
} pp_control;

static inline bool pp_control_cancelled(const pp_control *control) {
  return control != NULL && control->cancel != NULL && *control->cancel != 0;
}

#endif
