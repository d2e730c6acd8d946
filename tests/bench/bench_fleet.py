"""Measures the merging of many recordings: by one command, and on Spark.

The first table is of whole processes on one core, on the recordings of a folder. With FLEET_PYTHON,
a Python as `make fleet-check` makes it in build/fleet, the second is of examples/fleet/fleet.py in
Spark's local mode on two cores: processor time of everything that it starts.
Environment:
  BENCH_FLEET="500 1000"  numbers of recordings on Spark (500 1000 2000 4000)
"""
import ctypes
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from bench_recordings import BUILD, build, measure

FLEET = os.path.abspath("examples/fleet")
MADE = 1000
SUBREAPER = 36  # of prctl: processes whose parent ends become ours, so their time is counted


def make(folder, count):
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, os.path.join(FLEET, "make_fleet.py"), folder, str(count)],
                   check=True)


def one_command(timed):
    """10,000 recordings in a folder: ten names for each of 1,000."""
    made, flat = os.path.join(BUILD, "fleet"), os.path.join(BUILD, "fleet-flat")
    make(made, MADE)
    shutil.rmtree(flat, ignore_errors=True)
    os.makedirs(flat)
    paths = sorted(os.path.join(at, name) for at, _, names in os.walk(made) for name in names)
    print("%-12s %9s %12s %9s" % ("recordings", "seconds", "ms for each", "memory"))
    count = 0
    for most in 100, 1000, 10000:
        while count < most:
            os.link(paths[count % MADE], os.path.join(flat, "%05d.json.gz" % count))
            count += 1
        seconds, memory = measure(timed, ["build/pyprof-lua", "top.lua", flat])
        print("%-12d %9.2f %12.2f %5.0f MiB" % (count, seconds, 1000 * seconds / count, memory))


def on_spark(python):
    ctypes.CDLL(None).prctl(SUBREAPER, 1)
    print("\n%-12s %9s %9s %12s %11s %8s" % ("recordings", "clock", "seconds", "ms for each",
                                           "pyprof-lua", "share"))
    for count in map(int, os.environ.get("BENCH_FLEET", "500 1000 2000 4000").split()):
        with tempfile.TemporaryDirectory() as folder:
            make(folder + "/all", count)
            used = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
            before, began = used(), time.monotonic()
            done = subprocess.run(
                [python, os.path.join(FLEET, "fleet.py"), "--program",
                 os.path.abspath("build/pyprof-lua"), "-o", folder + "/out", folder + "/all/*/*"],
                cwd=folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1",
                                "PYSPARK_PYTHON": python,
                                "PYSPARK_SUBMIT_ARGS": "--master local[2] pyspark-shell"})
            clock = time.monotonic() - began
            try:
                while True:
                    os.waitpid(-1, 0)
            except ChildProcessError:
                pass
        all_, own = used() - before, float(re.search(r"took ([\d.]+) s", done.stdout)[1])
        print("%-12d %9.1f %9.1f %12.2f %11.1f %7.0f%%" % (
            count, clock, all_, 1000 * all_ / count, own, 100 * own / all_), flush=True)


def main():
    os.makedirs(BUILD, exist_ok=True)
    one_command(build("timed", ["gcc", "-O2", "-D_GNU_SOURCE", "tests/bench/timed.c"]))
    if os.environ.get("FLEET_PYTHON"):
        on_spark(os.path.abspath(os.environ["FLEET_PYTHON"]))


main()
