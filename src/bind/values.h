/* values.h - arguments and results that the files of pyprof.core.profile share. */
#ifndef PYPROF_BIND_VALUES_H
#define PYPROF_BIND_VALUES_H

#include "bind.h"
#include "pyprof/calls.h"
#include "pyprof/profile.h"

#define PP_BIND_PROFILE "pyprof.core.profile"
#define PP_BIND_VECTOR "pyprof.core.vector"

/* Pushes a closed handle of a profile, which is filled at the end. */
pp_profile **pp_bind_push_profile(lua_State *L);
/* Returns the handle on top of the stack, or nil, message. The garbage collector sees only a few
 * bytes of a profile and would let many views pile up, so it does a step for the profile's size. */
int pp_bind_made(lua_State *L, pp_code code, const pp_error *error);
/* The profile at this argument; it is an error if it is no profile, or closed. */
pp_profile *pp_bind_profile(lua_State *L, int argument);
/* The call tree at this argument; it is an error if it is no call tree, or closed. */
pp_calls *pp_bind_calls(lua_State *L, int argument);
/* The string at this argument, which must have `length` bytes. */
const uint8_t *pp_bind_mask(lua_State *L, int argument, size_t length);
const uint8_t *pp_bind_frame_mask(lua_State *L, int argument, const pp_profile *profile);
/* Pushes a userdata with the groups of an array or a vector, as the core counts them. */
const uint32_t *pp_bind_groups(lua_State *L, int argument, const pp_profile *profile,
                               uint32_t group_count);
/* Pushes a userdata with the array's numbers, the first at index 1; any other value is 0. */
uint32_t *pp_bind_ranks(lua_State *L, int argument);
uint32_t pp_bind_count(lua_State *L, int argument);
/* Pushes a userdata with room for count + 1 elements. */
void *pp_bind_array(lua_State *L, size_t count, size_t size);
/* Pushes a userdata with a place for a block of the core that ends with free(). So the block is
 * freed even if making tables of it raises an error. */
void **pp_bind_held(lua_State *L);
void pp_bind_set_integer(lua_State *L, const char *key, uint64_t value);
void pp_bind_set_number(lua_State *L, const char *key, double value);
void pp_bind_push_text(lua_State *L, pp_text text);
void pp_bind_set_text(lua_State *L, const char *key, pp_text text);
/* Pushes an array of all values but the first, which is for no group. */
void pp_bind_push_integers(lua_State *L, const uint64_t *values, uint32_t count);
void pp_bind_push_numbers(lua_State *L, const double *values, uint32_t count);

/* The elements of a vector: numbers, or the names of a profile's frames. */
typedef enum pp_bind_kind { PP_BIND_U32, PP_BIND_U64, PP_BIND_F64, PP_BIND_NAMES } pp_bind_kind;

/* Pushes a vector and returns its elements: those that Lua sees begin at [1], [0] is for no group.
 * Names have no elements but the profile, which the caller sets as user value 1. */
void *pp_bind_vector(lua_State *L, pp_bind_kind kind, uint32_t count);
/* The elements of a vector of PP_BIND_U32, from [0] on; NULL: the argument is no such vector. */
uint32_t *pp_bind_vector_u32(lua_State *L, int argument, uint32_t *count);
/* An element of a vector of numbers. */
double pp_bind_vector_number(lua_State *L, int argument, uint32_t number);
void pp_bind_vector_type(lua_State *L);

/* Makes the metatable of a type; methods may be NULL. */
void pp_bind_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close);
/* Makes the metatable of the userdata of pp_bind_held. */
void pp_bind_held_type(lua_State *L);

/* The methods of a profile, one list for each file that has some. Each list ends in a NULL. */
extern const luaL_Reg pp_bind_views[], pp_bind_totals[], pp_bind_calls_made[], pp_bind_timeline[],
    pp_bind_tests[], pp_bind_page[], pp_bind_weights[];
void pp_bind_calls_type(lua_State *L);
void pp_bind_page_type(lua_State *L);
int pp_bind_rank(lua_State *L); /* core.rank: profile_totals.c explains it */

#endif
