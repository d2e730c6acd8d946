/* pyprof-lua: one protected call around everything; the only place that chooses an exit status. */
#include <lauxlib.h>
#include <locale.h>
#include <lua.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "interrupt.h"

/* What the Lua side says of the end, and what a shell sees of it. */
static int status_of(const char *outcome) {
  static const struct { const char *outcome; int status; } table[] = {
    { "done", 0 }, { "refused", 1 }, { "usage", 2 }, { "failed", 3 }, { "unsure", 4 },
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].outcome, outcome) == 0) return table[i].status;
  }
  return 1;
}

/* Everything that may raise: opens the libraries, then command.main(words) -> outcome, status?
 * Returns the exit status: the target's own where that is not 0, else the outcome's. */
static int run(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1);
  char **argv = lua_touserdata(L, 2);
  luaL_checkstack(L, 20, NULL);
  pp_host_open(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "pyprof.command");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "main");
  lua_createtable(L, argc, 0);
  for (int i = 1; i < argc; i++) {
    lua_pushstring(L, argv[i]);
    lua_rawseti(L, -2, i);
  }
  lua_call(L, 1, 2);
  int target = (int)luaL_optinteger(L, -1, 0);
  lua_pushinteger(L, target != 0 ? target : status_of(luaL_checkstring(L, -2)));
  return 1;
}

int main(int argc, char **argv) {
  /* Numbers must be read and written alike everywhere; only characters follow the locale. */
  setlocale(LC_CTYPE, "");
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    fputs("pyprof-lua: not enough memory\n", stderr);
    return 1;
  }
  pp_interrupt_catch(L);
  lua_pushcfunction(L, run);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  int status;
  if (lua_pcall(L, 2, 1, 0) == LUA_OK) {
    status = (int)lua_tointeger(L, -1);
  } else {
    fprintf(stderr, "pyprof-lua: %s\n", luaL_tolstring(L, -1, NULL));
    status = 1;
  }
  if (pp_interrupt_seen()) status = 128 + SIGINT;
  lua_close(L);
  if (fflush(stdout) != 0 && status == 0) {
    fputs("pyprof-lua: standard output: cannot be written\n", stderr);
    status = 1;
  }
  return status;
}
