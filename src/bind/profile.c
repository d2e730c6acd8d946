/* profile.c - pyprof.core.profile: reading recordings, and facts about them. profile_views.c makes
 * views of them; profile_totals.c, profile_calls.c, profile_timeline.c and profile_tests.c count in
 * views; profile_weights.c gives them other weights. Frames, groups, threads, tests and calls are
 * numbered from 1 in Lua. A mask is a string of one byte for each frame (thread, test); groups are
 * an array of one number for each frame, 0 for none. */
#include "pyprof/recording.h"
#include "values.h"

static int close_profile(lua_State *L) {
  pp_profile **handle = luaL_checkudata(L, 1, PP_BIND_PROFILE);
  pp_profile_free(*handle);
  *handle = NULL;
  return 0;
}

/* --- making profiles */

static void show_progress(void *data, uint64_t done, uint64_t total) {
  lua_State *L = data;
  lua_pushvalue(L, -1);
  lua_pushinteger(L, (lua_Integer)done);
  lua_pushinteger(L, (lua_Integer)total);
  if (lua_pcall(L, 2, 0, 0) != LUA_OK) lua_pop(L, 1);
}

/* core.load(paths, {metric = string?, threads = integer?}, progress?) → profile | nil, message
 * progress is function(done, total), in bytes. Any thread of the reader may call it, one at a time,
 * while this thread waits. So only one thread uses the state at any moment. */
static int load(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 3);
  pp_recording_options options = {0};
  lua_getfield(L, 2, "metric");
  if (!lua_isnil(L, -1)) options.metric = pp_bind_path(L, -1);
  lua_getfield(L, 2, "threads");
  options.threads = (int)luaL_optinteger(L, -1, 0);
  size_t count = lua_rawlen(L, 1);
  luaL_argcheck(L, count > 0, 1, "no path");
  luaL_checkstack(L, (int)count + 10, "too many paths");
  const char **paths = pp_bind_array(L, count, sizeof *paths);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    paths[i] = pp_bind_path(L, -1);
  }
  pp_control control = *pp_bind_control(L);
  pp_profile **handle = pp_bind_push_profile(L);
  if (!lua_isnil(L, 3)) {
    control.progress = show_progress;
    control.data = L;
    lua_pushvalue(L, 3);
  }
  pp_error error;
  pp_code code = pp_recording_read(paths, count, &options, &control, handle, &error);
  if (!lua_isnil(L, 3)) lua_pop(L, 1);
  return pp_bind_made(L, code, &error);
}

/* core.sniff(path) → boolean | nil, message */
static int sniff(lua_State *L) {
  bool is_recording = false;
  pp_error error;
  pp_code code = pp_recording_sniff(pp_bind_path(L, 1), &is_recording, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  lua_pushboolean(L, is_recording);
  return 1;
}

/* core.merge({ profile, … }) → profile | nil, message */
static int merge(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t count = lua_rawlen(L, 1);
  luaL_argcheck(L, count > 0, 1, "no profile");
  const pp_profile **profiles = pp_bind_array(L, count, sizeof *profiles);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1); /* the table keeps it alive */
    profiles[i] = pp_bind_profile(L, -1);
    lua_pop(L, 1);
  }
  pp_profile **handle = pp_bind_push_profile(L);
  pp_error error;
  pp_code code = pp_profile_merge(profiles, count, pp_bind_control(L), handle, &error);
  return pp_bind_made(L, code, &error);
}

/* --- facts */

static void set_metric(lua_State *L, const char *unit, pp_text kind) {
  lua_pushstring(L, unit);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "unit");
  if (kind.length > 0) {
    lua_pushliteral(L, " ");
    pp_bind_push_text(L, kind);
    lua_concat(L, 3);
  }
  lua_setfield(L, -2, "metric");
}

/* profile:info() → { samples, empty_samples, weight, unit, metric, metrics, rate?, from?, to?,
 *                    weight_kind, clock, exporter, quality = { { what, count }, … } } | nil, message */
static int info(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  pp_profile_info facts;
  pp_error error;
  pp_code code = pp_profile_inform(profile, pp_bind_control(L), &facts, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  lua_createtable(L, 0, 14);
  pp_bind_set_integer(L, "samples", facts.samples);
  pp_bind_set_integer(L, "empty_samples", facts.empty_samples);
  pp_bind_set_number(L, "weight", facts.weight);
  set_metric(L, facts.unit, facts.kind);
  if (facts.rate > 0) pp_bind_set_number(L, "rate", facts.rate);
  static const char *const weighings[] = { "samples", "cpu", "wall" };
  lua_pushstring(L, weighings[facts.weighing]);
  lua_setfield(L, -2, "weight_kind");
  lua_pushboolean(L, facts.clock);
  lua_setfield(L, -2, "clock");
  if (facts.has_time) {
    pp_bind_set_number(L, "from", facts.from);
    pp_bind_set_number(L, "to", facts.to);
  }
  pp_bind_set_text(L, "exporter", facts.exporter);
  lua_createtable(L, (int)facts.metric_count, 0);
  for (uint32_t i = 0; i < facts.metric_count; i++) {
    const char *unit;
    pp_text kind;
    pp_profile_metric(profile, i, &unit, &kind);
    lua_createtable(L, 0, 2);
    set_metric(L, unit, kind);
    lua_getfield(L, -1, "metric");
    lua_rawseti(L, -3, (lua_Integer)i + 1);
    lua_pop(L, 1);
  }
  lua_setfield(L, -2, "metrics");
  lua_createtable(L, (int)facts.quality_count, 0);
  for (uint32_t i = 0; i < facts.quality_count; i++) {
    pp_text what;
    uint64_t count;
    pp_profile_quality(profile, i, &what, &count);
    lua_createtable(L, 0, 2);
    pp_bind_set_text(L, "what", what);
    pp_bind_set_integer(L, "count", count);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "quality");
  return 1;
}

/* profile:records() → array of texts: the JSON that recordings have of their runs */
static int records(lua_State *L) {
  const pp_profile *profile = pp_bind_profile(L, 1);
  uint32_t count = pp_profile_record_count(profile);
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 0; i < count; i++) {
    pp_bind_push_text(L, pp_profile_record(profile, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* Pushes a text. Long ones are no longer shared by Lua, so the table at this index keeps each. */
static void push_kept(lua_State *L, pp_text text, int kept) {
  if (lua_rawgetp(L, kept, text.bytes) != LUA_TNIL) return;
  lua_pop(L, 1);
  pp_bind_push_text(L, text);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, kept, text.bytes);
}

/* profile:frames() → names, files, lines, order | nil, message: an array or a vector each; order
 * has the numbers of the frames, sorted by name, file and line */
static int frames(lua_State *L) {
  const pp_profile *profile = pp_bind_profile(L, 1);
  uint32_t count = pp_profile_frame_count(profile);
  lua_settop(L, 1);
  pp_bind_vector(L, PP_BIND_NAMES, count);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, 2, 1);
  lua_createtable(L, (int)count, 0);
  uint32_t *lines = pp_bind_vector(L, PP_BIND_U32, count);
  uint32_t *order = pp_bind_vector(L, PP_BIND_U32, count);
  pp_error error;
  if (pp_profile_sort_frames(profile, order + 1, &error) != PP_OK) return pp_bind_fail(L, &error);
  lua_newtable(L);
  for (uint32_t i = 0; i < count; i++) {
    pp_text name, file;
    pp_profile_frame(profile, i, &name, &file, &lines[i + 1]);
    push_kept(L, file, 6);
    lua_rawseti(L, 3, (lua_Integer)i + 1);
    order[i + 1]++;
  }
  lua_settop(L, 5);
  return 4;
}

/* profile:groups(order, kind) → numbers, first, count | nil, message: the group of each frame, and
 * the first frame of each group; groups are numbered as order has their first frames */
static int groups(lua_State *L) {
  static const char *const kinds[] = { "function", "line", "name", "file", "frame", NULL };
  const pp_profile *profile = pp_bind_profile(L, 1);
  uint32_t count = pp_profile_frame_count(profile), length = 0, group_count;
  const uint32_t *order = pp_bind_vector_u32(L, 2, &length);
  luaL_argcheck(L, order != NULL && length == count, 2, "the order of the frames is wanted");
  pp_group_kind kind = (pp_group_kind)luaL_checkoption(L, 3, NULL, kinds);
  lua_settop(L, 3);
  uint32_t *all = pp_bind_array(L, count, 2 * sizeof *all), *from_0 = all + count;
  for (uint32_t i = 0; i < count; i++) from_0[i] = order[i + 1] - 1;
  uint32_t *numbers = pp_bind_vector(L, PP_BIND_U32, count);
  pp_error error;
  pp_code code = pp_profile_group(profile, kind, from_0, numbers + 1, all, &group_count, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  uint32_t *first = pp_bind_vector(L, PP_BIND_U32, group_count);
  for (uint32_t i = 0; i < group_count; i++) first[i + 1] = all[i] + 1;
  lua_pushinteger(L, group_count);
  return 3;
}

/* --- the module */

int luaopen_pyprof_core_profile(lua_State *L) {
  static const luaL_Reg functions[] = {
    { "load", load }, { "sniff", sniff }, { "merge", merge }, { "rank", pp_bind_rank },
    { NULL, NULL },
  };
  static const luaL_Reg methods[] = {
    { "info", info }, { "records", records }, { "frames", frames }, { "groups", groups },
    { "close", close_profile }, { NULL, NULL },
  };
  static const luaL_Reg *const more[] = {
    pp_bind_views, pp_bind_totals, pp_bind_calls_made, pp_bind_timeline, pp_bind_tests,
    pp_bind_page, pp_bind_weights,
  };
  pp_bind_type(L, PP_BIND_PROFILE, methods, close_profile);
  luaL_getmetatable(L, PP_BIND_PROFILE);
  lua_getfield(L, -1, "__index");
  for (size_t i = 0; i < sizeof more / sizeof *more; i++) luaL_setfuncs(L, more[i], 0);
  pp_bind_calls_type(L);
  pp_bind_page_type(L);
  pp_bind_held_type(L);
  pp_bind_vector_type(L);
  luaL_newlib(L, functions);
  return 1;
}
