/* pyprof.core.sys - the few system functions that Lua's own library lacks. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "bind.h"
#include "pyprof/files.h"
#include "pyprof/utf8.h"

/* sys.stat(path) -> { kind = "file"|"directory"|"other", size, modified, mode, id, device }
 * | nil, message
 * Symbolic links are followed; modified is in seconds; id is the same for all names of a file;
 * device: it is a terminal, /dev/null or the like. */
static int sys_stat(lua_State *L) {
  size_t length;
  const char *path = luaL_checklstring(L, 1, &length);
  struct stat status;
  /* A recording may name anything: no file has a zero byte in its name. */
  if (strlen(path) != length) errno = ENOENT;
  if (strlen(path) != length || stat(path, &status) != 0) return pp_bind_fail_errno(L, path);
  lua_createtable(L, 0, 6);
  lua_pushstring(L, S_ISREG(status.st_mode)   ? "file"
                    : S_ISDIR(status.st_mode) ? "directory"
                                              : "other");
  lua_setfield(L, -2, "kind");
  lua_pushboolean(L, S_ISCHR(status.st_mode));
  lua_setfield(L, -2, "device");
  lua_pushinteger(L, status.st_size);
  lua_setfield(L, -2, "size");
  lua_pushnumber(L, (lua_Number)status.st_mtim.tv_sec + (lua_Number)status.st_mtim.tv_nsec / 1e9);
  lua_setfield(L, -2, "modified");
  lua_pushinteger(L, status.st_mode & 07777);
  lua_setfield(L, -2, "mode");
  lua_pushfstring(L, "%I:%I", (LUAI_UACINT)status.st_dev, (LUAI_UACINT)status.st_ino);
  lua_setfield(L, -2, "id");
  return 1;
}

/* sys.readable(path) -> true | nil, message */
static int sys_readable(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  if (access(path, R_OK) != 0) return pp_bind_fail_errno(L, path);
  lua_pushboolean(L, 1);
  return 1;
}

/* sys.plain(path) -> true | nil, message, what it is: can it be read without waiting for ever? The
 * message may also say why there is nothing to open. */
static int sys_plain(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  const char *special = pp_file_special(path);
  if (special != NULL) {
    lua_pushnil(L);
    if (strcmp(special, "a socket") == 0) {
      lua_pushfstring(L, "%s: is %s (name a regular file)", path, special);
    } else {
      lua_pushfstring(L, "%s: is %s (`/dev/fd/0 <%s` reads it all the same)", path, special, path);
    }
    lua_pushstring(L, special);
    return 3;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* sys.writable(path) -> true | nil, message */
static int sys_writable(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  if (access(path, W_OK) != 0) return pp_bind_fail_errno(L, path);
  lua_pushboolean(L, 1);
  return 1;
}

static int close_stream(lua_State *L) {
  luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(stream->f) == 0, NULL);
}

/* sys.unnamed_file(directory) -> a file in it that disappears when we end | nil, message */
static int sys_unnamed_file(lua_State *L) {
  const char *directory = pp_bind_path(L, 1);
  luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 0);
  *stream = (luaL_Stream){0};
  luaL_setmetatable(L, LUA_FILEHANDLE);
  int descriptor = open(directory, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  if (descriptor < 0) return pp_bind_fail_errno(L, directory);
  stream->f = fdopen(descriptor, "wb");
  if (stream->f == NULL) {
    int reason = errno;
    close(descriptor);
    errno = reason;
    return pp_bind_fail_errno(L, directory);
  }
  stream->closef = close_stream;
  return 1;
}

/* sys.name_file(file, path) -> true | nil, message: gives an unnamed file a name, a path that does
 * not exist */
static int sys_name_file(lua_State *L) {
  luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  const char *path = pp_bind_path(L, 2);
  luaL_argcheck(L, stream->closef != NULL, 1, "closed");
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fileno(stream->f));
  if (fflush(stream->f) != 0 || linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0) {
    return pp_bind_fail_errno(L, path);
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* sys.executable_file(path) -> boolean: is it a regular file that we may run? */
static int sys_executable_file(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  struct stat status;
  lua_pushboolean(L, stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
                     access(path, X_OK) == 0);
  return 1;
}

/* sys.real_path(path) -> path | nil, message */
static int sys_real_path(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  char resolved[PATH_MAX];
  if (realpath(path, resolved) == NULL) return pp_bind_fail_errno(L, path);
  lua_pushstring(L, resolved);
  return 1;
}

/* sys.program() -> the path of this program | nil, message */
static int sys_program(lua_State *L) {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length < 0) return pp_bind_fail_errno(L, "/proc/self/exe");
  lua_pushlstring(L, path, (size_t)length);
  return 1;
}

#define ENTRIES "pyprof.core.sys.entries"

/* What scandir found. Lua's collector frees it if memory runs out on the way. */
typedef struct entries {
  struct dirent **list;
  int count;
} entries;

static int entries_free(lua_State *L) {
  entries *found = luaL_checkudata(L, 1, ENTRIES);
  for (int i = 0; i < found->count; i++) free(found->list[i]);
  free(found->list);
  *found = (entries){0};
  return 0;
}

/* We sort by bytes ourselves, since scandir's alphasort follows the locale. */
static int compare_entries(const void *a, const void *b) {
  return strcmp((*(struct dirent *const *)a)->d_name, (*(struct dirent *const *)b)->d_name);
}

static int is_named(const struct dirent *entry) {
  return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* sys.list(directory) -> names sorted by bytes, without "." and ".." | nil, message */
static int sys_list(lua_State *L) {
  const char *path = pp_bind_path(L, 1);
  lua_settop(L, 1);
  entries *found = lua_newuserdatauv(L, sizeof *found, 0);
  *found = (entries){0};
  if (luaL_newmetatable(L, ENTRIES)) {
    lua_pushcfunction(L, entries_free);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  int count = scandir(path, &found->list, is_named, NULL);
  if (count < 0) return pp_bind_fail_errno(L, path);
  found->count = count;
  if (count > 0) qsort(found->list, (size_t)count, sizeof *found->list, compare_entries);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, found->list[i]->d_name);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcfunction(L, entries_free);
  lua_pushvalue(L, 2);
  lua_call(L, 1, 0);
  return 1;
}

/* sys.terminal(fd or file) -> columns, rows of the terminal | nil if it is no terminal
 * They are 80 and 24 if the terminal does not know them. */
static int sys_terminal(lua_State *L) {
  luaL_Stream *stream = luaL_testudata(L, 1, LUA_FILEHANDLE);
  if (stream != NULL && stream->closef == NULL) return luaL_argerror(L, 1, "is closed");
  int fd = stream != NULL ? fileno(stream->f) : (int)luaL_checkinteger(L, 1);
  if (!isatty(fd)) return 0;
  struct winsize size;
  bool known = ioctl(fd, TIOCGWINSZ, &size) == 0;
  lua_pushinteger(L, known && size.ws_col > 0 ? size.ws_col : 80);
  lua_pushinteger(L, known && size.ws_row > 0 ? size.ws_row : 24);
  return 2;
}

/* sys.width(text) -> the columns that it takes on a terminal: 0 for combining characters, 2 for
 * wide ones; and true if all of it is printable ASCII. Bytes that are not UTF-8, and control
 * characters, count one column each. */
static int sys_width(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  size_t plain = 0;
  while (plain < length && text[plain] >= ' ' && text[plain] <= '~') plain++;
  if (plain == length) {
    lua_pushinteger(L, (lua_Integer)length);
    lua_pushboolean(L, true);
    return 2;
  }
  /* The user's locale may know only ASCII; C.UTF-8 is part of the C library. */
  static locale_t utf8;
  if (utf8 == (locale_t)0) utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  locale_t before = utf8 != (locale_t)0 ? uselocale(utf8) : (locale_t)0;
  lua_Integer columns = 0;
  for (size_t i = 0; i < length;) {
    /* mbrtowc would give other results where memory is short. */
    size_t used = pp_utf8_length(text + i, text + length);
    int width = used > 0 ? wcwidth((wchar_t)pp_utf8_get(text + i, used)) : -1;
    columns += width < 0 ? 1 : width;
    i += used > 0 ? used : 1;
  }
  if (utf8 != (locale_t)0) uselocale(before);
  lua_pushinteger(L, columns);
  return 1;
}

/* sys.clock() -> seconds on a clock that never goes back */
static int sys_clock(lua_State *L) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
  return 1;
}

/* sys.make_directory(template) -> path of a new private directory | nil, message
 * The template ends in XXXXXX, as for mkdtemp. */
static int sys_make_directory(lua_State *L) {
  const char *template = pp_bind_path(L, 1);
  char path[PATH_MAX];
  size_t length = strlen(template);
  luaL_argcheck(L, length < sizeof path, 1, "too long");
  memcpy(path, template, length + 1);
  if (mkdtemp(path) == NULL) return pp_bind_fail_errno(L, template);
  lua_pushstring(L, path);
  return 1;
}

/* sys.make_directories(path) -> true | nil, message: makes the missing ones, private */
static int sys_make_directories(lua_State *L) {
  const char *whole = pp_bind_path(L, 1);
  char path[PATH_MAX];
  int length = snprintf(path, sizeof path, "%s", whole);
  luaL_argcheck(L, length < PATH_MAX, 1, "too long");
  for (int i = 1; i <= length; i++) {
    if (path[i] != '/' && path[i] != '\0') continue;
    char end = path[i];
    path[i] = '\0';
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return pp_bind_fail_errno(L, path);
    path[i] = end;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* sys.process_id() -> integer */
static int sys_process_id(lua_State *L) {
  lua_pushinteger(L, getpid());
  return 1;
}

static const luaL_Reg functions[] = {
  { "stat", sys_stat },
  { "readable", sys_readable },
  { "plain", sys_plain },
  { "writable", sys_writable },
  { "executable_file", sys_executable_file },
  { "unnamed_file", sys_unnamed_file },
  { "name_file", sys_name_file },
  { "real_path", sys_real_path },
  { "program", sys_program },
  { "list", sys_list },
  { "terminal", sys_terminal },
  { "width", sys_width },
  { "clock", sys_clock },
  { "make_directory", sys_make_directory },
  { "make_directories", sys_make_directories },
  { "process_id", sys_process_id },
  { NULL, NULL },
};

int luaopen_pyprof_core_sys(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
