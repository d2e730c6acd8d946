/* pyprof-lua: one protected call around everything; the only place that chooses an exit status. */
#include <lauxlib.h>
#include <locale.h>
#include <lua.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "host.h"

/* What the signal handler needs, and the only global state: which state to stop, and a flag that
 * long calls of the core look at. */
static struct {
  lua_State *state;
  volatile sig_atomic_t cancel;
} interrupt;

static void raise_interrupted(lua_State *L, lua_Debug *record) {
  (void)record;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted");
}

/* The first Ctrl-C unwinds, so that nothing half-written stays; the second kills. */
static void on_interrupt(int number) {
  signal(number, SIG_DFL);
  interrupt.cancel = 1;
  lua_sethook(interrupt.state, raise_interrupted,
              LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static void catch_interrupt(lua_State *L) {
  interrupt.state = L;
  struct sigaction action = { .sa_handler = on_interrupt }, old;
  sigaction(SIGINT, NULL, &old);
  if (old.sa_handler != SIG_IGN) sigaction(SIGINT, &action, NULL); /* nohup stays nohup */
}

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
  catch_interrupt(L);
  static const pp_control control = { .cancel = &interrupt.cancel };
  pp_bind_set_control(L, &control);
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
  if (interrupt.cancel) status = 128 + SIGINT;
  lua_close(L);
  if (fflush(stdout) != 0 && status == 0) {
    fputs("pyprof-lua: standard output: cannot be written\n", stderr);
    status = 1;
  }
  return status;
}
