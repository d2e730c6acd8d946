"""Scans files with pyprof-lua and compares the results with truth."""
import json
import multiprocessing
import os
import sys
import tempfile

import truth
from check import run

DUMP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "dump.lua")


def scan(paths, way="fast"):
    """path -> (counts, definitions, error) as truth has them."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", errors="surrogateescape") as stream:
        stream.write("".join(path + "\n" for path in paths))
        stream.flush()
        result = run(DUMP, stream.name, way, timeout=3600)
    assert result.status == 0, result
    found = {}
    for line in result.out.split("\n")[:-1]:
        row = json.loads(line)
        found[row["file"]] = (
            tuple(row[name] for name in truth.COUNTS),
            [tuple(d[name] for name in truth.DEFINITION) for d in row["definitions"]],
            row.get("error"))
    return found


def _truth_of(path):
    sys.setrecursionlimit(20000)
    with open(path, "rb") as stream:
        return path, truth.truth(stream.read())


def truths(paths):
    with multiprocessing.Pool() as pool:
        return dict(pool.imap(_truth_of, paths, 20))


def differences(paths, expected, way="fast"):
    """One sentence for each file on which the scan and the truth disagree."""
    found = scan(paths, way)
    complaints = []
    for path in paths:
        if expected[path] is None:
            continue
        counts, definitions = expected[path]
        got_counts, got_definitions, error = found[path]
        definitions = [tuple(d) for d in definitions]
        if error:
            complaints.append("%s: %s" % (path, error))
        elif tuple(counts) != got_counts:
            complaints.append("%s: %s" % (path, ", ".join(
                "%s %d, not %d" % (name, got, want)
                for name, want, got in zip(truth.COUNTS, counts, got_counts) if want != got)))
        elif definitions != got_definitions:
            pair = next((pair for pair in zip(definitions, got_definitions) if pair[0] != pair[1]),
                        (len(definitions), len(got_definitions)))
            complaints.append("%s: want %r, got %r" % (path, *pair))
    return complaints


def python_files(*folders):
    found = []
    for folder in folders:
        for where, inner, names in os.walk(folder):
            inner.sort()
            found += [os.path.join(where, name) for name in sorted(names) if name.endswith(".py")]
    return found
