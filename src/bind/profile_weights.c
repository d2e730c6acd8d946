/* profile_weights.c - the methods of pyprof.core.profile for clocks and weights. */
#include "pyprof/weights.h"
#include "values.h"

/* profile:tracks() → array of { record?, family?, id?, pid?, samples } of all recordings' tracks:
 * the number of its record, and what makes several tracks one thread */
static int tracks(lua_State *L) {
  const pp_profile *profile = pp_bind_profile(L, 1);
  uint32_t count = pp_profile_track_count(profile);
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 0; i < count; i++) {
    pp_track_facts facts = pp_profile_track(profile, i);
    lua_createtable(L, 0, 5);
    if (facts.record > 0) pp_bind_set_integer(L, "record", facts.record);
    if (facts.family > 0) pp_bind_set_integer(L, "family", facts.family);
    if (facts.id >= 0) pp_bind_set_integer(L, "id", (uint64_t)facts.id);
    if (facts.pid >= 0) pp_bind_set_integer(L, "pid", (uint64_t)facts.pid);
    pp_bind_set_integer(L, "samples", facts.samples);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* Reads the numbers of the table on top of the stack: samples, from, to and weight of each span. */
static pp_span *spans_of(lua_State *L, int table, size_t *count) {
  size_t numbers = lua_rawlen(L, table);
  luaL_argcheck(L, numbers % 4 == 0, 3, "four numbers a span are wanted");
  *count = numbers / 4;
  pp_span *spans = pp_bind_array(L, *count, sizeof *spans);
  for (size_t i = 0; i < *count; i++) {
    double values[4];
    for (int k = 0; k < 4; k++) {
      lua_rawgeti(L, table, (lua_Integer)i * 4 + k + 1);
      values[k] = luaL_checknumber(L, -1);
      lua_pop(L, 1);
    }
    luaL_argcheck(L, values[0] >= 0 && values[0] < 1e15, 3, "a number of samples is wanted");
    spans[i] = (pp_span){(uint64_t)values[0], values[1], values[2], values[3]};
  }
  return spans;
}

/* profile:reweigh("samples"|"cpu"|"wall", tables) → profile | nil, message: a view with other
 * weights and times; tables has, for each track, the samples, from, to and weight of each span, all
 * in one array */
static int reweigh(lua_State *L) {
  static const char *const kinds[] = { "samples", "cpu", "wall", NULL };
  pp_profile *profile = pp_bind_profile(L, 1);
  pp_weighing weighing = (pp_weighing)luaL_checkoption(L, 2, NULL, kinds);
  luaL_checktype(L, 3, LUA_TTABLE);
  uint32_t count = pp_profile_track_count(profile);
  luaL_argcheck(L, lua_rawlen(L, 3) == count, 3, "one table a track is wanted");
  pp_spans *all = pp_bind_array(L, count, sizeof *all);
  lua_createtable(L, (int)count, 0); /* keeps the spans */
  int kept = lua_gettop(L);
  for (uint32_t i = 0; i < count; i++) {
    lua_rawgeti(L, 3, (lua_Integer)i + 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    all[i].spans = spans_of(L, lua_gettop(L), &all[i].count);
    lua_rawseti(L, kept, (lua_Integer)i + 1);
    lua_pop(L, 1);
  }
  pp_profile **view = pp_bind_push_profile(L);
  pp_error error;
  pp_code code = pp_profile_reweigh(profile, weighing, all, view, &error);
  return pp_bind_made(L, code, &error);
}

const luaL_Reg pp_bind_weights[] = {
  { "tracks", tracks }, { "reweigh", reweigh }, { NULL, NULL },
};
