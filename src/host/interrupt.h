/* interrupt.h - Ctrl-C: stops what runs in a Lua state, and long calls of the core. */
#ifndef PYPROF_HOST_INTERRUPT_H
#define PYPROF_HOST_INTERRUPT_H

#include <lua.h>
#include <stdbool.h>

/* From now on the first Ctrl-C raises "interrupted" in the state; a second one kills. Raised it is
 * between two instructions of Lua, within its string, table and utf8 libraries, and within a match
 * by PCRE2's JIT; any other function in C ends first. */
void pp_interrupt_catch(lua_State *L);

/* Coroutines that Ctrl-C stops, too, in place of Lua's: the libraries have to be open. */
void pp_interrupt_open(lua_State *L);

/* Was there one since it was last forgotten? */
bool pp_interrupt_seen(void);

/* Forgets the one that was; the next is a first one again. */
void pp_interrupt_forget(void);

#endif
