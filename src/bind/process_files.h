/* process_files.h - what the files of pyprof.core.process share. */
#ifndef PYPROF_BIND_PROCESS_FILES_H
#define PYPROF_BIND_PROCESS_FILES_H

#include <lauxlib.h>
#include <lua.h>

/* Adds the functions for files and directories to the module on top of the stack. */
void pp_bind_files(lua_State *L);
/* The descriptor of a file in memory; -1: it is closed, or no such file. */
int pp_bind_descriptor(lua_State *L, int index);
/* Makes the metatable of a class whose objects are closed by `close`. */
void pp_bind_class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close);

#endif
