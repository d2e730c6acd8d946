/* main.c - one protected call around everything, and the only place that chooses an exit status. */
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <locale.h>
#include <lua.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "interrupt.h"

/* The exit status for each outcome that the Lua side returns. */
static int status_of(const char *outcome) {
  static const struct { const char *outcome; int status; } table[] = {
    { "done", 0 }, { "refused", 1 }, { "usage", 2 }, { "failed", 3 }, { "unsure", 4 },
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i].outcome, outcome) == 0) return table[i].status;
  }
  return 1;
}

/* All the work that may raise an error: it opens the libraries and calls command.main(words) ->
 * outcome, status? It returns the exit status: the target's if not 0, else the outcome's. */
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

/* --- a lack of memory that nobody catches */

static _Noreturn void end_without_memory(void) {
  fputs("pyprof-lua: not enough memory\n", stderr);
  exit(1);
}

/* cjson calls these in place of malloc and realloc (see the Makefile). They end the program instead
 * of failing, because cjson sets a buffer's new length before it has the memory for it. */
void *pp_cjson_malloc(size_t size);
void *pp_cjson_realloc(void *block, size_t size);

void *pp_cjson_malloc(size_t size) {
  void *made = malloc(size);
  if (made == NULL && size > 0) end_without_memory();
  return made;
}

void *pp_cjson_realloc(void *block, size_t size) {
  void *made = realloc(block, size);
  if (made == NULL && size > 0) end_without_memory();
  return made;
}

/* Outside of the protected call only a lack of memory can raise an error. */
static int on_panic(lua_State *L) {
  (void)L;
  end_without_memory();
}

/* --- standard output */

/* If standard output is closed, the next file that is opened would become it, and all output would
 * go into that file. So /dev/null takes the place of closed descriptors. The programs that we run
 * find them closed. */
static void occupy_descriptors(void) {
  static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY }; /* reading or writing fails */
  for (int number = 0; number < 3; number++) {
    if (fcntl(number, F_GETFD) < 0) (void)!open("/dev/null", modes[number] | O_CLOEXEC);
  }
}

/* Reports output that was lost, whichever code wrote it and however the program ends. */
static void check_output(int status, void *unused) {
  (void)unused;
  errno = 0;
  bool failed = ferror(stdout) != 0;
  if (fflush(stdout) == 0 && !failed) return;
  /* An earlier write failed and left no errno; another write fails for the same reason. */
  if (errno == 0) (void)!write(STDOUT_FILENO, "\n", 1);
  fprintf(stderr, "pyprof-lua: standard output: %s\n",
          errno != 0 ? strerror(errno) : "not all could be written");
  if (status == 0) _exit(1);
}

/* The limit on the size of files shall be an error of write(), like a full disk. We use a handler
 * and not SIG_IGN because exec resets handlers, so programs that we start have the default. */
static void on_size_limit(int number) {
  (void)number;
}

int main(int argc, char **argv) {
  occupy_descriptors();
  on_exit(check_output, NULL);
  /* Only characters follow the locale, since numbers must look the same everywhere. */
  setlocale(LC_CTYPE, "");
  lua_State *L = luaL_newstate();
  if (L == NULL) end_without_memory();
  lua_atpanic(L, on_panic);
  if (signal(SIGXFSZ, on_size_limit) == SIG_IGN) signal(SIGXFSZ, SIG_IGN);
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
  return status;
}
