"""Measures the CPU time of writing a page of 100,000 and of 600,000 nodes, beyond that of reading
the recording, and the sizes of the pages. The trees are random: a program goes up and down in it."""
import json
import os
import random
import subprocess
import tempfile

PROGRAM = os.path.abspath("build/pyprof-lua")
FUNCTIONS, DEEP, TIMES = 1446, 21, 5


def grow(path, nodes):
    """Writes a recording with so many nodes of the call tree, or a few more."""
    chance, samples, path_now = random.Random(5), [], []
    seen = set()
    while len(seen) < nodes:
        del path_now[len(path_now) - chance.randint(0, min(len(path_now), 6)):]
        if len(path_now) > DEEP:
            del path_now[chance.randint(2, DEEP // 2):]
        for _ in range(chance.randint(1, 6)):
            path_now.append(min(FUNCTIONS - 1, int(chance.expovariate(1 / 80))))
            seen.add(hash(tuple(path_now)))
        samples += [list(path_now)] * chance.randint(1, 3)
    frames = [{"name": "function_%d" % i, "file": "/app/package%d/module%d.py" % (i % 12, i % 140),
               "line": 10 + i} for i in range(FUNCTIONS)]
    with open(path, "w") as stream:
        json.dump({"$schema": "https://www.speedscope.app/file-format-schema.json",
                   "shared": {"frames": frames}, "exporter": "py-spy@0.4.3", "profiles": [
                       {"type": "sampled", "name": 'Thread 1 "MainThread"', "unit": "seconds",
                        "startValue": 0, "endValue": len(samples) * 0.01, "samples": samples,
                        "weights": [0.01] * len(samples)}]}, stream)


def cpu(*words):
    """The least CPU seconds of several runs."""
    found = []
    for _ in range(TIMES):
        child = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        assert status == 0, words
        found.append(usage.ru_utime + usage.ru_stime)
    return min(found)


print("%-16s %10s %10s %12s %10s" % ("nodes", "read", "page", "more", "size"))
with tempfile.TemporaryDirectory() as folder:
    recording, page = os.path.join(folder, "run.json"), os.path.join(folder, "page.html")
    for count, most in (100000, 0.3), (600000, 1.0):
        grow(recording, count)
        reading = cpu("-e", "local _ = subject.profile.samples", recording)
        writing = cpu("html.lua", "-o", page, recording)
        more = writing - reading
        print("%-16d %7.0f ms %7.0f ms %9.0f ms %6.2f MB %s" % (
            count, 1000 * reading, 1000 * writing, 1000 * more, os.path.getsize(page) / 1e6,
            "" if more <= most else "(more than %d ms)" % (1000 * most)))
