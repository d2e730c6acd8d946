/* pyprof.core.embedded - the files that are embedded in the program. */
#include "embedded.h"

#include <fcntl.h>
#include <lauxlib.h>
#include <string.h>
#include <unistd.h>

const struct pp_embedded_file *pp_embedded_find(const char *name) {
  for (const struct pp_embedded_file *file = pp_embedded_files; file->name != NULL; file++) {
    if (strcmp(file->name, name) == 0) return file;
  }
  return NULL;
}

/* embedded.read(name) -> bytes | nil */
static int embedded_read(lua_State *L) {
  const struct pp_embedded_file *file = pp_embedded_find(luaL_checkstring(L, 1));
  if (file == NULL) return 0;
  lua_pushlstring(L, file->begin, (size_t)(file->end - file->begin));
  return 1;
}

/* embedded.names(prefix) -> the names that begin with it, sorted */
static int embedded_names(lua_State *L) {
  size_t length;
  const char *prefix = luaL_checklstring(L, 1, &length);
  lua_newtable(L);
  lua_Integer count = 0;
  for (const struct pp_embedded_file *file = pp_embedded_files; file->name != NULL; file++) {
    if (strncmp(file->name, prefix, length) != 0) continue;
    lua_pushstring(L, file->name);
    lua_rawseti(L, -2, ++count);
  }
  return 1;
}

int luaopen_pyprof_core_embedded(lua_State *L) {
  static const luaL_Reg functions[] = {
    { "read", embedded_read }, { "names", embedded_names }, { NULL, NULL }
  };
  luaL_newlib(L, functions);
  lua_getfield(L, LUA_REGISTRYINDEX, "pyprof.share");
  lua_setfield(L, -2, "share"); /* the share directory or checkout beside the program, or nil */
  return 1;
}

bool pp_embedded_is_unchanged(const char *path, const struct pp_embedded_file *file) {
  int number = open(path, O_RDONLY | O_CLOEXEC);
  if (number < 0) return false;
  size_t length = (size_t)(file->end - file->begin), got = 0;
  char block[8192];
  ssize_t some;
  while ((some = read(number, block, sizeof block)) > 0) {
    if ((size_t)some > length - got || memcmp(block, file->begin + got, (size_t)some) != 0) break;
    got += (size_t)some;
  }
  close(number);
  return some == 0 && got == length;
}
