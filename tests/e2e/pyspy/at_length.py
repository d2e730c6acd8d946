"""Measures runs of programs: their cost, and how often they fail. Takes minutes."""
import os
import random
import signal
import statistics
import subprocess
import sys
import time

from check import PROGRAM
from pyspy import BUSY, Place, plain_signals, share

PYTHON = sys.executable


def short_runs(count):
    right = seen = 0
    with Place() as place:
        script = place.file("busy.py", BUSY)
        for number in range(count):
            result = place.collect("--", PYTHON, script, "0.03", str(number % 100),
                                   options="rate = 1000")
            right += result["status"] == number % 100
            seen += share(result, "busy")[0] > 0
        print("%d runs of a 30 ms script at 1000 Hz: %d right statuses, %d with samples"
              % (count, right, seen), flush=True)


def killed_runs(number, count, what, words):
    left = 0
    with Place() as place:
        script = place.file("busy.py", BUSY)
        for _ in range(count):
            process = place.start(*words(script), preexec_fn=plain_signals)
            time.sleep(random.random() * 0.4)
            process.send_signal(number)
            process.communicate(timeout=60)
            left += place.left() != []
        print("%d runs of %s ended by %s at a random moment: something left over after %d"
              % (count, what, signal.Signals(number).name, left), flush=True)


def overhead(count):
    py_spy = os.environ.get("PYPROF_PY_SPY") or os.path.join(os.path.dirname(PYTHON), "py-spy")
    with Place() as place:
        script = place.file("busy.py", BUSY)
        recording = os.path.join(place.path, "recording")
        alone = [py_spy, "record", "-f", "speedscope", "-o", recording, "--", PYTHON, script, "0.5"]
        ours = [PROGRAM, "report.lua", "--python", PYTHON, script, "0.5"]
        more, times = [], {}
        for _ in range(count):
            for name, command in (("py-spy record", alone), ("pyprof-lua report.lua", ours)):
                begin = time.time()
                subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                times.setdefault(name, []).append(time.time() - begin)
            more.append(times["pyprof-lua report.lua"][-1] - times["py-spy record"][-1])
        for name, list_of_times in times.items():
            print("%s: %.0f ms (median of %d)" % (name, 1000 * statistics.median(list_of_times),
                                                  count))
        print("difference: %.0f ms in the median, %.0f at most"
              % (1000 * statistics.median(more), 1000 * max(more)), flush=True)


overhead(15)
short_runs(200)
for one in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    killed_runs(one, 100, "a script", lambda script: (script, "60"))
killed_runs(signal.SIGKILL, 100, "a shell with two Pythons", lambda script: (
    "--", "sh", "-c", "%s %s 60 & %s %s 60; wait" % (PYTHON, script, PYTHON, script)))
