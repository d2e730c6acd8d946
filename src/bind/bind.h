/* bind.h - functions that all bindings share. */
#ifndef PYPROF_BIND_BIND_H
#define PYPROF_BIND_BIND_H

#include <lauxlib.h>
#include <lua.h>

#include "pyprof/control.h"
#include "pyprof/error.h"

/* Raises Lua's own error for a lack of memory, without a position, so that it has one message. */
_Noreturn void pp_bind_memory(lua_State *L);

/* Pushes nil and the message, and "usage" for PP_ARGUMENT. Returns the number of values. It raises
 * an error for PP_MEMORY, so that no caller takes that for a fault of its input. */
int pp_bind_fail(lua_State *L, const pp_error *error);

/* Pushes nil, "WHAT: reason of errno". Nothing may change errno before the call. */
int pp_bind_fail_errno(lua_State *L, const char *what);

/* A string argument without NUL bytes: a path, a word of a command line, a variable. */
const char *pp_bind_path(lua_State *L, int argument);

/* The control that the host put in the registry; Ctrl-C sets its cancel flag. Never NULL. */
const pp_control *pp_bind_control(lua_State *L);
void pp_bind_set_control(lua_State *L, const pp_control *control);

/* While its state is not NULL, Ctrl-C may raise an error in that state at any moment. So it is set
 * only around calls that take long, allocate nothing and hold nothing. Never NULL. */
typedef struct pp_exposure {
  lua_State *volatile state;
} pp_exposure;

pp_exposure *pp_bind_exposure(lua_State *L);
void pp_bind_set_exposure(lua_State *L, pp_exposure *exposure);

/* The pattern of an argument that is a Regex (pyprof.core.regex); it lives as long as the Regex. */
const struct pp_regex *pp_bind_regex(lua_State *L, int argument);

/* All modules under pyprof.core, for package.preload; ends with {NULL, NULL}. */
extern const luaL_Reg pp_bind_modules[];

#endif
