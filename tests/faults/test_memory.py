"""The whole program while each of its allocations fails, once and from then on."""
import json
import os
import subprocess
import tempfile

import faults  # before check: it puts check on the path
from check import equal, finish, test
from pyspy.pyspy import FAKE, Place

PROGRAM = os.path.abspath("build/asan/faults/program")
RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")
FOLDED = "a;b 3\na;c 2\nd 1\n"
# What a run of ours tells, kept with its samples.
RUN = json.dumps({
    "shared": {"frames": [{"name": "f", "file": "a.py", "line": 3}]},
    "profiles": [{"type": "sampled", "name": 'Thread 7 "main"', "unit": "seconds", "startValue": 0,
                  "endValue": 0.3, "samples": [[0]] * 3, "weights": [0.1] * 3}],
    "pyprof-lua": {"format": 1, "version": "1", "date": "2026-11-30T10:00:00Z",
                   "command": ["a.py"], "tools": {}, "notes": [], "options": {"rate": 10},
                   "exit": {"wall": 0.4, "user": 0.2, "status": 0},
                   "processes": [{"pid": 7, "cpu": 0.2}],
                   "threads": [{"pid": 7, "tid": 7, "at": [0.1, 0.4], "cpu": [0.0, 0.2],
                                "delay": [0.0, 0.0]}]}})
MOST = 0 if faults.ALL else 40  # allocations to try per command; 0: all


def tried(words, input="", most=MOST, env=None):
    def run():
        with Place() as place:
            place.file("a.folded", FOLDED)
            place.file("run.json", RUN)
            place.file("a.py", "import os\n\ndef f(x):\n    return eval(x) if x else 'eval(1)'\n")
            environment = place.environment(env)
            environment.update(FAULTS_MOST=str(most), FAULTS_SEED=str(faults.SEED))
            with tempfile.TemporaryFile("w") as file:
                file.write(input)
                file.flush()
                done = subprocess.run([PROGRAM, *words], cwd=place.path, env=environment,
                                      text=True, stdin=file, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT)
            assert done.returncode == 0 and ", 0 wrong" in done.stdout, done.stdout
            print("# " + done.stdout.strip(), flush=True)
            equal(place.left(), [])
            equal(sorted(os.listdir(place.path)), ["a.folded", "a.py", "run.json", "tmp"])
    run.__name__ = "no memory: pyprof-lua " + " ".join(map(os.path.basename, words))
    test(run)


tried(["--version"])
tried(["--help"])
tried(["top.lua", RECORDING])
tried(["report.lua", "--format", "html", RECORDING])
tried(["lines.lua", "--weight", "cpu", "run.json"])
tried(["tree.lua", "a.folded"])
tried(["diff.lua", "--before", "a.folded", "a.folded"])
tried(["pprof.lua", "-o", "/dev/null", RECORDING])
tried(["scan.lua", "a.py"])
tried(["grep.lua", "--pattern", r"eval\(", "a.py"])
tried(["-i", "a.folded"], input="p:functions()\n")
# Each try runs the profiled program again, so even `make faults` tries only some.
tried(["top.lua", "--py-spy", FAKE, "-c", "pass"], most=300 if faults.ALL else 10,
      env={"FAKE_PYSPY": "late", "FAULTS_NOTES": "differ"})

finish()
