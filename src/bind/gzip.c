/* pyprof.core.gzip - packing what is written; what is read is unpacked by the core's input. */
#include <stdint.h>
#include <zlib.h>

#include "bind.h"

#define WINDOW_BITS 15
#define AS_GZIP 16 /* a header without a time: equal input gives equal bytes */
#define MEMORY_LEVEL 8
#define HEADER 18 /* and trailer: what gzip has around the data */

/* gzip.compress(text) -> text */
static int compress_text(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, length < INT32_MAX, 1, "2 GiB or more");
  /* Lua may raise here: nothing of zlib's is held yet. */
  uLong room = compressBound((uLong)length) + HEADER;
  unsigned char *packed = lua_newuserdatauv(L, room, 0);
  z_stream stream = {0};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS + AS_GZIP,
                   MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
    return luaL_error(L, "not enough memory");
  }
  stream.next_in = (Bytef *)(uintptr_t)text;
  stream.avail_in = (uInt)length;
  stream.next_out = packed;
  stream.avail_out = (uInt)room;
  int result = deflate(&stream, Z_FINISH);
  size_t used = room - stream.avail_out;
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return luaL_error(L, "zlib failed (%d)", result);
  lua_pushlstring(L, (const char *)packed, used);
  return 1;
}

int luaopen_pyprof_core_gzip(lua_State *L) {
  static const luaL_Reg functions[] = { { "compress", compress_text }, { NULL, NULL } };
  luaL_newlib(L, functions);
  return 1;
}
