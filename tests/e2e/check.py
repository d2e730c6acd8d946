"""The functions of test files in Python: from check import test, run, finish."""
import os
import subprocess
import sys
import traceback

# tests/run puts our folder into it; programs that a test starts must not see that.
os.environ.pop("PYTHONPATH", None)
PROGRAM = os.environ.get("TEST_PROGRAM", os.path.abspath("build/pyprof-lua"))
_tests = []


class Skip(Exception):
    """Raised by a test that cannot be run here, with the reason."""


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return "status %d\n--- out\n%s\n--- err\n%s" % (self.status, self.out, self.err)


def run(*words, input="", env=None, cwd=None, timeout=600, program=PROGRAM):
    """Runs pyprof-lua with these words; env changes the environment (None removes a variable)."""
    environment = dict(os.environ)
    for name, value in (env or {}).items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    done = subprocess.run([program, *map(str, words)], input=input, env=environment, cwd=cwd,
                          timeout=timeout, text=True, errors="surrogateescape",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return Result(done.returncode, done.stdout, done.stderr)


def test(function):
    """Marks a function as a test; its name is the test's."""
    _tests.append(function)
    return function


def equal(got, want, what=""):
    assert got == want, "%s\n got %r\nwant %r" % (what, got, want)


def holds(text, part):
    assert part in text, "no %r in\n%s" % (part, text)


def finish():
    """Runs the tests (those named on the command line, or all) and ends the program."""
    failed = False
    for function in _tests:
        if len(sys.argv) > 1 and function.__name__ not in sys.argv[1:]:
            continue
        name = function.__name__.replace("_", " ")
        try:
            function()
            print("ok - " + name, flush=True)
        except Skip as reason:
            print("skip - %s: %s" % (name, reason), flush=True)
        except BaseException:
            failed = True
            print("not ok - " + name, flush=True)
            print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
    sys.exit(1 if failed else 0)
