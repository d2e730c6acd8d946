#include "files/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pyprof/files.h"

/* A short read of a regular file is its last. */
pp_code pp_file_read(pp_buffer *text, const char *path, size_t room, pp_error *error) {
  const char *special = pp_file_special(path);
  if (special != NULL) return pp_error_set(error, PP_SYSTEM, "is %s", special);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return pp_error_system(error, NULL, errno);
  struct stat status;
  bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  size_t wanted = regular && status.st_size > 0 ? (size_t)status.st_size + 1 : 4096;
  text->length = 0;
  for (;;) {
    if (!pp_buffer_reserve(text, wanted + room)) {
      close(file);
      return pp_error_memory(error);
    }
    ssize_t got = read(file, text->data + text->length, wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) text->length += (size_t)got;
    if (got <= 0 || (regular && (size_t)got < wanted)) {
      int number = errno;
      close(file);
      return got < 0 ? pp_error_system(error, NULL, number) : PP_OK;
    }
    wanted = text->length;
  }
}
