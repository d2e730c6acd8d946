/* precompile: reads file names and writes each Lua file's byte code to DIRECTORY/NAME.
 *
 * The program embeds it beside the source, so that it need not compile unchanged files at start. */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static int write_piece(lua_State *L, const void *piece, size_t size, void *stream) {
  (void)L;
  return fwrite(piece, 1, size, stream) != size;
}

/* The byte code keeps the file's name from the list, and its lines, for error messages. */
static int compile(lua_State *L, const char *directory, const char *name) {
  const char *path = lua_pushfstring(L, "%s/%s", directory, name);
  if (luaL_loadfilex(L, name, "t") != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return 1;
  }
  FILE *stream = fopen(path, "wb");
  if (stream == NULL) {
    perror(path);
    return 1;
  }
  int status = lua_dump(L, write_piece, stream, 0);
  if (fclose(stream) != 0) status = 1;
  if (status != 0) perror(path);
  lua_settop(L, 0);
  return status;
}

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (argc != 2 || L == NULL) {
    fputs("usage: precompile DIRECTORY < names\n", stderr);
    return 2;
  }
  char name[4096];
  int status = 0;
  while (status == 0 && fgets(name, sizeof name, stdin) != NULL) {
    name[strcspn(name, "\n")] = '\0';
    status = compile(L, argv[1], name);
  }
  lua_close(L);
  return status;
}
