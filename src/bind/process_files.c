/* process_files.c - the files in memory and the directories of pyprof.core.process. */
#include "process_files.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bind.h"
#include "pyprof/system.h"

#define FILE_IN_MEMORY "pyprof.core.process.file"
#define DIRECTORY "pyprof.core.process.directory"

typedef struct file_box {
  int descriptor; /* -1: closed */
  off_t end;      /* see pp_file_set_last */
} file_box;

int pp_bind_descriptor(lua_State *L, int index) {
  const file_box *file = luaL_testudata(L, index, FILE_IN_MEMORY);
  return file == NULL ? -1 : file->descriptor;
}

/* process.memory_file() -> file | nil, message */
static int process_memory_file(lua_State *L) {
  file_box *file = lua_newuserdatauv(L, sizeof *file, 0);
  *file = (file_box){-1, -1};
  luaL_setmetatable(L, FILE_IN_MEMORY);
  pp_error error;
  if (pp_memory_file("pyprof-lua recording", &file->descriptor, &error) != PP_OK) return pp_bind_fail(L, &error);
  return 1;
}

static file_box *check_file(lua_State *L) {
  file_box *file = luaL_checkudata(L, 1, FILE_IN_MEMORY);
  if (file->descriptor < 0) luaL_error(L, "this file is closed");
  return file;
}

/* file:path() -> string, valid in this process and in one that keeps the file */
static int file_path(lua_State *L) {
  lua_pushfstring(L, "/proc/self/fd/%d", check_file(L)->descriptor);
  return 1;
}

/* file:size() -> integer */
static int file_size(lua_State *L) {
  struct stat status;
  lua_pushinteger(L, fstat(check_file(L)->descriptor, &status) == 0 ? (lua_Integer)status.st_size : 0);
  return 1;
}

/* file:set_last(text) -> true | nil, message: see pp_file_set_last */
static int file_set_last(lua_State *L) {
  file_box *file = check_file(L);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  pp_error error;
  if (pp_file_set_last(file->descriptor, &file->end, text, length, &error) != PP_OK) {
    return pp_bind_fail(L, &error);
  }
  lua_pushboolean(L, true);
  return 1;
}

/* file:close() */
static int file_close(lua_State *L) {
  file_box *file = luaL_checkudata(L, 1, FILE_IN_MEMORY);
  if (file->descriptor >= 0) close(file->descriptor);
  file->descriptor = -1;
  return 0;
}

/* process.directory() -> directory | nil, message */
static int process_directory(lua_State *L) {
  pp_directory **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, DIRECTORY);
  pp_error error;
  if (pp_directory_make(box, &error) != PP_OK) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s (TMPDIR names another place)", error.message);
    return 2;
  }
  return 1;
}

/* directory:path() -> string */
static int directory_path(lua_State *L) {
  pp_directory **box = luaL_checkudata(L, 1, DIRECTORY);
  if (*box == NULL) return luaL_error(L, "this directory is closed");
  lua_pushstring(L, pp_directory_path(*box));
  return 1;
}

/* directory:close() removes it and everything in it */
static int directory_close(lua_State *L) {
  pp_directory **box = luaL_checkudata(L, 1, DIRECTORY);
  pp_directory *directory = *box;
  *box = NULL;
  pp_directory_remove(directory);
  return 0;
}

/* process.make_directory(path) -> true | nil, message */
static int process_make_directory(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  pp_error error;
  if (pp_directory_add(path, &error) != PP_OK) return pp_bind_fail(L, &error);
  lua_pushboolean(L, 1);
  return 1;
}

static const luaL_Reg functions[] = {{"memory_file", process_memory_file},
                                     {"directory", process_directory},
                                     {"make_directory", process_make_directory},
                                     {NULL, NULL}};

static const luaL_Reg file_methods[] = {{"path", file_path},
                                        {"size", file_size},
                                        {"set_last", file_set_last},
                                        {"close", file_close},
                                        {NULL, NULL}};

static const luaL_Reg directory_methods[] = {
    {"path", directory_path}, {"close", directory_close}, {NULL, NULL}};

void pp_bind_class(lua_State *L, const char *name, const luaL_Reg *methods,
                   lua_CFunction close) {
  luaL_newmetatable(L, name);
  lua_pushcfunction(L, close);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__gc");
  lua_setfield(L, -2, "__close");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void pp_bind_files(lua_State *L) {
  pp_bind_class(L, FILE_IN_MEMORY, file_methods, file_close);
  pp_bind_class(L, DIRECTORY, directory_methods, directory_close);
  luaL_setfuncs(L, functions, 0);
}
