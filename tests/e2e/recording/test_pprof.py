"""pprof's profiles: made by chance, by Go, by our own export, and such files with bytes changed."""
import collections
import gzip
import json
import os
import random
import re
import shutil
import subprocess

from check import Skip, equal, finish, holds, run, test
from imports import FOLDER, changed, dumps, number, put

SAMPLE = "tests/data/sample.speedscope.json.gz"


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


finish()
