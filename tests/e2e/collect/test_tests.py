"""The tests of pytest: outcomes, durations, samples, labels; the program runs as without us."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from check import PROGRAM, Skip, equal, finish, holds, run, test

PYTHON = os.path.abspath(".venv/bin/python")
PYTEST = os.path.abspath(".venv/bin/pytest")

BURN = """\
import os

def burn(seconds):
    # Processor time: py-spy leaves out a program that waits.
    end = sum(os.times()[:2]) + seconds
    while sum(os.times()[:2]) < end:
        for _ in range(1000): pass
"""
CONFTEST = """\
import asyncio, inspect, pytest
from work import burn

@pytest.fixture(scope="session")
def database():
    burn(0.3)

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if inspect.iscoroutinefunction(pyfuncitem.obj):
        asyncio.run(pyfuncitem.obj())
        return True
"""
ALL = '''\
import unittest, pytest
from work import burn

def test_database(database): burn(0.2)

@pytest.mark.parametrize("word", ["plain", "a[b]::c d", "\\u00e9", 'q"\\'\\\\', 
                                  pytest.param(1, id="x" * 3000)])
def test_words(word): burn(0.1)

@pytest.fixture
def slow():
    burn(0.2)
    yield
    burn(0.2)

class TestPhases:
    def test_phases(self, slow): burn(0.2)
    def test_fails(self): assert False

def test_skipped(): pytest.skip("no")
@pytest.mark.skip
def test_marked(): pass
@pytest.mark.xfail
def test_xfails(): assert False
@pytest.mark.xfail(run=False)
def test_not_run(): assert False
@pytest.mark.xfail
def test_xpasses(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass

@pytest.fixture
def broken(): raise ValueError
@pytest.fixture
def broken_after():
    yield
    raise ValueError
def test_setup(broken): pass
def test_teardown(broken_after): pass
def test_both(broken_after): assert 0

class Unit(unittest.TestCase):
    def setUp(self): burn(0.1)
    def test_unit(self): burn(0.2)
    def test_parts(self):
        for i in range(2):
            with self.subTest(i=i): self.assertEqual(i, 0)

async def test_async(): burn(0.2)

def double(x):
    """
    >>> double(2)
    4
    """
    return 2 * x

runs = []
@pytest.mark.flaky(reruns=3)
def test_again():
    runs.append(1)
    assert len(runs) > 2
'''


class Project:
    """A folder with tests."""

    def __init__(self, **files):
        self.path = os.path.realpath(tempfile.mkdtemp())
        for name, text in {"work": BURN, **files}.items():
            with open(os.path.join(self.path, name + ".py"), "w", encoding="utf-8") as stream:
                stream.write(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def run(self, *words, report="pytest.lua", options=(), env=None):
        return run(report, "--python", PYTHON, *options, *words, cwd=self.path,
                   env={"PYTHONDONTWRITEBYTECODE": "1", **(env or {})})

    def pytest(self, *words, options=(), env=None):
        """The tests by id, the total, and the whole result."""
        done = self.run("-m", "pytest", "-p", "no:cacheprovider", "-q", *words, env=env,
                        options=["--format", "json", "--limit", "1000", "-o", "out.json", *options])
        try:
            with open(os.path.join(self.path, "out.json")) as stream:
                made = json.load(stream)
        except OSError:
            raise AssertionError(done) from None
        os.remove(os.path.join(self.path, "out.json"))
        rows = {row["id"]: row for row in made["Tests"]}
        equal(len(rows), len(made["Tests"]), "each test once")
        return rows, made["Total"][0], done

    def plain(self, *words):
        """pytest without us."""
        return subprocess.run([PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "-q", *words],
                              cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})

    def rows(self, *words):
        """What p:tests() gives for a recording."""
        code = 'for _, r in ipairs(p:tests()) do print(r.id, r.phase, r.samples) end'
        done = run("-e", code, *words, cwd=self.path)
        return {tuple(line.split("\t")[:2]): int(line.split("\t")[2])
                for line in done.out.splitlines()}


OUTCOMES = {
    "test_database": "passed", "TestPhases::test_phases": "passed",
    "TestPhases::test_fails": "failed", "test_skipped": "skipped", "test_marked": "skipped",
    "test_xfails": "xfailed", "test_not_run": "xfailed", "test_xpasses": "xpassed",
    "test_strict": "failed", "test_setup": "error", "test_teardown": "error",
    "test_both": "failed", "Unit::test_unit": "passed", "Unit::test_parts": "failed",
    "test_async": "passed", "test_all.double": "passed", "test_again": "passed",
    "test_words[plain]": "passed", "test_words[a[b]::c d]": "passed",
    "test_words[\\xe9]": "passed", "test_words[q\"'\\\\]": "passed",
    "test_words[%s]" % ("x" * 3000): "passed",
}


def check_all(rows, total):
    equal({id.split("::", 1)[1]: row["outcome"] for id, row in rows.items()}, OUTCOMES)
    for row in rows.values():
        equal(row["file"], "test_all.py")
        assert abs(row["setup"] + row["call"] + row["teardown"] - row["seconds"]) < 1e-6, row
    equal(rows["test_all.py::TestPhases::test_phases"]["name"], "test_phases")
    equal(rows["test_all.py::test_words[a[b]::c d]"]["name"], "test_words[a[b]::c d]")
    phases = rows["test_all.py::TestPhases::test_phases"]
    for phase in "setup", "call", "teardown":
        assert phases[phase] >= 0.1, phases
    # A busy machine takes fewer samples than there should be.
    for name, least in ("TestPhases::test_phases", 10), ("Unit::test_unit", 5), \
            ("test_async", 3), ("test_words[%s]" % ("x" * 3000), 1), ("test_words[a[b]::c d]", 1):
        row = rows["test_all.py::" + name]
        assert row["samples"] >= least, row
        equal(row["hottest"], "burn")
    equal(total["tests"], len(OUTCOMES))
    for outcome in "passed", "failed", "error", "skipped", "xfailed", "xpassed":
        equal(total[outcome], list(OUTCOMES.values()).count(outcome), outcome)
    equal(total["status"], 1)


@test
def every_kind_of_test_is_listed_once():
    with Project(conftest=CONFTEST, test_all=ALL) as project:
        rows, total, done = project.pytest("--doctest-modules", "test_all.py", "--durations=0")
        check_all(rows, total)
        equal(done.status, 1, done)
        equal(rows["test_all.py::test_database"]["line"], 4)
        # pytest's own list of durations; it rounds to 10 ms and leaves out what is below 5 ms.
        slow = re.findall(r"^([\d.]+)s (\w+) +(\S.*)$", done.out, re.M)
        assert len(slow) > 9, done
        for seconds, phase, id in slow:
            # Its ids are cut neither; those with spaces are whole lines.
            assert abs(rows[id][phase] - float(seconds)) < 0.0051, (id, phase, rows[id])


@test
def workers_of_xdist_are_sampled():
    with Project(conftest=CONFTEST, test_all=ALL) as project:
        rows, total, done = project.pytest("-n2", "test_all.py", "--doctest-modules",
                                           options=["--save", "run.json"])
        check_all(rows, total)
        equal(done.status, 1, done)
        equal({row["worker"] for row in rows.values()}, {"gw0", "gw1"})
        found = project.rows("run.json")
        assert found[("test_all.py::TestPhases::test_phases", "teardown")] >= 10, found


@test
def a_saved_recording_keeps_the_tests():
    with Project(conftest=CONFTEST, test_all=ALL) as project:
        rows, _, done = project.pytest("test_all.py", options=["--save", "run.json"])
        with open(os.path.join(project.path, "run.json")) as stream:
            holds(stream.read(), '"<pyprof-lua tests>"')
        found = project.rows("run.json")
        assert found[("::database", "fixture")] >= 20, found
        for id, row in rows.items():
            label = id if len(id) < 1000 else id[:1000] + "..."
            equal(sum(found.get((label, phase), 0) for phase in ("setup", "call", "teardown")),
                  row["samples"], id)
        # The stacks have no frame of ours, and the rest is what belongs to no test.
        code = """
            local sum, rest = 0, p:test("id:^$")
            for _, row in ipairs(p:tests()) do sum = sum + row.samples end
            print(sum + rest.samples == p.samples, rest.samples > 0, #p:test("!id:^$"):threads())
            for _, row in ipairs(p:lines()) do
              if row.file:find("pyprof%-lua") or row.name:find("%[call%]") then print(row.name) end
            end"""
        equal(run("-e", code, "run.json", cwd=project.path).out, "true\ttrue\t1\n")
        top = run("top.lua", "--test", "test_async", "--format", "json", "run.json",
                  cwd=project.path)
        rows = json.loads(top.out)
        equal(rows[0]["name"], "burn", top)
        # A profile in pprof's format keeps them, too.
        run("pprof.lua", "-o", "run.pprof", "run.json", cwd=project.path)
        equal(project.rows("run.pprof"),
              {key: samples for key, samples in found.items() if samples > 0})


@test
def a_view_of_tests_while_it_runs():
    with Project(test_a="from work import burn\ndef test_a(): burn(0.3)\n"
                        "def test_b(): burn(0.3)\n") as project:
        done = project.run("-m", "pytest", "-q", report="top.lua",
                           options=["--test", "test_b", "--limit", "100", "--format", "json",
                                    "-o", "out"])
        with open(os.path.join(project.path, "out")) as stream:
            names = [row["name"] for row in json.load(stream)]
        assert "test_b" in names and "test_a" not in names, done


def same_end(project, words, status, tests):
    """Status and output are pytest's, and these tests are listed."""
    plain = project.plain(*words)
    rows, total, done = project.pytest(*words)
    equal((plain.returncode, done.status, total["status"]), (status, status, status), done)
    equal({id.split("::")[-1]: row["outcome"] for id, row in rows.items()}, tests, done)
    equal(total["tests"], len(tests))

    def text(out):
        return re.sub(r"in \d[\d.]*s|0x[0-9a-f]+", "", out)
    equal(text(done.out), text(plain.stdout))
    return done


@test
def ends_of_pytest_are_ours():
    tests = "def test_a(): pass\ndef test_b(): assert 0\ndef test_c(): pass\n"
    with Project(test_a=tests) as project:
        same_end(project, ["test_a.py"], 1, {"test_a": "passed", "test_b": "failed",
                                             "test_c": "passed"})
        same_end(project, ["-x", "test_a.py"], 1, {"test_a": "passed", "test_b": "failed"})
        same_end(project, ["-k", "test_c", "test_a.py"], 0, {"test_c": "passed"})
        same_end(project, ["-k", "nothing", "test_a.py"], 5, {})
        same_end(project, ["--collect-only", "test_a.py"], 0, {})
        same_end(project, ["--nosuch"], 4, {})
        same_end(project, ["nosuch.py"], 4, {})
        with open(os.path.join(project.path, "test_broken.py"), "w") as stream:
            stream.write("import nosuch\n")
        same_end(project, [], 2, {})


@test
def an_interrupted_test_is_not_listed():
    for body in "raise KeyboardInterrupt", "import pytest; pytest.exit('enough')":
        tests = "def test_a(): pass\ndef test_b():\n    %s\ndef test_c(): pass\n" % body
        with Project(test_a=tests) as project:
            same_end(project, ["test_a.py"], 2, {"test_a": "passed"})


@test
def ctrl_c_goes_to_pytest():
    tests = """
import os
from work import burn
def test_a(): burn(0.2)
def test_b():
    open("ready", "w").close()
    burn(600)
"""
    with Project(test_a=tests) as project:
        words = ["pytest.lua", "--python", PYTHON, "--format", "json", "-o", "out.json",
                 "-m", "pytest", "-q"]
        started = subprocess.Popen([PROGRAM, *words], cwd=project.path, start_new_session=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while not os.path.exists(os.path.join(project.path, "ready")):
            assert started.poll() is None, started.stdout.read()
            time.sleep(0.01)
        os.killpg(started.pid, signal.SIGINT)
        out = started.communicate(timeout=60)[0]
        equal(started.returncode, 2, out)
        holds(out, "KeyboardInterrupt")
        with open(os.path.join(project.path, "out.json")) as stream:
            made = json.load(stream)
        equal([row["name"] for row in made["Tests"]], ["test_a"], out)
        assert made["Tests"][0]["samples"] >= 8, made


@test
def a_worker_that_crashes():
    tests = "import os\ndef test_a(): pass\ndef test_b(): os._exit(3)\ndef test_c(): pass\n"
    with Project(test_a=tests) as project:
        rows, total, done = project.pytest("-n1", "test_a.py")
        equal({id: row["outcome"] for id, row in rows.items()},
              {"test_a.py::test_a": "passed", "test_a.py::test_b": "failed",
               "test_a.py::test_c": "passed"}, done)
        equal((done.status, total["status"]), (1, 1))


@test
def the_program_sees_nothing_of_us():
    tests = """
import json, os, sys

def test_traces(request):
    modules = sorted(name for name in sys.modules if "pyprof" in name)
    frame, files = sys._getframe(), set()
    while frame:
        files.add(frame.f_code.co_filename)
        frame = frame.f_back
    environment = {name: value for name, value in os.environ.items() if "pyprof" in value.lower()
                   and name not in ("PWD", "OLDPWD", "PYTHONPATH", "TEST_PROGRAM", "PATH", "_",
                                    "XDG_CONFIG_HOME")}
    assert (modules, environment, os.environ.get("PYTHONPATH"),
            [path for path in sys.path if "<pyprof" in path]) == ([], {}, None, [])
    names = [name for name, plugin in request.config.pluginmanager.list_name_plugin()]
    assert not [name for name in names if "pyprof" in name]
"""
    with Project(test_a=tests) as project:
        rows, _, done = project.pytest("test_a.py")
        equal([row["outcome"] for row in rows.values()], ["passed"], done)


@test
def the_users_path_and_customization():
    tests = """
import os, sys

def test_path():
    assert sys.theirs == 1
    assert os.environ["PYTHONPATH"] == "theirs:"
    assert os.path.realpath("theirs") in map(os.path.realpath, sys.path)
"""
    with Project(test_a=tests) as project:
        os.mkdir(os.path.join(project.path, "theirs"))
        with open(os.path.join(project.path, "theirs", "sitecustomize.py"), "w") as stream:
            stream.write("import sys\nsys.theirs = 1\n")
        for words in ["test_a.py"], ["-n1", "test_a.py"]:
            rows, _, done = project.pytest(*words, env={"PYTHONPATH": "theirs:"})
            equal([row["outcome"] for row in rows.values()], ["passed"], done)


@test
def names_of_files_that_are_no_utf8():
    with Project() as project:
        name = os.fsencode(project.path) + b"/test_\xff.py"
        with open(name, "w") as stream:
            stream.write("from work import burn\ndef test_a(): burn(0.3)\n")
        rows, _, done = project.pytest()
        equal([(row["outcome"], row["file"]) for row in rows.values()],
              [("passed", "test_\\udcff.py")], done)
        assert list(rows.values())[0]["samples"] >= 15, rows


@test
def pytest_that_a_test_runs_is_a_part_of_that_test():
    tests = """
pytest_plugins = "pytester"

def test_outer(pytester):
    pytester.makepyfile("def test_inner(): pass")
    pytester.inline_run("-p", "no:cacheprovider").assertoutcome(passed=1)
"""
    with Project(test_a=tests) as project:
        rows, _, done = project.pytest("test_a.py")
        equal({id: row["outcome"] for id, row in rows.items()},
              {"test_a.py::test_outer": "passed"}, done)


@test
def pytest_cov_goes_on_working():
    with Project(test_a="import work\ndef test_a(): work.burn(0.1)\n") as project:
        rows, total, done = project.pytest("--cov=work", "--cov-report=json", "test_a.py")
        equal((len(rows), done.status), (1, 0), done)
        with open(os.path.join(project.path, "coverage.json")) as stream:
            equal(list(json.load(stream)["files"]), ["work.py"])
        done = project.run("-m", "pytest", "-q", "--cov=work", "test_a.py")
        holds(done.out + done.err, "(pytest-cov traces this run: ")
        for words in ["--cov=nosuch"], ["--cov=nosuch", "-n2"], ["--cov=work", "--cov=nosuch"]:
            done = project.run("-m", "pytest", "-q", *words, "test_a.py")
            equal(done.status, 1, done)
            holds(done.err, "pyprof-lua: --cov=nosuch: no such module or folder, so pytest-cov "
                  "measured nothing of it\n")
        done = project.run("-m", "pytest", "-q", "--cov=nosuch", "--no-cov", "test_a.py")
        equal(done.status, 0, done)


@test
def which_tests_reach_a_function_with_their_seconds():
    with Project(test_a="from work import burn\ndef test_a(): burn(0.2)\n"
                        "def test_b(): burn(0.1)\ndef test_c(): pass\n") as project:
        done = project.run("-m", "pytest", "-q", report="tests.lua",
                           options=["--function", "burn", "--format", "json", "-o", "out"])
        with open(os.path.join(project.path, "out")) as stream:
            rows = json.load(stream)
        equal({row["id"] for row in rows}, {"test_a.py::test_b", "test_a.py::test_a"}, done)
        assert 0.05 <= rows[0]["seconds"] <= rows[1]["seconds"], rows


@test
def which_targets_have_tests():
    with Project(test_a="def test_a(): pass\n", plain="print('ran')\n") as project:
        for words, why in (
                (["plain.py"], "plain.py: not known to run pytest (-m pytest; or -- and a command "
                               "that runs it)"),
                (["-m", "unittest"], "unittest: only tests that pytest runs are known, and it "
                                     "runs these: -m pytest"),
                (["-m", "tox"], "tox: not known to run pytest"),
                (["-c", "pass"], "not known to run pytest"),
                (["--pid", str(os.getpid())], "not known to run pytest"),
                (["--", PYTHON, "-I", "-m", "pytest"], "-I, -E and -S keep the collector out"),
                ([os.path.abspath("tests/data/calculator.speedscope.json")],
                 "recordings do not say how tests ended (p:tests() has their samples)")):
            done = run("pytest.lua", *words, cwd=project.path)
            equal((done.status, done.out), (2, ""), words)
            holds(done.err, why)
        done = run("pytest.lua", "--", PYTHON, "plain.py", cwd=project.path)
        equal((done.status, done.out), (1, "ran\n"), done)
        holds(done.err, "python: ran no pytest")
        for words in [PYTEST, "-q"], ["--", PYTEST, "-q"], \
                ["--", "sh", "-c", "%s -q; exit 3" % PYTEST]:
            done = run("pytest.lua", *words, cwd=project.path)
            holds(done.out, "test_a.py::test_a")
            equal(done.status, 3 if "sh" in words else 0, done)


@test
def every_python_and_pytest_has_its_tests():
    pythons = [path for path in os.environ.get("PYTEST_PYTHONS", "").split(":") if path]
    if not pythons:
        raise Skip("PYTEST_PYTHONS names no interpreters that have pytest")
    tests = "from work import burn\ndef test_a(): burn(0.3)\ndef test_b(): assert 0\n"
    for python in pythons:
        with Project(test_a=tests) as project:
            done = run("pytest.lua", "--python", python, "--format", "json", "-o", "out",
                       "-m", "pytest", "-q", cwd=project.path)
            with open(os.path.join(project.path, "out")) as stream:
                made = json.load(stream)
            equal([(row["name"], row["outcome"]) for row in made["Tests"]],
                  [("test_a", "passed"), ("test_b", "failed")], (python, done))
            assert made["Tests"][0]["samples"] >= 15, (python, made)


finish()
