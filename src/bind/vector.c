/* vector.c - arrays of numbers that Lua indexes but C holds: a quarter to a half of the bytes of a
 * table, which counts where there are millions of frames. The names of frames are one, too. */
#include <stdalign.h>

#include "values.h"

typedef struct vector {
  uint32_t count;
  pp_bind_kind kind;
  alignas(8) uint8_t elements[];
} vector;

static size_t size_of(pp_bind_kind kind) {
  return kind == PP_BIND_NAMES ? 0 : kind == PP_BIND_U32 ? sizeof(uint32_t) : sizeof(uint64_t);
}

void *pp_bind_vector(lua_State *L, pp_bind_kind kind, uint32_t count) {
  vector *it = lua_newuserdatauv(L, sizeof *it + ((size_t)count + 1) * size_of(kind),
                                 kind == PP_BIND_NAMES ? 1 : 0);
  it->count = count;
  it->kind = kind;
  luaL_setmetatable(L, PP_BIND_VECTOR);
  return it->elements;
}

uint32_t *pp_bind_vector_u32(lua_State *L, int argument, uint32_t *count) {
  vector *it = luaL_testudata(L, argument, PP_BIND_VECTOR);
  if (it == NULL || it->kind != PP_BIND_U32) return NULL;
  *count = it->count;
  return (uint32_t *)it->elements;
}

double pp_bind_vector_number(lua_State *L, int argument, uint32_t number) {
  const vector *it = luaL_checkudata(L, argument, PP_BIND_VECTOR);
  luaL_argcheck(L, it->kind != PP_BIND_NAMES && number <= it->count, argument, "no such element");
  switch (it->kind) {
    case PP_BIND_U32: return ((const uint32_t *)it->elements)[number];
    case PP_BIND_U64: return (double)((const uint64_t *)it->elements)[number];
    default: return ((const double *)it->elements)[number];
  }
}

static int push_name(lua_State *L, uint32_t frame) {
  pp_text name, file;
  uint32_t line;
  lua_getiuservalue(L, 1, 1);
  pp_profile_frame(pp_bind_profile(L, -1), frame, &name, &file, &line);
  pp_bind_push_text(L, name);
  return 1;
}

/* vector[number], from 1; nil: there is none */
static int element(lua_State *L) {
  const vector *it = luaL_checkudata(L, 1, PP_BIND_VECTOR);
  lua_Integer number = lua_tointeger(L, 2);
  if (number < 1 || number > (lua_Integer)it->count) {
    lua_pushnil(L);
    return 1;
  }
  switch (it->kind) {
    case PP_BIND_U32: lua_pushinteger(L, ((const uint32_t *)it->elements)[number]); break;
    case PP_BIND_U64:
      lua_pushinteger(L, (lua_Integer)((const uint64_t *)it->elements)[number]);
      break;
    case PP_BIND_F64: lua_pushnumber(L, ((const double *)it->elements)[number]); break;
    case PP_BIND_NAMES: return push_name(L, (uint32_t)number - 1);
  }
  return 1;
}

static int length(lua_State *L) {
  const vector *it = luaL_checkudata(L, 1, PP_BIND_VECTOR);
  lua_pushinteger(L, it->count);
  return 1;
}

void pp_bind_vector_type(lua_State *L) {
  static const luaL_Reg meta[] = {
    { "__index", element }, { "__len", length }, { NULL, NULL },
  };
  luaL_newmetatable(L, PP_BIND_VECTOR);
  luaL_setfuncs(L, meta, 0);
  lua_pop(L, 1);
}
