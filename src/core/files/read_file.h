/* read_file.h - the bytes of a file, as they are. */
#ifndef PYPROF_CORE_FILES_READ_FILE_H
#define PYPROF_CORE_FILES_READ_FILE_H

#include "pyprof/buffer.h"
#include "pyprof/error.h"

/* Replaces the buffer's bytes by the file's, and reserves `room` bytes behind them. The message of
 * PP_SYSTEM is the reason alone. */
pp_code pp_file_read(pp_buffer *text, const char *path, size_t room, pp_error *error);

#endif
