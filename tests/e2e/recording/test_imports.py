"""Profiles of other producers: pprof's, Python's own, callgrind's. The tests read real files, files
made from the producers' documentation, and such files with bytes changed."""
import collections
import glob
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from check import PROGRAM, Skip, equal, finish, holds, run, test

FOLDER = tempfile.mkdtemp(prefix="pyprof-imports-")
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


def put(name, content):
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


def dumps(paths, script="tests/e2e/recording/calls.lua"):
    """The output of a script for each file, in one process."""
    done = subprocess.run([PROGRAM, script, put("list", "\n".join(paths) + "\n")], timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    equal((done.returncode, done.stderr), (0, b""))
    lines = done.stdout.decode(errors="surrogateescape").splitlines()
    equal(len(lines), len(paths))
    return [json.loads(line) for line in lines]


def number(text):
    return float.fromhex(text) if isinstance(text, str) else text


def changed(rng, data, count):
    """The data cut off, and with bytes changed, removed and doubled."""
    for i in range(count):
        at, wide = rng.randrange(len(data)), rng.choice([1, 1, 2, 8])
        yield [lambda: data[:at],
               lambda: data[:at] + bytes(rng.randrange(256) for _ in range(wide)) +
               data[at + wide:],
               lambda: data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:],
               lambda: data[:at] + data[at + wide:],
               lambda: data[:at + wide] + data[at:]][i % 5]()


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
             "diff.lua": ["--before", path], "grep.lua": ["--pattern", "x"]}
    for name in sorted(os.listdir("scripts")):
        done = run(name, *words.get(name, []), path)
        if name in ("callers.lua", "callgrind.lua", "grep.lua", "packages.lua", "scan.lua",
                    "top.lua"):
            equal((done.status, done.err), (0, ""), name)
            continue
        assert done.status in (1, 2) and done.out == "", (name, repr(done))
        assert re.fullmatch("pyprof-lua: [^\n]*\n", done.err), (name, done.err)
        if name not in ("stacks.lua", "timeline.lua"):
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
                         (["diff.lua", "--before", path], r"diff\.lua: diff"),
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


# --- pprof

def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number_, value):
    if isinstance(value, int):
        return varint(number_ << 3) + varint(value)
    return varint(number_ << 3 | 2) + varint(len(value)) + value


def repeated(rng, number_, values):
    if rng.random() < 0.5:
        return field(number_, b"".join(map(varint, values)))
    return b"".join(field(number_, value) for value in values)


def random_profile(rng):
    """The bytes of a profile, and what it holds: (stack, samples, weight) by thread."""
    strings = [""]

    def text(value):
        if value not in strings:
            strings.append(value)
        return strings.index(value)
    counted = rng.random() < 0.5
    types = [("samples", "count")] if counted else []
    types += rng.sample([("cpu", "nanoseconds"), ("alloc", "bytes"), ("wall", "ms")], 1)
    chosen = len(types) - 1
    parts = [field(1, field(1, text(k)) + field(2, text(u))) for k, u in types]
    ids = rng.sample(range(1, rng.choice([30, 2**63])), 20)
    functions = {}
    for id_ in ids[:6]:
        functions[id_] = (rng.choice(["a", "b.c", "<module>", "é", "x;y"]),
                          rng.choice(["", "/srv/a.py", "b.go"]))
        body = [field(1, id_), field(2, text(functions[id_][0])),
                field(4, text(functions[id_][1]))]
        rng.shuffle(body)
        parts.append(field(5, b"".join(body)))
    parts.append(field(3, field(1, 1) + field(5, text("/bin/x"))))
    locations = {}
    for id_ in ids[6:16]:
        lines = [(rng.choice(ids[:6]), rng.randrange(200)) for _ in range(rng.choice([0, 1, 1, 3]))]
        locations[id_] = [functions[f] + (line,) for f, line in reversed(lines)]
        body = field(1, id_) + field(2, 1) + field(3, 0xabc)
        if not lines:
            locations[id_] = [("0xabc", "/bin/x", 0)]
        parts.append(field(4, body + b"".join(
            field(4, field(1, f) + field(2, line)) for f, line in lines)))
    stacks = collections.Counter()
    threads = collections.Counter()
    weights = collections.Counter()
    for _ in range(rng.randrange(40)):
        stack = [rng.choice(ids[6:16]) for _ in range(rng.randrange(6))]
        count, weight = rng.randrange(1, 5), rng.randrange(1, 10**6)
        values = ([count] if counted else []) + [weight * (count if counted else 1)]
        thread = rng.choice(["", "main", "w 1"])
        tid = rng.choice([None, 7])
        labels = b""
        if thread:
            labels += field(3, field(1, text("thread")) + field(2, text(thread)))
        if tid is not None:
            labels += field(3, field(1, text("thread_id")) + field(3, tid))
        labels += field(3, field(1, text("bytes")) + field(3, 99))
        parts.append(field(2, repeated(rng, 1, stack) + repeated(rng, 2, values) + labels))
        frames = tuple(frame for id_ in reversed(stack) for frame in locations[id_])
        if frames:
            stacks[frames] += count if counted else 1
            weights[frames] += values[chosen]
            threads[thread, tid] += count if counted else 1
    parts += [field(9, 1), field(10, 2), field(13, 0), field(15, text("doc"))]
    tail = [field(6, s.encode()) for s in strings]
    if rng.random() < 0.5:
        rng.shuffle(parts)  # but the types keep their order, which has a meaning
        heads = [field(1, field(1, text(k)) + field(2, text(u))) for k, u in types]
        parts = heads + [part for part in parts if part not in heads]
    data = b"".join(parts + tail)
    return data, types[chosen], stacks, weights, threads


@test
def random_pprof_profiles():
    rng = random.Random(4)
    cases = [random_profile(rng) for _ in range(250)]
    paths = [put("p%d.pprof" % i, gzip.compress(case[0]) if i % 3 else case[0])
             for i, case in enumerate(cases)]
    units = {"nanoseconds": "nanoseconds", "bytes": "bytes", "ms": "milliseconds"}
    for said, (_, (kind, unit), stacks, weights, threads) in zip(
            dumps(paths, "tests/e2e/recording/dump.lua"), cases):
        assert "error" not in said, said
        equal(said["metric"], "%s %s" % (units[unit], kind))
        equal(said["has_time"], False)
        got = {tuple((n, f, int(l)) for n, f, l in s["frames"]): s for s in said["stacks"] or []}
        equal({k: s["samples"] for k, s in got.items()}, dict(stacks))
        equal({k: number(s["weight"]) for k, s in got.items()}, dict(weights))
        found = collections.Counter()
        for t in said["threads"] or []:
            if t["samples"]:
                found[t["name"], t.get("id")] += t["samples"]
        # If a thread with an id has a name in one sample, it has that name in all.
        by_id = collections.Counter()
        for (_, id_), n in found.items():
            by_id[id_] += n
        want = collections.Counter()
        for (_, id_), n in threads.items():
            want[id_] += n
        equal(by_id, want)


def go_top(path, index):
    done = subprocess.run(["go", "tool", "pprof", "-top", "-nodecount=100000", "-nodefraction=0",
                           "-unit=B", "-sample_index=" + index, path], text=True, timeout=100,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    equal(done.returncode, 0, done.stderr)
    return {name.replace(" (inline)", "").replace(" (partial-inline)", ""): (flat, cum)
            for flat, cum, name in
            re.findall(r"^ +(\S+) +\S+% +\S+% +(\S+) +\S+%  (.*)$", done.stdout, re.M)}


@test
def profiles_that_go_wrote():
    cpu, heap = "tests/data/go_cpu.pprof", "tests/data/go_heap.pprof"
    said = json.loads(run("top.lua", "--limit", 999, "--format", "json", "--metric", "samples",
                          cpu).out)
    rows = {row["name"]: row for row in said}
    assert rows["main.sum"]["self_share"] > 0.1, rows
    equal(rows["main.sum"]["file"], "busy/main.go")
    done = run("-e", "local p = subject.profile print(p.metric, p.rate, p.samples) "
               "for _, m in ipairs(p.metrics) do print(m) end", cpu)
    samples = int(done.out.split()[3])
    equal(done.out, "nanoseconds cpu\t100.0\t%d\nnanoseconds cpu\nnone samples\n" % samples)
    done = run("-e", "local p = subject.profile print(p.metric, table.concat(p.metrics, ','))",
               heap)
    equal(done.out, "bytes inuse_space\tbytes alloc_space,bytes inuse_space,none alloc_objects,"
          "none inuse_objects\n")
    if not shutil.which("go"):
        raise Skip("go is absent: not compared with go tool pprof")
    for path, index in (cpu, "samples"), (heap, "alloc_objects"), (heap, "inuse_space"):
        want = go_top(path, index)
        assert len(want) > 1, want
        done = run("-e", "for _, r in ipairs(subject.profile:by('name')) do print(r.name, "
                   "math.tointeger(r.self_weight), math.tointeger(r.total_weight)) end",
                   "--metric", index, path)
        got = {name: (self, total) for name, self, total in
               (line.split("\t") for line in done.out.splitlines())}
        want = {name: pair for name, pair in want.items() if name in got or pair[1] != "0"}
        equal(got, {name: tuple(re.sub(r"\D*$", "", n) for n in pair)
                    for name, pair in want.items()}, index)


@test
def our_own_pprof_export_reads_back():
    path = os.path.join(FOLDER, "own.pprof")
    equal(run("pprof.lua", "-o", path, SAMPLE).status, 0)
    code = "for _, r in ipairs(subject.profile:lines()) do print(r.name, r.file, r.line, r.self, " \
           "r.total) end for _, t in ipairs(subject.profile:threads()) do print(t.name, t.id, " \
           "t.samples) end"
    equal(run("-e", code, path).out, run("-e", code, SAMPLE).out)


@test
def what_is_broken_in_a_pprof_profile_is_said():
    head = field(1, field(1, 1) + field(2, 2))
    tail = field(6, b"") + field(6, b"cpu") + field(6, b"nanoseconds")
    location = field(4, field(1, 1))
    for body, why in (
            (field(2, field(1, 1) + field(2, 5)), "byte 6: no location 1"),
            (field(2, b""), "byte 6: a sample of 0 values, but 1 types"),
            (location + location, "byte 10: location 1 a second time"),
            (field(4, b""), "byte 6: location without an id"),
            (location + field(2, field(1, 1) + field(2, 2**64 - 1)),
             "byte 10: a negative value: is it a difference of profiles?"),
            (field(5, field(1, 1) + field(2, 9)), "byte 6: no string 9: there are 3"),
            (b"\x12\x7f", "byte 6: a field that is longer than its message, in the profile"),
            (b"\x13", "byte 6: no field's type, in the profile"),
            (field(2, b"\x80"), "byte 8: a number that is cut off, in a sample")):
        path = put("broken.pprof", head + body + (tail if body[0] != 0x13 else b""))
        equal(dumps([path])[0], {"error": path + ": " + why}, body)
    path = put("broken.pprof", head + field(6, b"") + field(6, b"\xff") + field(6, b""))
    equal(dumps([path])[0], {"error": path + ": byte 10: invalid UTF-8"})


@test
def a_broken_pprof_profile_never_crashes():
    rng = random.Random(6)
    with gzip.open("tests/data/go_cpu.pprof") as file:
        real = file.read()
    broken = list(changed(rng, real, 300))
    for _ in range(20):
        broken += changed(rng, random_profile(rng)[0], 25)
    paths = [put("m%d.pprof" % i, data) for i, data in enumerate(broken)]
    errors = 0
    for path, said in zip(paths, dumps(paths, "tests/e2e/recording/dump.lua")):
        if "error" in said:
            holds(said["error"], path + ": ")
            errors += 1
    assert errors > 200, errors


try:
    finish()
finally:
    shutil.rmtree(FOLDER)
