# lead.py - leads a helper into a Python, before the user's own sitecustomize, and out of sight.
#
# Our sitecustomize runs this with `directory` (its own), `base` (the collector's), `name`,
# `options`, `follow`, and `load`, which gives the code of a file beside it: of helper.py and of two
# parts, which share this file's globals. The program sees environment, modules and path as without
# us. Pythons that it starts are led as well: the C environment has our PYTHONPATH, which os.environ
# does not show, and an explicit `env` of a child gets it on the way.
import os
import sys

known, cached = set(sys.modules), set(sys.path_importer_cache)

import _frozen_importlib as bootstrap  # noqa: E402
import _signal  # noqa: E402
import _thread  # noqa: E402
import atexit  # noqa: E402
import time  # noqa: E402

# Modules that only we have loaded, taken out of sys.modules. The program gets one when it imports
# the same file: some extensions can be loaded only once.
hidden = {}
imports = {}      # what such a module imports: names of modules
wanted = {}       # name of a module: functions for on_import
at_end, after_fork = [], []

real = {}         # functions that were replaced, by name


class state:
    busy = True  # the helper works: what is imported is not the program's doing


def unique(folder, suffix=""):
    """Creates a file of this process: its path and descriptor."""
    number = 0
    while True:
        path = "%s/%s/%d-%d%s" % (base, folder, os.getpid(), number, suffix)
        try:
            return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            number += 1


class Lead:
    """What the helper gets as `lead`."""

    def __init__(self):
        self.data, self.options, self.depth = base + "/data", options, 0
        self.argv = list(getattr(sys, "orig_argv", ())) or command_line()
        self.is_main = True

    def at_end(self, function):
        """function() is called when the process ends; again if it was to exec, which failed."""
        at_end.append(function)

    def after_fork(self, function):
        """function() is called in a forked child, which keeps the functions for its end."""
        after_fork.append(function)

    def on_import(self, module, function):
        """function(module) is called after the program has imported it."""
        if module in (known if state.busy else sys.modules):
            guard(function, sys.modules.get(module))
        else:
            wanted.setdefault(module, []).append(function)

    def find(self, module, attribute):
        """A module that has the attribute and None, or our copy of it for this version of Python
        and the folder that has it, of options["sites"]; (None, None) if there is none."""
        try:
            return self.used(loaded_with(module, attribute)), None
        except ImportError:
            site = dict(self.options["sites"]).get("%d.%d" % sys.version_info[:2])
        if not site:
            return None, None
        sys.path.append(site)
        try:
            return self.used(loaded_with(module, attribute)), site
        except ImportError:
            return None, None
        finally:
            sys.path.remove(site)

    def used(self, module):
        """Notes the version of a module that measures; returns the module."""
        try:
            with open("%s/tools/%s" % (base, module.__name__), "w") as file:
                file.write(str(getattr(module, "__version__", "")))
        except OSError:
            pass
        return module

    def note(self, text):
        """A remark that reaches the collector."""
        try:
            _, descriptor = unique("notes")
            os.write(descriptor, text.encode("utf-8", "replace"))
            os.close(descriptor)
        except OSError:
            pass

    def save(self, data, suffix=""):
        """Writes bytes to a new file in lead.data that appears when it is complete."""
        path, descriptor = unique("data", ".part")
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        number = 0
        while True:
            final = "%s/%d-%d%s" % (self.data, os.getpid(), number, suffix)
            try:
                os.link(path, final)
                break
            except FileExistsError:
                number += 1
        os.unlink(path)


def loaded_with(module, attribute):
    """The module; one that lacks the attribute only has its name."""
    loaded = __import__(module)
    if not hasattr(loaded, attribute):
        raise ImportError(module)
    return loaded


def guard(function, *arguments):
    """Calls a function of the helper; its error is noted and never reaches the program."""
    try:
        return function(*arguments)
    except Exception as error:
        lead.note("%s: %s: %s" % (name, type(error).__name__, error))


def command_line():
    with open("/proc/self/cmdline", "rb") as file:
        return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]


# --- modules

def record_import(module, globals=None, locals=None, fromlist=(), level=0):
    """Stands for __import__ while the helper is loaded: remembers who imports what."""
    result = real["__import__"](module, globals, locals, fromlist, level)
    found = imports.setdefault((globals or {}).get("__name__"), set())
    # Without fromlist the result is the top of a dotted name.
    top = result.__name__ if fromlist or level else module
    found.add(top)
    found.update("%s.%s" % (top, word) for word in fromlist or ())
    return result


def hide():
    for module in set(sys.modules) - known:
        hidden[module] = sys.modules.pop(module)
    for path in set(sys.path_importer_cache) - cached:
        del sys.path_importer_cache[path]


class ours:
    """Within it our modules are in sys.modules, whatever the program has there."""

    def __enter__(self):
        state.busy = True
        self.theirs = {module: sys.modules.get(module) for module in hidden}
        sys.modules.update(hidden)
        self.before = set(sys.modules)

    def __exit__(self, *_):
        for module in set(sys.modules) - self.before:
            hidden[module] = sys.modules.pop(module)
        for module, old in self.theirs.items():
            if old is not None:
                sys.modules[module] = old
            else:
                sys.modules.pop(module, None)
        state.busy = False


def give_back(module, import_):
    """Puts our copy into sys.modules if the program would load the same file."""
    parent = module.rpartition(".")[0]
    if parent and parent not in sys.modules:
        import_(parent)
    copy = hidden.get(module)
    origin = getattr(getattr(copy, "__spec__", None), "origin", None)
    if origin is None:
        return
    path = getattr(sys.modules[parent], "__path__", None) if parent else None
    found = bootstrap._find_spec(module, path)
    if found is not None and found.origin == origin:
        sys.modules[module] = copy
        hidden.pop(module, None)
        give_aliases(module + ".")
        for other in sorted(imports.get(module, ())):
            if other in hidden and other not in sys.modules:
                give_back(other, import_)
        tell(module)


def give_aliases(prefix):
    """A module may put others into sys.modules: importlib the frozen ones, typing classes."""
    for alias in [name for name in hidden if name.startswith(prefix)]:
        copy = hidden[alias]
        if getattr(copy, "__spec__", None) is None or \
                any(copy is loaded for loaded in list(sys.modules.values())):
            sys.modules[alias] = hidden.pop(alias)


def tell(module):
    """Calls what waits for the module, which is there now."""
    if module in wanted and not state.busy:
        for function in wanted.pop(module):
            guard(function, sys.modules.get(module))


def find_and_load(module, import_):
    if module in hidden:
        give_back(module, import_)
    loaded = sys.modules.get(module)
    if loaded is None:
        loaded = real["_find_and_load"](module, import_)
    tell(module)
    return loaded


# --- to work

for part in ("lead_children", "lead_end"):
    exec(load(part), globals())


def depth():
    """How many Pythons that we know stand above this process?"""
    marked = {int(mark.split("-")[0]) for mark in os.listdir(base + "/begun")}
    pid, count = os.getppid(), 0
    while pid > 1:
        count += pid in marked
        try:
            with open("/proc/%d/stat" % pid) as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            break
    return count


def replace(owner, function, wrapper):
    """Puts a wrapper that looks like the function in its place."""
    original = getattr(owner, function)
    real[function] = original
    wrapper.__name__ = wrapper.__qualname__ = function
    wrapper.__doc__, wrapper.__module__ = original.__doc__, original.__module__
    setattr(owner, function, wrapper)


def replace_all():
    for function in ("_exit", "abort"):
        replace(os, function, ending(function))
    for function in ("execv", "execve"):
        replace(os, function, exec_(function))
    replace(os, "kill", kill)
    replace(_signal, "signal", signal)
    replace(_signal, "getsignal", getsignal)
    for number in deadly:
        if real["getsignal"](number) == _signal.SIG_DFL:
            real["signal"](number, on_signal)
    os.register_at_fork(before=before_fork, after_in_parent=unblock, after_in_child=in_child)
    atexit.register(finish)
    # The frames of a file of this name are left out of tracebacks; profiles show the original's.
    original = bootstrap._find_and_load.__code__
    find_and_load.__code__ = find_and_load.__code__.replace(**{
        field: getattr(original, field) for field in ("co_filename", "co_name", "co_qualname")
        if hasattr(original, field)})
    replace(bootstrap, "_find_and_load", find_and_load)


def follow_children():
    environment.value = os.environ.get("PYTHONPATH")
    replace(os, "putenv", putenv)
    replace(os, "unsetenv", unsetenv)
    for own in (os.environ, os.environb):
        if hasattr(own, "putenv"):  # before 3.9 these keep the functions
            own.putenv, own.unsetenv = putenv, unsetenv
    for function in ("posix_spawn", "posix_spawnp"):
        if hasattr(os, function):
            replace(os, function, posix_spawn(function))
    set_path(led(environment.value))
    lead.on_import("_posixsubprocess", wrap_fork_exec)


try:
    lead = Lead()
    lead.depth = depth()
    lead.is_main = lead.depth == 0
    replace_all()
    begin()
    if follow:
        follow_children()
    builtins = sys.modules["builtins"]
    replace(builtins, "__import__", record_import)
    try:
        exec(load("helper"), {"lead": lead, "__name__": "pyprof_lua_" + name})
    except Exception as error:
        lead.note("%s: %s: %s" % (name, type(error).__name__, error))
    finally:
        builtins.__import__ = real["__import__"]
    hide()
    state.busy = False
except KeyboardInterrupt:
    # The program has not begun: end by the signal, as if it had come a moment earlier.
    real.get("signal", _signal.signal)(_signal.SIGINT, _signal.SIG_DFL)
    os.kill(os.getpid(), _signal.SIGINT)
except OSError as error:
    pass
