/* embedded.h - the files of lua/ and scripts/, byte for byte in the program, and the byte code of
 * the library's. */
#ifndef PYPROF_HOST_EMBEDDED_H
#define PYPROF_HOST_EMBEDDED_H

struct pp_embedded_file {
  const char *name; /* "lua/pyprof/init.lua"; NULL ends the list, which is sorted by name */
  const char *begin, *end;
  const char *code, *code_end; /* NULL: none */
};

extern const struct pp_embedded_file pp_embedded_files[];

#endif
