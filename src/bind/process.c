/* pyprof.core.process - starting programs and waiting for the next event. */
#include "pyprof/process.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "bind.h"
#include "process_files.h"
#include "pyprof/system.h"

#define RUN "pyprof.core.process.run"
#define THREADS "pyprof.core.process.threads"

typedef struct run_box {
  pp_run *run; /* NULL: closed */
  size_t count;
} run_box;

static const struct {
  const char *name;
  int number;
} signal_names[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"KILL", SIGKILL},
                    {"TERM", SIGTERM}, {"STOP", SIGSTOP}, {"CONT", SIGCONT}};

/* A run that is open, or NULL. The table of runs (weak keys) is left on the stack. */
static const pp_run *any_open(lua_State *L) {
  if (luaL_getsubtable(L, LUA_REGISTRYINDEX, RUN ".all") == 0) {
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
  }
  const pp_run *run = NULL;
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    const run_box *box = lua_touserdata(L, -2);
    if (box->run != NULL) run = box->run;
  }
  return run;
}

/* process.open() -> run | nil, message */
static int process_open(lua_State *L) {
  const pp_run *other = any_open(L);
  run_box *box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = (run_box){0};
  luaL_setmetatable(L, RUN);
  lua_pushvalue(L, -1);
  lua_pushboolean(L, true);
  lua_rawset(L, -4);
  pp_error error;
  if (pp_run_open(&box->run, other, &error) != PP_OK) return pp_bind_fail(L, &error);
  return 1;
}

static run_box *check_run(lua_State *L) {
  run_box *box = luaL_checkudata(L, 1, RUN);
  if (box->run == NULL) luaL_error(L, "this run is closed");
  return box;
}

static size_t check_process(lua_State *L, const run_box *box, int argument) {
  lua_Integer number = luaL_checkinteger(L, argument);
  luaL_argcheck(L, number >= 0 && (size_t)number < box->count, argument,
                "no process of this run");
  return (size_t)number;
}

/* run:close() */
static int run_close(lua_State *L) {
  run_box *box = luaL_checkudata(L, 1, RUN);
  pp_run *run = box->run;
  box->run = NULL;
  pp_run_close(run);
  return 0;
}

static const char *check_text(lua_State *L, int index, const char *what) {
  if (lua_type(L, index) != LUA_TSTRING) luaL_error(L, "%s: a string was expected", what);
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  if (strlen(text) != length) luaL_error(L, "%s holds a zero byte", what);
  return text;
}

/* The strings of the array in field `name`, NULL-terminated, in a userdata that stays on the stack;
 * the table keeps the strings alive. */
static const char *const *check_words(lua_State *L, int options, const char *name,
                                      bool required) {
  if (lua_getfield(L, options, name) == LUA_TNIL && !required) return NULL;
  if (lua_type(L, -1) != LUA_TTABLE) luaL_error(L, "%s: an array was expected", name);
  lua_Integer count = luaL_len(L, -1);
  if (count == 0 && required) luaL_error(L, "%s is empty", name);
  const char **words = lua_newuserdatauv(L, (size_t)(count + 1) * sizeof *words, 0);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, -2, i);
    words[i - 1] = check_text(L, -1, name);
    lua_pop(L, 1);
  }
  words[count] = NULL;
  return words;
}

static const char *check_field(lua_State *L, int options, const char *name) {
  return lua_getfield(L, options, name) == LUA_TNIL ? NULL : check_text(L, -1, name);
}

static bool check_flag(lua_State *L, int options, const char *name) {
  lua_getfield(L, options, name);
  bool result = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return result;
}

static void check_keys(lua_State *L, int options) {
  static const char *const known[] = {"argv", "env",     "directory", "gate",
                                      "keep", "capture", "group",     "urgent",
                                      "traceable", "input", "input_at"};
  lua_pushnil(L);
  while (lua_next(L, options) != 0) {
    lua_pop(L, 1);
    const char *key = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "?";
    size_t i = 0;
    while (i < sizeof known / sizeof *known && strcmp(known[i], key) != 0) i++;
    if (i == sizeof known / sizeof *known) luaL_error(L, "unknown option '%s'", key);
  }
}

/* The options of a start; the values that they point to stay on the stack. */
static pp_start check_start(lua_State *L, int options) {
  luaL_checktype(L, options, LUA_TTABLE);
  luaL_checkstack(L, 20, NULL);
  check_keys(L, options);
  pp_start start = {.keep = -1};
  start.argv = check_words(L, options, "argv", true);
  start.changes = check_words(L, options, "env", false);
  start.directory = check_field(L, options, "directory");
  start.gate = check_field(L, options, "gate");
  start.input = check_field(L, options, "input");
  if (lua_getfield(L, options, "input_at") != LUA_TNIL) {
    start.input_at = (off_t)luaL_checkinteger(L, -1);
  }
  if (lua_getfield(L, options, "keep") != LUA_TNIL) {
    start.keep = pp_bind_descriptor(L, -1);
    if (start.keep < 0) luaL_error(L, "keep: an open file was expected");
  }
  start.capture = check_flag(L, options, "capture");
  start.group = check_flag(L, options, "group");
  start.urgent = check_flag(L, options, "urgent");
  start.traceable = check_flag(L, options, "traceable");
  return start;
}

/* run:start{argv=, env={"NAME=value", "NAME to remove"}, directory=, gate=, keep=, capture=,
 *   group=, urgent=, traceable=, input=, input_at=} -> number | nil, message */
static int run_start(lua_State *L) {
  run_box *box = check_run(L);
  pp_start start = check_start(L, 2);
  size_t number = 0;
  pp_error error;
  if (pp_run_start(box->run, &start, &number, &error) != PP_OK) return pp_bind_fail(L, &error);
  box->count = number + 1;
  lua_pushinteger(L, (lua_Integer)number);
  return 1;
}

/* run:start_below(start, helper) -> number, number of the helper | nil, message
 * Both arguments are as for start. The helper is an ancestor of the other process, and waits for
 * run:go; the last word of its argv becomes the id of that process. */
static int run_start_below(lua_State *L) {
  run_box *box = check_run(L);
  pp_start start = check_start(L, 2), helper = check_start(L, 3);
  size_t number = 0, helper_number = 0;
  pp_error error;
  if (pp_run_start_below(box->run, &start, &helper, &number, &helper_number, &error) != PP_OK) {
    return pp_bind_fail(L, &error);
  }
  box->count = helper_number + 1;
  lua_pushinteger(L, (lua_Integer)number);
  lua_pushinteger(L, (lua_Integer)helper_number);
  return 2;
}

/* run:go(helper, number) */
static int run_go(lua_State *L) {
  run_box *box = check_run(L);
  size_t helper = check_process(L, box, 2), number = check_process(L, box, 3);
  pp_run_go(box->run, helper, number);
  return 0;
}

/* run:adopt(pid) -> number | nil, message */
static int run_adopt(lua_State *L) {
  run_box *box = check_run(L);
  lua_Integer pid = luaL_checkinteger(L, 2);
  luaL_argcheck(L, pid > 0 && pid <= INT_MAX, 2, "no process id");
  size_t number = 0;
  pp_error error;
  if (pp_run_adopt(box->run, (pid_t)pid, &number, &error) != PP_OK) return pp_bind_fail(L, &error);
  box->count = number + 1;
  lua_pushinteger(L, (lua_Integer)number);
  return 1;
}

static void push_signal(lua_State *L, int number) {
  for (size_t i = 0; i < sizeof signal_names / sizeof *signal_names; i++) {
    if (signal_names[i].number == number) {
      lua_pushstring(L, signal_names[i].name);
      return;
    }
  }
  lua_pushfstring(L, "%d", number);
}

/* run:wait(seconds?) -> "timeout" | "exit", number | "ready", number | "output", number, text
 *   | "signal", name, to_group | nil, message */
static int run_wait(lua_State *L) {
  run_box *box = check_run(L);
  double seconds = luaL_optnumber(L, 2, -1);
  pp_event event;
  pp_error error;
  if (pp_run_wait(box->run, seconds, &event, &error) != PP_OK) return pp_bind_fail(L, &error);
  switch (event.kind) {
    case PP_EVENT_EXIT:
      lua_pushstring(L, "exit");
      lua_pushinteger(L, (lua_Integer)event.process);
      return 2;
    case PP_EVENT_READY:
      lua_pushstring(L, "ready");
      lua_pushinteger(L, (lua_Integer)event.process);
      return 2;
    case PP_EVENT_OUTPUT:
      lua_pushstring(L, "output");
      lua_pushinteger(L, (lua_Integer)event.process);
      lua_pushlstring(L, event.bytes, event.length);
      return 3;
    case PP_EVENT_SIGNAL:
      lua_pushstring(L, "signal");
      push_signal(L, event.signal);
      lua_pushboolean(L, event.to_group);
      return 3;
    case PP_EVENT_TIMEOUT: break;
  }
  lua_pushstring(L, "timeout");
  return 1;
}

/* run:pid(number) -> integer */
static int run_pid(lua_State *L) {
  run_box *box = check_run(L);
  lua_pushinteger(L, (lua_Integer)pp_run_pid(box->run, check_process(L, box, 2)));
  return 1;
}

static int check_signal(lua_State *L, int argument) {
  const char *name = luaL_checkstring(L, argument);
  for (size_t i = 0; i < sizeof signal_names / sizeof *signal_names; i++) {
    if (strcmp(signal_names[i].name, name) == 0) return signal_names[i].number;
  }
  return luaL_argerror(L, argument, "no signal that is known here");
}

/* run:signal(number, name) -> boolean */
static int run_signal(lua_State *L) {
  run_box *box = check_run(L);
  size_t number = check_process(L, box, 2);
  lua_pushboolean(L, pp_run_signal(box->run, number, check_signal(L, 3)));
  return 1;
}

/* process.signal(pid, name) -> boolean */
static int process_signal(lua_State *L) {
  lua_Integer pid = luaL_checkinteger(L, 1);
  luaL_argcheck(L, pid > 1 && pid <= INT_MAX, 1, "no process id");
  lua_pushboolean(L, kill((pid_t)pid, check_signal(L, 2)) == 0);
  return 1;
}

/* run:release(number) */
static int run_release(lua_State *L) {
  run_box *box = check_run(L);
  pp_run_release(box->run, check_process(L, box, 2));
  return 0;
}

static void set_number(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

/* run:exit(number) -> {ended=, known=, status=, code=, signal=, wall=, user=, system=, max_rss=,
 *   main_cpu=, main_delay=}
 * status is a shell's; there is a code, or the number of a signal. */
static int run_exit(lua_State *L) {
  run_box *box = check_run(L);
  pp_exit result;
  pp_run_exit(box->run, check_process(L, box, 2), &result);
  lua_createtable(L, 0, 11);
  lua_pushboolean(L, result.ended);
  lua_setfield(L, -2, "ended");
  if (result.ended && result.main_cpu >= 0) {
    set_number(L, "main_cpu", result.main_cpu);
    set_number(L, "main_delay", result.main_delay);
  }
  lua_pushboolean(L, result.known);
  lua_setfield(L, -2, "known");
  set_number(L, "wall", result.wall);
  if (!result.known) return 1;
  set_integer(L, "status", (uint64_t)(result.signal ? 128 + result.signal : result.code));
  if (result.signal) set_integer(L, "signal", (uint64_t)result.signal);
  else set_integer(L, "code", (uint64_t)result.code);
  set_number(L, "user", result.user);
  set_number(L, "system", result.system);
  set_integer(L, "max_rss", result.max_rss);
  return 1;
}

/* process.usage(pid) -> {rss=, peak_rss=, image=, user=, system=} | nil */
static int process_usage(lua_State *L) {
  lua_Integer pid = luaL_checkinteger(L, 1);
  pp_usage usage;
  if (!pp_process_usage((pid_t)pid, &usage)) return 0;
  lua_createtable(L, 0, 5);
  set_integer(L, "rss", usage.rss);
  set_integer(L, "peak_rss", usage.peak_rss);
  set_integer(L, "image", usage.image);
  set_number(L, "user", usage.user);
  set_number(L, "system", usage.system);
  return 1;
}

static int threads_free(lua_State *L) {
  pp_threads_free(luaL_checkudata(L, 1, THREADS));
  return 0;
}

/* process.threads(pid) -> { id, cpu, delay, id, cpu, delay, … }, { pid of a child, … } | nil
 * Seconds; a delay of -1 is not known. */
static int process_threads(lua_State *L) {
  lua_Integer pid = luaL_checkinteger(L, 1);
  pp_threads *threads = luaL_checkudata(L, lua_upvalueindex(1), THREADS);
  if (!pp_process_threads((pid_t)pid, threads)) return 0;
  const pp_thread_time *times = (const pp_thread_time *)(const void *)threads->times.data;
  int count = (int)(threads->times.length / sizeof *times);
  lua_createtable(L, 3 * count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushinteger(L, times[i].id);
    lua_rawseti(L, -2, 3 * i + 1);
    lua_pushnumber(L, times[i].cpu);
    lua_rawseti(L, -2, 3 * i + 2);
    lua_pushnumber(L, times[i].delay);
    lua_rawseti(L, -2, 3 * i + 3);
  }
  const pid_t *children = (const pid_t *)(const void *)threads->children.data;
  count = (int)(threads->children.length / sizeof *children);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushinteger(L, children[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 2;
}

static const luaL_Reg functions[] = {{"open", process_open},
                                     {"usage", process_usage},
                                     {"signal", process_signal},
                                     {NULL, NULL}};

static const luaL_Reg run_methods[] = {
    {"start", run_start},   {"start_below", run_start_below}, {"go", run_go},
    {"adopt", run_adopt},   {"wait", run_wait},               {"pid", run_pid},
    {"signal", run_signal}, {"release", run_release},         {"exit", run_exit},
    {"close", run_close},   {NULL, NULL}};

int luaopen_pyprof_core_process(lua_State *L);

int luaopen_pyprof_core_process(lua_State *L) {
  pp_bind_class(L, RUN, run_methods, run_close);
  luaL_newlib(L, functions);
  pp_bind_files(L);
  pp_threads *threads = lua_newuserdatauv(L, sizeof *threads, 0);
  *threads = (pp_threads){0};
  luaL_newmetatable(L, THREADS);
  lua_pushcfunction(L, threads_free);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_pushcclosure(L, process_threads, 1);
  lua_setfield(L, -2, "threads");
  return 1;
}
