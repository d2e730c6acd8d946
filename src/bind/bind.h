/* bind.h - what the bindings share. */
#ifndef PYPROF_BIND_BIND_H
#define PYPROF_BIND_BIND_H

#include <lauxlib.h>
#include <lua.h>

#include "pyprof/control.h"
#include "pyprof/error.h"

/* Raises what Lua itself raises, without a position, so that the end of memory has one name. */
_Noreturn void pp_bind_memory(lua_State *L);

/* Pushes nil, message; and "usage" where what was asked for cannot be. Returns how many. Raises
 * where memory ends: nobody may take that for something that the message is about. */
int pp_bind_fail(lua_State *L, const pp_error *error);

/* nil, "WHAT: reason of errno"; call it before anything that may change errno. */
int pp_bind_fail_errno(lua_State *L, const char *what);

/* A string argument without NUL bytes: a path, a word of a command line, a variable. */
const char *pp_bind_path(lua_State *L, int argument);

/* The control that the host put in the registry: its cancel flag is Ctrl-C's. Never NULL. */
const pp_control *pp_bind_control(lua_State *L);
void pp_bind_set_control(lua_State *L, const pp_control *control);

/* While its state is not NULL, an error may be raised in that at any moment: set it around what
 * takes long, allocates nothing and holds nothing. Ctrl-C uses it. Never NULL. */
typedef struct pp_exposure {
  lua_State *volatile state;
} pp_exposure;

pp_exposure *pp_bind_exposure(lua_State *L);
void pp_bind_set_exposure(lua_State *L, pp_exposure *exposure);

/* The pattern of a Regex argument, as pyprof.core.regex makes them; lives as long as that. */
const struct pp_regex *pp_bind_regex(lua_State *L, int argument);

/* All modules under pyprof.core, for package.preload; ends with {NULL, NULL}. */
extern const luaL_Reg pp_bind_modules[];

#endif
