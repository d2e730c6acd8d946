#include <string.h>
#include <sys/stat.h>

#include "pyprof/files.h"

static bool begins(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

const char *pp_file_special(const char *path) {
  struct stat status;
  if (begins(path, "/dev/fd/") || begins(path, "/proc/self/fd/") ||
      strcmp(path, "/dev/stdin") == 0 || stat(path, &status) != 0) {
    return NULL;
  }
  if (S_ISFIFO(status.st_mode)) return "a FIFO";
  if (S_ISSOCK(status.st_mode)) return "a socket";
  return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode) ? "a device" : NULL;
}

bool pp_file_is_plain(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}
