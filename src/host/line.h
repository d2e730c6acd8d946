/* line.h - the module pyprof.core.line. */
#ifndef PYPROF_HOST_LINE_H
#define PYPROF_HOST_LINE_H

#include <lua.h>

/* The module pyprof.core.line: reading lines from a terminal. */
int luaopen_pyprof_core_line(lua_State *L);

#endif
