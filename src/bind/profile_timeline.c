/* profile_timeline.c - the methods of pyprof.core.profile for threads and time. */
#include "pyprof/timeline.h"
#include "values.h"

/* profile:threads() → array of { name, command, id?, pid?, parent?, main, present, samples,
 * weight } by the thread's number | nil, message */
static int threads(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  void **held = pp_bind_held(L);
  pp_thread *list = NULL;
  uint32_t count;
  pp_error error;
  pp_code code = pp_profile_threads(profile, pp_bind_control(L), &list, &count, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  *held = list;
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 0; i < count; i++) {
    lua_createtable(L, 0, 9);
    pp_bind_set_text(L, "name", list[i].name);
    pp_bind_set_text(L, "command", list[i].command);
    if (list[i].id >= 0) pp_bind_set_integer(L, "id", (uint64_t)list[i].id);
    if (list[i].pid >= 0) pp_bind_set_integer(L, "pid", (uint64_t)list[i].pid);
    if (list[i].parent >= 0) pp_bind_set_integer(L, "parent", (uint64_t)list[i].parent);
    lua_pushboolean(L, list[i].main);
    lua_setfield(L, -2, "main");
    lua_pushboolean(L, list[i].present);
    lua_setfield(L, -2, "present");
    pp_bind_set_integer(L, "samples", list[i].samples);
    pp_bind_set_number(L, "weight", list[i].weight);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* The increasing numbers of the argument's array. */
static const double *bounds_of(lua_State *L, int argument, size_t *count) {
  luaL_checktype(L, argument, LUA_TTABLE);
  *count = lua_rawlen(L, argument);
  luaL_argcheck(L, *count >= 2 && *count < INT32_MAX, argument, "two bounds at least are wanted");
  double *bounds = pp_bind_array(L, *count, sizeof *bounds);
  for (size_t i = 0; i < *count; i++) {
    lua_rawgeti(L, argument, (lua_Integer)i + 1);
    bounds[i] = luaL_checknumber(L, -1);
    luaL_argcheck(L, i == 0 || bounds[i] >= bounds[i - 1], argument, "bounds do not increase");
    lua_pop(L, 1);
  }
  return bounds;
}

/* profile:slices(bounds) → array of profiles, one element less | nil, message */
static int slices(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  size_t count;
  const double *bounds = bounds_of(L, 2, &count);
  pp_profile **views = pp_bind_array(L, count, sizeof(pp_profile *));
  pp_profile ***handles = pp_bind_array(L, count, sizeof(pp_profile **));
  lua_createtable(L, (int)count - 1, 0);
  for (size_t i = 0; i + 1 < count; i++) {
    handles[i] = pp_bind_push_profile(L);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  pp_error error;
  pp_code code = pp_profile_slices(profile, bounds, count, pp_bind_control(L), views, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  for (size_t i = 0; i + 1 < count; i++) *handles[i] = views[i];
  return 1;
}

/* profile:cut(bounds) → samples, weight: an array each, one element less | nil, message */
static int cut(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  size_t count;
  const double *bounds = bounds_of(L, 2, &count);
  uint64_t *samples = pp_bind_array(L, count, sizeof *samples);
  double *weight = pp_bind_array(L, count, sizeof *weight);
  pp_error error;
  pp_code code = pp_profile_cut(profile, bounds, count, pp_bind_control(L), samples + 1,
                                weight + 1, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  pp_bind_push_integers(L, samples, (uint32_t)count - 1);
  pp_bind_push_numbers(L, weight, (uint32_t)count - 1);
  return 2;
}

/* profile:runs(groups, group_count, { calls = calls?, order = "start"|"weight"|"samples",
 *              limit = integer?, group_ranks = {}, thread_ranks = {} })
 *   → array of { thread, key, from, to, samples, weight } | nil, message
 * key: the leaf's group, or with calls the number of its call; ties are sorted by rank */
static int runs(lua_State *L) {
  static const char *const orders[] = { "start", "weight", "samples", NULL };
  pp_profile *profile = pp_bind_profile(L, 1);
  uint32_t group_count = pp_bind_count(L, 3);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_settop(L, 4);
  const uint32_t *groups = pp_bind_groups(L, 2, profile, group_count);
  lua_getfield(L, 4, "calls");
  const pp_calls *by = lua_isnil(L, 6) ? NULL : pp_bind_calls(L, 6);
  lua_getfield(L, 4, "order");
  pp_stretch_order order = (pp_stretch_order)luaL_checkoption(L, 7, NULL, orders);
  lua_getfield(L, 4, "limit");
  size_t limit = lua_isnil(L, 8) ? INT32_MAX : pp_bind_count(L, 8);
  lua_getfield(L, 4, "group_ranks");
  luaL_argcheck(L, lua_rawlen(L, 9) == group_count, 4, "one rank a group is wanted");
  const uint32_t *group_ranks = pp_bind_ranks(L, 9);
  lua_getfield(L, 4, "thread_ranks");
  size_t thread_count = lua_rawlen(L, 11);
  const uint32_t *thread_ranks = pp_bind_ranks(L, 11);
  void **held = pp_bind_held(L);
  pp_stretch *list = NULL;
  size_t count;
  pp_error error;
  const pp_control *control = pp_bind_control(L);
  pp_code code = pp_profile_runs(profile, groups, by, control, &list, &count, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  *held = list;
  for (size_t i = 0; i < count; i++) {
    luaL_argcheck(L, list[i].thread < thread_count, 4, "one rank a thread is wanted");
  }
  code = pp_stretches_sort(list, count, order, by, group_ranks, thread_ranks + 1, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  if (count > limit) count = limit;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    if (i % 1024 == 0 && pp_control_cancelled(control)) {
      pp_error_set(&error, PP_CANCELLED, "interrupted");
      return pp_bind_fail(L, &error);
    }
    lua_createtable(L, 0, 12);
    pp_bind_set_integer(L, "thread", (uint64_t)list[i].thread + 1);
    pp_bind_set_integer(L, "key", list[i].key);
    pp_bind_set_number(L, "from", list[i].from);
    pp_bind_set_number(L, "to", list[i].to);
    pp_bind_set_integer(L, "samples", list[i].samples);
    pp_bind_set_number(L, "weight", list[i].weight);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

const luaL_Reg pp_bind_timeline[] = {
  { "threads", threads }, { "cut", cut }, { "slices", slices }, { "runs", runs }, { NULL, NULL },
};
