/* profile_page.c - the method of pyprof.core.profile that gives a page its columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pyprof/column.h"
#include "pyprof/layout.h"
#include "values.h"

#define PAGE "pyprof.core.page"
#define EQUAL 1e-9 /* weights that differ by less, as a part of them, are equal */

/* What a call of the method holds while Lua may raise an error. */
typedef struct page {
  pp_calls *calls;
  pp_layout *layout;
  pp_order *order;
  pp_buffer json;
} page;

static int close_page(lua_State *L) {
  page *it = luaL_checkudata(L, 1, PAGE);
  pp_calls_free(it->calls);
  pp_layout_free(it->layout);
  pp_order_free(it->order);
  pp_buffer_free(&it->json);
  *it = (page){0};
  return 0;
}

/* Sets the field to the buffer's text and empties the buffer. */
static void set_json(lua_State *L, const char *key, pp_buffer *json) {
  lua_pushlstring(L, json->data, json->length);
  lua_setfield(L, -2, key);
  json->length = 0;
}

static void set_u32(lua_State *L, page *it, const char *key, const uint32_t *values,
                    size_t count) {
  pp_error error;
  if (pp_column_of_u32(values, count, &it->json, &error) != PP_OK) pp_bind_memory(L);
  set_json(L, key, &it->json);
}

static void set_u64(lua_State *L, page *it, const char *key, const uint64_t *values,
                    size_t count) {
  pp_error error;
  if (pp_column_of_u64(values, count, &it->json, &error) != PP_OK) pp_bind_memory(L);
  set_json(L, key, &it->json);
}

static void set_f64(lua_State *L, page *it, const char *key, const double *values, size_t count) {
  pp_error error;
  if (pp_column_of_f64(values, count, &it->json, &error) != PP_OK) pp_bind_memory(L);
  set_json(L, key, &it->json);
}

/* The weight of each sample; NAN: they are not all equal. */
static double weight_of_each(const uint64_t *samples, const double *weights, size_t count) {
  double weight = 0, sum = 0;
  for (size_t i = 0; i < count; i++) {
    sum += (double)samples[i];
    weight += weights[i];
  }
  double each = sum > 0 ? weight / sum : 0;
  for (size_t i = 0; i < count; i++) {
    if (fabs(weights[i] - (double)samples[i] * each) > EQUAL * fabs(weights[i])) return NAN;
  }
  return each;
}

/* Sets the field to an array of the different values (and 0 if `zero`), ascending, and replaces
 * each by its place among them, from 0. */
static void renumber(lua_State *L, const char *key, bool zero, uint32_t *values, size_t count) {
  uint32_t most = 0, found = 0;
  for (size_t i = 0; i < count; i++) most = values[i] > most ? values[i] : most;
  uint32_t *places = pp_bind_array(L, (size_t)most + 1, sizeof *places);
  memset(places, 0, ((size_t)most + 1) * sizeof *places);
  places[0] = zero ? 1 : 0;
  for (size_t i = 0; i < count; i++) places[values[i]] = 1;
  lua_newtable(L);
  for (size_t value = 0; value <= most; value++) {
    if (places[value] == 0) continue;
    places[value] = found++;
    lua_pushinteger(L, (lua_Integer)value + 1);
    lua_rawseti(L, -2, found);
  }
  for (size_t i = 0; i < count; i++) values[i] = places[values[i]];
  lua_remove(L, -2);
  lua_setfield(L, -2, key);
}

static bool any(const uint64_t *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (values[i] != 0) return true;
  }
  return false;
}

static void push_order(lua_State *L, page *it, bool equal) {
  pp_order *order = it->order;
  size_t count = order->count;
  lua_createtable(L, 0, 12);
  pp_bind_set_integer(L, "n", count);
  lua_pushboolean(L, order->timed);
  lua_setfield(L, -2, "timed");
  renumber(L, "threads", false, order->threads, count);
  renumber(L, "tests", true, order->tests, count);
  set_u32(L, it, "node", order->nodes, count);
  set_u64(L, it, "count", order->samples, count);
  set_u32(L, it, "thread", order->threads, count);
  set_u32(L, it, "test", order->tests, count);
  if (!equal) set_f64(L, it, "weight", order->weights, count);
  if (!order->timed) return;
  pp_bind_set_number(L, "tick", order->tick);
  pp_bind_set_number(L, "from", order->from);
  if (any(order->waits, count)) set_u64(L, it, "wait", order->waits, count);
  if (memcmp(order->spans, order->samples, count * sizeof *order->spans) != 0) {
    set_u64(L, it, "span", order->spans, count);
  }
}

static void push_tree(lua_State *L, page *it, bool *equal) {
  pp_layout *tree = it->layout;
  double each = weight_of_each(tree->samples, tree->weights, tree->count);
  *equal = !isnan(each);
  lua_createtable(L, 0, 10);
  pp_bind_set_integer(L, "n", tree->count);
  pp_bind_set_integer(L, "left_out", pp_calls_count(it->calls) - tree->count);
  set_u32(L, it, "depth", tree->depths, tree->count);
  set_u32(L, it, "function", tree->functions, tree->count);
  set_u64(L, it, "samples_self", tree->samples, tree->count);
  if (*equal) pp_bind_set_number(L, "each", each);
  else set_f64(L, it, "weight_self", tree->weights, tree->count);
  if (tree->cut_count > 0) set_u32(L, it, "cut", tree->cut, tree->cut_count);
  lua_createtable(L, (int)tree->function_count, 0);
  for (uint32_t i = 0; i < tree->function_count; i++) {
    lua_pushinteger(L, tree->groups[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_setfield(L, -2, "groups");
}

/* profile:page(groups, group_count, { nodes = integer?, order = "time"|"sums"|nil,
 *              runs = integer? }) → table | nil, message
 * The fields whose values are texts are columns (pyprof/column.h). */
static int make_page(lua_State *L) {
  static const char *const orders[] = { "time", "sums", "none", NULL };
  pp_profile *profile = pp_bind_profile(L, 1);
  uint32_t group_count = pp_bind_count(L, 3);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_settop(L, 4);
  const uint32_t *groups = pp_bind_groups(L, 2, profile, group_count);
  lua_getfield(L, 4, "nodes");
  size_t nodes = lua_isnil(L, -1) ? SIZE_MAX : pp_bind_count(L, lua_gettop(L));
  lua_getfield(L, 4, "runs");
  size_t runs = lua_isnil(L, -1) ? SIZE_MAX : pp_bind_count(L, lua_gettop(L));
  lua_getfield(L, 4, "order");
  int order = luaL_checkoption(L, lua_gettop(L), "none", orders);
  page *it = lua_newuserdatauv(L, sizeof *it, 0);
  *it = (page){0};
  luaL_setmetatable(L, PAGE);
  lua_toclose(L, -1);
  const pp_control *control = pp_bind_control(L);
  pp_error error;
  pp_code code = pp_calls_make(profile, groups, group_count, control, &it->calls, &error);
  if (code == PP_OK) code = pp_layout_make(it->calls, nodes, &it->layout, &error);
  if (code == PP_OK && order < 2) {
    code = pp_order_make(profile, groups, it->calls, it->layout, order == 0, runs, control,
                         &it->order, &error);
  }
  if (code != PP_OK) return pp_bind_fail(L, &error);
  bool equal;
  push_tree(L, it, &equal);
  if (it->order != NULL) {
    push_order(L, it, equal);
    lua_setfield(L, -2, "order");
  }
  return 1;
}

const luaL_Reg pp_bind_page[] = { { "page", make_page }, { NULL, NULL } };

void pp_bind_page_type(lua_State *L) {
  pp_bind_type(L, PAGE, NULL, close_page);
}
