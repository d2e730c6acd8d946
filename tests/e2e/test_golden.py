"""Exact output: each file tests/golden/*.golden holds commands ("$ pyprof-lua …", run by a shell
from the project's root) and their output on standard output and error. An exit status other than 0
follows as "[status N]".

With the argument --write the files are written anew: read the difference before you commit it."""
import glob
import os
import subprocess
import sys

from check import PROGRAM, finish, test


def outcome(command):
    environment = dict(os.environ, PATH=os.path.dirname(PROGRAM) + ":" + os.environ["PATH"])
    if os.path.basename(PROGRAM) != "pyprof-lua":  # a variant stands in for the program
        command = "pyprof-lua() { %s \"$@\"; }; %s" % (PROGRAM, command)
    environment.pop("COLUMNS", None)
    done = subprocess.run(["bash", "-c", command], env=environment, timeout=600, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout + ("[status %d]\n" % done.returncode if done.returncode else "")


def replayed(path):
    with open(path) as stream:
        commands = [line for line in stream if line.startswith("$ ")]
    return "".join(line + outcome(line[2:]) for line in commands)


def golden(path):
    def run():
        want = open(path).read()
        got = replayed(path)
        assert got == want, "run it with --write and look at the difference; got\n" + got
    run.__name__ = "golden " + os.path.basename(path)
    return run


paths = sorted(glob.glob("tests/golden/*.golden"))
if sys.argv[1:] == ["--write"]:
    for golden_path in paths:
        text = replayed(golden_path)
        with open(golden_path, "w") as out:
            out.write(text)
    sys.exit()
for golden_path in paths:
    test(golden(golden_path))
finish()
