/* values.h - arguments and results that the files of pyprof.core.profile share. */
#ifndef PYPROF_BIND_VALUES_H
#define PYPROF_BIND_VALUES_H

#include "bind.h"
#include "pyprof/calls.h"
#include "pyprof/profile.h"

#define PP_BIND_PROFILE "pyprof.core.profile"

/* The profile at this argument; raises if it is none, or closed. */
pp_profile *pp_bind_profile(lua_State *L, int argument);
/* The call tree at this argument; raises if it is none, or closed. */
pp_calls *pp_bind_calls(lua_State *L, int argument);
/* The array of groups as numbers of the core, in a userdata that is pushed. */
const uint32_t *pp_bind_groups(lua_State *L, int argument, const pp_profile *profile,
                               uint32_t group_count);
/* The array's numbers, the first at 1, in a userdata that is pushed; what is none is 0. */
uint32_t *pp_bind_ranks(lua_State *L, int argument);
uint32_t pp_bind_count(lua_State *L, int argument);
/* Room for count + 1 elements, in a userdata that is pushed. */
void *pp_bind_array(lua_State *L, size_t count, size_t size);
/* A place for what the core hands over for free(), in a userdata that is pushed: it is freed
 * even where turning it into tables raises. */
void **pp_bind_held(lua_State *L);
void pp_bind_set_integer(lua_State *L, const char *key, uint64_t value);
void pp_bind_set_number(lua_State *L, const char *key, double value);
/* Makes the metatable of a type; methods may be NULL. */
void pp_bind_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close);
/* Makes the metatable of what pp_bind_held pushes. */
void pp_bind_held_type(lua_State *L);

/* profile:calls(groups, group_count) → calls | nil, message */
int pp_bind_make_calls(lua_State *L);
void pp_bind_calls_type(lua_State *L);

#endif
