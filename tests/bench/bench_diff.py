"""Measures how often pyprof.diff is wrong, and how much it finds, on real recordings by py-spy.

Runs of an unchanged program (varied.py, its functions in turn and one after the other) are
compared with one another: a change that is called certain is a false alarm. Then they are compared
with runs in which one function does 1.5 and 2 times its work: is that function's change found?
Recordings stay in build/bench/diff and are used again. Takes 10 minutes of processor time.
  BENCH_RUNS=32   runs of the unchanged program, of each order (a quarter of it of each change)
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join("build", "bench", "diff")
PROGRAM = os.path.join("build", "pyprof-lua")
CHANGES = [(), ("parse", "1.5"), ("parse", "2"), ("primes", "1.5"), ("primes", "2")]


def record(path, mode, change):
    if os.path.exists(path):
        return
    done = subprocess.run(
        ["nice", PROGRAM, "--rate", "200", "--save", path, "-e", "local _ = p.samples", "--python",
         sys.executable, os.path.join(HERE, "varied.py"), mode, *change],
        stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)


def main():
    os.makedirs(BUILD, exist_ok=True)
    runs = int(os.environ.get("BENCH_RUNS", "32"))
    for mode in ("rounds", "phases"):
        # In turns, so that other load of the machine slows all of them.
        for turn in range(runs):
            for change in CHANGES:
                if not change or turn % 4 == 0:
                    name = "-".join([mode, *change, "%03d.json" % turn])
                    record(os.path.join(BUILD, name), mode, change)
    subprocess.run([PROGRAM, os.path.join(HERE, "diff_alarms.lua"), BUILD], check=True)


main()
