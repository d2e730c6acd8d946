"""Measures the merging of many recordings: by one command, and on Spark.

The first table is of whole processes on one core, on the recordings of a folder. With FLEET_PYTHON,
a Python as `make fleet-check` makes it in build/fleet, the second is of examples/fleet/fleet.py in
Spark's local mode on two cores. Processor time is that of Java and Python, read while they run,
plus what the job says of pyprof-lua.
Environment:
  BENCH_FLEET="500 1000"  numbers of recordings on Spark (500 1000 2000 4000)
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from bench_recordings import BUILD, build, measure

FLEET = os.path.abspath("examples/fleet")
MADE = 1000
TICKS = os.sysconf("SC_CLK_TCK")


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


def note_times(session, times):
    """Notes the processor time, so far, of each Java and Python of the session."""
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        fields = rest.split()
        if int(fields[3]) == session and (name == "java" or name.startswith("python")):
            times[path] = (int(fields[11]) + int(fields[12])) / TICKS


def on_spark(python):
    print("\n%-12s %9s %9s %12s %11s %8s" % ("recordings", "clock", "seconds", "ms for each",
                                           "pyprof-lua", "share"))
    for count in map(int, os.environ.get("BENCH_FLEET", "500 1000 2000 4000").split()):
        with tempfile.TemporaryDirectory() as folder:
            make(folder + "/all", count)
            began, times = time.monotonic(), {}
            job = subprocess.Popen(
                [python, os.path.join(FLEET, "fleet.py"), "--program",
                 os.path.abspath("build/pyprof-lua"), "-o", folder + "/out", folder + "/all/*/*"],
                cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                start_new_session=True,
                env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": python,
                     "PYSPARK_SUBMIT_ARGS": "--master local[2] pyspark-shell"})
            while job.poll() is None:
                note_times(job.pid, times)
                time.sleep(0.2)
            clock = time.monotonic() - began
        own = float(re.search(r"took ([\d.]+) s", job.stdout.read())[1])
        total = own + sum(times.values())
        print("%-12d %9.1f %9.1f %12.2f %11.1f %7.0f%%" % (
            count, clock, total, 1000 * total / count, own, 100 * own / total), flush=True)


def main():
    os.makedirs(BUILD, exist_ok=True)
    one_command(build("timed", ["gcc", "-O2", "-D_GNU_SOURCE", "tests/bench/timed.c"]))
    if os.environ.get("FLEET_PYTHON"):
        on_spark(os.path.abspath(os.environ["FLEET_PYTHON"]))


main()
