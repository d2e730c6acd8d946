/* modules.c - the list of the bindings. A new binding needs a file and a line here. */
#include "bind.h"

int luaopen_pyprof_core_bytes(lua_State *L);
int luaopen_pyprof_core_json(lua_State *L);
int luaopen_pyprof_core_libraries(lua_State *L);
int luaopen_pyprof_core_process(lua_State *L);
int luaopen_pyprof_core_profile(lua_State *L);
int luaopen_pyprof_core_regex(lua_State *L);
int luaopen_pyprof_core_serve(lua_State *L);
int luaopen_pyprof_core_source(lua_State *L);
int luaopen_pyprof_core_sys(lua_State *L);

const luaL_Reg pp_bind_modules[] = {
  { "pyprof.core.bytes", luaopen_pyprof_core_bytes },
  { "pyprof.core.json", luaopen_pyprof_core_json },
  { "pyprof.core.libraries", luaopen_pyprof_core_libraries },
  { "pyprof.core.process", luaopen_pyprof_core_process },
  { "pyprof.core.profile", luaopen_pyprof_core_profile },
  { "pyprof.core.regex", luaopen_pyprof_core_regex },
  { "pyprof.core.serve", luaopen_pyprof_core_serve },
  { "pyprof.core.source", luaopen_pyprof_core_source },
  { "pyprof.core.sys", luaopen_pyprof_core_sys },
  { NULL, NULL },
};
