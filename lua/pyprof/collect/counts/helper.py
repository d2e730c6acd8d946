# helper.py: counts the statements of a process; lead.py runs it in each Python of the run. It
# stands behind plan.py, instrument.py and live.py in one namespace.
#
# Files get their counters when Python compiles them, in memory: compiled files are neither read nor
# written. lead.options: all (count the files of libraries, too).
import os
import sys

import _frozen_importlib_external as external

plans = []      # of the files that this process compiled, or has from the parent of its fork
inherited = []  # how many of them are the parent's, which writes their lines with zeros


# --- which files

def is_version(part):
    """Is it python3, python3.13 or python3.13t?"""
    rest = part[6:].rstrip("t")
    return part[:6] == "python" and rest[:1].isdigit() and rest.replace(".", "").isdigit()


def is_own(path):
    """The rule of lua/pyprof/profile/frame.lua."""
    parts = path.split("/")[:-1]
    if "site-packages" in parts or "dist-packages" in parts:
        return False
    if path.startswith((os.path.dirname(os.__file__) + "/", "<")):
        return False
    return not any(one[:3] == "lib" and (one[3:].isdigit() or not one[3:]) and is_version(other)
                   for one, other in zip(parts, parts[1:]))


def wanted(path):
    return path.endswith((".py", ".pyw")) and (lead.options["all"] or is_own(path))


# --- compiling

class silent:
    """Within it the compiler's warnings are dropped, and no warning is forgotten or repeated."""
    rule = ("ignore", None, Warning, None, 0)

    def __enter__(self):
        # With --counts-all it may be the module itself that is just compiled.
        filters = getattr(sys.modules.get("warnings"), "filters", None)
        self.filters = borrowed("_warnings").filters if filters is None else filters
        self.filters.insert(0, self.rule)

    def __exit__(self, *_):
        self.filters.remove(self.rule)


def is_compiled(path):
    """Would Python read a compiled file in its place, and so say no warnings?"""
    try:
        with open(external.cache_from_source(path), "rb") as file:
            head = file.read(16)
        status = os.stat(path)
        if head[:4] != external.MAGIC_NUMBER or len(head) < 16:
            return False
        number = lambda part: int.from_bytes(part, "little")  # noqa: E731
        return bool(number(head[4:8])) or (
            number(head[8:12]) == int(status.st_mtime) & 0xffffffff
            and number(head[12:16]) == status.st_size & 0xffffffff)
    except (OSError, NotImplementedError):
        return False


def with_deep(function, *arguments):
    """Calls a function that may recurse as deep as a file is nested."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 5000)
    try:
        return function(*arguments)
    finally:
        sys.setrecursionlimit(limit)


def counted(source, path):
    """The code of a file with counters; None if the file is to run as it is."""
    try:
        tree = parse(source, path)
    except SyntaxError:
        return None  # Python says it
    except Exception as error:
        not_counted(path, error)
        return None
    try:
        try:
            code, plan = instrument(tree, path)
        except RecursionError:
            code, plan = with_deep(lambda: instrument(parse(source, path), path))
    except Exception as error:
        not_counted(path, error)
        return None
    add(plan)
    return code


def add(plan):
    plan.path = os.path.abspath(os.fsdecode(plan.path))
    plans.append(plan)


def not_counted(path, error):
    lead.note("counts: %s is not counted: %s: %s" % (path, type(error).__name__, error))


def counted_file(path, name, cached):
    if not wanted(path):
        return None
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError:
        return None
    if cached and is_compiled(path):
        with silent():
            return counted(source, name)
    return counted(source, name)


def guarded(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        lead.note("counts: %s: %s" % (type(error).__name__, error))
        return None


def replace(owner, name, wrapper):
    """Puts a function in the place of another, whose looks it takes."""
    original = getattr(owner, name)
    wrapper.__name__, wrapper.__qualname__ = name, original.__qualname__
    wrapper.__doc__, wrapper.__module__ = original.__doc__, original.__module__
    wrapper.__code__ = wrapper.__code__.replace(co_filename=original.__code__.co_filename)
    setattr(owner, name, wrapper)


# --- importing

def hook_imports():
    loader = external.SourceLoader
    original, to_code = loader.get_code, loader.source_to_code

    def from_loader(self, fullname):
        path = self.get_filename(fullname)
        if not wanted(path):
            return None
        if getattr(type(self), "source_to_code", None) is not to_code:
            not_counted(path, TypeError("%s compiles it" % type(self).__name__))
            return None
        return counted_file(path, path, True)

    def get_code(self, fullname):
        code = guarded(from_loader, self, fullname)
        return original(self, fullname) if code is None else code

    replace(loader, "get_code", get_code)


def hook_zips(zipimport):
    to_code, unmarshal = zipimport._compile_source, zipimport._unmarshal_code

    def _compile_source(pathname, source):
        code = guarded(counted, source, pathname) if wanted(pathname) else None
        return to_code(pathname, source) if code is None else code

    def _unmarshal_code(self, pathname, fullpath, fullname, data):
        if fullpath[:-1] in self._files and wanted(pathname[:-1]):
            return None  # the source stands beside it
        return unmarshal(self, pathname, fullpath, fullname, data)

    replace(zipimport, "_compile_source", _compile_source)
    replace(zipimport, "_unmarshal_code", _unmarshal_code)


def hook_runpy(runpy):
    original = runpy._get_code_from_file

    # Before 3.13 it has two arguments and two results.
    def _get_code_from_file(*arguments):
        name = os.fsdecode(arguments[-1])
        code = guarded(counted_file, os.path.abspath(name), arguments[-1], False)
        if code is None:
            return original(*arguments)
        return (code, arguments[-1]) if len(arguments) == 2 else code

    replace(runpy, "_get_code_from_file", _get_code_from_file)


def hook_pytest(rewrite):
    """pytest compiles tests itself: the counters get into its trees before its own additions."""
    originals = {name: getattr(rewrite, name)
                 for name in ("rewrite_asserts", "_rewrite_test", "_read_pyc", "_write_pyc")}
    prepared = {}  # by thread

    def rewrite_asserts(mod, source, module_path=None, config=None):
        thread = borrowed("_thread").get_ident()
        if thread in prepared:
            prepared[thread] = prepare(mod, module_path, has_columns())
        return originals["rewrite_asserts"](mod, source, module_path, config)

    def _rewrite_test(fn, *rest):
        thread = borrowed("_thread").get_ident()
        if wanted(str(fn)):
            prepared[thread] = None
            try:
                first, code = originals["_rewrite_test"](fn, *rest)
                plan, finish = prepared[thread]
                code = finish(code)
                add(plan)
                return first, code
            except SyntaxError:
                pass  # Python says it
            except Exception as error:
                not_counted(str(fn), error)
            finally:
                del prepared[thread]
        return originals["_rewrite_test"](fn, *rest)

    def _read_pyc(source, *rest):
        return None if wanted(str(source)) else originals["_read_pyc"](source, *rest)

    def _write_pyc(state, co, *rest):
        if any(isinstance(constant, Counter) for constant in co.co_consts):
            return True
        return originals["_write_pyc"](state, co, *rest)

    for wrapper in (rewrite_asserts, _rewrite_test, _read_pyc, _write_pyc):
        replace(rewrite, wrapper.__name__, wrapper)


# --- the script

class Runner(type(sys)):
    """Stands for runpy until Python asks it to run __main__."""

    def __getattr__(self, name):
        if name != "_run_module_as_main":
            raise AttributeError(name)
        return self.prepare()


def skips_first_line(words):
    """Is -x among the interpreter's options?"""
    for word in words[1:]:
        if word[:1] != "-" or word[:2] == "--" or word[1:2] in "cm":
            return False
        if "x" in word.partition("X")[0].partition("W")[0]:
            return True
    return False


def main_hook(path):
    """A hook of sys.path_hooks. Before Python runs a script it asks these whether the script is an
    archive: we say so, and it lets runpy run it, in whose place we are. Python calls us from C, and
    C functions run the code: the script has no frame of ours below it."""
    if os.path.abspath(path) != main_hook.script:
        raise ImportError(path)
    leave_hooks()
    code = guarded(counted_main, path)
    if code is None:
        raise ImportError(path)
    runner, loaded = Runner("runpy"), sys.modules.get("runpy")

    def prepare():
        del sys.modules["runpy"]
        if loaded:
            sys.modules["runpy"] = loaded
        sys.path_importer_cache[path] = None
        if sys.path[:1] == [path]:
            folder = os.path.dirname(os.path.realpath(path))
            sys.path[:1] = [] if getattr(sys.flags, "safe_path", False) else [folder]
        scope = sys.modules["__main__"].__dict__
        scope["__loader__"] = external.SourceFileLoader("__main__", path)
        scope["__file__"], scope["__cached__"] = path, None
        return called_by_python(type(prepare)(code, scope))

    runner.prepare = prepare
    sys.modules["runpy"] = runner
    return runner


def leave_hooks():
    # Python goes through the list just now; it has no next item to lose if ours is the last.
    if sys.path_hooks[-1] is main_hook:
        sys.path_hooks.pop()
    else:
        main_hook.kept = sys.path_hooks
        sys.path_hooks = [hook for hook in sys.path_hooks if hook is not main_hook]


def called_by_python(function):
    """What calls the function when it is called with ("__main__", 0), and has no frame itself: it
    sets the property, which gets the item, which is missing and so is made by the function."""
    operator = borrowed("_operator")
    maker = type("maker", (borrowed("_collections").defaultdict,),
                 {"__main__": property(None, operator.getitem)})
    return borrowed("_functools").partial(setattr, maker(function))


def counted_main(path):
    with open(path, "rb") as file:
        source = file.read()
    if source[:4] == external.MAGIC_NUMBER:
        return None
    return counted(source, path)


def hook_main():
    script = getattr(sys, "argv", [""])[0]
    if script in ("", "-", "-c", "-m") or not os.path.isfile(script):
        return
    path = os.path.abspath(script)
    if skips_first_line(lead.argv) or not (lead.options["all"] or is_own(path)):
        return
    main_hook.script = path
    # The others come first: an archive is not for us.
    sys.path_hooks.append(main_hook)


# --- the end

def text_of(plan, zeros):
    values = plan.values()
    lines = ["%d %d" % pair for pair in sorted(plan.lines(values).items()) if zeros or pair[1]]
    calls = ["%d %d" % pair for pair in plan.calls(values) if zeros or pair[1]]
    path = os.fsencode(plan.path)
    return b"file %d\n%s\n%s\n%s\n" % (len(path), path, " ".join(lines).encode(),
                                      " ".join(calls).encode())


def save():
    """Writes what was counted until now, and counts from zero."""
    with undisturbed():
        leave_all(plans, 1)
        texts = [text_of(plan, number >= len(inherited)) for number, plan in enumerate(plans)]
        inherited[:] = plans
        begin_anew(plans)
    lead.save(b"".join(texts))
    gil = getattr(sys, "_is_gil_enabled", lambda: True)
    if not gil() and "threading" in sys.modules:
        lead.note("counts: this Python runs threads at the same time, counts may be too low")


def forked():
    inherited[:] = plans
    begin_anew(plans)


def work():
    lead.at_end(save)
    lead.after_fork(forked)
    hook_imports()
    lead.on_import("zipimport", hook_zips)
    lead.on_import("runpy", hook_runpy)
    lead.on_import("_pytest.assertion.rewrite", hook_pytest)
    hook_main()


work()
