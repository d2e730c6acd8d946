#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pyprof/system.h"

pp_code pp_memory_file(const char *label, int *descriptor, pp_error *error) {
  *descriptor = memfd_create(label, MFD_CLOEXEC);
  if (*descriptor < 0) return pp_error_system(error, "cannot make a file in memory", errno);
  return PP_OK;
}

static bool write_at(int descriptor, const char *bytes, size_t length, off_t at) {
  while (length > 0) {
    ssize_t written = pwrite(descriptor, bytes, length, at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    length -= (size_t)written;
    at += written;
  }
  return true;
}

/* The place of the last byte that is no white space; -1: there is none near the end. */
static off_t last_byte(int descriptor, char *byte) {
  char text[64];
  struct stat status;
  if (fstat(descriptor, &status) != 0) return -1;
  off_t from = status.st_size > (off_t)sizeof text ? status.st_size - (off_t)sizeof text : 0;
  ssize_t got = pread(descriptor, text, sizeof text, from);
  while (got > 0 && strchr(" \t\r\n", text[got - 1]) != NULL && text[got - 1] != 0) got--;
  if (got <= 0) return -1;
  *byte = text[got - 1];
  return from + got - 1;
}

pp_code pp_file_set_last(int descriptor, off_t *end, const char *text, size_t length,
                         pp_error *error) {
  char byte;
  if (*end < 0) {
    off_t last = last_byte(descriptor, &byte);
    if (last < 0 || byte != '}') {
      return pp_error_set(error, PP_FORMAT, "the file does not end as a JSON object");
    }
    *end = last;
  }
  /* A file that cannot hold the text becomes what it was. */
  if (ftruncate(descriptor, *end) == 0 && write_at(descriptor, text, length, *end) &&
      write_at(descriptor, "}\n", 2, *end + (off_t)length)) {
    return PP_OK;
  }
  int reason = errno;
  if (ftruncate(descriptor, *end) == 0) write_at(descriptor, "}\n", 2, *end);
  return pp_error_system(error, "cannot write a file in memory", reason);
}
