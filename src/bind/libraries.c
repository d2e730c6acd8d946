/* libraries.c - pyprof.core.libraries: the commit that the program was built from, and the versions
 * of the libraries in it. */
#include <histedit.h>
#include <lauxlib.h>
#include <string.h>
#include <zlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "bind.h"

extern const char pp_commit[]; /* the Makefile writes it */

int luaopen_pyprof_core_libraries(lua_State *L);

/* libraries.commit() -> text; empty if the source is in no repository */
static int libraries_commit(lua_State *L) {
  lua_pushstring(L, pp_commit);
  return 1;
}

/* libraries.versions() -> "Lua 5.4.4", "PCRE2 10.42", … */
static int libraries_versions(lua_State *L) {
  char pcre2[64] = "";
  pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
  pcre2[strcspn(pcre2, " ")] = '\0'; /* its date follows */
  lua_pushliteral(L, LUA_RELEASE);
  lua_pushfstring(L, "PCRE2 %s", pcre2);
  lua_pushfstring(L, "zlib %s", zlibVersion());
  lua_pushfstring(L, "libedit %d.%d", LIBEDIT_MAJOR, LIBEDIT_MINOR);
  return 4;
}

int luaopen_pyprof_core_libraries(lua_State *L) {
  static const luaL_Reg functions[] = {
    { "commit", libraries_commit }, { "versions", libraries_versions }, { NULL, NULL }
  };
  luaL_newlib(L, functions);
  return 1;
}
