/* json.c - pyprof.core.json: an object without objects inside as JSON, in one call. Lua takes five
 * times as long, which counts where a list has millions. base/json.lua does everything else. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "pyprof/buffer.h"

#define OUT "pyprof.core.json"
#define KEPT 64 /* texts of numbers: weights come again and again */

typedef struct number_text {
  uint64_t bits; /* of the number */
  char text[32];
} number_text;

/* Stays from call to call. */
typedef struct output {
  pp_buffer text;
  number_text kept[KEPT];
} output;

static int close_output(lua_State *L) {
  output *out = luaL_checkudata(L, 1, OUT);
  pp_buffer_free(&out->text);
  return 0;
}

static void add(lua_State *L, output *out, const char *bytes, size_t length) {
  if (!pp_buffer_add(&out->text, bytes, length)) pp_bind_memory(L);
}

static void add_integer(lua_State *L, output *out, lua_Integer value) {
  char text[32];
  int length = snprintf(text, sizeof text, "%lld", (long long)value);
  add(L, out, text, (size_t)length);
}

/* The shortest text that reads back as the same number. */
static void add_number(lua_State *L, output *out, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  number_text *kept = &out->kept[(bits * 0x9E3779B97F4A7C15u) >> 58];
  if (*kept->text == '\0' || kept->bits != bits) {
    kept->bits = bits;
    for (int digits = 15; digits <= 17; digits++) {
      snprintf(kept->text, sizeof kept->text, "%.*g", digits, value);
      if (strtod(kept->text, NULL) == value) break;
    }
  }
  add(L, out, kept->text, strlen(kept->text));
}

static bool is_plain(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (text[i] < ' ' || text[i] == '"' || text[i] == '\\' || text[i] == 0x7f) return false;
  }
  return true; /* bytes from 0x80 on are negative, or greater than 0x7f */
}

/* Adds the value on top of the stack. false: it is a table with entries. */
static bool add_value(lua_State *L, output *out) {
  int type = lua_type(L, -1);
  if (type == LUA_TTABLE) {
    lua_pushnil(L);
    if (lua_next(L, -2) != 0) {
      lua_pop(L, 2);
      return false;
    }
  } else if (type == LUA_TNUMBER && lua_isinteger(L, -1)) {
    add_integer(L, out, lua_tointeger(L, -1));
    return true;
  } else if (type == LUA_TNUMBER && isfinite(lua_tonumber(L, -1))) {
    add_number(L, out, lua_tonumber(L, -1));
    return true;
  } else if (type == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (is_plain(text, length)) {
      add(L, out, "\"", 1);
      add(L, out, text, length);
      add(L, out, "\"", 1);
      return true;
    }
  }
  size_t length;
  lua_pushvalue(L, 4);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  const char *text = luaL_checklstring(L, -1, &length);
  add(L, out, text, length);
  lua_pop(L, 1);
  return true;
}

static bool has_as_many(lua_State *L, int object, lua_Unsigned count) {
  lua_Unsigned entries = 0;
  lua_pushnil(L);
  while (lua_next(L, object) != 0) {
    entries++;
    lua_pop(L, 1);
  }
  return entries == count;
}

/* json.flat(object, keys, heads, scalar) → text | nil: the object has other keys, or a table with
 * entries. heads: the text before the value of each key; scalar gives the text of every value that
 * is no number and no plain text. */
static int flat(lua_State *L) {
  for (int i = 1; i <= 3; i++) luaL_checktype(L, i, LUA_TTABLE);
  lua_settop(L, 4);
  output *out = lua_touserdata(L, lua_upvalueindex(1));
  out->text.length = 0;
  lua_Unsigned count = lua_rawlen(L, 2);
  for (lua_Unsigned i = 1; i <= count; i++) {
    size_t length;
    lua_rawgeti(L, 3, (lua_Integer)i);
    const char *head = luaL_checklstring(L, -1, &length);
    add(L, out, head, length);
    lua_rawgeti(L, 2, (lua_Integer)i);
    if (lua_rawget(L, 1) == LUA_TNIL || !add_value(L, out)) return 0;
    lua_pop(L, 2);
  }
  if (!has_as_many(L, 1, count)) return 0;
  add(L, out, "}", 1);
  lua_pushlstring(L, out->text.data, out->text.length);
  return 1;
}

int luaopen_pyprof_core_json(lua_State *L) {
  lua_createtable(L, 0, 1);
  output *out = lua_newuserdatauv(L, sizeof *out, 0);
  *out = (output){0};
  luaL_newmetatable(L, OUT);
  lua_pushcfunction(L, close_output);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_pushcclosure(L, flat, 1);
  lua_setfield(L, -2, "flat");
  return 1;
}
