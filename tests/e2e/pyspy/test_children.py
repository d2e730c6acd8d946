"""Child Pythons: those that were not sampled are named, and no others."""
import re

from check import equal, finish, run, test
from pyspy import BURN, Place

PARENT = BURN + """\
import subprocess
wait = "import sys; sys.stdin.read()"
children = [subprocess.Popen([sys.executable, "-c", wait], stdin=subprocess.PIPE)
            for _ in range(int(sys.argv[1]))]
for _ in range(20):
    subprocess.call(["true"])
busy(0.6)
for child in children:
    child.communicate()
"""
SPAWN = BURN + """\
import multiprocessing
if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    child = context.Process(target=ready.wait)
    child.start()
    busy(1)
    ready.set()
    child.join()
"""


def named(place, *words):
    """What is said of children."""
    result = run("top.lua", *words, cwd=place.path)
    equal(result.status, 0, repr(result))
    return re.findall(r"\(at least (\d+ child Pythons? w\w+) not sampled \(--subprocesses\)\)",
                      result.out + result.err)


@test
def children_that_were_not_sampled_are_named():
    with Place() as place:
        path = place.file("parent.py", PARENT)
        equal(named(place, path, "2"), ["2 child Pythons were"])
        equal(named(place, path, "1"), ["1 child Python was"])
        # Other programs were Pythons for a moment, between fork and exec.
        equal(named(place, path, "0"), [])
        equal(named(place, "--subprocesses", path, "2"), [])
        equal(named(place, "--", "sh", "-c", "python3 %s 1" % path), [])


@test
def the_resource_tracker_of_multiprocessing_is_not_counted():
    with Place() as place:
        equal(named(place, place.file("spawn.py", SPAWN)), ["1 child Python was"])


finish()
