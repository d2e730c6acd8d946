#include "bind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char control_key;

_Noreturn void pp_bind_memory(lua_State *L) {
  lua_pushliteral(L, "not enough memory");
  lua_error(L);
  abort(); /* never reached, but Lua's header does not declare that lua_error never returns */
}

int pp_bind_fail(lua_State *L, const pp_error *error) {
  if (error->code == PP_MEMORY) pp_bind_memory(L);
  lua_pushnil(L);
  lua_pushstring(L, error->message);
  if (error->code != PP_ARGUMENT) return 2;
  lua_pushliteral(L, "usage");
  return 3;
}

int pp_bind_fail_errno(lua_State *L, const char *what) {
  pp_error error;
  pp_error_system(&error, what, errno);
  return pp_bind_fail(L, &error);
}

const char *pp_bind_path(lua_State *L, int argument) {
  size_t length;
  const char *text = luaL_checklstring(L, argument, &length);
  luaL_argcheck(L, strlen(text) == length, argument, "contains a zero byte");
  return text;
}

void pp_bind_set_control(lua_State *L, const pp_control *control) {
  lua_pushlightuserdata(L, (void *)control);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &control_key);
}

const pp_control *pp_bind_control(lua_State *L) {
  static const pp_control none;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &control_key);
  const pp_control *control = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return control != NULL ? control : &none;
}

/* It is in the extra space of each state, since every match needs it. Coroutines copy the main
 * state's. */
void pp_bind_set_exposure(lua_State *L, pp_exposure *exposure) {
  *(pp_exposure **)lua_getextraspace(L) = exposure;
}

pp_exposure *pp_bind_exposure(lua_State *L) {
  return *(pp_exposure **)lua_getextraspace(L);
}
