/* profile.c - pyprof.core.profile: recordings and views of them. Frames, groups, threads and
 * calls are numbered from 1 in Lua. Masks are strings of one byte a frame (or thread); groups
 * are arrays of one number a frame, 0 for none. */
#include <stdlib.h>
#include <string.h>

#include "pyprof/calls.h"
#include "pyprof/recording.h"
#include "pyprof/timeline.h"
#include "pyprof/totals.h"
#include "values.h"

/* --- the handles: made closed, filled last */

static pp_profile **push_profile(lua_State *L) {
  pp_profile **handle = lua_newuserdatauv(L, sizeof *handle, 0);
  *handle = NULL;
  luaL_setmetatable(L, PP_BIND_PROFILE);
  return handle;
}

static int close_profile(lua_State *L) {
  pp_profile **handle = luaL_checkudata(L, 1, PP_BIND_PROFILE);
  pp_profile_free(*handle);
  *handle = NULL;
  return 0;
}

/* --- arguments */

static const uint8_t *check_mask(lua_State *L, int argument, size_t length) {
  size_t given;
  const char *mask = luaL_checklstring(L, argument, &given);
  luaL_argcheck(L, given == length, argument, "one byte for each is wanted");
  return (const uint8_t *)mask;
}

static const uint8_t *check_frame_mask(lua_State *L, int argument, const pp_profile *profile) {
  return check_mask(L, argument, pp_profile_frame_count(profile));
}

/* --- results */

static void push_text(lua_State *L, pp_text text) {
  lua_pushlstring(L, text.bytes, text.length);
}

static void set_text(lua_State *L, const char *key, pp_text text) {
  push_text(L, text);
  lua_setfield(L, -2, key);
}

/* From the second element on: groups count from 1. */
static void push_integers(lua_State *L, const uint64_t *values, uint32_t count) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    lua_pushinteger(L, (lua_Integer)values[i]);
    lua_rawseti(L, -2, i);
  }
}

static void push_numbers(lua_State *L, const double *values, uint32_t count) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    lua_pushnumber(L, values[i]);
    lua_rawseti(L, -2, i);
  }
}

static void push_lines(lua_State *L, const uint32_t *values, uint32_t count) {
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 1; i <= count; i++) {
    lua_pushinteger(L, values[i]);
    lua_rawseti(L, -2, i);
  }
}

/* The handle on top of the stack, or nil and why not. The collector is told what hangs on it:
 * it would see a few bytes only, and let many views pile up. */
static int finish(lua_State *L, pp_code code, const pp_error *error) {
  if (code != PP_OK) return pp_bind_fail(L, error);
  pp_profile *const *handle = lua_touserdata(L, -1);
  size_t kilobytes = pp_profile_memory(*handle) / 1024;
  if (kilobytes > 0) lua_gc(L, LUA_GCSTEP, kilobytes < INT32_MAX ? (int)kilobytes : INT32_MAX);
  return 1;
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
 * progress is function(done, total), in bytes. The reader calls it from any of its threads, one
 * at a time, while this one waits: so the state has one user at any moment. */
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
  pp_profile **handle = push_profile(L);
  if (!lua_isnil(L, 3)) {
    control.progress = show_progress;
    control.data = L;
    lua_pushvalue(L, 3);
  }
  pp_error error;
  pp_code code = pp_recording_read(paths, count, &options, &control, handle, &error);
  if (!lua_isnil(L, 3)) lua_pop(L, 1);
  return finish(L, code, &error);
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
  pp_profile **handle = push_profile(L);
  pp_error error;
  return finish(L, pp_profile_merge(profiles, count, pp_bind_control(L), handle, &error), &error);
}

/* --- facts */

static void set_metric(lua_State *L, const char *unit, pp_text kind) {
  lua_pushstring(L, unit);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "unit");
  if (kind.length > 0) {
    lua_pushliteral(L, " ");
    push_text(L, kind);
    lua_concat(L, 3);
  }
  lua_setfield(L, -2, "metric");
}

/* profile:info() → { samples, empty_samples, weight, unit, metric, metrics, rate?, from?, to?,
 *                    exporter, quality = { { what, count }, … } } | nil, message */
static int info(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  pp_profile_info facts;
  pp_error error;
  pp_code code = pp_profile_inform(profile, pp_bind_control(L), &facts, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  lua_createtable(L, 0, 12);
  pp_bind_set_integer(L, "samples", facts.samples);
  pp_bind_set_integer(L, "empty_samples", facts.empty_samples);
  pp_bind_set_number(L, "weight", facts.weight);
  set_metric(L, facts.unit, facts.kind);
  if (facts.rate > 0) pp_bind_set_number(L, "rate", facts.rate);
  if (facts.has_time) {
    pp_bind_set_number(L, "from", facts.from);
    pp_bind_set_number(L, "to", facts.to);
  }
  set_text(L, "exporter", facts.exporter);
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
    set_text(L, "what", what);
    pp_bind_set_integer(L, "count", count);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "quality");
  return 1;
}

/* profile:frames() → names, files, lines, order: an array each; the last has the numbers of the
 * frames by name, file and line | nil, message */
static int frames(lua_State *L) {
  const pp_profile *profile = pp_bind_profile(L, 1);
  uint32_t count = pp_profile_frame_count(profile);
  lua_settop(L, 1);
  uint32_t *order = pp_bind_array(L, count, sizeof *order);
  pp_error error;
  if (pp_profile_sort_frames(profile, order, &error) != PP_OK) return pp_bind_fail(L, &error);
  for (int i = 0; i < 4; i++) lua_createtable(L, (int)count, 0);
  for (uint32_t i = 0; i < count; i++) {
    pp_text name, file;
    uint32_t line;
    pp_profile_frame(profile, i, &name, &file, &line);
    push_text(L, name);
    lua_rawseti(L, 3, (lua_Integer)i + 1);
    push_text(L, file);
    lua_rawseti(L, 4, (lua_Integer)i + 1);
    lua_pushinteger(L, line);
    lua_rawseti(L, 5, (lua_Integer)i + 1);
    lua_pushinteger(L, (lua_Integer)order[i] + 1);
    lua_rawseti(L, 6, (lua_Integer)i + 1);
  }
  return 4;
}

/* --- counting */

/* The arrays of one grouping, which stay on the stack. */
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
 * total_weight, line }, … }, seen | nil, message: for each way to group five arrays, one element
 * a group; seen: a mask of the frames that samples hold */
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
    push_integers(L, sums[i].self, groupings[i].count);
    lua_rawseti(L, -2, 1);
    push_integers(L, sums[i].total, groupings[i].count);
    lua_rawseti(L, -2, 2);
    push_numbers(L, sums[i].self_weight, groupings[i].count);
    lua_rawseti(L, -2, 3);
    push_numbers(L, sums[i].total_weight, groupings[i].count);
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
  const uint8_t *mask = check_frame_mask(L, 2, profile);
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
  push_integers(L, sums.samples, count + 1);
  push_numbers(L, sums.weight, count + 1);
  push_lines(L, sums.line, count + 1);
  return 3;
}

/* profile:callers(mask, groups, group_count) → samples, weight, line: an array each, and one
 * element more for where there is none | nil, message */
static int callers(lua_State *L) {
  return neighbours(L, pp_profile_callers);
}

/* profile:callees(mask, groups, group_count): as callers */
static int callees(lua_State *L) {
  return neighbours(L, pp_profile_callees);
}

/* --- views */

/* profile:where(mask, keep) → profile | nil, message */
static int where(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint8_t *mask = check_frame_mask(L, 2, profile);
  luaL_checktype(L, 3, LUA_TBOOLEAN);
  bool keep = lua_toboolean(L, 3) != 0;
  pp_profile **view = push_profile(L);
  pp_error error;
  return finish(L, pp_profile_where(profile, mask, keep, pp_bind_control(L), view, &error),
                &error);
}

/* profile:fold(mask) → profile | nil, message */
static int fold(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint8_t *mask = check_frame_mask(L, 2, profile);
  pp_profile **view = push_profile(L);
  pp_error error;
  return finish(L, pp_profile_fold(profile, mask, pp_bind_control(L), view, &error), &error);
}

/* profile:root(mask) → profile | nil, message */
static int root(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint8_t *mask = check_frame_mask(L, 2, profile);
  pp_profile **view = push_profile(L);
  pp_error error;
  return finish(L, pp_profile_root(profile, mask, pp_bind_control(L), view, &error), &error);
}

/* profile:flat(groups, group_count) → profile | nil, message */
static int flat(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint32_t *groups = pp_bind_groups(L, 2, profile, pp_bind_count(L, 3));
  pp_profile **view = push_profile(L);
  pp_error error;
  return finish(L, pp_profile_flat(profile, groups, pp_bind_control(L), view, &error), &error);
}

/* profile:rename(names) → profile | nil, message; names: by frame, a string or nothing */
static int rename_frames(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  uint32_t count = pp_profile_frame_count(profile);
  pp_text *names = pp_bind_array(L, count, sizeof *names);
  for (uint32_t i = 0; i < count; i++) {
    names[i] = (pp_text){NULL, 0};
    if (lua_rawgeti(L, 2, (lua_Integer)i + 1) == LUA_TSTRING) {
      names[i].bytes = lua_tolstring(L, -1, &names[i].length);
    }
    lua_pop(L, 1);
  }
  pp_profile **view = push_profile(L);
  pp_error error;
  return finish(L, pp_profile_rename(profile, names, pp_bind_control(L), view, &error), &error);
}

/* profile:window(from, to) → profile | nil, message */
static int window(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  double from = luaL_checknumber(L, 2), to = luaL_checknumber(L, 3);
  luaL_argcheck(L, from == from, 2, "not a number");
  luaL_argcheck(L, to == to, 3, "not a number");
  pp_profile **view = push_profile(L);
  pp_error error;
  return finish(L, pp_profile_window(profile, from, to, pp_bind_control(L), view, &error),
                &error);
}

/* --- threads */

/* profile:threads() → array of { name, command, id?, pid?, parent?, main, present, samples, weight } by
 * the thread's number | nil, message */
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
    set_text(L, "name", list[i].name);
    set_text(L, "command", list[i].command);
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

/* profile:thread(mask) → profile | nil, message; mask: one byte a thread */
static int thread(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  pp_error error;
  void **held = pp_bind_held(L);
  uint32_t count;
  pp_thread *list = NULL;
  pp_code code = pp_profile_threads(profile, pp_bind_control(L), &list, &count, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  *held = list;
  const uint8_t *mask = check_mask(L, 2, count);
  pp_profile **view = push_profile(L);
  return finish(L, pp_profile_thread(profile, mask, pp_bind_control(L), view, &error), &error);
}

/* profile:split({ number, … }) → array of profiles, of the threads of these numbers, each alone |
 * nil, message */
static int split(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t count = lua_rawlen(L, 2);
  pp_error error;
  void **held = pp_bind_held(L);
  uint32_t thread_count;
  pp_thread *list = NULL;
  pp_code code = pp_profile_threads(profile, pp_bind_control(L), &list, &thread_count, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  *held = list;
  uint32_t *numbers = pp_bind_array(L, count, sizeof *numbers);
  pp_profile **views = pp_bind_array(L, count, sizeof(pp_profile *));
  pp_profile ***handles = pp_bind_array(L, count, sizeof(pp_profile **));
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    lua_Integer number = lua_tointeger(L, -1);
    luaL_argcheck(L, number >= 1 && number <= (lua_Integer)thread_count, 2, "no such thread");
    lua_pop(L, 1);
    numbers[i] = (uint32_t)number - 1;
    handles[i] = push_profile(L);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  code = pp_profile_split(profile, numbers, count, pp_bind_control(L), views, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  for (size_t i = 0; i < count; i++) *handles[i] = views[i];
  return 1;
}

/* --- in time order */

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
    handles[i] = push_profile(L);
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
  push_integers(L, samples, (uint32_t)count - 1);
  push_numbers(L, weight, (uint32_t)count - 1);
  return 2;
}

/* profile:runs(groups, group_count, { calls = calls?, order = "start"|"weight"|"samples",
 *              limit = integer?, group_ranks = {}, thread_ranks = {} })
 *   → array of { thread, key, from, to, samples, weight } | nil, message
 * key: the leaf's group, or with calls the number of its call; ranks settle ties */
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

/* --- the module */

int luaopen_pyprof_core_profile(lua_State *L) {
  static const luaL_Reg functions[] = {
    { "load", load }, { "sniff", sniff }, { "merge", merge }, { NULL, NULL },
  };
  static const luaL_Reg methods[] = {
    { "info", info },       { "frames", frames },   { "totals", totals }, { "callers", callers },
    { "callees", callees }, { "where", where },     { "fold", fold },     { "root", root },
    { "flat", flat },       { "rename", rename_frames }, { "window", window },
    { "threads", threads }, { "thread", thread },   { "calls", pp_bind_make_calls },
    { "split", split },     { "cut", cut },         { "slices", slices },
    { "runs", runs },       { "close", close_profile }, { NULL, NULL },
  };
  pp_bind_type(L, PP_BIND_PROFILE, methods, close_profile);
  pp_bind_calls_type(L);
  pp_bind_held_type(L);
  luaL_newlib(L, functions);
  return 1;
}
