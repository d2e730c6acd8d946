"""Memory: allocations by memray, lines by memory_profiler, files of mprof, and the report."""
import json
import os
import re
import subprocess
import sys

from check import Skip, equal, finish, holds, run, test
from led import Place, pythons

MIB = 1 << 20
ROWS = """\
local pyprof = require "pyprof"
return {
  help = "x", needs = { "allocations" },
  run = function(subject)
    local p = subject.allocations
    return { object = {
      lines = pyprof.array(p:lines()), threads = pyprof.array(p:threads()), unit = p.unit,
      metrics = p.metrics, weight = p.weight, samples = p.samples, exit = subject.exit,
      notes = pyprof.array(subject.notes), own = pyprof.array(p:functions { include = "origin:own" }),
    } }
  end,
}
"""
LINES = """\
local pyprof = require "pyprof"
return {
  help = "x", needs = { "memory" },
  run = function(subject)
    local m = subject.memory
    return { object = { lines = pyprof.array(m:lines()), functions = pyprof.array(m.functions),
      notes = pyprof.array(subject.notes), timeline = pyprof.array(m:timeline()),
      largest = pyprof.array(m:lines { sort = "increment", limit = 1 }) } }
  end,
}
"""
BLOCKS = """\
import os, sys, threading

def kept():
    global block
    block = bytearray(40 << 20)

def freed():
    return len(bytearray(10 << 20))

class Holder:
    def fill(self):
        self.items = [0] * (2 << 20)

def in_thread():
    global other
    other = bytearray(24 << 20)

def main():
    kept()
    holder = Holder()
    holder.fill()
    thread = threading.Thread(target=in_thread, name="worker")
    thread.start()
    thread.join()
    parts = [bytearray(MIB) for _ in range(8)]
    freed()
    print(sys.argv[1:], [name for name in sys.modules if "memray" in name or "lead" in name])
    with open("/proc/self/status") as file:
        print([line.split()[1] for line in file if line.startswith("VmHWM")][0])
    return 3

MIB = 1 << 20
sys.exit(main())
"""


def python():
    """A Python for which the project has copies of the tools."""
    version = "%d.%d" % sys.version_info[:2]
    for label, path in pythons():
        if label == version:
            return path
    raise Skip("no Python %s is here" % version)


def ask(place, report, *words, status=0, **more):
    path = place.file("rows.lua", report)
    done = run(path, "--format", "json", "-o", place.path + "/out.json", "--python", python(),
               *words, env=place.environment({}), **more)
    equal(done.status, status, repr(done))
    with open(place.path + "/out.json") as file:
        found = json.load(file)
    found["out"], found["err"] = done.out, done.err
    equal(place.left(), [])
    return found


def of_lines(found, path, field="self_weight"):
    return {row["line"]: row[field] for row in found["lines"]
            if row["file"].endswith(os.path.basename(path))}


def near(got, want):
    assert abs(got - want) <= max(want / 10, MIB), (got / MIB, want / MIB)


@test
def blocks_stand_on_their_lines():
    with Place() as place:
        script = place.file("blocks.py", BLOCKS)
        found = ask(place, ROWS, script, "a", "b c", status=3)
        lines = of_lines(found, script)
        for line, want in ((5, 40), (12, 16), (16, 24), (25, 8), (8, 10)):
            near(lines[line], want * MIB)
        equal(of_lines(found, script, "self")[25], 8, "allocations")
        equal((found["unit"], sorted(found["metrics"])), ("bytes", ["bytes", "none allocations"]))
        equal(found["weight"], float(int(found["weight"])))
        assert {"kept", "Holder.fill", "main"} <= {row["name"] for row in found["own"]}, found
        near(found["weight"], 98 * MIB)
        equal({row["name"]: round(row["weight"] / MIB) for row in found["threads"]},
              {"MainThread": 74, "worker": 24})
        arguments, peak = found["out"].splitlines()
        equal(arguments, "['a', 'b c'] []")
        near(found["exit"]["max_rss"], int(peak) * 1024)
        assert found["weight"] < int(peak) * 1024 + MIB, (found["weight"], peak)
        equal(found["notes"], [])


@test
def leaks_are_what_stays():
    with Place() as place:
        script = place.file("blocks.py", BLOCKS)
        found = ask(place, ROWS, "--with", "allocations", "--allocations-leaks", script, status=3)
        lines = of_lines(found, script)
        near(lines[5], 40 * MIB)
        near(lines[16], 24 * MIB)
        equal(lines.get(8, 0), 0)


CHILDREN = """\
import multiprocessing, os, signal, subprocess, sys, time

def hold(size, end=None):
    block = bytearray(size << 20)
    if end == "exit":
        os._exit(0)
    if end == "term":
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)

if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(hold(int(sys.argv[1])))
    subprocess.run([sys.executable, __file__, "10"], check=True, env={})
    subprocess.run([sys.executable, "-c", "x = bytearray(20 << 20)"], check=True)
    for way, size in (("fork", 30), ("spawn", 40), ("forkserver", 50)):
        child = multiprocessing.get_context(way).Process(target=hold, args=(size,))
        child.start()
        child.join()
    for size, end in ((60, "exit"), (70, "term")):
        pid = os.fork()
        if pid == 0:
            hold(size, end)
        os.waitpid(pid, 0)
    block = bytearray(80 << 20)
"""


@test
def each_process_has_its_own():
    with Place() as place:
        script = place.file("children.py", CHILDREN)
        found = ask(place, ROWS, script)
        lines = of_lines(found, script)
        near(lines[4], (10 + 30 + 40 + 50 + 60 + 70) * MIB)
        near(lines[25], 80 * MIB)
        sizes = {}
        for row in found["threads"]:
            sizes[row["pid"]] = sizes.get(row["pid"], 0) + row["weight"]
        sizes = [round(size / MIB) for size in sizes.values() if size > MIB]
        for size in range(10, 90, 10):
            assert any(size <= one <= size + 5 for one in sizes), (size, sizes)
        equal(found["notes"], [])


@test
def every_report_of_a_profile_takes_allocations():
    with Place() as place:
        script = place.file("blocks.py", BLOCKS)
        words = ["--with", "profile=allocations", "--python", python(), script]
        for report, more, part in (
                ("top", [], "40.0 MiB"), ("lines", [], "bytearray(40 << 20)"), ("tree", [], "kept"),
                ("callers", ["--function", "kept"], "main"), ("packages", [], "(own)"),
                ("threads", [], "worker"), ("folded", [], "kept"), ("json", [], '"bytes"'),
                ("report", [], "kept"), ("unused", [], ""), ("speedscope", [], "kept"),
                ("top", ["--metric", "allocations"], "blocks.py:25")):
            done = run(report + ".lua", *more, *words, env=place.environment({}))
            equal(done.status, 3, repr(done))
            holds(done.out + done.err, part)


@test
def frames_of_c_are_there_on_demand():
    with Place() as place:
        script = place.file("blocks.py", BLOCKS)
        found = ask(place, ROWS, "--with", "allocations", "--allocations-native", script, status=3)
        assert any(".py" not in row["file"] and row["self_weight"] > MIB for row in found["lines"])
        near(found["weight"], 98 * MIB)


@test
def objects_are_counted_one_by_one_on_demand():
    with Place() as place:
        script = place.file("small.py", "x = [object() for _ in range(100000)]\n")
        found = ask(place, ROWS, "--with", "allocations", "--allocations-objects", script)
        count = of_lines(found, script, "self")[1]
        assert 100000 <= count < 101000, count


MEASURED = """\
import helper
from helper import Holder, gen, kept

def nested():
    def inside():
        return bytearray(b"x") * (12 << 20)
    one = inside()
    return len(one)

def listed():
    return [bytearray(b"x") * MIB for _ in range(20)]

def many():
    total = 0
    for _ in range(50):
        total += len(bytearray(b"x") * MIB)
    return total

MIB = 1 << 20
parts = listed()
block = kept()
holder = Holder()
holder.fill()
for part in gen():
    part = None
nested()
many()
"""
HELPER = """\
def kept():
    block = bytearray(b"x") * (40 << 20)
    return block

class Holder:
    def fill(self):
        self.items = [0] * (2 << 20)
        big = bytearray(b"x") * (30 << 20)
        del big

def gen():
    for _ in range(3):
        block = bytearray(b"x") * (40 << 20)  # malloc keeps smaller ones after a while
        yield block
        del block
"""


@test
def lines_have_what_they_allocate():
    with Place() as place:
        path = place.file("helper.py", HELPER)
        script = place.file("measured.py", MEASURED)
        found = ask(place, LINES, "--memory-function", "name:kept|fill|gen|nested|many|listed", script,
                    cwd=place.path)
        holds(found["err"], "memory: measures each line of 7 functions; a loop in them may take 400")
        rows = {(os.path.basename(row["file"]), row["line"]): row for row in found["lines"]}
        for key, want in (((path, 2), 40), ((path, 7), 16), ((path, 8), 30), ((path, 9), -30),
                          ((path, 13), 120), ((path, 15), -120), ((script, 6), 12), ((script, 7), 12),
                          ((script, 11), 20)):
            row = rows[os.path.basename(key[0]), key[1]]
            assert abs(row["increment"] - want * MIB) <= max(abs(want) * MIB / 10, MIB), row
        near(rows["measured.py", 16]["increment"], 0)
        equal(rows["measured.py", 16]["hits"], 50)
        equal(rows["measured.py", 6]["name"], "nested.inside")
        equal({row["name"] for row in found["functions"]},
              {"kept", "Holder.fill", "gen", "nested", "nested.inside", "many", "listed"})
        equal(found["largest"][0]["increment"], max(row["increment"] for row in found["lines"]))
        equal(found["notes"], [])


@test
def processes_and_threads_are_added_up():
    with Place() as place:
        script = place.file("threads.py", """\
import multiprocessing, threading
def hold():
    block = bytearray(b"x") * (10 << 20)
    return len(block)
if __name__ == "__main__":
    for way in (threading.Thread, multiprocessing.get_context("fork").Process,
                multiprocessing.get_context("spawn").Process):
        one = way(target=hold)
        one.start()
        one.join()
    hold()
""")
        found = ask(place, LINES, "--memory-function", "hold", script)
        rows = of_lines(found, script, "hits")
        equal((rows[3], rows[4]), (4, 4))
        near(of_lines(found, script, "increment")[3], 40 * MIB)


@test
def decorated_functions_are_measured():
    with Place() as place:
        for head in ("", "from memory_profiler import profile\n"):
            script = place.file("decorated.py", head + """\
@profile
def kept():
    return bytearray(b"x") * (20 << 20)
def other():
    return 1
print(len(kept()), other(), kept.__name__)
""")
            env = {}
            if head:
                import memory_profiler
                env["PYTHONPATH"] = os.path.dirname(memory_profiler.__file__)
            path = place.file("rows.lua", LINES)
            done = run(path, "--python", python(), script, env=place.environment(env))
            equal(done.status, 0, repr(done))
            holds(done.out, "20971520 1 kept\n")
            found = json.loads(done.out[done.out.index("{"):])
            equal([row["name"] for row in found["functions"]], ["kept"])
            near(of_lines(found, script, "increment")[3 + bool(head)], 20 * MIB)


@test
def without_a_choice_the_hottest_functions_are_measured():
    with Place() as place:
        script = place.file("hot.py", """\
import time
def spin():
    end = time.time() + 0.5
    while time.time() < end:
        pass
def never():
    return 1
spin()
""")
        done = run("memory.lua", "--no-allocations", "--memory", "--python", python(), script,
                   env=place.environment({}))
        equal(done.status, 0, repr(done))
        holds(done.out, "hot.py:4")
        assert "never" not in done.out, done


@test
def the_report_shows_all_three():
    with Place() as place:
        script = place.file("blocks.py", BLOCKS)
        words = ["--python", python(), "--function", "kept", script]
        done = run("memory.lua", *words, env=place.environment({}))
        equal(done.status, 3, repr(done))
        for part in ("=== Memory ===", "=== Allocations ===", "=== Lines ===", "40.0 MiB"):
            holds(done.out, part)
        equal(done.out.count("['"), 0, "the later runs write aside")
        narrow = run("memory.lua", "--no-allocations", *words[:2], script,
                     env=place.environment({"COLUMNS": "40"}))
        bars = re.search(r"iB +([ ▁-█]+?)  +[\d.]+ s", narrow.out)
        assert bars and len(bars.group(1).strip()) <= 16, narrow.out
        done = run("memory.lua", "--format", "json", "--by", "line", "-o", place.path + "/m.json",
                   *words, env=place.environment({}))
        equal(done.status, 3, repr(done))
        with open(place.path + "/m.json") as file:
            found = json.load(file)
        row = found["Memory"][0]
        equal(len(row["seconds"]), len(row["bytes"]))
        peak = int(done.out.splitlines()[1]) * 1024
        near(row["peak"], peak)
        near([row["bytes"] for row in found["Allocations"] if row["line"] == 5][0], 40 * MIB)
        near([row["increment"] for row in found["Lines"] if row["line"] == 5][0], 40 * MIB)


@test
def the_resident_memory_is_there_as_rows():
    with Place() as place:
        path = place.file("resident.lua", """\
local pyprof = require "pyprof"
return { help = "x", needs = { "profile" },
  run = function(subject) return pyprof.resident(subject.exit) end }
""")
        script = place.file("grow.py", """\
import time
x = [bytearray(b"x") * (50 << 20)]
time.sleep(0.3)
""")
        done = run(path, "--format", "json", script, env=place.environment({}))
        rows = json.loads(done.out)
        # Where the first point lies within the growth is chance.
        assert 50 * MIB < max(row["bytes"] for row in rows) < 90 * MIB, rows
        equal([row["seconds"] for row in rows], sorted(row["seconds"] for row in rows))
        done = run(path, "--format", "json", "tests/data/calculator.speedscope.json")
        equal(json.loads(done.out), [])


MPROF = """\
CMDLINE /usr/bin/python3 -c
MEM = 1
print(MEM)
MEM 10.500000 1700000000.5000
CHLD 1234 3.250000 1700000000.6000
FUNC __main__.work 10.5000 1700000000.7000 20.2500 1700000001.2000 0
MEM 20.250000 1700000001.5000
"""


@test
def files_of_mprof_are_read():
    with Place() as place:
        path, script = place.file("mprofile.dat", MPROF), place.file("x.py", "1\n")
        found = ask(place, LINES, "--from", "memory=" + path, script)
        equal([row["bytes"] for row in found["timeline"]], [11010048, 3407872, 21233664])
        equal(found["timeline"][1]["pid"], 1234)
        assert abs(found["timeline"][2]["seconds"] - 1) < 1e-6
        function, = found["functions"]
        equal((function["name"], function["increment"]), ("__main__.work", 10223616))
        done = run("memory.lua", "--no-allocations", "--no-profile", "--from", "memory=" + path, script)
        equal(done.status, 0, repr(done))
        holds(done.out, "20.2 MiB")


@test
def a_broken_file_of_mprof_is_one_line():
    with Place() as place:
        script = place.file("x.py", "1\n")
        for text, message in (
                ("", "not a file of mprof"), ("hello\n", "not a file of mprof"),
                ("CMDLINE x\n", "has no memory (no line MEM)"),
                (MPROF + "MEM 1.5\n", "line 8: broken (MEM 1.5)"),
                (MPROF + "MEM nan 1\n", "line 8: broken (MEM nan 1)"),
                (MPROF + "CHLD x 1 2\n", "line 8: broken"),
                (MPROF + "FUNC a 1 2 3\n", "line 8: broken"),
                (MPROF + "\0\1\n", "line 8: neither MEM, CHLD nor FUNC"),
                ("MEM 1 2\nMEM 3", "line 2: broken"), ("MEM 1\n", "has no memory")):
            path = place.file("bad.dat", text)
            done = run("memory.lua", "--no-allocations", "--no-profile", "--from", "memory=" + path,
                       script)
            equal((done.status, done.out), (1, ""), repr(done))
            equal(done.err.count("\n"), 1, done.err)
            holds(done.err, "bad.dat: " + message)


@test
def a_missing_tool_is_one_line():
    with Place() as place:
        for label, path in pythons():
            if label not in ("3.8", "3.10"):
                continue
            for module, report in (("memray", ROWS), ("memory_profiler", LINES)):
                if not subprocess.run([path, "-c", "import " + module],
                                      stderr=subprocess.DEVNULL).returncode:
                    continue
                want = "%s: not found for %s (%s -m pip install %s)" % (module, path, path, module)
                done = run(place.file("rows.lua", report), "--python", path,
                           "examples/calculator.py")
                equal((done.status, done.out, done.err), (1, "", "pyprof-lua: " + want + "\n"))
                words = ["--no-profile"] if module == "memray" else ["--no-allocations", "--memory"]
                done = run("memory.lua", *words, "--python", path, "-c", "print(1)")
                holds(done.out + done.err, want)


@test
def what_has_no_memory_says_so():
    for words, message in (
            (["top.lua", "--with", "profile=allocations"], "has no allocations (name a program"),
            (["memory.lua", "--memory"], "measured in programs")):
        done = run(*words, "tests/data/calculator.speedscope.json")
        equal((done.status, done.err.count("\n")), (2, 1), repr(done))
        holds(done.err, message)


@test
def a_command_that_has_no_python_says_so():
    done = run("memory.lua", "--no-profile", "--", "sh", "-c", "exit 4")
    equal(done.status, 4, repr(done))
    # Whether the shell lived long enough for a point of memory is chance: the rest is said then.
    holds(done.out + done.err, "allocations: no Python ran that could be measured")


finish()
