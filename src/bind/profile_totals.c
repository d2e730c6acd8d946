/* profile_totals.c - the methods of pyprof.core.profile that add up groups of frames. */
#include "pyprof/totals.h"
#include "values.h"

static void push_lines(lua_State *L, const uint32_t *values, uint32_t count) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    lua_pushinteger(L, values[i]);
    lua_rawseti(L, -2, i);
  }
}

/* Pushes the arrays of one grouping. */
static pp_totals push_totals(lua_State *L, size_t count) {
  return (pp_totals){
    .self = pp_bind_array(L, count, sizeof(uint64_t)),
    .total = pp_bind_array(L, count, sizeof(uint64_t)),
    .self_weight = pp_bind_array(L, count, sizeof(double)),
    .total_weight = pp_bind_array(L, count, sizeof(double)),
    .line = pp_bind_array(L, count, sizeof(uint32_t)),
  };
}

/* profile:totals({ groups, … }, { group_count, … }) → { { self, total, self_weight,
 * total_weight, line }, … }, seen | nil, message: five arrays for each grouping, with one element
 * for each group; seen: a mask of the frames that are in samples */
static int totals(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Unsigned count = lua_rawlen(L, 2);
  luaL_argcheck(L, count < 100, 2, "too many ways to group");
  luaL_checkstack(L, (int)count * 8 + 20, NULL);
  pp_grouping *groupings = pp_bind_array(L, count, sizeof *groupings);
  pp_totals *sums = pp_bind_array(L, count, sizeof *sums);
  for (lua_Unsigned i = 0; i < count; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i + 1);
    groupings[i].count = pp_bind_count(L, -1);
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    groupings[i].groups = pp_bind_groups(L, lua_gettop(L), profile, groupings[i].count);
    sums[i] = push_totals(L, groupings[i].count);
  }
  uint8_t *seen = pp_bind_array(L, pp_profile_frame_count(profile), sizeof *seen);
  pp_error error;
  pp_code code = pp_profile_totals(profile, groupings, count, pp_bind_control(L), seen, sums,
                                   &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  lua_createtable(L, (int)count, 0);
  for (lua_Unsigned i = 0; i < count; i++) {
    lua_createtable(L, 5, 0);
    pp_bind_push_integers(L, sums[i].self, groupings[i].count);
    lua_rawseti(L, -2, 1);
    pp_bind_push_integers(L, sums[i].total, groupings[i].count);
    lua_rawseti(L, -2, 2);
    pp_bind_push_numbers(L, sums[i].self_weight, groupings[i].count);
    lua_rawseti(L, -2, 3);
    pp_bind_push_numbers(L, sums[i].total_weight, groupings[i].count);
    lua_rawseti(L, -2, 4);
    push_lines(L, sums[i].line, groupings[i].count);
    lua_rawseti(L, -2, 5);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pushlstring(L, (const char *)seen, pp_profile_frame_count(profile));
  return 2;
}

typedef pp_code neighbour_call(pp_profile *profile, const uint8_t *mask, const uint32_t *groups,
                               uint32_t group_count, const pp_control *control,
                               pp_neighbours *neighbours, pp_error *error);

static int neighbours(lua_State *L, neighbour_call *call) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint8_t *mask = pp_bind_frame_mask(L, 2, profile);
  uint32_t count = pp_bind_count(L, 4);
  const uint32_t *groups = pp_bind_groups(L, 3, profile, count);
  size_t all = (size_t)count + 1;
  pp_neighbours sums = {
    .samples = pp_bind_array(L, all, sizeof *sums.samples),
    .weight = pp_bind_array(L, all, sizeof *sums.weight),
    .line = pp_bind_array(L, all, sizeof *sums.line),
  };
  pp_error error;
  pp_code code = call(profile, mask, groups, count, pp_bind_control(L), &sums, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  pp_bind_push_integers(L, sums.samples, count + 1);
  pp_bind_push_numbers(L, sums.weight, count + 1);
  push_lines(L, sums.line, count + 1);
  return 3;
}

/* profile:callers(mask, groups, group_count) → samples, weight, line | nil, message: an array each,
 * with one element more, for samples in which the selected frame has no caller */
static int callers(lua_State *L) {
  return neighbours(L, pp_profile_callers);
}

/* profile:callees(mask, groups, group_count): like callers */
static int callees(lua_State *L) {
  return neighbours(L, pp_profile_callees);
}

const luaL_Reg pp_bind_totals[] = {
  { "totals", totals }, { "callers", callers }, { "callees", callees }, { NULL, NULL },
};
