#include "host.h"

#include <lauxlib.h>
#include <limits.h>
#include <lua-cjson.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"
#include "embedded.h"
#include "interrupt.h"
#include "line.h"
#include "sandbox.h"

int luaopen_cjson_safe(lua_State *L); /* cjson's header does not declare it */

#define VERSION_FILE "lua/pyprof/version.lua"

/* Is the library in this directory the one that the program was built with? */
static bool is_ours(const char *directory) {
  char path[PATH_MAX + 64];
  return snprintf(path, sizeof path, "%s/%s", directory, VERSION_FILE) < (int)sizeof path &&
    pp_embedded_is_unchanged(path, pp_embedded_find(VERSION_FILE));
}

/* Beside an installed program this is ../share/pyprof-lua; beside a program in the build directory
 * of a checkout it is the checkout. */
static bool find_share(char *share, size_t size) {
  static const char *const places[] = { "/../share/pyprof-lua", "/.." };
  char program[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) return false;
  program[length] = '\0';
  char *slash = strrchr(program, '/');
  if (slash == NULL) return false;
  *slash = '\0';
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    char path[PATH_MAX + 64], real[PATH_MAX];
    snprintf(path, sizeof path, "%s%s", program, places[i]);
    if (realpath(path, real) == NULL || !is_ours(real)) continue;
    if (strlen(real) >= size) return false;
    strcpy(share, real);
    return true;
  }
  return false;
}

/* Keeps only the absolute entries of LUA_PATH or LUA_CPATH: a script that happens to be in the
 * working directory must never run instead of the library. */
static void set_path(lua_State *L, const char *field) {
  luaL_Buffer result;
  lua_getglobal(L, "package");
  lua_getfield(L, -1, field);
  const char *path = lua_tostring(L, -1);
  luaL_buffinit(L, &result);
  bool first = true;
  while (path != NULL && *path != '\0') {
    size_t length = strcspn(path, ";");
    if (*path == '/') {
      if (!first) luaL_addchar(&result, ';');
      luaL_addlstring(&result, path, length);
      first = false;
    }
    path += length;
    if (*path == ';') path++;
  }
  luaL_pushresult(&result);
  lua_setfield(L, -3, field);
  lua_pop(L, 2);
}

/* Loads a file of the library from its byte code. */
static void load_embedded(lua_State *L, const struct pp_embedded_file *file) {
  if (luaL_loadbufferx(L, file->code, (size_t)(file->code_end - file->code), file->name, "b") !=
      LUA_OK) {
    lua_error(L);
  }
}

/* A searcher for package.searchers: it finds pyprof.* in the share directory, then in the program.
 * A file that is the same as when the program was built is not compiled again. */
static int search_library(lua_State *L) {
  const char *module = luaL_checkstring(L, 1);
  if (strcmp(module, "pyprof") != 0 && strncmp(module, "pyprof.", 7) != 0) return 0;
  luaL_gsub(L, module, ".", "/");
  const char *stem = lua_tostring(L, -1);
  lua_getfield(L, LUA_REGISTRYINDEX, "pyprof.share");
  const char *share = lua_tostring(L, -1);
  static const char *const forms[] = { "lua/%s.lua", "lua/%s/init.lua" };
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    const char *name = lua_pushfstring(L, forms[i], stem);
    const struct pp_embedded_file *file = pp_embedded_find(name);
    if (share != NULL) {
      const char *path = lua_pushfstring(L, "%s/%s", share, name);
      bool unchanged = file != NULL && pp_embedded_is_unchanged(path, file);
      if (unchanged || access(path, R_OK) == 0) {
        if (unchanged) load_embedded(L, file);
        else if (luaL_loadfilex(L, path, "t") != LUA_OK) return lua_error(L);
        lua_pushstring(L, path);
        return 2;
      }
    }
    if (file == NULL) continue;
    load_embedded(L, file);
    lua_pushstring(L, name);
    return 2;
  }
  lua_pushfstring(L, "no '%s' in the library of pyprof-lua", module);
  return 1;
}

static void add_searcher(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchers");
  lua_Integer count = luaL_len(L, -1);
  for (lua_Integer i = count; i >= 2; i--) { /* the new one comes after package.preload's */
    lua_geti(L, -1, i);
    lua_seti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search_library);
  lua_seti(L, -2, 2);
  lua_pop(L, 2);
}

void pp_host_open(lua_State *L) {
  char share[PATH_MAX];
  luaL_openlibs(L);
  pp_interrupt_open(L);
  if (find_share(share, sizeof share)) {
    lua_pushstring(L, share);
    lua_setfield(L, LUA_REGISTRYINDEX, "pyprof.share");
  }
  set_path(L, "path");
  set_path(L, "cpath");
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  luaL_setfuncs(L, pp_bind_modules, 0);
  lua_pushcfunction(L, luaopen_cjson);
  lua_setfield(L, -2, "cjson");
  lua_pushcfunction(L, luaopen_cjson_safe);
  lua_setfield(L, -2, "cjson.safe");
  lua_pushcfunction(L, luaopen_pyprof_core_embedded);
  lua_setfield(L, -2, "pyprof.core.embedded");
  lua_pushcfunction(L, luaopen_pyprof_core_line);
  lua_setfield(L, -2, "pyprof.core.line");
  lua_pushcfunction(L, luaopen_pyprof_core_sandbox);
  lua_setfield(L, -2, "pyprof.core.sandbox");
  lua_pop(L, 1);
  add_searcher(L);
}
