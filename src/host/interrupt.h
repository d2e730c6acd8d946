/* interrupt.h - Ctrl-C: stops what runs in a Lua state, and long calls of the core. */
#ifndef PYPROF_INTERRUPT_H
#define PYPROF_INTERRUPT_H

#include <lua.h>
#include <stdbool.h>

/* From now on the first Ctrl-C raises "interrupted" in the state; a second one kills. */
void pp_interrupt_catch(lua_State *L);

/* Was there one since it was last forgotten? */
bool pp_interrupt_seen(void);

/* Forgets the one that was; the next is a first one again. */
void pp_interrupt_forget(void);

/* The module pyprof.core.line: lines that are typed at a terminal. */
int luaopen_pyprof_core_line(lua_State *L);

#endif
