/* host.h - a Lua state with all our modules.
 *
 * Modules are searched for in this order: package.preload (the C modules, cjson), the share
 * directory or checkout beside the program if its lua/pyprof/version.lua is ours, the copies
 * embedded in the program, then the absolute entries of LUA_PATH and LUA_CPATH. The working
 * directory is never searched.
 */
#ifndef PYPROF_HOST_HOST_H
#define PYPROF_HOST_HOST_H

#include <lua.h>

/* It must be called in protected mode: it raises an error if memory is short or the environment is
 * odd. */
void pp_host_open(lua_State *L);

#endif
