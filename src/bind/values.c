/* values.c - arguments and results of pyprof.core.profile. */
#include "values.h"

#include <stdlib.h>

#define HELD "pyprof.core.held"

/* A block of the core that ends with free(), held while tables are made of it. */
static int close_held(lua_State *L) {
  void **held = luaL_checkudata(L, 1, HELD);
  free(*held);
  *held = NULL;
  return 0;
}

void **pp_bind_held(lua_State *L) {
  void **held = lua_newuserdatauv(L, sizeof *held, 0);
  *held = NULL;
  luaL_setmetatable(L, HELD);
  return held;
}

pp_profile **pp_bind_push_profile(lua_State *L) {
  pp_profile **handle = lua_newuserdatauv(L, sizeof *handle, 0);
  *handle = NULL;
  luaL_setmetatable(L, PP_BIND_PROFILE);
  return handle;
}

pp_profile *pp_bind_profile(lua_State *L, int argument) {
  pp_profile **handle = luaL_checkudata(L, argument, PP_BIND_PROFILE);
  luaL_argcheck(L, *handle != NULL, argument, "the profile is closed");
  return *handle;
}

const uint8_t *pp_bind_mask(lua_State *L, int argument, size_t length) {
  size_t given;
  const char *mask = luaL_checklstring(L, argument, &given);
  luaL_argcheck(L, given == length, argument, "one byte for each is wanted");
  return (const uint8_t *)mask;
}

const uint8_t *pp_bind_frame_mask(lua_State *L, int argument, const pp_profile *profile) {
  return pp_bind_mask(L, argument, pp_profile_frame_count(profile));
}

const uint32_t *pp_bind_groups(lua_State *L, int argument, const pp_profile *profile,
                               uint32_t group_count) {
  uint32_t count = pp_profile_frame_count(profile), length;
  const uint32_t *vector = pp_bind_vector_u32(L, argument, &length);
  if (vector != NULL) {
    luaL_argcheck(L, length == count, argument, "one group a frame is wanted");
    for (uint32_t i = 1; i <= count; i++) {
      luaL_argcheck(L, vector[i] <= group_count, argument, "a group is out of range");
    }
    lua_pushvalue(L, argument);
    return vector + 1;
  }
  luaL_checktype(L, argument, LUA_TTABLE);
  luaL_argcheck(L, lua_rawlen(L, argument) == count, argument, "one group a frame is wanted");
  uint32_t *groups = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *groups, 0);
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, argument, (lua_Integer)i + 1);
    lua_Integer group = lua_tointeger(L, -1);
    luaL_argcheck(L, group >= 0 && group <= (lua_Integer)group_count, argument,
                  "a group is out of range");
    groups[i] = (uint32_t)group;
    lua_pop(L, 1);
  }
  return groups;
}

uint32_t *pp_bind_ranks(lua_State *L, int argument) {
  luaL_checktype(L, argument, LUA_TTABLE);
  size_t count = lua_rawlen(L, argument);
  uint32_t *ranks = pp_bind_array(L, count, sizeof *ranks);
  ranks[0] = 0;
  for (size_t i = 1; i <= count; i++) {
    lua_rawgeti(L, argument, (lua_Integer)i);
    ranks[i] = (uint32_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  return ranks;
}

uint32_t pp_bind_count(lua_State *L, int argument) {
  lua_Integer count = luaL_checkinteger(L, argument);
  luaL_argcheck(L, count >= 0 && count < INT32_MAX, argument, "out of range");
  return (uint32_t)count;
}

void *pp_bind_array(lua_State *L, size_t count, size_t size) {
  return lua_newuserdatauv(L, (count + 1) * size, 0);
}

void pp_bind_set_integer(lua_State *L, const char *key, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, key);
}

void pp_bind_set_number(lua_State *L, const char *key, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, key);
}

void pp_bind_push_text(lua_State *L, pp_text text) {
  lua_pushlstring(L, text.bytes, text.length);
}

void pp_bind_set_text(lua_State *L, const char *key, pp_text text) {
  pp_bind_push_text(L, text);
  lua_setfield(L, -2, key);
}

void pp_bind_push_integers(lua_State *L, const uint64_t *values, uint32_t count) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    lua_pushinteger(L, (lua_Integer)values[i]);
    lua_rawseti(L, -2, i);
  }
}

void pp_bind_push_numbers(lua_State *L, const double *values, uint32_t count) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    lua_pushnumber(L, values[i]);
    lua_rawseti(L, -2, i);
  }
}

int pp_bind_made(lua_State *L, pp_code code, const pp_error *error) {
  if (code != PP_OK) return pp_bind_fail(L, error);
  pp_profile *const *handle = lua_touserdata(L, -1);
  size_t kilobytes = pp_profile_memory(*handle) / 1024;
  if (kilobytes > 0) lua_gc(L, LUA_GCSTEP, kilobytes < INT32_MAX ? (int)kilobytes : INT32_MAX);
  return 1;
}

void pp_bind_type(lua_State *L, const char *name, const luaL_Reg *methods,
                  lua_CFunction close) {
  luaL_newmetatable(L, name);
  lua_pushcfunction(L, close);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, close);
  lua_setfield(L, -2, "__close");
  if (methods != NULL) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
}

void pp_bind_held_type(lua_State *L) {
  pp_bind_type(L, HELD, NULL, close_held);
}
