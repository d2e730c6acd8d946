/* sandbox.h - the module pyprof.core.sandbox: work in a process that can do nothing but compute.
 *
 * A child, forked with all that has been collected, gives up every system call but those that
 * memory and writing to its two pipes take, has a limit of memory and one of processor time, and
 * then does the work. The kernel holds these walls, whatever the work makes of the Lua state;
 * what comes out are bytes and a status. A limit of time on this process's Lua alone would not
 * hold inside C functions.
 */
#ifndef PYPROF_HOST_SANDBOX_H
#define PYPROF_HOST_SANDBOX_H

#include <lua.h>

int luaopen_pyprof_core_sandbox(lua_State *L);

#endif
