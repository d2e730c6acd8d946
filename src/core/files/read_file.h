/* read_file.h - what a file holds, as it stands there. */
#ifndef PYPROF_CORE_FILES_READ_FILE_H
#define PYPROF_CORE_FILES_READ_FILE_H

#include "pyprof/buffer.h"
#include "pyprof/error.h"

/* In place of what the buffer held, with so many bytes of room behind it. The message of PP_SYSTEM
 * is the reason alone. */
pp_code pp_file_read(pp_buffer *text, const char *path, size_t room, pp_error *error);

#endif
