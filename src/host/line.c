/* pyprof.core.line - reading lines from a terminal, edited with libedit. */
#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/ttydefaults.h>
#include <unistd.h>
#include <wchar.h>

#include "bind.h"
#include "interrupt.h"
#include "line.h"

#define EDITOR "pyprof.core.line.Editor"
#define KEPT 2000 /* lines of history */
#define MOST_BYTES (64 << 20)

typedef struct editor {
  EditLine *edit;
  History *history;
  const char *prompt;
  lua_State *L;    /* the state that reads; the editor is at index 1 of its stack */
  sigset_t signals; /* the signal mask while it waits for a key */
} editor;

static editor *to_editor(lua_State *L) {
  editor *self = luaL_checkudata(L, 1, EDITOR);
  luaL_argcheck(L, self->edit != NULL, 1, "is closed");
  return self;
}

static editor *of_edit(EditLine *edit) {
  void *self = NULL;
  el_get(edit, EL_CLIENTDATA, &self);
  return self;
}

static char *prompt_of(EditLine *edit) {
  return (char *)of_edit(edit)->prompt;
}

/* Ctrl-C is unblocked only while we wait for a key. */
static int read_character(EditLine *edit, wchar_t *character) {
  mbstate_t state = { 0 };
  for (;;) {
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
    if (ppoll(&input, 1, NULL, &of_edit(edit)->signals) < 0) {
      if (errno == EINTR && !pp_interrupt_seen()) continue;
      return -1;
    }
    char byte;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got <= 0) return (int)got;
    /* A Ctrl-D that was typed before libedit set up the terminal comes as a zero byte. */
    if (byte == '\0') byte = CEOF;
    size_t used = mbrtowc(character, &byte, 1, &state);
    if (used == (size_t)-1) {
      *character = L'?';
      return 1;
    }
    if (used != (size_t)-2) return 1;
  }
}

/* Tab: complete(text before the cursor) -> the text to insert, the text to show below. */
static unsigned char complete(EditLine *edit, int key) {
  (void)key;
  lua_State *L = of_edit(edit)->L;
  const LineInfo *line = el_line(edit);
  int top = lua_gettop(L);
  unsigned char result = CC_ERROR;
  lua_getiuservalue(L, 1, 1);
  lua_pushlstring(L, line->buffer, (size_t)(line->cursor - line->buffer));
  if (lua_pcall(L, 1, 2, 0) == LUA_OK) {
    const char *text = lua_tostring(L, -2), *choices = lua_tostring(L, -1);
    if (text != NULL && *text != '\0' && el_insertstr(edit, text) == 0) {
      result = CC_REFRESH;
    } else if (choices != NULL) {
      printf("\n%s\n", choices);
      fflush(stdout);
      result = CC_REDISPLAY;
    }
  }
  lua_settop(L, top);
  return result;
}

/* editor:read(prompt) -> line without its end | nil, "end" or "interrupted" */
static int editor_read(lua_State *L) {
  editor *self = to_editor(L);
  self->prompt = luaL_checkstring(L, 2);
  lua_settop(L, 2);
  luaL_checkstack(L, 20, NULL);
  self->L = L;
  sigset_t interrupts;
  sigemptyset(&interrupts);
  sigaddset(&interrupts, SIGINT);
  sigprocmask(SIG_BLOCK, &interrupts, &self->signals);
  el_resize(self->edit);
  int length = 0;
  const char *line = el_gets(self->edit, &length);
  bool interrupted = pp_interrupt_seen();
  if (interrupted) pp_interrupt_forget();
  sigprocmask(SIG_SETMASK, &self->signals, NULL);
  if (interrupted) {
    el_reset(self->edit);
    lua_pushnil(L);
    lua_pushliteral(L, "interrupted");
    return 2;
  }
  if (line == NULL || length <= 0) {
    lua_pushnil(L);
    lua_pushliteral(L, "end");
    return 2;
  }
  if (line[length - 1] == '\n') length--;
  lua_pushlstring(L, line, (size_t)length);
  return 1;
}

/* editor:remember(line): the arrow keys give it again */
static int editor_remember(lua_State *L) {
  editor *self = to_editor(L);
  HistEvent event;
  history(self->history, &event, H_ENTER, luaL_checkstring(L, 2));
  return 0;
}

/* --- the history file, which holds one entry in each of its lines: a line that was typed, or
 * several with a separator between them. An entry is added as soon as it is typed, so that it stays
 * however the program ends. Several programs may add at once. */

#define SEPARATOR "\x1f" /* in place of a newline: no key types it */

static int open_locked(const char *path, int flags) {
  int number = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);
  if (number >= 0 && flock(number, LOCK_EX) == 0) return number;
  if (number >= 0) close(number);
  return -1;
}

/* The file's text, with a zero byte at its end; NULL: there is none. */
static char *read_text(int number, size_t *length) {
  struct stat status;
  if (fstat(number, &status) != 0 || status.st_size > MOST_BYTES) return NULL;
  char *text = malloc((size_t)status.st_size + 1);
  if (text == NULL) return NULL;
  ssize_t got = read(number, text, (size_t)status.st_size);
  *length = got > 0 ? (size_t)got : 0;
  text[*length] = '\0';
  return text;
}

/* Cuts a file that is twice as long as needed. It is cut in place, since other programs may wait
 * for its lock. */
static void cut(int number, const char *text, size_t length) {
  size_t lines = 0;
  for (size_t i = 0; i < length; i++) lines += text[i] == '\n';
  if (lines <= 2 * KEPT) return;
  const char *from = text;
  for (; lines > KEPT; lines--) from = strchr(from, '\n') + 1;
  size_t rest = length - (size_t)(from - text);
  if (pwrite(number, from, rest, 0) == (ssize_t)rest) (void)!ftruncate(number, (off_t)rest);
}

static void separate_lines(char *entry) {
  for (; *entry != '\0'; entry++) {
    if (*entry == SEPARATOR[0]) *entry = '\n';
  }
}

/* editor:load(path): reads the entries of earlier runs, if there are any */
static int editor_load(lua_State *L) {
  editor *self = to_editor(L);
  int number = open_locked(pp_bind_path(L, 2), O_RDWR);
  if (number < 0) return 0;
  size_t length;
  char *text = read_text(number, &length), *rest = text, *line;
  if (text != NULL && memchr(text, '\0', length) == NULL) cut(number, text, length);
  close(number);
  HistEvent event;
  while (text != NULL && (line = strsep(&rest, "\n")) != NULL) {
    separate_lines(line);
    if (*line != '\0') history(self->history, &event, H_ENTER, line);
  }
  free(text);
  return 0;
}

/* editor:append(path, entry): adds the entry; a failure to write is ignored */
static int editor_append(lua_State *L) {
  const char *path = pp_bind_path(L, 2);
  size_t length;
  const char *line = luaL_gsub(L, luaL_checkstring(L, 3), "\n", SEPARATOR);
  line = lua_pushfstring(L, "%s\n", line);
  lua_tolstring(L, -1, &length);
  int number = open_locked(path, O_WRONLY | O_APPEND | O_CREAT);
  if (number < 0) return 0;
  (void)!write(number, line, length);
  close(number);
  return 0;
}

/* editor:close(): gives the terminal back as it was */
static int editor_close(lua_State *L) {
  editor *self = luaL_checkudata(L, 1, EDITOR);
  if (self->edit != NULL) el_end(self->edit);
  if (self->history != NULL) history_end(self->history);
  self->edit = NULL;
  self->history = NULL;
  return 0;
}

/* line.open(complete) -> editor | nil, message */
static int line_open(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  editor *self = lua_newuserdatauv(L, sizeof *self, 1);
  *self = (editor){ 0 };
  luaL_setmetatable(L, EDITOR);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  self->history = history_init();
  self->edit = el_init("pyprof-lua", stdin, stdout, stderr);
  if (self->history == NULL || self->edit == NULL) {
    lua_pushnil(L);
    lua_pushliteral(L, "the terminal cannot be used for editing");
    return 2;
  }
  HistEvent event;
  history(self->history, &event, H_SETSIZE, KEPT);
  history(self->history, &event, H_SETUNIQUE, 1);
  el_set(self->edit, EL_CLIENTDATA, self);
  el_set(self->edit, EL_PROMPT, prompt_of);
  el_set(self->edit, EL_EDITOR, "emacs");
  el_set(self->edit, EL_HIST, history, self->history);
  el_set(self->edit, EL_GETCFN, read_character);
  /* The wide function, because the other one makes copies that it never frees. */
  el_wset(self->edit, EL_ADDFN, L"complete", L"complete names", complete);
  el_set(self->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_source(self->edit, NULL);
  el_set(self->edit, EL_BIND, "^I", "complete", NULL);
  return 1;
}

/* line.interrupted(forget) -> boolean: was there a Ctrl-C? `forget` makes the next a first one. */
static int line_interrupted(lua_State *L) {
  bool seen = pp_interrupt_seen();
  if (seen && lua_toboolean(L, 1)) pp_interrupt_forget();
  lua_pushboolean(L, seen);
  return 1;
}

int luaopen_pyprof_core_line(lua_State *L) {
  static const luaL_Reg functions[] = {
    { "open", line_open }, { "interrupted", line_interrupted }, { NULL, NULL }
  };
  static const luaL_Reg methods[] = {
    { "read", editor_read }, { "remember", editor_remember }, { "load", editor_load },
    { "append", editor_append }, { "close", editor_close }, { NULL, NULL },
  };
  luaL_newmetatable(L, EDITOR);
  lua_pushcfunction(L, editor_close);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
