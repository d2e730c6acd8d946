/* label.h - the process and thread of samples, as py-spy and austin write them. */
#ifndef PYPROF_CORE_RECORDING_LABEL_H
#define PYPROF_CORE_RECORDING_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are parts of the given text, NULL if it has none; ids are -1 if unknown. */
typedef struct pp_label {
  const char *name, *command, *kind;
  size_t name_length, command_length, kind_length;
  int64_t id, pid;
} pp_label;

typedef enum pp_marker { PP_NO_MARKER, PP_PROCESS_MARKER, PP_THREAD_MARKER } pp_marker;

/* Is this frame's name `process 12:"command"`, `thread (34)`, `thread (34): name` or `tid:34`?
 * A frame with a file or a line is never a marker, so the caller does not ask about it. */
pp_marker pp_label_marker(const char *text, size_t length, pp_label *label);

/* Reads a profile's name: `Process P Thread T "name"`, `Thread T "name"`, austin's `CPU time
 * profile for P:T`, or memray's kinds; anything else is the thread's name. */
void pp_label_profile(const char *text, size_t length, pp_label *label);

#endif
