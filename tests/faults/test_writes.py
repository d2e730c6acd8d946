"""Writes that fail at each point, and writes that take only a part of their data."""
import fcntl
import os
import resource
import select
import shutil
import signal
import subprocess
import termios
import time

import faults
from check import PROGRAM, Skip, equal, finish, test
from pyspy.pyspy import Place

RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")
COMMANDS = (
    ["json.lua", RECORDING],
    ["pprof.lua", RECORDING],
    ["report.lua", "--format", "html", RECORDING],
)
CALLS = ("write", "writev", "pwrite64", "linkat", "rename", "close")


def into(words, path):
    return [words[0], "-o", path, *words[1:]]


def lines_of(text):
    return [line for line in text.splitlines() if line]


def run(words, before=(), env=None, **more):
    environment = dict(os.environ, **(env or {}))
    return subprocess.run([*before, PROGRAM, *words], env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, **more)


def honest(done, whole, what, mute=False):
    """The output is complete, or there is a status and one line with the reason, if that can be
    written."""
    if done.returncode == 0:
        equal(done.stdout, whole, what)
        return
    assert 1 <= done.returncode <= 4, (what, done)
    lines = lines_of(done.stderr.decode())
    assert len(lines) == 1 or mute and not lines, (what, done)


@test
def each_call_that_writes_fails():
    if not shutil.which("strace"):
        raise Skip("there is no strace")
    # A traced program cannot trace itself, as the search for leaks does.
    env = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
    with Place() as place:
        log, out = os.path.join(place.path, "log"), os.path.join(place.path, "out")

        def inject(call, when, words):
            return run(words, ["strace", "-o", log, "-e", "trace=" + call, "-e",
                               "inject=%s:error=ENOSPC:when=%s" % (call, when)], env)

        def injected():
            with open(log) as file:
                return "(INJECTED)" in file.read()

        count = 0
        for words in COMMANDS:
            whole = run(words).stdout
            points = []
            for call in CALLS:
                run(into(words, out), ["strace", "-o", log, "-e", "trace=write," + call], env)
                with open(log) as file:
                    lines = list(file)
                # Calls before the first write belong to the loader and to reading.
                begun = next(i for i, line in enumerate(lines) if line.startswith("write("))
                calls = [i for i, line in enumerate(lines) if line.startswith(call + "(")]
                points += [(call, str(number + 1) + more) for number, i in enumerate(calls)
                           if i >= begun for more in ("", "+")]
            for call, when in faults.some(points, 12):
                what = "%s number %s of %s" % (call, when, words)
                mute = call == "write" and when.endswith("+")
                honest(inject(call, when, words), whole, what, mute)
                place.file("out", "before")
                done = inject(call, when, into(words, out))
                assert injected(), what
                with open(out, "rb") as file:
                    there = file.read()
                honest(done, b"", what, mute)
                assert there == (whole if done.returncode == 0 else b"before"), (what, there)
                equal(sorted(os.listdir(place.path)), ["log", "out", "tmp"], what)
                count += 1
        print("# %d points" % count)


@test
def a_file_may_not_grow_beyond_each_length():
    with Place() as place:
        out = os.path.join(place.path, "out")
        for words in COMMANDS:
            whole = run(words).stdout
            for most in faults.some(range(0, len(whole), max(1, len(whole) // 200)), 8):
                for ignored in (False, True):
                    place.file("out", "before")

                    def limit():
                        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
                        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
                    done = run(into(words, out), preexec_fn=limit)
                    with open(out, "rb") as file:
                        equal(file.read(), b"before", "%d bytes of %s" % (most, words))
                    if ignored:
                        equal(done.returncode, 1, done.stderr)
                        equal(len(lines_of(done.stderr.decode())), 1, done.stderr)
                    else:
                        assert done.returncode in (1, -signal.SIGXFSZ), done
                    equal(sorted(os.listdir(place.path)), ["out", "tmp"])


def state(pid):
    with open("/proc/%d/stat" % pid) as file:
        return file.read().rpartition(")")[2].split()[0]


def until(condition, process):
    end = time.time() + 120
    while not condition() and process.poll() is None:
        assert time.time() < end, "nothing happened"
        time.sleep(0.001)
    return process.poll() is None


@test
def writes_that_take_only_a_part():
    """A write larger than the pipe that is stopped returns the number of bytes written."""
    for words in COMMANDS:
        whole = run(words).stdout
        ours, theirs = os.pipe()
        size = fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
        process = subprocess.Popen([PROGRAM, *words], stdout=theirs, stderr=subprocess.PIPE)
        os.close(theirs)
        got, parts = b"", 0

        def full():
            held = fcntl.ioctl(ours, termios.FIONREAD, b"\0" * 4)
            return int.from_bytes(held, "little") == size and state(process.pid) == "S"
        while until(full, process):
            process.send_signal(signal.SIGSTOP)
            if not until(lambda: state(process.pid) == "T", process):
                break
            process.send_signal(signal.SIGCONT)
            parts += 1
            while select.select([ours], [], [], 0)[0] and fcntl.ioctl(
                    ours, termios.FIONREAD, b"\0" * 4) != b"\0" * 4:
                got += os.read(ours, size)
        while more := os.read(ours, 65536):
            got += more
        os.close(ours)
        equal((process.wait(), process.stderr.read()), (0, b""))
        process.stderr.close()
        equal(got, whole)
        assert parts > 0 or len(whole) <= size, words


finish()
