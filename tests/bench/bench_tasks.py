"""Measures the ten tasks of examples/tasks beyond reading, on 3 million samples.

Whole processes run on one core, in turns with processes that only load, and the best of several
runs counts; seconds are processor time. Then one process that has loaded answers the questions of
chains.lua.
  BENCH_TURNS=9   turns (5)
"""
import glob
import os
import subprocess
import sys
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join("build", "bench")
PROGRAM = os.path.join("build", "pyprof-lua")
ALLOWED = 200
# The arguments of a task besides the recording.
MORE = {
    "05-who-calls.lua": ["--callee", "json.dumps"],
    "06-what-changed.lua": ["--before", "RECORDING"],
    "09-pull-request.lua": ["--before", "RECORDING", "--format", "markdown"],
    "10-complex-and-hot.lua": ["--from", "source=" + sysconfig.get_path("stdlib") + "/json"],
}


def seconds(timed, words):
    done = subprocess.run([timed, "1", PROGRAM, *words], stdout=subprocess.PIPE, text=True,
                          check=True)
    status, _, spent, _ = done.stdout.split()
    if status not in ("0", "768"):  # 3: the verdict is "failed"
        sys.exit("%s: ended with %s" % (" ".join(words), status))
    return float(spent)


def main():
    os.makedirs(BUILD, exist_ok=True)
    subprocess.run([sys.executable, os.path.join(HERE, "make_recordings.py"), BUILD,
                    "threads=312"], check=True)
    recording = os.path.join(BUILD, "threads.json")
    timed = os.path.join(BUILD, "timed")
    subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", os.path.join(HERE, "timed.c"), "-o", timed],
                   check=True)
    jobs = {"one": ["-e", "assert(p.samples > 3e6)", recording],
            "two": ["-e", "assert(p.samples + pyprof.load(%r).samples > 6e6)" % recording,
                    recording]}
    # The others need coverage or counts, too: bench_join.py.
    tasks = sorted(map(os.path.basename, glob.glob("examples/tasks/[01][0-9]-*.lua")))[:10]
    for task in tasks:
        more = [recording if word == "RECORDING" else word for word in MORE.get(task, [])]
        jobs[task] = [os.path.join("examples", "tasks", task), *more, recording]
    best = {}
    for _ in range(int(os.environ.get("BENCH_TURNS", "5"))):
        for name, words in jobs.items():
            spent = seconds(timed, words)
            best[name] = min(best.get(name, spent), spent)
    head = "%-24s %8s %14s" % ("task", "ms", "beyond reading")
    print(head + "\n" + "-" * len(head))
    for task in tasks:
        read = best["two" if "--before" in MORE.get(task, []) else "one"]
        beyond = 1000 * (best[task] - read)
        print("%-24s %8.0f %14.0f%s" % (task[:-4], 1000 * best[task], beyond,
                                        "" if beyond <= ALLOWED else "  more than %d" % ALLOWED))
    print("\nasked at the prompt, ms", flush=True)
    subprocess.run([PROGRAM, os.path.join(HERE, "chains.lua"), recording], check=True)


main()
