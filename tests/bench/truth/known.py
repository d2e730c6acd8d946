"""What the programs of bench_truth.py share: work whose processor time is known.

A function whose share is measured spends its time between begin() and end(), which read the
thread's own clock of processor time: what it counts is true on a busy machine, and under any
profiler. At exit the seconds of each, and those of all else, go to the file that TRUTH names, as
JSON.
"""
import atexit
import json
import os
import threading
import time

SECONDS = {}
SCALE = float(os.environ.get("TRUTH_SCALE", "1"))
_own = threading.local()


def begin():
    _own.since = time.thread_time()


def end(key):
    SECONDS[key] = SECONDS.get(key, 0.0) + time.thread_time() - _own.since


def _write():
    SECONDS["(elsewhere)"] = max(0.0, time.process_time() - sum(SECONDS.values()))
    with open(os.environ["TRUTH"], "w") as file:
        json.dump(SECONDS, file)


if "TRUTH" in os.environ:
    atexit.register(_write)
