"""Measures the start against lua5.4, and a whole profiling run against py-spy alone."""
import os
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.abspath("build/pyprof-lua")


def seconds(command):
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def compare(title, ours, theirs, times):
    """Runs both in turn, so that other load of the machine slows both."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(times)]
    a, b = (statistics.median(column) for column in zip(*pairs))
    print("%-34s %8.2f ms %8.2f ms %6.2f x %+8.2f ms" % (title, 1000 * a, 1000 * b, a / b,
                                                         1000 * (a - b)))


print("%-34s %11s %11s %8s %11s" % ("", "ours", "the other's", "ratio", "more"))
compare("-e '' / lua5.4 -e ''", [PROGRAM, "-e", ""], ["lua5.4", "-e", ""], 100)
with tempfile.TemporaryDirectory() as directory:
    script = os.path.join(directory, "half.py")
    with open(script, "w") as stream:
        stream.write("import time\nend = time.time() + 0.5\nwhile time.time() < end: pass\n")
    compare("report.lua half.py / py-spy record",
            [PROGRAM, "report.lua", "--python", sys.executable, script],
            [".venv/bin/py-spy", "record", "-f", "speedscope", "-o", directory + "/o.json", "--",
             sys.executable, script], 20)
