/* interrupt.h - Ctrl-C stops the code that runs in a Lua state, and long calls of the core. */
#ifndef PYPROF_HOST_INTERRUPT_H
#define PYPROF_HOST_INTERRUPT_H

#include <lua.h>
#include <stdbool.h>

/* From now on the first Ctrl-C raises "interrupted" in the state; a second one kills. The error is
 * raised between two instructions of Lua, inside its string, table and utf8 libraries, or inside a
 * match by PCRE2's JIT; any other C function ends first. */
void pp_interrupt_catch(lua_State *L);

/* Replaces Lua's coroutine functions by ones that Ctrl-C stops, too. The libraries must be open. */
void pp_interrupt_open(lua_State *L);

/* Was there a Ctrl-C since the last pp_interrupt_forget? */
bool pp_interrupt_seen(void);

/* Forgets the last Ctrl-C, so that the next one is a first one again. */
void pp_interrupt_forget(void);

#endif
