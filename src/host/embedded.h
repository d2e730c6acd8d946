/* embedded.h - the files of lua/ and scripts/, embedded byte for byte in the program, and the byte
 * code of the library. */
#ifndef PYPROF_HOST_EMBEDDED_H
#define PYPROF_HOST_EMBEDDED_H

#include <lua.h>
#include <stdbool.h>

struct pp_embedded_file {
  const char *name; /* "lua/pyprof/init.lua"; NULL ends the list, which is sorted by name */
  const char *begin, *end;
  const char *code, *code_end; /* NULL: none */
};

extern const struct pp_embedded_file pp_embedded_files[];

/* NULL: no file has this name. */
const struct pp_embedded_file *pp_embedded_find(const char *name);
/* Are the file's bytes the same as when the program was built? */
bool pp_embedded_is_unchanged(const char *path, const struct pp_embedded_file *file);

/* The module pyprof.core.embedded. */
int luaopen_pyprof_core_embedded(lua_State *L);

#endif
