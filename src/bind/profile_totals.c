/* profile_totals.c - the methods of pyprof.core.profile that add up groups of frames. */
#include <stdlib.h>

#include "pyprof/totals.h"
#include "values.h"

static void push_lines(lua_State *L, const uint32_t *values, uint32_t count) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    lua_pushinteger(L, values[i]);
    lua_rawseti(L, -2, i);
  }
}

/* Pushes the vectors of one grouping, in the order in which Lua gets them. */
static pp_totals push_totals(lua_State *L, uint32_t count) {
  pp_totals totals;
  totals.self = pp_bind_vector(L, PP_BIND_U64, count);
  totals.total = pp_bind_vector(L, PP_BIND_U64, count);
  totals.self_weight = pp_bind_vector(L, PP_BIND_F64, count);
  totals.total_weight = pp_bind_vector(L, PP_BIND_F64, count);
  totals.line = pp_bind_vector(L, PP_BIND_U32, count);
  return totals;
}

/* profile:totals({ groups, … }, { group_count, … }) → { { self, total, self_weight,
 * total_weight, line }, … }, seen | nil, message: five vectors for each grouping, with one element
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
  int *vectors = pp_bind_array(L, count, sizeof *vectors);
  for (lua_Unsigned i = 0; i < count; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i + 1);
    groupings[i].count = pp_bind_count(L, -1);
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    groupings[i].groups = pp_bind_groups(L, lua_gettop(L), profile, groupings[i].count);
    vectors[i] = lua_gettop(L) + 1;
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
    for (int each = 0; each < 5; each++) {
      lua_pushvalue(L, vectors[i] + each);
      lua_rawseti(L, -2, each + 1);
    }
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pushlstring(L, (const char *)seen, pp_profile_frame_count(profile));
  return 2;
}

/* --- the order of groups */

typedef struct ranked {
  double key;
  uint32_t group;
} ranked;

/* The greatest key first; a group's number decides between equal keys. */
static int compare_ranked(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->key != y->key) return x->key > y->key ? -1 : 1;
  return x->group < y->group ? -1 : 1;
}

/* core.rank(keys, counts, divisor, backwards) → vector of the groups that have a count, the
 * greatest key first, or the least; a key is divided (a quotient may be equal where keys are not),
 * and 0 if the divisor is 0. The groups' numbers decide between equal ones. */
int pp_bind_rank(lua_State *L) {
  luaL_checkudata(L, 1, PP_BIND_VECTOR);
  luaL_checkudata(L, 2, PP_BIND_VECTOR);
  lua_Integer count = luaL_len(L, 1);
  luaL_argcheck(L, luaL_len(L, 2) == count, 2, "as many counts as keys are wanted");
  double divisor = luaL_checknumber(L, 3), sign = lua_toboolean(L, 4) ? -1 : 1;
  ranked *groups = pp_bind_array(L, (size_t)count, sizeof *groups);
  uint32_t there = 0;
  for (uint32_t i = 1; i <= count; i++) {
    if (pp_bind_vector_number(L, 2, i) == 0) continue;
    double key = divisor != 0 ? pp_bind_vector_number(L, 1, i) / divisor : 0;
    groups[there++] = (ranked){sign * key, i};
  }
  qsort(groups, there, sizeof *groups, compare_ranked);
  uint32_t *order = pp_bind_vector(L, PP_BIND_U32, there);
  for (uint32_t i = 0; i < there; i++) order[i + 1] = groups[i].group;
  return 1;
}

/* --- neighbours */

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
