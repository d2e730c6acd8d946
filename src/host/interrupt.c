#include "interrupt.h"

#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

#include "bind.h"

/* The state that the signal handlers need; there is no other global state. */
static struct {
  lua_State *volatile state; /* the running coroutine or main state */
  pthread_t thread;          /* the thread that runs Lua */
  bool ignored;              /* Ctrl-C was ignored before us, and stays so */
  volatile sig_atomic_t cancel;  /* long calls of the core check it */
  volatile sig_atomic_t pending; /* the error was not raised yet */
  pp_exposure exposure;
} interrupt;

/* The code of Lua's string, table and utf8 libraries: src/tools/lua-libraries.ld. */
extern const char pp_lua_libraries_begin[], pp_lua_libraries_end[];

/* --- raising */

static const struct itimerval never, soon = { .it_interval.tv_usec = 2000,
                                              .it_value.tv_usec = 2000 };

static sigset_t both_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGPROF);
  return set;
}

static void settle(void) {
  interrupt.pending = 0;
  setitimer(ITIMER_PROF, &never, NULL);
}

static void raise_interrupted(lua_State *L, lua_Debug *record) {
  (void)record;
  settle();
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted");
}

static void hook(lua_State *L) {
  lua_sethook(L, raise_interrupted, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static uintptr_t counter_of(const void *context) {
  const ucontext_t *machine = context;
#if defined(__x86_64__)
  return (uintptr_t)machine->uc_mcontext.gregs[REG_RIP];
#else
  return (uintptr_t)machine->uc_mcontext.pc;
#endif
}

/* Raises the error inside a C function, where Lua calls no hook: string.find may take for ever. It
 * is safe if the signal stopped the code of the library itself, not a function that it calls: that
 * code may raise errors anywhere, and keeps everything on Lua's stack. A match by PCRE2 sets
 * `exposure` itself while it may be ended. */
static void raise_within(const void *context) {
  lua_State *L = interrupt.exposure.state;
  uintptr_t counter = counter_of(context);
  if (L == NULL && counter >= (uintptr_t)pp_lua_libraries_begin &&
      counter < (uintptr_t)pp_lua_libraries_end) {
    L = interrupt.state;
  }
  if (L == NULL) return;
  interrupt.exposure.state = NULL;
  sigset_t both = both_signals();
  pthread_sigmask(SIG_UNBLOCK, &both, NULL);
  raise_interrupted(L, NULL);
}

/* --- signals */

/* Only the thread that runs Lua may be stopped; another one passes the signal on to it. */
static bool passed_on(int number) {
  if (pthread_equal(pthread_self(), interrupt.thread)) return false;
  pthread_kill(interrupt.thread, number);
  return true;
}

/* The first Ctrl-C raises an error, so that no half-written file stays; the second one kills. */
static void on_interrupt(int number, siginfo_t *info, void *context) {
  (void)info;
  if (passed_on(number)) return;
  signal(number, SIG_DFL);
  interrupt.cancel = interrupt.pending = 1;
  hook(interrupt.state);
  setitimer(ITIMER_PROF, &soon, NULL);
  raise_within(context);
}

/* As long as no error was raised, each tick checks whether one may be raised now. */
static void on_tick(int number, siginfo_t *info, void *context) {
  (void)info;
  if (interrupt.pending && !passed_on(number)) raise_within(context);
}

static void install(void) {
  struct sigaction action = { .sa_sigaction = on_interrupt, .sa_flags = SA_SIGINFO };
  action.sa_mask = both_signals();
  if (interrupt.ignored) return;
  sigaction(SIGINT, &action, NULL);
  action.sa_sigaction = on_tick;
  action.sa_flags |= SA_RESTART;
  sigaction(SIGPROF, &action, NULL);
}

/* Without it, a user who named the wrong file would see nothing happen. A slow pipe that
 * is named on purpose is no mistake: only a terminal is told of it. */
static void say_waiting(const char *path) {
  bool chosen = strcmp(path, "-") == 0 || strncmp(path, "/dev/", 5) == 0;
  if (chosen && isatty(STDERR_FILENO) != 1) return;
  fprintf(stderr, "pyprof-lua: %s: waiting for data\n",
          strcmp(path, "-") == 0 ? "standard input" : path);
}

void pp_interrupt_catch(lua_State *L) {
  static const pp_control control = { .cancel = &interrupt.cancel, .waiting = say_waiting };
  struct sigaction old;
  sigaction(SIGINT, NULL, &old);
  interrupt.state = L;
  interrupt.thread = pthread_self();
  interrupt.ignored = old.sa_handler == SIG_IGN;
  pp_bind_set_control(L, &control);
  pp_bind_set_exposure(L, &interrupt.exposure);
  install();
}

bool pp_interrupt_seen(void) {
  return interrupt.cancel != 0;
}

void pp_interrupt_forget(void) {
  settle();
  lua_sethook(interrupt.state, NULL, 0, 0);
  interrupt.cancel = 0;
  install();
}

/* --- coroutines: a hook belongs to one state, so we must know which one runs */

/* Like lua_resume; the hook follows the state that runs. */
static int resume(lua_State *co, lua_State *L, int arguments, int *results) {
  lua_State *outer = interrupt.state;
  interrupt.state = co;
  if (interrupt.pending) hook(co);
  int status = lua_resume(co, L, arguments, results);
  lua_sethook(co, NULL, 0, 0);
  interrupt.state = outer;
  if (interrupt.pending) hook(outer);
  return status;
}

/* Moves the arguments to co, runs it, and moves its results back; -1: its error was moved back. */
static int run(lua_State *L, lua_State *co, int arguments) {
  int results;
  if (!lua_checkstack(co, arguments)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, arguments);
  int status = resume(co, L, arguments, &results);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(co, results);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, results);
  return results;
}

static int coroutine_resume(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co != NULL, 1, "coroutine");
  int results = run(L, co, lua_gettop(L) - 1);
  lua_pushboolean(L, results >= 0);
  if (results < 0) results = 1;
  lua_insert(L, -(results + 1));
  return results + 1;
}

static int call_wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int results = run(L, co, lua_gettop(L));
  if (results >= 0) return results;
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) {
    status = lua_resetthread(co); /* closes its variables, which may fail, too */
    lua_xmove(co, L, 1);
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int coroutine_wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

void pp_interrupt_open(lua_State *L) {
  static const luaL_Reg functions[] = {
    { "resume", coroutine_resume }, { "wrap", coroutine_wrap }, { NULL, NULL }
  };
  lua_getglobal(L, LUA_COLIBNAME);
  luaL_setfuncs(L, functions, 0);
  lua_pop(L, 1);
}
