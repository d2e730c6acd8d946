"""Line counts: exact, and nothing that the program sees of itself changes."""
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import zipfile

from check import equal, finish, holds, run, test

HERE = os.path.dirname(os.path.abspath(__file__))
ENGINE = os.path.join(os.getcwd(), "lua/pyprof/collect/counts")


def pythons():
    """The Pythons that are here, the newest of each minor version."""
    found = {sys.version_info[:2]: sys.executable}
    root = os.path.expanduser("~/.pyenv/versions")
    for name in sorted(os.listdir(root)) if os.path.isdir(root) else []:
        match = re.match(r"(\d+)\.(\d+)\.\d+$", name)
        version = match and (int(match[1]), int(match[2]))
        if version and version >= (3, 8):
            found[version] = os.path.join(root, name, "bin", "python")
    return [found[version] for version in sorted(found)]


REPORT = """
return { help = "all", needs = { "counts" }, run = function(subject)
  local n = subject.counts
  return { object = { lines = n:lines(), functions = n:functions(), files = n:files(),
    notes = subject.notes } }
end }
"""


class Place:
    """A folder with files; within it plain runs and counted runs."""

    def __init__(self, **files):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.realpath(self.folder.name)
        self.report = os.path.join(self.path, "report.lua")
        self.write("report.lua", REPORT)
        for name, text in files.items():
            # A keyword cannot hold a slash, nor begin a name with __.
            name = name.replace("_in_", "/").replace("own_init", "__init__").replace(
                "own_main", "__main__")
            self.write(name + ".py", textwrap.dedent(text))

    def write(self, name, text):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def plain(self, python, *words, env=None):
        return subprocess.run([python, *words], cwd=self.path, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.PIPE, timeout=120, env=env)

    def counted(self, *words, options=()):
        """How it went, and what was counted: {file: {line: count}} and the rest."""
        out = os.path.join(self.path, "counts.json")
        if os.path.exists(out):
            os.unlink(out)
        result = run(self.report, "-o", out, *options, *words, cwd=self.path)
        if not os.path.exists(out):
            return result, None
        with open(out) as file:
            found = json.load(file)
        os.unlink(out)
        found["by_line"] = {}
        for row in found["lines"]:
            found["by_line"].setdefault(row["file"], {})[row["line"]] = row["count"]
        return result, found

    def same(self, python, *words, drop=lambda text: text):
        """Runs it plainly and counted: output and status are the same. Returns the counts."""
        plain = self.plain(python, *words)
        result, found = self.counted("--", python, *words)
        equal(drop(result.out), drop(plain.stdout), "out of " + python)
        said = "".join(line for line in result.err.splitlines(True) if line[:11] != "pyprof-lua:")
        equal(drop(said), drop(plain.stderr), "err of " + python)
        # As a shell says it: 128 and the number of the signal.
        ended = plain.returncode if plain.returncode >= 0 else 128 - plain.returncode
        if found is None:
            holds(result.err, "counted")  # it ran, and why there are no counts is said
        else:
            equal(result.status, ended, "status of " + python)
        return found


@test
def generated_programs_are_counted_exactly():
    for python in pythons():
        done = subprocess.run([python, os.path.join(HERE, "counts_check.py"), ENGINE, "0", "300"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, python + "\n" + done.stdout
        assert int(done.stdout.split()[-1]) > 5000, done.stdout


@test
def each_line_has_the_count_of_its_first_statement():
    place = Place(main="""\
        '''text'''
        from __future__ import annotations

        @staticmethod
        def f(n: int):
            "text"
            if n == 0:
                return 0
            elif n == 1: return 1
            else:
                x = n; y = x
            return f(n - 1) + f(n - 2)

        def g(): return 1

        for i in range(3):
            pass
        while i:
            i -= 1
        def never():
            x = 1
            return x
        f = f.__func__ if isinstance(f, staticmethod) else f
        f(5)
        """)
    for python in pythons():
        result, found = place.counted("--", python, "main.py")
        equal(result.status, 0, result.err)
        equal(found["by_line"], {"main.py": {
            2: 1, 4: 1, 7: 15, 8: 3, 9: 12, 11: 7, 12: 7, 14: 1, 16: 1, 17: 3, 18: 1, 19: 2, 20: 1,
            21: 0, 22: 0, 23: 1, 24: 1}}, python)
        equal([(row["name"], row["line"], row["calls"], row["executions"])
               for row in found["functions"]],
              [("f", 5, 15, 44), ("g", 14, 0, 0), ("never", 20, 0, 0)])
        equal([{key: row[key] for key in ("file", "statements", "executed", "executions")}
               for row in found["files"]],
              [{"file": "main.py", "statements": 17, "executed": 15, "executions": 57}])


SEES = """\
    '''The text'''
    import sys, os, warnings
    import own, package.inner
    def names(scope):
        return sorted(scope)
    print(__name__, __file__, __doc__, __cached__, type(__loader__).__name__, __spec__)
    print(names(globals()), locals() is globals(), sys._getframe().f_back)
    print(sys.argv, sys.path[0], sys.path, getattr(sys, "orig_argv", None), sys.flags)
    print(names(sys.modules), len(sys.meta_path), sys.path_hooks[0], len(sys.path_hooks))
    print(names(sys.path_importer_cache), names(vars(own)), own.__cached__, own.__loader__.path)
    print(names(os.environ), names(dir(__builtins__)), hash(own.f.__code__) != 1, own.__doc__)
    import inspect, pickle, traceback
    print(inspect.getsource(own.f), pickle.loads(pickle.dumps(own.f)) is own.f)
    print([frame.function for frame in inspect.stack()], inspect.getsourcelines(own.C)[1])
    print(own.C.__dict__.keys(), own.C.__doc__, own.f.__annotations__, package.inner.here())
    try:
        own.f(0)
    except ZeroDivisionError as error:
        traceback.print_exc()
        print(error.__context__, len(traceback.extract_tb(error.__traceback__)))
        print(error.__traceback__.tb_next.tb_lineno)
    print(sys.exc_info())
    warnings.warn("from the program")
    exec("print(inspect.currentframe().f_code.co_filename, __name__)")
    own.g().close()
    print(list(own.g()))
    own.deep()
    own.f(
        0
    )
    """
OWN = """\
    '''The text of own'''
    x: int = 3

    def f(n: "int" = 1) -> float:
        a = 1
        b = 1 / n
        return a + b

    def g():
        for i in range(3):
            try:
                yield i
            finally:
                j = i

    class C:
        '''The text of C'''
        a = 1
        b = [a for _ in range(2)]

    def deep(n=0):
        try:
            deep(n + 1)
        except RecursionError:
            raise RuntimeError("deep") if n == 1 else None or RecursionError
        return 1

    def deep(): pass
    """


@test
def a_program_sees_nothing_of_the_counters():
    place = Place(main=SEES, own=OWN, package_in_own_init="", package_in_inner="""\
        import sys
        def here():
            local = 1
            return sorted(locals()), sys._getframe(1).f_lineno, sys._getframe().f_lineno
        """)
    for python in pythons():
        def drop(text):
            return re.sub(r"0x[0-9a-f]+", "0x", text)
        place.plain(python, "main.py")  # from now on compiled files are there
        stamps = stamps_of(place.path)
        found = place.same(python, "main.py", drop=drop)
        equal(stamps_of(place.path), stamps, "files")
        equal(found["by_line"]["own.py"][7], 0)
        place.same(python, "-m", "main", drop=drop)
        place.same(python, os.path.join(place.path, "main.py"), "a", drop=drop)


def stamps_of(folder):
    return sorted((os.path.join(at, name), os.stat(os.path.join(at, name)).st_mtime_ns)
                  for at, _, names in os.walk(folder) for name in names)


@test
def no_compiled_file_is_written():
    place = Place(main="import own", own="x = 1")
    for python in pythons():
        place.counted("--", python, "main.py")
        equal(sorted(os.listdir(place.path)), ["main.py", "own.py", "report.lua"])


@test
def the_end_of_a_program_stays_as_it_is():
    ends = {"exits": "import sys\nsys.exit(5)", "texts": "import sys\nsys.exit('text')",
            "stops": "raise StopIteration", "misses": "x = {}['key']", "lacks": "print(nobody.x)",
            "attribute": "raise AttributeError('x')", "quits": "import os\nos._exit(3)",
            "interrupts": "import signal\nsignal.raise_signal(signal.SIGINT)\nprint(1)",
            "wrong": "x = (\n", "recurses": "def f(): f()\nf()",
            "tabs": "if 1:\n\tx = 1\n        y = 2",
            "warns": "x = 1 is 1\nassert (x, 'text')\ny = '\\d'", "null": "x = 1\0"}
    place = Place(**ends)
    for python in pythons():
        for name in ends:
            found = place.same(python, name + ".py", drop=lambda text: re.sub(
                r"\[Previous line repeated \d+ more times\]", "[repeated]", text))
            equal(found is None, name in ("wrong", "tabs", "null"), name)


LOOPS = """\
    import traceback
    def one(x):
        for a in x:
            print(a)
    def two(x):
        for a in (
            x.missing
        ): pass
    def three(x):
        for a in (
            x
        ):
            pass
    def four(x):
        for a in items(x): pass
    def items(x):
        yield x
        1 / 0
    for function in (one, two, three, four):
        try:
            function(5)
        except Exception:
            traceback.print_exc()
    for b in 5: pass
    """


@test
def tracebacks_of_loops_stay_as_they_are():
    place = Place(main=LOOPS)
    for python in pythons():
        place.same(python, "main.py")


@test
def functions_with_counters_are_copied_to_other_processes():
    place = Place(main="""\
        import pickle, sys, types
        def work(items):
            total = 0
            for item in items:
                total += item
            return total
        code = work.__code__
        kept = pickle.dumps([one for one in code.co_consts if one is not None])
        print(work([1, 2]), hash(code) == hash(work.__code__))
        copied = iter(pickle.loads(kept))
        code = code.replace(co_consts=tuple(one if one is None else next(copied)
                                            for one in code.co_consts))
        print(types.FunctionType(code, globals())([1, 2, 3]))
        """)
    for python in pythons():
        found = place.same(python, "main.py")
        equal([found["by_line"]["main.py"][line] for line in (3, 4, 5, 6)], [1, 1, 2, 1])


@test
def all_ways_to_start_code_are_counted():
    place = Place(main="""\
        import runpy, sys
        import own
        runpy.run_path("other.py")
        runpy.run_module("third")
        """, own="x = 1", other="y = 1", third="z = 1",
                  folder_in_own_main="import fourth\nfourth.f()",
                  folder_in_fourth="def f():\n    return 1")
    with zipfile.ZipFile(os.path.join(place.path, "x.zip"), "w") as archive:
        for name in ("__main__.py", "fourth.py"):
            archive.write(os.path.join(place.path, "folder", name), name)
    for python in pythons():
        for words in (["main.py"], ["-m", "main"]):
            found = place.same(python, *words)
            equal({file: sum(lines.values()) for file, lines in found["by_line"].items()},
                  {"main.py": 4, "other.py": 1, "own.py": 1, "third.py": 1})
        found = place.same(python, "folder")
        equal(found["by_line"], {"folder/__main__.py": {1: 1, 2: 1},
                                 "folder/fourth.py": {1: 1, 2: 1}})
        found = place.same(python, "x.zip")
        equal(found["by_line"], {"x.zip/__main__.py": {1: 1, 2: 1},
                                 "x.zip/fourth.py": {1: 1, 2: 1}})
        found = place.same(python, "-c", "import own; print(own.x)")
        equal(found["by_line"], {"own.py": {1: 1}})


@test
def a_sitecustomize_may_load_what_runs_scripts():
    place = Place(main="import runpy\nprint(runpy.run_path.__module__)",
                  site_in_sitecustomize="""\
        import runpy, sys
        def refuse(path):
            raise ImportError(path)
        sys.path_hooks.append(refuse)
        """)
    env = dict(os.environ, PYTHONPATH="site")
    for python in pythons():
        plain = place.plain(python, "main.py", env=env)
        os.environ["PYTHONPATH"] = "site"
        try:
            result, found = place.counted("--", python, "main.py")
        finally:
            del os.environ["PYTHONPATH"]
        equal((result.out, result.status), (plain.stdout, 0), result.err)
        equal(found["by_line"]["main.py"], {1: 1, 2: 1})


@test
def processes_are_added_up():
    place = Place(main="""\
        import multiprocessing, os, subprocess, sys, threading, warnings
        def work(n):
            x = n; warnings.simplefilter("ignore")
            return x
        def leave():
            work(1)
            os._exit(0)
            work(2)
        def hold():
            for i in "ab":
                yield i
            return
        if __name__ == "__main__":
            for way in ("fork", "spawn", "forkserver"):
                with multiprocessing.get_context(way).Pool(2) as pool:
                    pool.map(work, range(10))
            threads = [threading.Thread(target=work, args=(1,)) for _ in range(5)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            kept = hold()
            next(kept)
            pid = os.fork()
            if pid == 0:
                leave()
                work(3)
            os.waitpid(pid, 0)
            subprocess.run([sys.executable, "other.py"], check=True)
            done = 1
        """, other="import main\nmain.work(1)\n")
    for python in pythons():
        found = place.same(python, "main.py")
        lines = found["by_line"]["main.py"]
        # 10 for each pool, 5 threads, 1 in the fork, 1 in the other program.
        equal([lines[number] for number in (3, 4, 6, 7, 8, 10, 11, 12)],
              [37, 37, 1, 1, 0, 1, 1, 0], python)
        equal([lines[number] for number in (21, 22, 23, 24, 25, 26, 28)], [1, 1, 2, 1, 0, 1, 1],
              python)  # both go on after os.fork
        equal(found["by_line"]["other.py"], {1: 1, 2: 1})


@test
def tests_of_pytest_are_counted():
    place = Place(test_a="""\
        import pytest
        def helper(n):
            assert n < 3, "too large"
            return n
        @pytest.mark.parametrize("n", range(5))
        def test_one(n):
            assert helper(n) == n
            done = 1
        """)
    python = sys.executable
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_a.py")

    def drop(text):
        return re.sub(r"in [\d.]+s", "in", text)
    place.plain(python, *words)
    stamps = stamps_of(place.path)
    found = place.same(python, *words, drop=drop)
    equal(stamps_of(place.path), stamps, "files")
    equal(found["by_line"], {"test_a.py": {1: 1, 2: 1, 3: 5, 4: 3, 5: 1, 7: 5, 8: 3}})


@test
def only_own_files_unless_all_are_wanted():
    place = Place(main="import json\njson.dumps({})")
    _, found = place.counted("main.py")
    equal(list(found["by_line"]), ["main.py"])
    place.write("main.py", "import sys\nsys.modules.pop('warnings', None)\nimport warnings, json\n")
    _, found = place.counted("main.py", options=["--counts-all"])
    equal(len(found["notes"]), 0, str(found["notes"]))
    assert any(name.endswith("/json/__init__.py") for name in found["by_line"]), found["files"]


@test
def files_that_cannot_be_counted_run_and_are_named():
    deep = "\n".join("if x == %d:\n    pass" % n if n == 0 else "elif x == %d:\n    pass" % n
                     for n in range(700))
    place = Place(main="import own, deep\nprint(own.x)", own="x = 1\n")
    place.write("deep.py", "x = 699\n" + deep + "\n")
    place.write("owner.py", "x = 1\n")  # no run has compiled it
    place.write("loader.py", textwrap.dedent("""\
        import importlib.machinery, importlib.util, sys
        class Loader(importlib.machinery.SourceFileLoader):
            def source_to_code(self, data, path, *, _optimization=-1):
                return super().source_to_code(data + b"y = 2", path)
        loader = Loader("owner", "owner.py")
        spec = importlib.util.spec_from_file_location("owner", "owner.py", loader=loader)
        own = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(own)
        print(own.y)
        """))
    for python in pythons():
        found = place.same(python, "main.py")
        equal(found["by_line"]["own.py"], {1: 1})
        if "deep.py" in found["by_line"]:
            equal(sum(found["by_line"]["deep.py"].values()), 702, python)
        else:
            holds(str(found["notes"]), "deep.py is not counted: Recursion")
        result, found = place.counted("--", python, "-B", "loader.py")
        equal(result.out, "2\n")
        holds(str(found["notes"]), "owner.py is not counted: TypeError: Loader compiles it")


@test
def what_cannot_be_counted_is_said():
    place = Place(main="x = 1")
    result, found = place.counted("-c", "print(1)")
    equal((result.status, found), (1, None))
    holds(result.err, "counts: no file of the program's own was counted")
    result, found = place.counted("--", sys.executable, "-I", "main.py")
    equal((result.status, found), (2, None))
    holds(result.err, "-I, -E and -S keep the collector out")
    result, _ = place.counted("--", sys.executable, "-c",
                              "import os, main\nos.kill(os.getpid(), 9)")
    holds(result.err, "counts")


@test
def the_report_shows_lines_beside_their_text():
    place = Place(main="import own\nown.f(3)\n",
                  own="def f(n):\n    for _ in range(n):\n        x = 1\n    return 2\n")
    result = run("counts.lua", "main.py", "--", cwd=place.path)
    equal(result.out.splitlines(), [
        "=== Counts ===",
        "         1  main.py:1  import own", "         1  main.py:2  own.f(3)",
        "         1  own.py:1   def f(n):", "         1  own.py:2       for _ in range(n):",
        "         3  own.py:3           x = 1", "         1  own.py:4       return 2"])
    result = run("counts.lua", "--function", "f", "--sort", "count", "--limit", "1", "main.py",
                 cwd=place.path)
    equal(result.out.splitlines(), ["=== Counts ===", "own.py", "         3  3          x = 1",
                                         "… 3 more (--limit all)"])
    result = run("counts.lua", "--file", "main", "--format", "json", "main.py", cwd=place.path)
    equal(json.loads(result.out)[1], {"file": "main.py", "line": 2, "count": 1, "text": "own.f(3)"})
    result = run("counts.lua", "--file", "nothing", "main.py", cwd=place.path)
    equal(result.status, 1)
    holds(result.err, "no counted file matches 'nothing'")


finish()
