"""The collector `coverage`: its figures are coverage.py's own, and it leaves no trace."""
import json
import os
import subprocess
import zipfile

from check import equal, finish, holds, run, test
from covered import OWN, Tree, figures, on_each, report, same, theirs

MAIN = '''\
import sys
import helper


def decorated(function):
    return function


@decorated
@decorated
def f(x):
    """Has a docstring."""
    if x > 1:
        y = (x +
             1)
    elif x == 1:
        y = 0
    else:
        y = -1

    # a gap
    for i in range(x):
        if i == 2:
            break
        y += i
    else:
        y += 100
    return y


def one_line(): return 1


def called(): return 2


def outer():
    def inner(a,
              b=2):
        return a + b

    class Local:
        value = 3

        def method(self):
            try:
                return self.value
            finally:
                helper.noop()
    return Local().method()


def excluded():  # pragma: no cover
    return 5


class Klass:
    def used(self):
        return [n for n in range(3) if n]

    def unused(self):
        while True:
            if self:
                break
            raise ValueError
        with open("x") as g:
            return lambda: g


def main():
    f(1)
    f(5)
    called()
    outer()
    Klass().used()
    x = 1; y = 2
    match = x if y else 0
    print(match)


if __name__ == "__main__":
    main()
    if len(sys.argv) > 1:
        excluded()
'''
TREE = {"main.py": MAIN, "helper.py": "def noop():\n    pass\n\n\ndef never():\n    return 1\n",
        "package/__init__.py": "", "package/__main__.py": "import main\nmain.main()\n"}
SOME = ("own", "3.8", "3.10", "3.12", "3.13")


@on_each(*SOME)
def figures_are_those_of_coverage(python, env):
    with Tree(TREE) as tree:
        for words in (["main.py"], ["main.py", "x"], ["-m", "package"]):
            for options, flags in ((["--branch"], []), ([], ["--coverage-no-branch"])):
                want = theirs(tree, *words, python=python, env=env, options=options)
                got = figures(tree, *words, python=python, env=env, options=flags)
                same(tree, got, want)
                equal(got["err"], "")
        equal(tree.new(), [])


FUNCTIONS = """\
return { help = "", needs = { "coverage" }, run = function(s)
  return { object = s.coverage:functions() }
end }
"""


@on_each("own", "3.8", "3.13")
def no_file_is_left(python, env):
    with Tree(TREE) as tree, Tree(TREE) as other:
        plain = {**os.environ, **env}
        plain.pop("PYTHONDONTWRITEBYTECODE", None)
        env = {**env, "PYTHONDONTWRITEBYTECODE": None}
        for words in (["main.py"], ["-m", "package"], ["-m", "unittest", "-q", "main"]):
            run("coverage.lua", "--python", python, *words, cwd=tree.path, env=env)
            subprocess.run([python, *words], cwd=other.path, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, env=plain)
            equal(tree.new(), other.new(), words)
        assert any("__pycache__" in name for name in tree.new())


@test
def functions_have_their_own_lines():
    with Tree({**TREE, "functions.lua": FUNCTIONS}) as tree:
        done = report(tree, "main.py", name="functions.lua")
        rows = {row["name"]: row for row in json.loads(done.out.partition("\n")[2])}

    def of(name, *fields):
        return tuple(rows[name].get(field) for field in fields)
    equal(of("f", "line", "end_line", "first_line", "missing", "missing_lines", "ran"),
          (11, 28, 9, 1, "19", True))
    equal(of("one_line", "statements", "missing_branches", "covered_share", "ran"),
          (0, "31->exit", 0, False))
    equal(of("called", "statements", "missing_branches", "covered_share", "ran"),
          (0, "", 1, True))
    equal(of("outer.<locals>.inner", "statements", "missing", "ran"), (1, 1, False))
    # Of outer: def inner, class Local, value, def method, return.
    equal(of("outer", "statements", "missing", "ran"), (5, 0, True))
    equal(of("outer.<locals>.Local.method", "statements", "missing", "ran"), (3, 0, True))
    equal(of("excluded", "statements", "excluded", "ran"), (0, 1, None))
    equal(of("Klass.unused", "covered_share", "file", "ran"), (0, "main.py", False))


PROCESSES = '''\
import multiprocessing, os, signal, subprocess, sys, threading, time
def in_exec(): return "x".upper(
    )
def in_thread():
    a = 1
def in_exit():
    b = 1
    os._exit(0)
def in_pool(n):
    c = 1
    return n
def in_term(ready):
    d = 1; ready.set(); time.sleep(600)
def in_child():
    e = 1
    raise SystemExit(0)
if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        in_child()
    multiprocessing.set_start_method(sys.argv[1])
    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    pid = os.fork()
    if pid == 0:
        in_exit()
    os.waitpid(pid, 0)
    with multiprocessing.Pool(2) as pool:
        pool.map(in_pool, range(4))
    ready = multiprocessing.Event()
    process = multiprocessing.Process(target=in_term, args=(ready,))
    process.start()
    ready.wait()
    process.terminate()
    process.join()
    assert process.exitcode == -15, process.exitcode
    subprocess.run([sys.executable, __file__, "child"], check=True,
                   env={"PYTHONPATH": os.environ.get("PYTHONPATH", "")})
    pid = os.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", "import processes; processes.in_exec()"])
    os.waitpid(pid, 0)
    1 / 0
'''


@on_each("own", "3.8", "3.13")
def every_process_and_thread(python, env):
    for method in ("fork", "spawn", "forkserver"):
        with Tree({"processes.py": PROCESSES}) as tree:
            got = figures(tree, "processes.py", method, python=python, env=env, status=1)
            row = got["by_file"]["processes.py"]
            equal((row["missing"], row["missing_lines"]), (0, ""), method)
            holds(got["err"], "ZeroDivisionError")
            equal(tree.new(), [])


@test
def the_end_of_the_program_is_kept():
    with Tree({"term.py": "import os\nos.kill(os.getpid(), 15)\nx = 1\n",
               "kill.py": "import os\nos.kill(os.getpid(), 9)\n",
               "child.py": "import os\nif os.fork() == 0:\n    os.kill(os.getpid(), 9)\n"
                           "os.wait()\n"}) as tree:
        equal(figures(tree, "term.py", status=143)["by_file"]["term.py"]["missing_lines"], "3")
        done = report(tree, "kill.py")
        equal((done.status, done.err),
              (137, "pyprof-lua: coverage: 1 process was killed and left no data\n"))
        done = report(tree, "child.py")
        equal(done.status, 0)
        holds(done.out + done.err, "coverage: 1 process was killed and left no data")


CONFIGS = {
    "pyproject.toml": "[tool.coverage.run]\nomit = ['helper.py']\n"
                      "[tool.coverage.report]\nexclude_also = ['y = -1']\n",
    "setup.cfg": "[coverage:run]\nomit = helper.py\nbranch = false\n",
    "tox.ini": "[coverage:run]\ninclude = main.py\n",
    ".coveragerc": "[run]\nsource = .\nsigterm = true\nparallel = true\n"
                   "concurrency = multiprocessing\n[report]\nomit = package/*\n",
}


@test
def the_users_configuration():
    for name, text in CONFIGS.items():
        with Tree({**TREE, name: text}) as tree:
            options = [] if "branch" in text else ["--branch"]
            want = theirs(tree, "main.py", options=options, combine="parallel" in text)
            same(tree, figures(tree, "main.py"), want)
            equal(tree.new(), [])
            got = figures(tree, "main.py", options=["--coverage-isolated"])
            equal(sorted(got["by_file"]), ["helper.py", "main.py"], name)
            assert "branches" in got["Total"][0]
    with Tree({**TREE, ".coveragerc": "[run]\nomit = *\n"}) as tree:
        done = report(tree, "main.py")
        equal(done.status, 1)
        holds(done.err, "coverage: nothing was measured (see source, include and omit")
    with Tree({**TREE, ".coveragerc": "[run]\nbranch = perhaps\n"}) as tree:
        done = report(tree, "main.py")
        equal((done.status, done.err.count("\n")), (1, 1))
        holds(done.err, "Not a boolean")


TESTS = {"m.py": "def f(a):\n    if a:\n        return 1\n    return 2\n\n\n"
                 "def g():\n    return 3\n",
         "test_m.py": "import m, unittest\n\n\ndef test_one():\n    assert m.f(1) == 1\n\n\n"
                      "class T(unittest.TestCase):\n    def test_two(self):\n"
                      "        assert m.f(0) == 2\n"}
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
WHICH = """\
return { help = "", needs = { "coverage" }, run = function(s)
  local found = {}
  for _, line in ipairs { 3, 4 } do
    for _, row in ipairs(s.coverage:tests("m.py", line)) do
      found[#found + 1] = { line = line, name = row.name, phase = row.phase or "" }
    end
  end
  return found
end }
"""


@test
def an_archive_that_coverage_cannot_read_is_an_error():
    with Tree(TREE) as tree:
        for name in ("app.pyz", "app.zip"):
            with zipfile.ZipFile(os.path.join(tree.path, name), "w") as archive:
                archive.writestr("__main__.py", MAIN)
                archive.writestr("helper.py", TREE["helper.py"])
        done = report(tree, "app.pyz")
        equal((done.status, done.err.count("\n")), (1, 1), repr(done))
        holds(done.err, "No source for code")
        equal(report(tree, "--", OWN, "app.zip").status, 0)
        got = figures(tree, "--", OWN, "app.zip")
        equal(sorted(got["by_file"]), ["app.zip/__main__.py", "app.zip/helper.py"])


@test
def contexts_are_tests():
    with Tree({**TESTS, "which.lua": WHICH}) as tree:
        def which(*words, options=("--coverage-contexts",)):
            done = report(tree, *words, options=("--format", "csv", *options), name="which.lua")
            equal(done.status, 0, repr(done))
            return [line for line in done.out.splitlines() if line[:2] in ("3,", "4,")]
        equal(which(*PYTEST),
              ["3,test_m.py::test_one,run", "4,test_m.py::T::test_two,run"])
        equal(which("-m", "unittest", "-q"), ["4,test_m.T.test_two,"])
        equal(which(*PYTEST, options=()),
              ["3,test_m.py::test_one,run", "4,test_m.py::T::test_two,run"])
        done = report(tree, "-m", "unittest", "-q", name="which.lua")
        holds(done.err, "no contexts were recorded (--coverage-contexts records them)")
        equal(which(*PYTEST, "--cov=m", "--cov-context=test", options=()),
              ["3,test_m.py::test_one,run", "4,test_m.py::T::test_two,run"])


@test
def the_programs_own_measuring_is_read():
    with Tree(TESTS) as tree:
        got = figures(tree, *PYTEST, "--cov=m")
        equal([list(got["by_file"]), got["by_file"]["m.py"]["missing_lines"]], [["m.py"], "8"])
        assert "branches" not in got["Total"][0]
        equal(tree.new(), [".coverage"])
        done = report(tree, *PYTEST, "--cov=nosuch")
        equal(done.status, 1)
        equal(done.err.splitlines()[-1], "pyprof-lua: coverage: nothing was measured (the "
              "program's own --cov or source names nothing that ran)")
        os.remove(os.path.join(tree.path, ".coverage"))
        got = figures(tree, "-m", "coverage", "run", "--branch", "--include=m.py", "test_m.py")
        equal(list(got["by_file"]), ["m.py"])
        got = figures(tree, "-m", "coverage", "run", "-p", "--include=m.py", "test_m.py")
        equal(list(got["by_file"]), ["m.py"])
    config = "[tool.pytest.ini_options]\naddopts = '--cov=m --cov-branch'\n"
    with Tree({**TESTS, "pyproject.toml": config}) as tree:
        got = figures(tree, *PYTEST)
        equal((list(got["by_file"]), got["Total"][0]["branches"]), (["m.py"], 2))


@test
def a_child_that_measures_itself():
    own = ("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'coverage', 'run', "
           "'--include=m.py', 'test_m.py'])\n")
    with Tree({**TESTS, "own.py": own, "lib/site-packages/starts.py": own}) as tree:
        equal(sorted(figures(tree, "own.py")["by_file"]), ["own.py"])
        # A program that is no code of the user's only starts another, as tox does.
        config = {"PYTHONPATH": os.path.join(tree.path, "lib/site-packages")}
        with open(os.path.join(tree.path, ".coveragerc"), "w") as file:
            file.write("[run]\nomit = lib/*\n")
        equal(sorted(figures(tree, "-m", "starts", env=config)["by_file"]), ["m.py"])


CORE = """\
import sys
print(sys.monitoring.get_tool(sys.monitoring.COVERAGE_ID), sys.gettrace() is None)
"""


@on_each("3.12", "3.13")
def lines_alone_are_monitored(python, env):
    with Tree({"core.py": CORE}) as tree:
        for options, core in ((["--coverage-no-branch"], "coverage.py True"),
                              (["--coverage-no-branch", "--coverage-contexts"], "None False")):
            done = report(tree, "core.py", python=python, env=env, options=options)
            equal(done.out.splitlines()[0], core, options)


SEEN = """\
import os, sys
print(sorted(sys.modules), sorted(os.environ), sys.path, list(map(type, sys.meta_path)))
"""


@on_each("own", "3.8", "3.13")
def the_program_sees_nothing(python, env):
    with Tree({"seen.py": SEEN, "json.py": "mine = 1\n"}) as tree:
        plain = subprocess.run([python, "seen.py"], cwd=tree.path, text=True,
                               stdout=subprocess.PIPE,
                               env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env}).stdout
        done = report(tree, "seen.py", python=python, env=env)
        equal(done.out.splitlines()[0], plain.splitlines()[0])


@test
def its_files_are_read():
    with Tree(TREE) as tree:
        def own(*words):
            subprocess.run([OWN, "-m", "coverage", *words], cwd=tree.path, check=True,
                           stdout=subprocess.PIPE)
        own("run", "--branch", "main.py")
        own("json", "-q", "--pretty-print")
        want = theirs(tree, "main.py")
        for words in (["coverage.json"], [".coverage"]):
            same(tree, figures(tree, *words), want)
            same(tree, figures(tree, "main.py", options=["--from", "coverage=" + words[0]]), want)
        # The same data of another folder.
        moved = os.path.join(tree.path, "moved")
        os.mkdir(moved)
        for name in ("main.py", "helper.py", "coverage.json", ".coverage"):
            os.rename(os.path.join(tree.path, name), os.path.join(moved, name))
        tree.path, old = moved, tree.path
        try:
            want["analysed"] = {path.replace(old, moved): text
                                for path, text in want["analysed"].items()}
            same(tree, figures(tree, "coverage.json"), want)
            same(tree, figures(tree, ".coverage"), want)
            os.remove(os.path.join(moved, "helper.py"))
            for name in ("coverage.json", ".coverage"):
                holds(repr(report(tree, name)), "coverage: no source here of ")
        finally:
            tree.path = old


SUMMARY = {"num_statements": 1, "missing_lines": 0, "excluded_lines": 0, "num_branches": 2,
           "num_partial_branches": 1, "covered_branches": 1}


@test
def bad_files_are_refused():
    with Tree({"empty.json": "", "broken.json": '{"meta": {"branch_coverage": tr',
               "foreign.json": '{"a": 1}', "none.json":
               '{"meta": {"version": "7", "branch_coverage": true}, "files": {}, '
               '"totals": {"num_statements": 0}}', "odd.json":
               '{"meta": {"version": "7", "branch_coverage": true}, "files": {"a.py": {}}, '
               '"totals": {"num_statements": 0}}', "text.txt": "hello\n"}) as tree:
        with open(os.path.join(tree.path, "broken"), "wb") as file:
            file.write(b"SQLite format 3\0" + b"x" * 100)
        good = {"meta": {"version": "7"}, "totals": SUMMARY, "files": {"a.py": {
            "summary": SUMMARY, "executed_lines": [1], "missing_lines": [], "excluded_lines": [],
            "executed_branches": [], "missing_branches": [[1, 2]]}}}
        for number, (part, value) in enumerate([
                ("summary", {}), ("summary", {**SUMMARY, "missing_lines": "1"}),
                ("executed_lines", 1), ("missing_lines", ["x"]), ("excluded_lines", None),
                ("missing_branches", [1]), ("executed_branches", [[1, 2, 3]]),
                ("missing_branches", {"a": 1.5})]):
            entry = {**good["files"]["a.py"], part: value}
            name = "odd%d.json" % number
            with open(os.path.join(tree.path, name), "w") as file:
                json.dump({**good, "files": {"a.py": entry}}, file)
            done = report(tree, "-c", "1", options=["--from", "coverage=" + name])
            if part != "missing_branches" or value == [1]:
                equal((done.status, done.err), (1, "pyprof-lua: %s: no figures of a.py (`coverage "
                                                   "json` writes them)\n" % name))
        for name, text in (("empty.json", "empty.json: empty"),
                           ("broken.json", "broken.json: broken JSON"),
                           ("foreign.json", "foreign.json: not coverage.py's JSON"),
                           ("none.json", "none.json: nothing was measured"),
                           ("odd.json", "odd.json: no figures of a.py"),
                           ("text.txt", "text.txt: neither coverage.py's JSON nor its data"),
                           ("broken", "broken: "), ("nosuch", "nosuch: No such file")):
            done = report(tree, "-c", "1", options=["--from", "coverage=" + name])
            equal((done.status, done.out, done.err.count("\n")), (1, "", 1), repr(done))
            holds(done.err, text)
        done = run("top.lua", os.path.join(tree.path, "none.json"))
        equal((done.status, done.err), (2, "pyprof-lua: %s: nothing to profile there (name a "
                                           "script, or -m with a module)\n"
                                        % os.path.join(tree.path, "none.json")))


@test
def what_is_missing_is_said_before_the_start():
    with Tree({"a.py": "open('started', 'w')\n"}) as tree:
        fake = os.path.join(tree.path, "python3.0")
        with open(fake, "w") as file:
            file.write("#!/bin/sh\necho; echo pyprof-lua 3.0 0\n")
        os.chmod(fake, 0o755)
        done = report(tree, "a.py", python=fake)
        equal((done.status, done.err),
              (1, "pyprof-lua: coverage: Python 3.0 is too old (%s; 3.8 is needed)\n" % fake))
        with open(fake, "w") as file:
            file.write("#!/bin/sh\necho; echo pyprof-lua 3.99 0\n")
        done = report(tree, "a.py", python=fake)
        equal((done.status, done.err), (1, "pyprof-lua: coverage: not found for %s (%s -m pip "
                                           "install coverage)\n" % (fake, fake)))
        done = report(tree, "--", OWN, "-I", "a.py")
        equal(done.status, 2)
        holds(done.err, "-I, -E and -S keep the collector out")
        equal(report(tree, "--", "true").err,
              "pyprof-lua: coverage: no Python ran that could be measured\n")
        assert not os.path.exists(os.path.join(tree.path, "started"))


@test
def a_limit_gives_a_verdict():
    with Tree(TREE) as tree:
        done = report(tree, "main.py", options=["--fail-under", "10"])
        equal(done.status, 0)
        done = report(tree, "main.py", options=["--fail-under", "99.5"])
        equal(done.status, 3)
        holds(done.out, "are covered, less than 99.5 %")


finish()
