/* pyprof.core.bytes - reading packed files and packing text. */
#include <sha2.h>
#include <stdint.h>
#include <zlib.h>

#include "bind.h"
#include "pyprof/buffer.h"
#include "pyprof/column.h"
#include "pyprof/input.h"
#include "values.h"

#define INPUT "pyprof.core.input"
#define BLOCK PP_BLOCK(256 * 1024)

#define WINDOW_BITS 15
#define AS_GZIP 16 /* the header has no time, so equal input gives equal bytes */
#define MEMORY_LEVEL 8
#define HEADER 18 /* bytes of gzip's header and trailer */

/* bytes.pack(text) -> text */
static int compress_text(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  luaL_argcheck(L, length < INT32_MAX, 1, "2 GiB or more");
  /* Lua may raise an error here, before we hold anything of zlib. */
  uLong room = compressBound((uLong)length) + HEADER;
  unsigned char *packed = lua_newuserdatauv(L, room, 0);
  z_stream stream = {0};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW_BITS + AS_GZIP,
                   MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
    pp_bind_memory(L);
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

/* A file that is being read, and the text read so far. */
struct reading {
  pp_input *input;
  pp_buffer text;
};

static int close_reading(lua_State *L) {
  struct reading *reading = luaL_checkudata(L, 1, INPUT);
  pp_input_close(reading->input);
  reading->input = NULL;
  pp_buffer_free(&reading->text);
  return 0;
}

static pp_code read_whole(struct reading *reading, pp_error *error) {
  pp_code code = PP_OK;
  for (size_t got = 1; code == PP_OK && got > 0;) {
    pp_buffer *text = &reading->text;
    if (!pp_buffer_reserve(text, BLOCK)) return pp_error_memory(error);
    code = pp_input_read(reading->input, text->data + text->length, BLOCK, &got, error);
    if (code == PP_OK) text->length += got;
  }
  return code;
}

/* bytes.read(path, whole) -> text | nil, message: a file's text, unpacked, or the first 64 KiB of
 * it. The message does not name the path. */
static int read_text(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  luaL_checktype(L, 2, LUA_TBOOLEAN);
  bool whole = lua_toboolean(L, 2) != 0;
  struct reading *reading = lua_newuserdatauv(L, sizeof *reading, 0);
  *reading = (struct reading){0};
  luaL_setmetatable(L, INPUT);
  lua_toclose(L, -1);
  pp_error error;
  const char *head = NULL;
  size_t length = 0;
  pp_code code = pp_input_open(path, pp_bind_control(L), &reading->input, &error);
  if (code == PP_OK && whole) {
    code = read_whole(reading, &error);
    head = reading->text.data;
    length = reading->text.length;
  } else if (code == PP_OK) {
    code = pp_input_head(reading->input, &head, &length, &error);
  }
  if (code != PP_OK) return pp_bind_fail(L, &error);
  lua_pushlstring(L, head != NULL ? head : "", length);
  return 1;
}

/* --- columns of a page */

/* Pushes the buffer as a string, and frees it even if Lua has no memory. */
static int push_buffer(lua_State *L, pp_code code, struct reading *held) {
  if (code != PP_OK) pp_bind_memory(L);
  lua_pushlstring(L, held->text.data, held->text.length);
  return 1;
}

static struct reading *hold_buffer(lua_State *L) {
  struct reading *held = lua_newuserdatauv(L, sizeof *held, 0);
  *held = (struct reading){0};
  luaL_setmetatable(L, INPUT);
  lua_toclose(L, -1);
  return held;
}

/* bytes.deflate(text) -> text: zlib's format in base64 */
static int deflate_text(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  struct reading *held = hold_buffer(L);
  pp_error error;
  return push_buffer(L, pp_column_pack(text, length, &held->text, &error), held);
}

/* bytes.column(numbers, fractions) -> text: a column of pyprof/column.h; whole numbers from 0, or
 * any numbers */
static int make_column(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  bool fractions = lua_toboolean(L, 2) != 0;
  size_t count = lua_rawlen(L, 1);
  double *numbers = fractions ? pp_bind_array(L, count, sizeof *numbers) : NULL;
  uint64_t *whole = fractions ? NULL : pp_bind_array(L, count, sizeof *whole);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    if (fractions) {
      numbers[i] = luaL_checknumber(L, -1);
    } else {
      lua_Integer number = luaL_checkinteger(L, -1);
      luaL_argcheck(L, number >= 0, 1, "less than 0");
      whole[i] = (uint64_t)number;
    }
    lua_pop(L, 1);
  }
  struct reading *held = hold_buffer(L);
  pp_error error;
  pp_code code = fractions ? pp_column_of_f64(numbers, count, &held->text, &error)
                           : pp_column_of_u64(whole, count, &held->text, &error);
  return push_buffer(L, code, held);
}

/* bytes.sha256(text) -> text: the hash in base64, as a page's policy wants it */
static int hash_text(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  SHA2_CTX context;
  uint8_t hash[SHA256_DIGEST_LENGTH];
  SHA256Init(&context);
  SHA256Update(&context, (const uint8_t *)text, length);
  SHA256Final(hash, &context);
  struct reading *held = hold_buffer(L);
  pp_error error;
  return push_buffer(L, pp_column_base64(hash, sizeof hash, &held->text, &error), held);
}

int luaopen_pyprof_core_bytes(lua_State *L) {
  static const luaL_Reg functions[] = {
    { "pack", compress_text }, { "read", read_text },   { "deflate", deflate_text },
    { "column", make_column }, { "sha256", hash_text }, { NULL, NULL },
  };
  pp_bind_type(L, INPUT, NULL, close_reading);
  luaL_newlib(L, functions);
  return 1;
}
