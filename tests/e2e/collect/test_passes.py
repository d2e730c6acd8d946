"""Several runs of one program: a run for each collector that needs one."""
import json
import os
import pty
import signal
import subprocess
import time

from check import PROGRAM, equal, finish, holds, test
from pyspy.pyspy import Place

# A collector that runs the target; `between` is Lua that it executes afterwards.
COLLECTOR = """local pyprof = require "pyprof"
return {
  help = "Runs it",
  collect = function(target)
    local exit, message = target:run()
    if not exit then return nil, message end
    %s
    return { status = exit.status, ended_by = exit.ended_by }
  end,
}
"""
REPORT = """return {
  help = "x", needs = { "one" }, wants = { "two", "three" },
  args = { two = { false, help = "two, too" }, three = { false, help = "three, too" } },
  run = function(subject)
    local rows = {}
    for _, name in ipairs { "one", "two", "three" } do
      local value = subject[name]
      rows[#rows + 1] = { name = name, got = value and tostring(value.status) or "none",
        ended_by = value and value.ended_by, why = subject.missing[name] }
    end
    return rows
  end,
}
"""
# Each run of it leaves what it saw in $SEEN.
SPY = """\
import json, os, sys
number = len(os.listdir(os.environ["SEEN"]))
seen = {"argv": sys.argv, "path": sys.path, "cwd": os.getcwd(), "env": dict(os.environ),
        "modules": sorted(sys.modules), "terminal": sys.stdin.isatty()}
if "read" in sys.argv:
    seen["input"] = sys.stdin.read()
with open(os.path.join(os.environ["SEEN"], str(number)), "w") as file:
    json.dump(seen, file)
"""


class House:
    """A place with collectors one, two and three, a report of them, and a program."""

    def __init__(self, between="", program="", after=""):
        self.place = Place()
        self.between, self.program, self.after = between, program, after

    def __enter__(self):
        self.place.__enter__()
        self.path = self.place.path
        self.seen = os.path.join(self.path, "seen")
        os.mkdir(self.seen)
        for name in ("one", "two", "three"):
            self.place.file("config/collect/%s.lua" % name,
                            COLLECTOR % (self.between if name == "one" else ""))
        self.place.file("r.lua", REPORT)
        self.script = self.place.file("app.py", SPY + self.program)
        return self

    def __exit__(self, *_):
        self.place.__exit__()

    def start(self, *words, **more):
        env = self.place.environment({
            "PYPROF_PATH": os.path.join(self.path, "config"), "SEEN": self.seen})
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen([PROGRAM, "r.lua", "--format=json", *words], cwd=self.path, env=env,
                                text=True, **more)

    def run(self, *words, input=None, **more):
        if input is not None:
            more["stdin"] = subprocess.PIPE
        process = self.start(*words, **more)
        out, err = process.communicate(input)
        return process.returncode, out, err

    def runs(self):
        """What each run saw."""
        found = []
        for name in sorted(os.listdir(self.seen)):
            with open(os.path.join(self.seen, name)) as file:
                found.append(json.load(file))
        return found


def rows(out):
    """The report, which follows what the program itself wrote."""
    return {row["name"]: row for row in json.loads(out[out.index("["):])}


@test
def each_run_sees_the_same():
    with House() as house:
        status, out, err = house.run("--two", "--three", "app.py", "x", "y z")
        equal((status, err), (0, ""))
        runs = house.runs()
        equal(len(runs), 3)
        equal(runs[0]["argv"], ["app.py", "x", "y z"])
        equal(runs[1], runs[0])
        equal(runs[2], runs[0])
        equal(house.place.left(), [])


@test
def nothing_runs_that_nobody_asked_for():
    with House() as house:
        equal(rows(house.run("app.py")[1])["two"]["got"], "none")
        equal(len(house.runs()), 1)
        equal(rows(house.run("--with", "three", "app.py")[1])["three"]["got"], "0")
        equal(len(house.runs()), 3)


@test
def a_file_is_read_by_each_run_from_where_it_stood():
    with House() as house:
        house.place.file("in", "first\nsecond\n")
        with open(os.path.join(house.path, "in")) as file:
            os.lseek(file.fileno(), 6, os.SEEK_SET)
            status, _, err = house.run("--two", "--three", "app.py", "read", stdin=file)
            equal((status, err), (0, ""))
        equal([run["input"] for run in house.runs()], ["second\n"] * 3)


@test
def what_a_pipe_brings_is_kept_for_each_run():
    with House() as house:
        text = "line\n" * 100000
        status, _, err = house.run("--two", "--three", "app.py", "read", input=text)
        equal((status, err), (0, ""))
        assert [run["input"] == text for run in house.runs()] == [True] * 3
        equal(house.place.left(), [])


@test
def only_the_first_run_reads_a_terminal():
    with House() as house:
        ours, theirs = pty.openpty()
        process = house.start("--two", "app.py", "read", stdin=theirs)
        os.write(ours, b"typed\n\4")
        out, err = process.communicate(timeout=300)
        os.close(ours)
        os.close(theirs)
        equal((process.returncode, err), (0, ""))
        equal([(run["terminal"], run["input"]) for run in house.runs()],
              [(True, "typed\n"), (False, "")])


@test
def the_output_of_later_runs_is_kept_aside():
    with House(program="print('out', number)\nprint('err', number, file=sys.stderr)\n") as house:
        status, out, err = house.run("--two", "app.py")
        equal((status, err), (0, "err 0\n"))
        assert out.startswith("out 0\n["), out
        assert "out 1" not in out


@test
def another_status_is_said_with_the_last_lines():
    program = """
if number:
    for i in range(300000):
        print("line", i)
    print("escape \\33[31m")
sys.exit(5 if number else 3)
"""
    with House(program=program) as house:
        status, out, err = house.run("--two", "app.py")
        equal(status, 3)
        equal(rows(out)["two"]["got"], "5")
        lines = err.splitlines()
        equal(len(lines), 12, err)
        holds(err, "two: the program ended with status 5 in this run, with 3 in the first one")
        holds(err, "two: the program's last lines in this run:\n  line 299991\n")
        assert "\33" not in err, err


@test
def a_terminal_is_told_which_run_it_is():
    with House() as house:
        ours, theirs = pty.openpty()
        process = house.start("--two", "app.py", stderr=theirs)
        process.communicate(timeout=300)
        os.close(theirs)
        said = os.read(ours, 65536).decode()
        os.close(ours)
        holds(said, "run 1 of 2: one\r\n")
        holds(said, "run 2 of 2: two\r\n")
        equal(house.run("--two", "--progress", "app.py")[2].splitlines(),
              ["pyprof-lua: run 1 of 2: one", "pyprof-lua: run 2 of 2: two"])
        equal(house.run("--progress", "app.py")[2], "", "one run has no number")


WAITS = """
import signal, time
def end(*_):
    sys.exit(9)
signal.signal(signal.SIGINT, end)
open(os.path.join(os.environ["SEEN"], "..", "ready%d" % number), "w").close()
if number == int(sys.argv[1]):
    time.sleep(600)
"""


def interrupted(house, number, *words):
    process = house.start(*words, start_new_session=True)
    ready = os.path.join(house.path, "ready%d" % number)
    while not os.path.exists(ready):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=300)
    equal(house.place.left(), [])
    return process.returncode, out, err


@test
def ctrl_c_ends_the_run_and_starts_no_other():
    with House(program=WAITS) as house:
        status, out, err = interrupted(house, 0, "--two", "--three", "app.py", "0")
        equal((status, len(house.runs())), (9, 1))
        table = rows(out)
        equal((table["one"]["got"], table["two"]["got"]), ("9", "none"))
        holds(err, "two: not run: stopped by Ctrl-C")
        holds(err, "three: not run: stopped by Ctrl-C")
    with House(program=WAITS) as house:
        status, out, err = interrupted(house, 1, "--two", "--three", "app.py", "1")
        equal((status, len(house.runs())), (0, 2), "the first run's status")
        equal(rows(out)["two"]["got"], "9", err)
        assert "three: not run: stopped by Ctrl-C" in err and "two:" not in err, err


@test
def ctrl_c_between_two_runs_counts():
    between = """assert(pyprof.process.run { "sh", "-c", "kill -INT $PPID" })"""
    with House(between=between) as house:
        status, out, err = house.run("--two", "app.py")
        equal((status, len(house.runs())), (0, 1), err)
        equal(rows(out)["one"]["got"], "0")
        holds(err, "two: not run: stopped by Ctrl-C")


@test
def duration_holds_for_each_run():
    with House() as house:
        status, out, err = house.run("--two", "--duration", "0.3", "--", "sleep", "600")
        equal((status, err), (0, ""))
        table = rows(out)
        equal((table["one"]["ended_by"], table["two"]["ended_by"]), ("duration", "duration"))


@test
def a_file_that_changes_between_two_runs_is_named_and_not_joined():
    report = """local pyprof = require "pyprof"
return {
  help = "x", needs = { "profile", "one", "source" },
  run = function(subject)
    return pyprof.filter(pyprof.join(subject), function(row) return row.file:find "app.py" end)
  end,
}
"""
    program = "def busy():\n    for i in range(12000000): pass\nbusy()\n"
    for change, statuses in ("", {"ran"}), ("io.open('app.py', 'a'):write('#\\n'):close()", {"unknown"}):
        with House(between=change, program=program) as house:
            house.place.file("r.lua", report)
            status, out, err = house.run("app.py")
            equal(status, 0, err)
            got = json.loads(out[out.index("["):])
            equal({row["status"] for row in got}, statuses, (err, got))
            if change:
                equal(got[0]["why"], "the file changed between two runs")
                equal(got[0]["self"], 0)
            equal("app.py: changed between two runs: nothing about it is joined" in err,
                  bool(change), err)


@test
def the_source_has_the_modules_that_ran():
    program = "import helper\nhelper.busy()\n"
    report = """return {
  help = "x", needs = { "profile", "source" },
  run = function(subject) return subject.source:files() end,
}
"""
    with House(program=program) as house:
        house.place.file("r.lua", report)
        house.place.file("helper.py", "def busy():\n    for i in range(12000000): pass\n")
        status, out, err = house.run("app.py")
        equal(status, 0, err)
        equal([os.path.basename(row["file"]) for row in json.loads(out)], ["app.py", "helper.py"])
        # The source of a module of somebody else is the program's own, too.
        house.place.file("test_it.py", "import helper\ndef test_it():\n    helper.busy()\n")
        status, out, err = house.run("--python", os.path.abspath(".venv/bin/python"), "-m",
                                     "pytest", "-q", "-p", "no:cacheprovider", "test_it.py")
        equal(status, 0, err)
        equal([os.path.basename(row["file"]) for row in json.loads(out[out.rindex("["):])],
              ["helper.py", "test_it.py"])


finish()
