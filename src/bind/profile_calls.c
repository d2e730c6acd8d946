/* profile_calls.c - the call trees of pyprof.core.profile. */
#include <stdlib.h>

#include "pyprof/calls.h"
#include "values.h"

#define CALLS "pyprof.core.calls"

pp_calls *pp_bind_calls(lua_State *L, int argument) {
  pp_calls **handle = luaL_checkudata(L, argument, CALLS);
  luaL_argcheck(L, *handle != NULL, argument, "the calls are closed");
  return *handle;
}

static int close_calls(lua_State *L) {
  pp_calls **handle = luaL_checkudata(L, 1, CALLS);
  pp_calls_free(*handle);
  *handle = NULL;
  return 0;
}

/* profile:calls(groups, group_count) → calls | nil, message */
static int make_calls(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  uint32_t count = pp_bind_count(L, 3);
  const uint32_t *groups = pp_bind_groups(L, 2, profile, count);
  pp_calls **handle = lua_newuserdatauv(L, sizeof *handle, 0);
  *handle = NULL;
  luaL_setmetatable(L, CALLS);
  pp_error error;
  pp_code code = pp_calls_make(profile, groups, count, pp_bind_control(L), handle, &error);
  return code == PP_OK ? 1 : pp_bind_fail(L, &error);
}

const luaL_Reg pp_bind_calls_made[] = { { "calls", make_calls }, { NULL, NULL } };

/* calls:leaves(ranks, by_samples, limit?) → numbers, samples, weight | nil, message: an array each,
 * of the calls that have samples of their own, the greatest first. ranks: one for each group, from
 * 1; 0 leaves the group out */
static int leaves(lua_State *L) {
  const pp_calls *tree = pp_bind_calls(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_Unsigned group_count = pp_calls_group_count(tree);
  luaL_argcheck(L, lua_rawlen(L, 2) == group_count, 2, "one rank a group is wanted");
  luaL_checktype(L, 3, LUA_TBOOLEAN);
  size_t limit = lua_isnoneornil(L, 4) ? SIZE_MAX : pp_bind_count(L, 4);
  const uint32_t *ranks = pp_bind_ranks(L, 2);
  void **held = pp_bind_held(L);
  uint32_t *numbers = NULL;
  size_t count;
  pp_error error;
  pp_code code = pp_calls_leaves(tree, ranks, lua_toboolean(L, 3) != 0, limit, &numbers, &count,
                                 &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  *held = numbers;
  int first = lua_gettop(L) + 1;
  for (int i = 0; i < 3; i++) lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    pp_call call;
    pp_calls_get(tree, numbers[i], &call);
    lua_pushinteger(L, numbers[i]);
    lua_rawseti(L, first, (lua_Integer)i + 1);
    lua_pushinteger(L, (lua_Integer)call.self);
    lua_rawseti(L, first + 1, (lua_Integer)i + 1);
    lua_pushnumber(L, call.self_weight);
    lua_rawseti(L, first + 2, (lua_Integer)i + 1);
  }
  return 3;
}

/* calls:thread_leaves(profile, ranks, by_tests) → threads, numbers, samples, weight, tests | nil,
 * message: an array each, of the same calls for each thread by itself, or each thread and test */
static int thread_leaves(lua_State *L) {
  const pp_calls *tree = pp_bind_calls(L, 1);
  pp_profile *profile = pp_bind_profile(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Unsigned group_count = pp_calls_group_count(tree);
  luaL_argcheck(L, lua_rawlen(L, 3) == group_count, 3, "one rank a group is wanted");
  bool by_tests = lua_toboolean(L, 4) != 0;
  const uint32_t *ranks = pp_bind_ranks(L, 3);
  void **held = pp_bind_held(L);
  pp_thread_leaf *list = NULL;
  size_t count;
  pp_error error;
  pp_code code = pp_calls_thread_leaves(tree, profile, ranks, by_tests, &list, &count, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  *held = list;
  int first = lua_gettop(L) + 1;
  for (int i = 0; i < 5; i++) lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushinteger(L, (lua_Integer)list[i].thread + 1);
    lua_rawseti(L, first, (lua_Integer)i + 1);
    lua_pushinteger(L, list[i].call);
    lua_rawseti(L, first + 1, (lua_Integer)i + 1);
    lua_pushinteger(L, (lua_Integer)list[i].samples);
    lua_rawseti(L, first + 2, (lua_Integer)i + 1);
    lua_pushnumber(L, list[i].weight);
    lua_rawseti(L, first + 3, (lua_Integer)i + 1);
    lua_pushinteger(L, (lua_Integer)list[i].test + 1);
    lua_rawseti(L, first + 4, (lua_Integer)i + 1);
  }
  return 5;
}

/* calls:path(number) → array of groups, root first */
static int path(lua_State *L) {
  const pp_calls *tree = pp_bind_calls(L, 1);
  lua_Integer number = luaL_checkinteger(L, 2);
  luaL_argcheck(L, number >= 0 && number < (lua_Integer)pp_calls_count(tree), 2, "no such call");
  pp_call call;
  pp_calls_get(tree, (uint32_t)number, &call);
  lua_createtable(L, (int)call.depth, 0);
  while (call.depth > 0) {
    lua_pushinteger(L, call.group);
    lua_rawseti(L, -2, call.depth);
    pp_calls_get(tree, call.parent, &call);
  }
  return 1;
}

/* calls:step(number) → parent, group; 0, 0 for the root */
static int step(lua_State *L) {
  const pp_calls *tree = pp_bind_calls(L, 1);
  lua_Integer number = luaL_checkinteger(L, 2);
  luaL_argcheck(L, number >= 0 && number < (lua_Integer)pp_calls_count(tree), 2, "no such call");
  pp_call call;
  pp_calls_get(tree, (uint32_t)number, &call);
  lua_pushinteger(L, call.parent);
  lua_pushinteger(L, call.group);
  return 2;
}

/* calls:tree(depth?, least) → array of { number, parent, group, depth, line, self, total,
 * self_weight, total_weight }, parents first, without calls that are deeper or whose total weight
 * is less; the root is number 0 */
static int tree(lua_State *L) {
  const pp_calls *from = pp_bind_calls(L, 1);
  lua_Integer depth = luaL_optinteger(L, 2, LUA_MAXINTEGER);
  double least = luaL_checknumber(L, 3);
  lua_newtable(L);
  lua_Integer found = 0;
  for (uint32_t i = 0; i < pp_calls_count(from); i++) {
    pp_call call;
    pp_calls_get(from, i, &call);
    if (i > 0 && (call.depth > depth || call.total_weight < least)) continue;
    lua_createtable(L, 0, 9);
    pp_bind_set_integer(L, "number", i);
    pp_bind_set_integer(L, "parent", call.parent);
    pp_bind_set_integer(L, "group", call.group);
    pp_bind_set_integer(L, "depth", call.depth);
    pp_bind_set_integer(L, "line", call.line);
    pp_bind_set_integer(L, "self", call.self);
    pp_bind_set_integer(L, "total", call.total);
    pp_bind_set_number(L, "self_weight", call.self_weight);
    pp_bind_set_number(L, "total_weight", call.total_weight);
    lua_rawseti(L, -2, ++found);
  }
  return 1;
}

void pp_bind_calls_type(lua_State *L) {
  static const luaL_Reg methods[] = {
    { "leaves", leaves }, { "thread_leaves", thread_leaves }, { "path", path },
    { "step", step },     { "tree", tree },                   { "close", close_calls },
    { NULL, NULL },
  };
  pp_bind_type(L, CALLS, methods, close_calls);
}
