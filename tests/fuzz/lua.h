/* lua.h - a fuzzer of a Lua function, which FUZZ_SCRIPT returns. The function gets the input and
 * the path of a file with it, and raises an error if it finds a fault.
 *
 * Lua itself is not instrumented; each pair of lines that run one after the other has a counter of
 * libFuzzer. */
#ifndef PYPROF_TESTS_FUZZ_LUA_H
#define PYPROF_TESTS_FUZZ_LUA_H

#include <lauxlib.h>
#include <lua.h>

#include "fuzz.h"
#include "host.h"
#include "interrupt.h"

/* cjson's: those of src/host/main.c stay out with it. */
void *pp_cjson_malloc(size_t size);
void *pp_cjson_realloc(void *block, size_t size);

void *pp_cjson_malloc(size_t size) {
  return malloc(size);
}

void *pp_cjson_realloc(void *block, size_t size) {
  return realloc(block, size);
}

enum { COUNTERS = 1 << 14 };

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

static void count_line(lua_State *L, lua_Debug *at) {
  static uintptr_t last;
  lua_getinfo(L, "S", at);
  uintptr_t here = ((uintptr_t)at->source >> 4) * 31 + (uintptr_t)at->currentline * 0x9E3B;
  counters[(here ^ last >> 1) % COUNTERS]++;
  last = here;
}

static int open_script(lua_State *L) {
  pp_host_open(L);
  lua_settop(L, 0);
  if (luaL_loadfile(L, FUZZ_SCRIPT) != LUA_OK) return lua_error(L);
  lua_call(L, 0, 1);
  return 1;
}

static lua_State *state_with_function(void) {
  lua_State *L = luaL_newstate();
  pp_interrupt_catch(L);
  lua_pushcfunction(L, open_script);
  if (lua_pcall(L, 0, 1, 0) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    exit(1);
  }
  lua_sethook(L, count_line, LUA_MASKLINE, 0);
  return L;
}

static int with_traceback(lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static lua_State *L;
  if (L == NULL) L = state_with_function();
  lua_settop(L, 1);
  lua_pushcfunction(L, with_traceback);
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)bytes, length);
  lua_pushstring(L, fuzz_file(bytes, length));
  if (lua_pcall(L, 2, 0, 2) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    abort();
  }
  return 0;
}

#endif
