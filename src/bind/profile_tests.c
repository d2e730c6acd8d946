/* profile_tests.c - the methods of pyprof.core.profile for the tests that samples belong to. Tests
 * are numbered from 1 in Lua; test 1 is no test. */
#include "pyprof/tests.h"
#include "values.h"

/* The profile's tests; a userdata that is pushed keeps them. false: the error is set. */
static bool tests_of(lua_State *L, pp_profile *profile, pp_test **list, uint32_t *count,
                     pp_error *error) {
  void **held = pp_bind_held(L);
  if (pp_profile_tests(profile, pp_bind_control(L), list, count, error) != PP_OK) return false;
  *held = *list;
  return true;
}

/* profile:tests() → array of { label, present, samples, weight } by the test's number; label is
 * `id [phase]` | nil, message */
static int tests(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  pp_test *list;
  uint32_t count;
  pp_error error;
  if (!tests_of(L, profile, &list, &count, &error)) return pp_bind_fail(L, &error);
  lua_createtable(L, (int)count, 0);
  for (uint32_t i = 0; i < count; i++) {
    lua_createtable(L, 0, 10);
    pp_bind_set_text(L, "label", list[i].name);
    lua_pushboolean(L, list[i].present);
    lua_setfield(L, -2, "present");
    pp_bind_set_integer(L, "samples", list[i].samples);
    pp_bind_set_number(L, "weight", list[i].weight);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* profile:test(mask) → profile | nil, message; mask: one byte for each test */
static int test(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  pp_test *list;
  uint32_t count;
  pp_error error;
  if (!tests_of(L, profile, &list, &count, &error)) return pp_bind_fail(L, &error);
  const uint8_t *mask = pp_bind_mask(L, 2, count);
  pp_profile **view = pp_bind_push_profile(L);
  pp_code code = pp_profile_test(profile, mask, pp_bind_control(L), view, &error);
  return pp_bind_made(L, code, &error);
}

/* profile:test_leaves(groups, group_count) → array of { test, group, samples, weight } | nil,
 * message */
static int test_leaves(lua_State *L) {
  pp_profile *profile = pp_bind_profile(L, 1);
  const uint32_t *groups = pp_bind_groups(L, 2, profile, pp_bind_count(L, 3));
  void **held = pp_bind_held(L);
  pp_test_leaf *list;
  size_t count;
  pp_error error;
  pp_code code =
      pp_profile_test_leaves(profile, groups, pp_bind_control(L), &list, &count, &error);
  if (code != PP_OK) return pp_bind_fail(L, &error);
  *held = list;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_createtable(L, 0, 4);
    pp_bind_set_integer(L, "test", (uint64_t)list[i].test + 1);
    pp_bind_set_integer(L, "group", list[i].group);
    pp_bind_set_integer(L, "samples", list[i].samples);
    pp_bind_set_number(L, "weight", list[i].weight);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

const luaL_Reg pp_bind_tests[] = {
  { "tests", tests }, { "test", test }, { "test_leaves", test_leaves }, { NULL, NULL },
};
