/* profile_views.c - the methods of pyprof.core.profile that make views of a profile. */
#include "pyprof/timeline.h"
#include "values.h"

/* profile:where(mask, keep) → profile | nil, message */
static int where(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint8_t *mask = pp_bind_frame_mask(L, 2, profile);
  luaL_checktype(L, 3, LUA_TBOOLEAN);
  bool keep = lua_toboolean(L, 3) != 0;
  pp_profile **view = pp_bind_push_profile(L);
  pp_error error;
  pp_code code = pp_profile_where(profile, mask, keep, pp_bind_control(L), view, &error);
  return pp_bind_made(L, code, &error);
}

/* profile:fold(mask) → profile | nil, message */
static int fold(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint8_t *mask = pp_bind_frame_mask(L, 2, profile);
  pp_profile **view = pp_bind_push_profile(L);
  pp_error error;
  pp_code code = pp_profile_fold(profile, mask, pp_bind_control(L), view, &error);
  return pp_bind_made(L, code, &error);
}

/* profile:root(mask) → profile | nil, message */
static int root(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint8_t *mask = pp_bind_frame_mask(L, 2, profile);
  pp_profile **view = pp_bind_push_profile(L);
  pp_error error;
  pp_code code = pp_profile_root(profile, mask, pp_bind_control(L), view, &error);
  return pp_bind_made(L, code, &error);
}

/* profile:flat(groups, group_count) → profile | nil, message */
static int flat(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint32_t *groups = pp_bind_groups(L, 2, profile, pp_bind_count(L, 3));
  pp_profile **view = pp_bind_push_profile(L);
  pp_error error;
  pp_code code = pp_profile_flat(profile, groups, pp_bind_control(L), view, &error);
  return pp_bind_made(L, code, &error);
}

/* profile:rename(names) → profile | nil, message; names: a string or nil for each frame */
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
  pp_profile **view = pp_bind_push_profile(L);
  pp_error error;
  pp_code code = pp_profile_rename(profile, names, pp_bind_control(L), view, &error);
  return pp_bind_made(L, code, &error);
}

/* profile:window(from, to) → profile | nil, message */
static int window(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  double from = luaL_checknumber(L, 2), to = luaL_checknumber(L, 3);
  luaL_argcheck(L, from == from, 2, "not a number");
  luaL_argcheck(L, to == to, 3, "not a number");
  pp_profile **view = pp_bind_push_profile(L);
  pp_error error;
  pp_code code = pp_profile_window(profile, from, to, pp_bind_control(L), view, &error);
  return pp_bind_made(L, code, &error);
}

/* profile:thread(mask) → profile | nil, message; mask: one byte for each thread */
static int thread(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  pp_error error;
  void **held = pp_bind_held(L);
  uint32_t count;
  pp_thread *list = NULL;
  pp_code code = pp_profile_threads(profile, pp_bind_control(L), &list, &count, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  *held = list;
  const uint8_t *mask = pp_bind_mask(L, 2, count);
  pp_profile **view = pp_bind_push_profile(L);
  code = pp_profile_thread(profile, mask, pp_bind_control(L), view, &error);
  return pp_bind_made(L, code, &error);
}

/* profile:split({ number, … }) → array of profiles, one for each thread of these numbers | nil,
 * message */
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
    handles[i] = pp_bind_push_profile(L);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  code = pp_profile_split(profile, numbers, count, pp_bind_control(L), views, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  for (size_t i = 0; i < count; i++) *handles[i] = views[i];
  return 1;
}

const luaL_Reg pp_bind_views[] = {
  { "where", where },          { "fold", fold },     { "root", root },     { "flat", flat },
  { "rename", rename_frames }, { "window", window }, { "thread", thread }, { "split", split },
  { NULL, NULL },
};
