/* values.h - arguments and results that the files of pyprof.core.profile share. */
#ifndef PYPROF_BIND_VALUES_H
#define PYPROF_BIND_VALUES_H

#include "bind.h"
#include "pyprof/calls.h"
#include "pyprof/profile.h"

#define PP_BIND_PROFILE "pyprof.core.profile"

/* A handle of a profile, made closed and filled last. */
pp_profile **pp_bind_push_profile(lua_State *L);
/* What a call returns with the handle on top of the stack: it, or nil and why not. The collector
 * is told what hangs on it: it would see a few bytes only, and let many views pile up. */
int pp_bind_made(lua_State *L, pp_code code, const pp_error *error);
/* The profile at this argument; raises if it is none, or closed. */
pp_profile *pp_bind_profile(lua_State *L, int argument);
/* The call tree at this argument; raises if it is none, or closed. */
pp_calls *pp_bind_calls(lua_State *L, int argument);
/* The string at this argument, which must have one byte for each. */
const uint8_t *pp_bind_mask(lua_State *L, int argument, size_t length);
const uint8_t *pp_bind_frame_mask(lua_State *L, int argument, const pp_profile *profile);
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
void pp_bind_push_text(lua_State *L, pp_text text);
void pp_bind_set_text(lua_State *L, const char *key, pp_text text);
/* An array of the values from the second on: groups count from 1. */
void pp_bind_push_integers(lua_State *L, const uint64_t *values, uint32_t count);
void pp_bind_push_numbers(lua_State *L, const double *values, uint32_t count);
/* Makes the metatable of a type; methods may be NULL. */
void pp_bind_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close);
/* Makes the metatable of what pp_bind_held pushes. */
void pp_bind_held_type(lua_State *L);

/* The methods of a profile, by the files that hold them: each list ends in a NULL. */
extern const luaL_Reg pp_bind_views[], pp_bind_totals[], pp_bind_calls_made[], pp_bind_timeline[];
void pp_bind_calls_type(lua_State *L);

#endif
