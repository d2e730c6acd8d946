/* serve.c - pyprof.core.serve: shows a page to a browser. */
#include "pyprof/serve.h"
#include "values.h"

#define SERVER "pyprof.core.server"

static int close_server(lua_State *L) {
  pp_serve_close(luaL_checkudata(L, 1, SERVER));
  return 0;
}

/* serve.open(port) -> server | nil, message: on the loopback address; port 0: any that is free */
static int open_server(lua_State *L) {
  lua_Integer port = luaL_checkinteger(L, 1);
  luaL_argcheck(L, port >= 0 && port <= UINT16_MAX, 1, "no port");
  pp_server *server = lua_newuserdatauv(L, sizeof *server, 0);
  server->descriptor = -1;
  luaL_setmetatable(L, SERVER);
  pp_error error;
  pp_code code = pp_serve_open((uint16_t)port, server, &error);
  return code == PP_OK ? 1 : pp_bind_fail(L, &error);
}

/* server:address() -> port, path */
static int address(lua_State *L) {
  const pp_server *server = luaL_checkudata(L, 1, SERVER);
  lua_pushinteger(L, server->port);
  lua_pushfstring(L, "/%s", server->token);
  return 2;
}

/* server:run(page) -> true | nil, message: answers until a signal ends it */
static int run(lua_State *L) {
  const pp_server *server = luaL_checkudata(L, 1, SERVER);
  luaL_argcheck(L, server->descriptor >= 0, 1, "the server is closed");
  size_t length;
  const char *page = luaL_checklstring(L, 2, &length);
  pp_error error;
  if (pp_serve_run(server, page, length, &error) != PP_OK) return pp_bind_fail(L, &error);
  lua_pushboolean(L, true);
  return 1;
}

int luaopen_pyprof_core_serve(lua_State *L) {
  static const luaL_Reg functions[] = { { "open", open_server }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "address", address }, { "run", run }, { "close", close_server }, { NULL, NULL },
  };
  pp_bind_type(L, SERVER, methods, close_server);
  luaL_newlib(L, functions);
  return 1;
}
