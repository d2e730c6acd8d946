#include "interrupt.h"

#include <lauxlib.h>
#include <signal.h>

#include "bind.h"

/* What the signal handler needs, and the only global state: which state to stop, and a flag that
 * long calls of the core look at. */
static struct {
  lua_State *state;
  bool ignored; /* nohup stays nohup */
  volatile sig_atomic_t cancel;
} interrupt;

static void raise_interrupted(lua_State *L, lua_Debug *record) {
  (void)record;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted");
}

/* The first Ctrl-C unwinds, so that nothing half-written stays; the second kills. */
static void on_interrupt(int number) {
  signal(number, SIG_DFL);
  interrupt.cancel = 1;
  lua_sethook(interrupt.state, raise_interrupted,
              LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static void install(void) {
  struct sigaction action = { .sa_handler = on_interrupt };
  if (!interrupt.ignored) sigaction(SIGINT, &action, NULL);
}

void pp_interrupt_catch(lua_State *L) {
  static const pp_control control = { .cancel = &interrupt.cancel };
  struct sigaction old;
  sigaction(SIGINT, NULL, &old);
  interrupt.state = L;
  interrupt.ignored = old.sa_handler == SIG_IGN;
  pp_bind_set_control(L, &control);
  install();
}

bool pp_interrupt_seen(void) {
  return interrupt.cancel != 0;
}

void pp_interrupt_forget(void) {
  lua_sethook(interrupt.state, NULL, 0, 0);
  interrupt.cancel = 0;
  install();
}
