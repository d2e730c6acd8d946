/* host.h - a Lua state with everything of ours in it.
 *
 * Modules are found in this order: package.preload (the C modules, cjson), the share directory
 * or checkout next to the program if its lua/pyprof/version.lua is ours, the copies embedded in
 * the program, then LUA_PATH and LUA_CPATH less everything relative: never the working directory.
 */
#ifndef PYPROF_HOST_HOST_H
#define PYPROF_HOST_HOST_H

#include <lua.h>

/* Called unprotected: raises where memory ends or the environment is odd. */
void pp_host_open(lua_State *L);

#endif
