"""The whole program while each of its allocations fails, once and from then on."""
import os
import subprocess
import tempfile

import faults  # before check: it puts check on the path
from check import equal, finish, test
from pyspy.pyspy import FAKE, Place

PROGRAM = os.path.abspath("build/asan/faults/program")
RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")
FOLDED = "a;b 3\na;c 2\nd 1\n"
MOST = 0 if faults.ALL else 40  # allocations to try per command; 0: all


def tried(words, input="", most=MOST, env=None):
    def run():
        with Place() as place:
            place.file("a.folded", FOLDED)
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
            equal(sorted(os.listdir(place.path)), ["a.folded", "a.py", "tmp"])
    run.__name__ = "no memory: pyprof-lua " + " ".join(map(os.path.basename, words))
    test(run)


tried(["--version"])
tried(["--help"])
tried(["top.lua", RECORDING])
tried(["report.lua", "--format", "html", RECORDING])
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
