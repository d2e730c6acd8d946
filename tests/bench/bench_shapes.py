"""Measures recordings that are large in one way: many threads, frames or files, or great depth.

Each report reads a tenth first and then the whole, which should take 10 times as long (n log n: a
little more). Whole processes run on one core; seconds are processor time.
  BENCH_SHAPES=threads,depth   only these
  BENCH_FRAMES=400000          frames of the recording with many functions (5000000)
  BENCH_LIMIT=1800             seconds after which a report is ended
"""
import os
import shutil
import subprocess
import sys

import shapes

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join("build", "bench")
ALL = ["json", "top", "tree", "threads", "packages", "timeline", "callers", "folded", "speedscope",
       "pprof", "callgrind", "chrome", "firefox"]
# A text that holds each stack in full is as long as depth times number of stacks.
WHOLE = ("folded", "speedscope", "pprof")
SHAPES = {
    "threads": (100000, ALL),
    "frames": (int(os.environ.get("BENCH_FRAMES", "5000000")), ["json", "top"]),
    "depth": (100000, ALL),
    "descent": (100000, [name for name in ALL if name not in WHOLE]),
    "folder": (10000, ALL),
}
MORE = {"callers": ["--function", "function_3"], "pprof": ["-o", "/dev/null"]}


def measure(timed, report, path):
    """Seconds and MiB; None if the report failed."""
    words = ["timeout", os.environ.get("BENCH_LIMIT", "1800"), "build/pyprof-lua", report + ".lua",
             *MORE.get(report, []), path]
    done = subprocess.run([timed, "1", *words], stdout=subprocess.PIPE, text=True, check=True)
    status, _, seconds, memory = done.stdout.split()
    return (float(seconds), int(memory) / 1024) if status == "0" else None


def main():
    os.makedirs(BUILD, exist_ok=True)
    timed = os.path.join(BUILD, "timed")
    subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", os.path.join(HERE, "timed.c"), "-o", timed],
                   check=True)
    head = "%-20s %-11s %9s %9s %9s %9s %9s" % (
        "recording", "report", "a tenth", "all", "times", "memory", "times")
    print(head + "\n" + "-" * len(head))
    wanted = os.environ.get("BENCH_SHAPES", ",".join(SHAPES)).split(",")
    for shape in wanted:
        count, reports = SHAPES[shape]
        paths = []
        for size in (count // 10, count):
            paths.append(os.path.join(BUILD, "%s_%d" % (shape, size)))
            if not os.path.exists(paths[-1]):
                print("making %s" % paths[-1], file=sys.stderr)
                getattr(shapes, shape)(paths[-1], size)
        for report in reports:
            tenth, whole = (measure(timed, report, path) for path in paths)
            if tenth is None or whole is None:
                print("%-20s %-11s %s" % ("%d %s" % (count, shape), report, "did not end"))
                continue
            print("%-20s %-11s %9.2f %9.2f %9.1f %5.0f MiB %9.1f" % (
                "%d %s" % (count, shape), report, tenth[0], whole[0], whole[0] / tenth[0],
                whole[1], whole[1] / tenth[1]), flush=True)
        for path in paths:
            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


main()
