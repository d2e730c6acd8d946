/* sandbox.h - the module pyprof.core.sandbox: work in a process that can only compute.
 *
 * A forked child has all the collected data. It limits its memory and processor time, gives up all
 * system calls but those for memory and for writing to its two pipes, and then does the work. The
 * kernel enforces these limits, whatever the work does to the Lua state; only bytes and a status
 * come out. A limit on the time of this process's Lua would not work inside C functions.
 */
#ifndef PYPROF_HOST_SANDBOX_H
#define PYPROF_HOST_SANDBOX_H

#include <lua.h>

int luaopen_pyprof_core_sandbox(lua_State *L);

#endif
