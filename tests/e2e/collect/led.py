"""Runs programs with a helper led into them, and plainly, on real Pythons."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../pyspy"))
from pyspy import Place, pythons  # noqa: E402

from check import PROGRAM, Skip, equal, test  # noqa: E402

LEAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lead.lua")
HELPER = """\
import os, json, queue
state = {"argv": lead.argv, "main": lead.is_main, "depth": lead.depth, "forks": 0,
         "options": lead.options, "imported": []}
def forked():
    state["forks"] += 1
    state["depth"], state["main"] = lead.depth, lead.is_main
def end():
    state["pid"] = os.getpid()
    lead.save(json.dumps(state).encode(), ".json")
lead.at_end(end)
lead.after_fork(forked)
for name in ("decimal", "json", "xml.sax"):
    lead.on_import(name, lambda module: state["imported"].append(module.__name__))
"""


class Led:
    def __init__(self, text):
        self.results, self.notes = [], []
        self.__dict__.update(json.loads(text))
        self.results = [json.loads(result) for result in self.results]


def led(place, *words, helper=HELPER, follow=True, env=None, timeout=120, limit=None, **more):
    """Runs a program with the helper: its output, and what the helper found."""
    path = os.path.join(place.path, "result.json")
    if os.path.exists(path):
        os.remove(path)
    code = place.file("helper.py", helper)
    done = subprocess.run(
        [PROGRAM, LEAD, path, code, "follow" if follow else "alone", *words], text=True,
        env=place.environment({"LEAD_REST": limit, **(env or {})}),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=timeout, **more)
    assert os.path.exists(path), done
    with open(path) as file:
        found = Led(file.read())
    found.out, found.err = done.stdout, done.stderr
    equal(place.left(), [])
    return found


def plain(place, *words, env=None, **more):
    return subprocess.run(words, text=True, env=place.environment(env), timeout=120,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **more)


def on(*versions):
    """Makes a test of a function of (place, interpreter) for each of these Pythons."""
    def declare(function):
        found = dict(pythons())
        for version in versions:
            def run(version=version):
                if version not in found:
                    raise Skip("no Python %s is here" % version)
                with Place() as place:
                    function(place, found[version])
            run.__name__ = "%s on Python %s" % (function.__name__, version)
            test(run)
    return declare
