"""Profiles of calls by other producers: Python's own and callgrind's. The tests read real files,
files made from the producers' documentation, and such files with bytes changed."""
import collections
import glob
import gzip
import json
import marshal
import os
import random
import re
import shutil
import subprocess
import sys

from check import Skip, equal, finish, holds, run, test
from imports import FOLDER, changed, dumps, number, put

SAMPLE = "tests/data/sample.speedscope.json.gz"
SCRIPT = """
import json
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
class A(object):
    def __init__(self): self.x = sum(j for j in range(100))
class B(A):
    def __init__(self): A.__init__(self)
def main():
    fib(12)
    even(20)
    json.dumps({"a": [1] * 1000})
    [B() for _ in range(50)]
main()
"""


# --- cProfile

def pythons():
    found = {sys.executable: None}
    for path in sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin/python"))):
        found[path] = None
    return list(found)


STATS = """
import json, marshal, sys
with open(sys.argv[1], "rb") as file: stats = marshal.load(file)
print(json.dumps([[key, value[:4], [[k, v] for k, v in value[4].items()]]
                  for key, value in stats.items()]))
"""


def identity(key):
    file, line, name = key
    return name, "" if file == "~" else file, line


@test
def every_python_s_cprofile():
    paths, wanted = [], []
    script = put("script.py", SCRIPT)
    for python in pythons():
        path = os.path.join(FOLDER, "stats%d.prof" % len(paths))
        done = subprocess.run([python, "-m", "cProfile", "-o", path, script])
        equal(done.returncode, 0, python)
        paths.append(path)
        wanted.append(json.loads(subprocess.check_output([python, "-c", STATS, path])))
    for python, said, want in zip(pythons(), dumps(paths), wanted):
        got = {(f["name"], f["file"], f["line"]): f for f in said["functions"]}
        equal(len(got), len(want), python)
        for key, (_, calls, self, total), callers in want:
            it = got[identity(key)]
            equal((it["calls"], number(it["self"]), number(it["total"])), (calls, self, total))
            equal(sorted((tuple(c[:3]), c[3], number(c[4])) for c in it["callers"]),
                  sorted((identity(k), v[1], v[3]) for k, v in callers if k != key),
                  (python, key))
        names = collections.Counter(name for name, _, _ in got)
        assert names["__init__"] >= 2, names  # one a line, not one a name
        assert abs(number(said["weight"]) - sum(w[1][2] for w in want)) < 1e-9


@test
def top_shows_what_pstats_shows():
    path = os.path.join(FOLDER, "top.prof")
    subprocess.check_call([sys.executable, "-m", "cProfile", "-o", path,
                           put("script.py", SCRIPT)])
    done = run("top.lua", "--limit", 5, "--format", "json", path)
    equal((done.status, done.err), (0, ""))
    code = "import pstats; pstats.Stats(%r).sort_stats('tottime').print_stats(5)" % path
    text = subprocess.check_output([sys.executable, "-c", code], text=True)
    for row in json.loads(done.out):
        holds(text, row["name"].strip("<>"))


@test
def callers_shows_what_pstats_shows():
    path = os.path.join(FOLDER, "callers.prof")
    subprocess.check_call([sys.executable, "-m", "cProfile", "-o", path,
                           put("script.py", SCRIPT)])
    stats = json.loads(subprocess.check_output([sys.executable, "-c", STATS, path]))
    grind = os.path.join(FOLDER, "callers.callgrind")
    equal(run("callgrind.lua", "-o", grind, path).err, "")
    compared = 0
    for key, (_, calls, self, total), callers in stats:
        name, file, line = identity(key)
        others = {identity(k)[:2]: v for k, v in callers if k != key}
        if sum(identity(k)[0] == name for k, *_ in stats) > 1 or len(others) != len(callers):
            continue
        for given, close in (path, 1e-9), (grind, 2e-6):
            done = run("callers.lua", "--function", name, "--limit", 99, "--format", "json", given)
            equal((done.status, done.err), (0, ""))
            said = json.loads(done.out)
            rows = {(r["name"], r["file"]): r for r in said["Callers"]}
            equal(set(rows), set(others), (name, given))
            factor = 1 if given == path else 1e-6
            for caller, row in rows.items():
                equal(row["calls"], others[caller][1])
                assert abs(row["weight"] * factor - others[caller][3]) < close
            own, = [r["weight"] for r in said["Callees"] if r["name"] == "(self)"] or [0]
            assert abs(own * factor - self) < close
        compared += 1
    assert compared > 5, compared
    text = run("callers.lua", "--function", "fib", path).out
    assert re.search(r"^fib: \d+ calls, [\d.]+% of all; [\d.]+% by itself$", text, re.M), text
    done = run("callers.lua", "--by", "line", "--function", "fib", grind)
    equal((done.status, done.err), (0, ""))
    if shutil.which("callgrind_annotate"):
        text = subprocess.check_output(["callgrind_annotate", "--auto=no", grind], text=True)
        head = re.search(r"^([\d,]+) \(100.0%\)  PROGRAM TOTALS", text, re.M)
        whole = sum(value[2] for _, value, _ in stats)
        assert abs(int(head[1].replace(",", "")) / 1e6 - whole) < 1e-6 * len(stats) + 1e-6


@test
def every_report_works_on_calls_or_says_why():
    path = os.path.join(FOLDER, "reports.prof")
    subprocess.check_call([sys.executable, "-m", "cProfile", "-o", path,
                           put("script.py", SCRIPT)])
    limits = put("limits.lua", "return { { 'main', 'total', 0.5 } }")
    words = {"budget.lua": ["--limits", limits], "callers.lua": ["--function", "fib"],
             "diff.lua": ["--before", path], "grep.lua": ["--pattern", "x"],
             "tests.lua": ["--function", "fib"]}
    run_it = {"coverage.lua", "lcov.lua", "cobertura.lua", "counts.lua", "cost.lua", "risk.lua",
              "tests.lua", "memory.lua", "stacks.lua", "timeline.lua", "pytest.lua"}
    # open.lua would open a browser; its page is html.lua's.
    for name in sorted(set(os.listdir("scripts")) - {"open.lua"}):
        done = run(name, *words.get(name, []), path)
        if name in ("callers.lua", "callgrind.lua", "grep.lua", "html.lua", "packages.lua",
                    "scan.lua", "top.lua"):
            equal((done.status, done.err), (0, ""), name)
            continue
        assert done.status in (1, 2) and done.out == "", (name, repr(done))
        assert re.fullmatch("pyprof-lua: [^\n]*\n", done.err), (name, done.err)
        if name not in run_it:
            holds(done.err, "keeps neither stacks")


@test
def the_module_profile_has_callers_without_times():
    path = os.path.join(FOLDER, "pure.prof")
    subprocess.check_call([sys.executable, "-c", "import profile, sys; profile.run(%r, %r)" %
                           (SCRIPT, path)])
    said, = dumps([path])
    fib, = [f for f in said["functions"] if f["name"] == "fib"]
    equal((fib["calls"], fib["callers"]), (465, {}))
    equal([q["what"] for q in said["quality"]], ["calls without times"])
    subprocess.check_call([sys.executable, "-m", "profile", "-o", path, put("x.py", "pass")])
    holds(run("top.lua", path).err, ": a code object, which -m profile leaves there")


@test
def what_calls_cannot_give_is_said():
    path = os.path.join(FOLDER, "none.prof")
    subprocess.check_call([sys.executable, "-m", "cProfile", "-o", path, put("x.py", "pass")])
    why = "cProfile keeps neither stacks nor samples, only calls (top.lua, packages.lua, " \
          "callers.lua and callgrind.lua need no more)\n"
    for words, where in ((["pprof.lua"], r"pprof\.lua:\d+: encode"),
                         (["report.lua"], r"report\.lua:\d+: self"),
                         (["chrome.lua"], r"chrome\.lua:\d+: encode"),
                         (["diff.lua", "--before", path], r"diff\.lua:\d+: \w+"),
                         (["top.lua", "--where", "x"], r"--where: where"),
                         (["-e", "print(p.samples)"], "")):
        if words[0] == "-e":
            words = ["-e", "print(subject.profile.samples)"]
            where = r"-e:1: samples"
        done = run(*words, path)
        equal(done.out, "")
        assert re.fullmatch("pyprof-lua: " + where + ": " + re.escape(why), done.err), done.err
        assert done.status in (1, 2)
    code = "require('pyprof').load(%r):functions { of = subject.profile }" % SAMPLE
    equal(run("-e", code, path).err, "pyprof-lua: -e:1: " + why)
    done = run("top.lua", path, SAMPLE)
    equal(done.err, "pyprof-lua: %s: samples and calls cannot be added up (give the "
          "files alone)\n" % SAMPLE)
    # Two files add up, as pstats adds them.
    one = json.loads(run("top.lua", "--format", "json", path).out)
    two = json.loads(run("top.lua", "--format", "json", path, path).out)
    equal([2 * row["self_weight"] for row in one], [row["self_weight"] for row in two])


@test
def a_broken_cprofile_file_never_crashes():
    path = os.path.join(FOLDER, "whole.prof")
    subprocess.check_call([sys.executable, "-m", "cProfile", "-o", path,
                           put("script.py", SCRIPT)])
    with open(path, "rb") as file:
        whole = file.read()
    broken = list(changed(random.Random(1), whole, 400))
    paths = [put("broken%d.prof" % i, data) for i, data in enumerate(broken)]
    errors = 0
    for path, said, data in zip(paths, dumps(paths), broken):
        if "error" in said:
            errors += 1
            holds(said["error"], path + ": ")
            assert "\n" not in said["error"]
        if 20 < len(data) < len(whole) and whole.startswith(data):
            holds(said.get("error", "none"), "byte ")
    assert errors > 150, errors


# --- callgrind

DOCUMENTED = """# callgrind format
events: Instructions

fl=file1.c
fn=main
16 400
cfn=func1
calls=1 50
16 400
cfi=file2.c
cfn=func2
calls=3 20
16 400

fn=func1
51 100
cfi=file2.c
cfn=func2
calls=2 20
51 300

fl=file2.c
fn=func2
20 700
"""


def rows_of(said):
    return {f["name"]: (f["file"], f["line"], f["calls"], number(f["self"]), number(f["total"]),
                        [(c[0], c[3], number(c[4])) for c in f["callers"]])
            for f in said["functions"]}


@test
def callgrind_s_documented_example():
    compressed = DOCUMENTED.replace("fl=file1.c", "fl=(1) file1.c").replace("fl=file2.c", "fl=(2)")
    compressed = compressed.replace("cfi=file2.c", "cfi=(2) file2.c", 1)
    compressed = compressed.replace("cfi=file2.c", "cfi=(2)").replace("cfn=func1", "cfn=(7) func1")
    compressed = compressed.replace("fn=func1", "fn=(7)").replace("c(7)", "c(7)")
    compressed = compressed.replace("\n51 300", "\n* 300").replace("\n51 100", "\n+35 100")
    want = {
        "main": ("file1.c", 16, 0, 400, 1200, []),
        "func1": ("file1.c", 50, 1, 100, 400, [("main", 1, 400)]),
        "func2": ("file2.c", 20, 5, 700, 700, [("main", 3, 400), ("func1", 2, 300)]),
    }
    for text in (DOCUMENTED, compressed, DOCUMENTED.replace("\n", "\r\n"), DOCUMENTED.rstrip(),
                 gzip.compress(DOCUMENTED.encode())):
        said, = dumps([put("callgrind.out", text)])
        assert "functions" in said, (said, text)
        equal(rows_of(said), want)
        equal(said["unit"], "none")


@test
def what_is_broken_in_callgrind_s_format_is_said():
    for old, new, why in (
            ("16 400\ncfn", "16 4x0\ncfn", "byte 60 (line 6): '4x0' is no cost"),
            ("fn=main", "fn=(3)", "byte 52 (line 5): name (3) was not given before"),
            ("events: Instructions\n", "", "byte 39 (line 5): a cost before 'events:'"),
            ("cfn=func1\n", "", "byte 67 (line 7): calls= without cfn="),
            ("calls=1 50\n16 400", "calls=1 50\n@", "byte 88 (line 9): neither a cost, nor NAME=, "
             "nor NAME:")):
        path = put("callgrind.out", DOCUMENTED.replace(old, new, 1))
        equal(dumps([path])[0], {"error": path + ": " + why})
    path = put("callgrind.out", "# callgrind format\nfn=main\n")
    why = "byte 27 (line 3): no costs are named: 'events:' is expected"
    equal(dumps([path])[0], {"error": path + ": " + why})


@test
def large_costs_and_counts_are_added_up_as_such():
    path = put("callgrind.out", "events: ns\nfn=f\n1 9223372036854775807\n2 9223372036854775807\n"
               "cfn=g\ncalls=9223372036854775807 1\n1 5\ncfn=g\ncalls=3 1\n1 5\nfn=g\n1 1\n")
    rows = {row["name"]: row for row in dumps([path])[0]["functions"]}
    equal(number(rows["f"]["self"]), 2.0 ** 64)
    equal(rows["g"]["calls"], 9.2233720368548e+18)  # cjson writes 14 digits


@test
def a_count_below_zero_is_none():
    key = ("a.py", 1, "f")
    for value in ((1, -1, 0.5, 1.0, {}), (1, 1, 0.5, 1.0, {key: (1, -1, 0.5, 1.0)}),
                  (1, float("nan"), 0.5, 1.0, {}), (1, 1, 0.5, 1.0, {key: -3})):
        path = put("negative.pstats", marshal.dumps({key: value}))
        why = ": entry 1 of 1 is no function with its callers, as pstats has them"
        equal(dumps([path])[0], {"error": path + why})


@test
def a_real_callgrind_run_adds_up():
    if not shutil.which("valgrind"):
        raise Skip("valgrind is absent")
    path = os.path.join(FOLDER, "callgrind.out.1")
    done = subprocess.run(["valgrind", "--tool=callgrind", "--cache-sim=yes", "--dump-instr=yes",
                           "--collect-jumps=yes", "--callgrind-out-file=" + path, "/bin/true"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=100)
    equal(done.returncode, 0, done.stderr)
    said, = dumps([path])
    totals = re.search(r"^totals: (\d+)", open(path).read(), re.M)
    equal(number(said["weight"]), int(totals[1]))
    text = subprocess.run(["callgrind_annotate", "--auto=no", "--threshold=100", path], text=True,
                          stdout=subprocess.PIPE, timeout=60).stdout
    # callgrind_annotate lists inlined code under its own file, and so splits a function into parts.
    want = collections.Counter()
    for cost, name in re.findall(r"^ *([\d,]+) \(.* \S*?:(\S+)(?: \[.*\])?$", text, re.M):
        want[name] += int(cost.replace(",", ""))
    got = collections.Counter()
    for one in said["functions"]:
        got[one["name"]] += int(number(one["self"]))
    assert len(want) > 20, text
    equal({name: got[name] for name in want}, dict(want))
    done = run("top.lua", "--metric", "Dr", "--limit", 3, path)
    equal((done.status, done.err), (0, ""))
    done = run("top.lua", "--metric", "Dx", path)
    equal(done.status, 1 if done.err.startswith("pyprof-lua: top") else 2)
    holds(done.err, "no metric 'Dx' (there are: none Ir, none Dr,")


@test
def our_own_callgrind_export_reads_back():
    path = os.path.join(FOLDER, "own.callgrind")
    equal(run("callgrind.lua", "-o", path, SAMPLE).status, 0)
    said, = dumps([path])
    want = json.loads(run("top.lua", "--limit", 9999, "--format", "json", SAMPLE).out)
    got = {(f["name"], f["file"]): number(f["self"]) for f in said["functions"]}
    equal(said["unit"], "microseconds")
    equal(got, {(r["name"], r["file"]): round(1e6 * r["self_weight"]) for r in want})


@test
def a_broken_callgrind_file_never_crashes():
    broken = list(changed(random.Random(2), DOCUMENTED.encode(), 400))
    paths = [put("broken%d.out" % i, data) for i, data in enumerate(broken)]
    for path, said in zip(paths, dumps(paths)):
        if "error" in said:
            holds(said["error"], path + ": ")


finish()
