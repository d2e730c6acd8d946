/* embedded.h - the files of lua/ and scripts/, byte for byte in the program. */
#ifndef PYPROF_HOST_EMBEDDED_H
#define PYPROF_HOST_EMBEDDED_H

struct pp_embedded_file {
  const char *name; /* "lua/pyprof/init.lua"; NULL ends the list, which is sorted by name */
  const char *begin, *end;
};

extern const struct pp_embedded_file pp_embedded_files[];

#endif
