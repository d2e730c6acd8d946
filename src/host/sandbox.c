/* pyprof.core.sandbox - see sandbox.h. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bind.h"
#include "interrupt.h"

#define TYPE "pyprof.core.sandbox.Child"

typedef struct child {
  pid_t id; /* 0: not started, or ended */
  int output, messages;
} child;

/* --- the limits of the child */

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#define ALLOW(name) \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), \
  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* The system calls in this list open no file or connection, and start or signal no program or
 * thread. All others fail with EPERM. */
static bool give_up_system_calls(void) {
  static const struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    ALLOW(write), ALLOW(brk), ALLOW(mmap), ALLOW(munmap), ALLOW(mremap), ALLOW(mprotect),
    ALLOW(madvise), ALLOW(futex), ALLOW(clock_gettime), ALLOW(getrandom), ALLOW(rt_sigreturn),
    ALLOW(rt_sigprocmask), ALLOW(sigaltstack), ALLOW(close), ALLOW(exit), ALLOW(exit_group),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
  };
  const struct sock_fprog program = {
    .len = sizeof filter / sizeof *filter, .filter = (struct sock_filter *)(uintptr_t)filter,
  };
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static bool limit(int resource, rlim_t soft, rlim_t hard) {
  struct rlimit values = { .rlim_cur = soft, .rlim_max = hard }, old;
  if (getrlimit((__rlimit_resource_t)resource, &old) != 0) return false;
  if (values.rlim_max > old.rlim_max) values.rlim_max = old.rlim_max;
  if (values.rlim_cur > values.rlim_max) values.rlim_cur = values.rlim_max;
  return setrlimit((__rlimit_resource_t)resource, &values) == 0;
}

/* The child may use `bytes` more than it uses now, so the collected data does not count. */
static bool limit_memory(size_t bytes) {
#ifdef __SANITIZE_ADDRESS__
  (void)bytes; /* the sanitizer's own map is larger than any limit */
  return true;
#else
  char text[64];
  int number = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (number < 0) return false;
  ssize_t length = read(number, text, sizeof text - 1);
  close(number);
  if (length <= 0) return false;
  text[length] = '\0';
  rlim_t all = strtoull(text, NULL, 10) * (rlim_t)sysconf(_SC_PAGESIZE) + bytes;
  return limit(RLIMIT_AS, all, all);
#endif
}

static bool close_range_of(unsigned first, unsigned last) {
  if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return true;
  struct rlimit most; /* Linux before 5.9 */
  if (getrlimit(RLIMIT_NOFILE, &most) != 0) return false;
  for (rlim_t i = first; i <= last && i < most.rlim_cur && i < 1 << 20; i++) close((int)i);
  return true;
}

/* Descriptors 0 and 2 become /dev/null, and 1 the output. All others are closed but that of the
 * messages, whose number no open file of the Lua state has. */
static bool arrange_descriptors(int output, int *messages) {
  int nothing = fcntl(open("/dev/null", O_RDWR), F_DUPFD, 3);
  output = fcntl(output, F_DUPFD, 3);
  *messages = fcntl(*messages, F_DUPFD, 3);
  if (nothing < 0 || output < 0 || *messages < 0) return false;
  return dup2(nothing, 0) == 0 && dup2(output, 1) == 1 && dup2(nothing, 2) == 2 &&
    /* Nobody reads the messages before the end of the output, so writing them must not block. */
    fcntl(*messages, F_SETFL, O_NONBLOCK) == 0 &&
    close_range_of(3, (unsigned)*messages - 1) && close_range_of((unsigned)*messages + 1, ~0U);
}

static bool build_walls(int output, int *messages, lua_Integer seconds, lua_Integer bytes) {
  static const int ended_by[] = { SIGINT, SIGXCPU, SIGTERM, SIGHUP, SIGQUIT };
  for (size_t i = 0; i < sizeof ended_by / sizeof *ended_by; i++) signal(ended_by[i], SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, NULL) == 0 && arrange_descriptors(output, messages) &&
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0, 0) &&
    limit(RLIMIT_CPU, (rlim_t)seconds, (rlim_t)seconds + 1) && limit_memory((size_t)bytes) &&
    give_up_system_calls();
}

/* say(text): sends a message to the parent; each ends with a zero byte. */
static int child_say(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  if (length > 4000) length = 4000;
  int messages = (int)lua_tointeger(L, lua_upvalueindex(1));
  if (write(messages, text, length) == (ssize_t)length) (void)!write(messages, "", 1);
  return 0;
}

/* Does the work and ends the child. The Lua state is not closed, since its resources belong to the
 * parent. */
static _Noreturn void live(lua_State *L, int messages) {
  lua_pushinteger(L, messages);
  lua_pushcclosure(L, child_say, 1);
  int status = lua_pcall(L, 1, 1, 0) == LUA_OK ? (int)lua_tointeger(L, -1) : -1;
  if (status < 0) {
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error";
    (void)!write(messages, text, strlen(text) + 1);
    status = 1;
  }
  if (fflush(stdout) != 0) status = 1;
  _exit(status);
}

/* --- the parent's side */

static void shut(int *number) {
  if (*number >= 0) close(*number);
  *number = -1;
}

static int child_close(lua_State *L) {
  child *self = luaL_checkudata(L, 1, TYPE);
  if (self->id > 0) {
    kill(self->id, SIGKILL);
    while (waitpid(self->id, NULL, 0) < 0 && errno == EINTR) { }
  }
  self->id = 0;
  shut(&self->output);
  shut(&self->messages);
  return 0;
}

static child *check_child(lua_State *L) {
  child *self = luaL_checkudata(L, 1, TYPE);
  luaL_argcheck(L, self->id > 0, 1, "has ended");
  return self;
}

/* sandbox.start(work, seconds, bytes) -> Child | nil, message
 * work(say) runs in the child with at most this processor time and memory. Its result is the
 * child's status; child:read() gives what it writes to standard output. */
static int sandbox_start(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_Integer seconds = luaL_checkinteger(L, 2), bytes = luaL_checkinteger(L, 3);
  luaL_argcheck(L, seconds > 0, 2, "at least 1");
  luaL_argcheck(L, bytes > 0, 3, "at least 1");
  child *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = (child){ 0, -1, -1 };
  luaL_setmetatable(L, TYPE);
  int output[2], messages[2];
  if (pipe2(output, O_CLOEXEC) != 0) return pp_bind_fail_errno(L, "--sandbox");
  self->output = output[0];
  if (pipe2(messages, O_CLOEXEC) != 0) {
    int reason = errno;
    close(output[1]);
    errno = reason;
    return pp_bind_fail_errno(L, "--sandbox");
  }
  self->messages = messages[0];
  /* Times of day need the time zone's file, which the child cannot read. */
  tzset();
  fflush(NULL);
  pid_t parent = getpid();
  self->id = fork();
  if (self->id == 0) {
    bool good = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent;
    int told = messages[1];
    if (!good || !build_walls(output[1], &told, seconds, bytes)) {
      static const char text[] = "--sandbox: this machine's kernel does not allow it";
      (void)!write(told, text, sizeof text);
      _exit(1);
    }
    lua_settop(L, 1);
    live(L, told);
  }
  int reason = errno;
  close(output[1]);
  close(messages[1]);
  errno = reason;
  if (self->id < 0) return pp_bind_fail_errno(L, "--sandbox");
  return 1;
}

/* read(2), but a Ctrl-C ends it. */
static ssize_t read_some(lua_State *L, int number, char *block, size_t size) {
  ssize_t length;
  do {
    length = read(number, block, size);
    if (pp_interrupt_seen()) luaL_error(L, "interrupted");
  } while (length < 0 && errno == EINTR);
  return length;
}

/* child:read() -> some of its output | nil at the end */
static int child_read(lua_State *L) {
  char block[16384];
  ssize_t length = read_some(L, check_child(L)->output, block, sizeof block);
  if (length <= 0) return 0;
  lua_pushlstring(L, block, (size_t)length);
  return 1;
}

/* child:finish() -> status | "time" | "killed", messages
 * The caller must have read to the end before. */
static int child_finish(lua_State *L) {
  child *self = check_child(L);
  lua_newtable(L);
  luaL_Buffer text;
  luaL_buffinit(L, &text);
  char block[4096];
  ssize_t length;
  lua_Integer count = 0;
  while ((length = read_some(L, self->messages, block, sizeof block)) > 0) {
    for (ssize_t i = 0; i < length; i++) {
      if (block[i] != '\0') {
        luaL_addchar(&text, block[i]);
        continue;
      }
      luaL_pushresult(&text);
      lua_rawseti(L, 2, ++count);
      luaL_buffinit(L, &text);
    }
  }
  luaL_pushresult(&text);
  lua_settop(L, 2);
  int status;
  pid_t ended;
  do {
    ended = waitpid(self->id, &status, 0);
    if (pp_interrupt_seen() && ended < 0) luaL_error(L, "interrupted");
  } while (ended < 0 && errno == EINTR);
  self->id = 0;
  if (ended > 0 && WIFEXITED(status)) lua_pushinteger(L, WEXITSTATUS(status));
  else if (ended > 0 && WTERMSIG(status) == SIGXCPU) lua_pushliteral(L, "time");
  else lua_pushliteral(L, "killed");
  lua_insert(L, 2);
  return 2;
}

int luaopen_pyprof_core_sandbox(lua_State *L) {
  static const luaL_Reg functions[] = { { "start", sandbox_start }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "read", child_read }, { "finish", child_finish }, { NULL, NULL }
  };
  static const luaL_Reg meta[] = {
    { "__gc", child_close }, { "__close", child_close }, { NULL, NULL }
  };
  luaL_newmetatable(L, TYPE);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  return 1;
}
