"""Recordings that are large in one way alone: many threads, functions or files, or great depth.

A quadratic algorithm would not end, or would need more memory than the limit; the results are those
of a few lines of Python."""
import collections
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, "tests/bench")
import shapes
from check import PROGRAM, equal, finish, holds, test

FOLDER = tempfile.mkdtemp(prefix="pyprof-shapes-")
THREADS, FRAMES, DEPTH, FILES = 20000, 100000, 100000, 3000


def recording(shape, count):
    path = os.path.join(FOLDER, "%s-%d" % (shape, count))
    if not os.path.exists(path):
        getattr(shapes, shape)(path, count)
    return path


def bounded(megabytes, *words):
    """The output of the program within a limit of memory."""
    # The sanitizers reserve terabytes: with them only the answer counts.
    limit = megabytes << 20 if PROGRAM.endswith("/pyprof-lua") else resource.RLIM_INFINITY
    done = subprocess.run(
        [PROGRAM, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    equal((done.returncode, done.stderr.decode()), (0, ""), " ".join(map(str, words)))
    return done.stdout.decode()


def heaviest(number):
    """A thread's hottest function, and the share of its samples."""
    leaves = collections.Counter(stack[-1] for stack in shapes.thread_samples(number))
    most = max(leaves.values())
    name = min("function_%d" % leaf for leaf, count in leaves.items() if count == most)
    return "%s (%.0f%%)" % (name, 100 * most / sum(leaves.values()))


@test
def threads_are_ranked_before_they_are_looked_into():
    rows = json.loads(bounded(400, "threads.lua", "--limit", 50, "--format", "json",
                              recording("threads", THREADS)))
    numbers = sorted(range(THREADS), key=lambda n: (-len(shapes.thread_samples(n)),
                                                    "worker-%d" % n))[:50]
    equal([row["name"] for row in rows], ["worker-%d" % number for number in numbers])
    equal([row["hottest"] for row in rows], list(map(heaviest, numbers)))


@test
def every_thread_has_its_stacks_in_what_is_exported():
    out = json.loads(bounded(400, "speedscope.lua", recording("threads", THREADS)))
    equal(len(out["profiles"]), THREADS)
    names = [frame["name"] for frame in out["shared"]["frames"]]
    for profile in out["profiles"]:
        number = int(profile["name"].split("worker-")[1][:-1])
        want = collections.Counter(tuple("function_%d" % frame for frame in stack)
                                   for stack in shapes.thread_samples(number))
        got = {tuple(names[frame] for frame in stack): round(weight * 100)
               for stack, weight in zip(profile["samples"], profile["weights"])}
        equal(got, want, profile["name"])


@test
def every_thread_has_its_calls_and_samples_in_time_order():
    events = json.loads(bounded(700, "chrome.lua", recording("threads", THREADS // 4)))
    begun = collections.Counter(event["tid"] for event in events["traceEvents"]
                                if event["ph"] == "B")
    equal(len(begun), THREADS // 4)
    threads = json.loads(bounded(700, "firefox.lua", recording("threads", THREADS // 4)))["threads"]
    equal(sum(round(sum(thread["samples"]["weight"]) / 10) for thread in threads),
          sum(len(shapes.thread_samples(number)) for number in range(THREADS // 4)))


@test
def a_tree_that_is_very_deep_is_printed():
    path = recording("depth", DEPTH)
    lines = bounded(600, "tree.lua", path).splitlines()
    equal(len(lines), 1 + 1 + DEPTH + 1)  # head, (all), the calls, the call that ends differently
    holds(lines[-1], " %d: function_" % DEPTH)
    assert max(map(len, lines)) < 120, max(map(len, lines))
    rows = json.loads(bounded(600, "tree.lua", "--format", "json", path))
    equal(sorted(row["depth"] for row in rows), sorted([*range(DEPTH + 1), DEPTH]))


@test
def what_is_very_deep_goes_through_all_reports():
    path = recording("depth", DEPTH)
    for report in ("json", "top", "threads", "timeline", "report", "folded", "speedscope",
                   "callgrind", "chrome", "firefox"):
        bounded(600, report + ".lua", path)
    bounded(600, "callers.lua", "--function", "function_3", path)
    bounded(600, "pprof.lua", "-o", os.path.join(FOLDER, "deep.pprof"), path)
    rows = bounded(600, "folded.lua", "--names", path).splitlines()
    equal([(row.count(";") + 1, row.split()[-1]) for row in rows],
          [(DEPTH, "2"), (DEPTH, "1"), (DEPTH // 2, "1")])


def order(stack, weight):
    """Sorts by weight, heaviest first, then by the leaf's name, then by the path."""
    return -weight, stack[-1], stack


@test
def stacks_within_each_other_are_put_in_order():
    code = ("for _, row in ipairs(p:stacks { limit = %d }) do "
            "print(#row.frames, row.name, row.weight) end")

    def want(depth):
        stacks = [["function_%d" % (i % 10) for i in range(n)] for n in range(1, depth + 1)]
        rows = [(stack, 1 if len(stack) == depth else 2) for stack in stacks]
        return "".join("%d\t%s\t%.1f\n" % (len(stack), stack[-1], weight)
                       for stack, weight in sorted(rows, key=lambda row: order(*row)))

    equal(bounded(300, "-e", code % 500, recording("descent", 500)), want(500))
    deep = bounded(300, "-e", code % 3, recording("descent", DEPTH))
    equal(deep, "1\tfunction_0\t2.0\n11\tfunction_0\t2.0\n21\tfunction_0\t2.0\n")
    for report in ("json", "top", "threads", "timeline", "report", "callgrind",
                   "chrome", "firefox"):
        bounded(600, report + ".lua", recording("descent", DEPTH))
    lines = bounded(600, "tree.lua", "--min-share", 0, recording("descent", DEPTH)).splitlines()
    equal(len(lines), 1 + 1 + DEPTH)


@test
def many_functions_are_counted():
    out = json.loads(bounded(700, "json.lua", recording("frames", FRAMES)))["runtime"]
    equal(out["unique_functions"], FRAMES)
    equal(set(out["execution_count"].values()), {1})
    equal(sum(row["self"] for row in out["functions"]), FRAMES // 10)
    equal(len(out["lines"]), FRAMES)


@test
def many_recordings_are_one():
    path = recording("folder", FILES)
    rows = json.loads(bounded(300, "threads.lua", "--limit", FILES, "--format", "json", path))
    equal(sorted(row["id"] for row in rows), list(range(1, FILES + 1)))
    equal({row["id"]: row["hottest"] for row in rows},
          {number + 1: heaviest(number) for number in range(FILES)})


try:
    finish()
finally:
    shutil.rmtree(FOLDER)
