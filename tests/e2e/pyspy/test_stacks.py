"""Looking at a running process without stopping it: stacks.lua, top.lua --live."""
import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

from check import PROGRAM, Skip, equal, finish, holds, run, test
from pyspy import Place, read_terminal

CODE = """\
import threading, time
begun = threading.Event()
def waiter():
    begun.set()
    time.sleep(600)
threading.Thread(target=waiter, name="wait er", daemon=True).start()
begun.wait()
time.sleep(0.2)
def busy():
    while True:
        pass
print("ready", flush=True)
busy()
"""


class Target:
    def __init__(self, place):
        self.path = place.file("threads.py", CODE)
        self.process = subprocess.Popen([sys.executable, self.path], stdout=subprocess.PIPE)
        self.process.stdout.readline()
        time.sleep(0.2)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


@test
def the_stack_of_every_thread():
    with Place() as place, Target(place) as target:
        result = run("stacks.lua", "--pid", target.pid)
        equal((result.status, result.err), (0, ""))
        holds(result.out, "%d MainThread" % target.pid)
        wanted = [("MainThread", "running", "busy"), ("MainThread", "running", "<module>"),
                  ("wait er", "waiting", "waiter")]
        for _ in range(100):  # one thread or the other may just have been woken
            result = run("stacks.lua", "--format", "json", "--pid", target.pid)
            rows = json.loads(result.out)
            names = [(row["thread"].split(" ", 1)[1], row["state"].split()[0], row["name"])
                     for row in rows if row["file"] == target.path]
            if names == wanted:
                break
        equal(names, wanted)
        equal(target.process.poll(), None)


PARENT = """\
import subprocess, sys, time
child = subprocess.Popen([sys.executable, sys.argv[1]], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
def parent():
    time.sleep(600)
try:
    parent()
finally:
    child.kill()
"""


def pids_of(path):
    """The processes with this word on their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid) as file:
                words = file.read().split("\0")
        except OSError:
            continue
        if path in words:
            found.append(int(pid))
    return found


@test
def the_processes_below_it():
    with Place() as place:
        path, threads = place.file("parent.py", PARENT), place.file("threads.py", CODE)
        # A process that is no Python may have some below it.
        for words in ([sys.executable, path, threads],
                      ["sh", "-c", "%s %s %s; true" % (sys.executable, path, threads)]):
            parent = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            child = int(parent.stdout.readline())
            try:
                words = ["stacks.lua", "--format", "json", "--subprocesses", "--pid", parent.pid]
                result = run(*words)
                equal(result.status, 0, repr(result))
                rows = json.loads(result.out)
                names = {(row["pid"] == child, row["name"]) for row in rows}
                assert {(False, "parent"), (True, "busy"), (True, "waiter")} <= names, rows
                holds(run(*words[:1], *words[3:]).out, "pid  ")
                alone = run(*words[:3], *words[4:])
                assert "busy" not in alone.out, alone
            finally:
                for pid in pids_of(path):
                    os.kill(pid, signal.SIGKILL)
                os.kill(child, signal.SIGKILL)
                parent.communicate()


@test
def a_running_process_again_and_again():
    with Place() as place, Target(place) as target:
        for delay in (0, 0.05, 0.3, 0.9):  # during a recording, or between two
            pid, master = pty.fork()
            if pid == 0:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                os.execv(PROGRAM, [PROGRAM, "top.lua", "--live", "--limit", "3", "--pid",
                                   str(target.pid)])
            out = read_terminal(master, b", 2 s, ")
            time.sleep(delay)
            os.write(master, b"\x03")
            out += read_terminal(master, None)
            equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
            os.close(master)
            final = out.decode()[out.decode().rindex("self (s)"):]
            holds(final, " busy ")
            equal(target.process.poll(), None)


def frames(text):
    """The screens that were drawn, each as a list of lines."""
    drawn = text.decode().split("\x1b[H")[1:]
    return [one.split("\x1b[J")[0].replace("\x1b[K", "").split("\r\n")[:-1] for one in drawn]


@test
def the_terminals_size_is_kept_to():
    with Place() as place, Target(place) as target:
        pid, master = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execv(PROGRAM, [PROGRAM, "top.lua", "--live", "--pid", str(target.pid)])
        before = termios.tcgetattr(master)
        out = b""
        for columns, rows in ((80, 24), (30, 5), (10, 3)):
            fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            first = out.count(b"\x1b[H") + 1  # one screen may have been on its way
            while len(frames(out)) < first + 2:
                out += read_terminal(master, b"\x1b[J")
            drawn = frames(out)[first]
            assert 0 < len(drawn) < rows, drawn
            assert max(len(line) for line in drawn) < columns, drawn
            assert not any("\x1b" in line for line in drawn), drawn
        equal(termios.tcgetattr(master), before)
        os.write(master, b"\x03")
        read_terminal(master, None)
        equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(master)
        equal(target.process.poll(), None)


@test
def a_running_process_again_and_again_into_a_pipe():
    with Place() as place, Target(place) as target:
        process = subprocess.Popen([PROGRAM, "top.lua", "--live", "--format", "json", "--pid",
                                    str(target.pid)], stdout=subprocess.PIPE, text=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                                    signal.SIG_DFL))
        time.sleep(3)
        while target.process.poll() is None:  # its end, too, ends it
            target.process.kill()
            target.process.wait()
        out = process.communicate(timeout=300)[0]
        equal(process.returncode, 0)
        equal(json.loads(out)[0]["name"], "busy")


@test
def a_duration_ends_the_looks_at_a_running_process():
    with Place() as place, Target(place) as target:
        for seconds in "1.5", "0.5":
            result = run("top.lua", "--live", "--duration", seconds, "--pid", target.pid)
            equal(result.status, 0)
            holds(result.out, "self (s)")
            holds(result.out, " busy ")
            equal(target.process.poll(), None)
        result = run("top.lua", "--live", "--duration", "-1", "--pid", target.pid)
        holds(result.err, "--duration: -1 is not a number of seconds")


@test
def a_report_of_the_prompt_that_collects_a_profile_names_its_unit():
    with Place() as place:
        path = place.file("short.py", "import os\nwhile sum(os.times()[:2]) < 0.5: pass\n")
        holds(run("-i", path, input="reports.top()\n").out, "self (s)")


@test
def what_has_no_stacks():
    with Place() as place:
        result = run("stacks.lua", place.file("script.py", "print('ran')\n"))
        equal((result.status, result.out), (2, ""))
        holds(result.err, "only a running process has them (--pid N)")
        gone = subprocess.Popen(["true"])
        gone.wait()
        result = run("stacks.lua", "--pid", gone.pid)
        equal((result.status, result.err),
              (1, "pyprof-lua: process %d: No such process\n" % gone.pid))
        other = subprocess.Popen(["sleep", "60"])
        result = run("stacks.lua", "--pid", other.pid)
        other.kill()
        other.wait()
        equal((result.status, result.err),
              (1, "pyprof-lua: py-spy: Failed to find python version from target process\n"))


@test
def a_system_that_forbids_it():
    """As in a container: root without the capability SYS_PTRACE, and a process with it."""
    drop = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace", "--"]
    if os.getuid() != 0 or shutil.which("setpriv") is None or \
            subprocess.run([*drop, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip("only root, by setpriv, can drop a capability")
    with Place() as place, Target(place) as target:
        for report in ("stacks.lua", "report.lua"):
            done = subprocess.run([*drop, PROGRAM, report, "--pid", str(target.pid)],
                                  stderr=subprocess.PIPE, text=True)
            equal(done.returncode, 1)
            assert re.fullmatch("pyprof-lua: py-spy: may not read process %d: .*"
                                r"\(.*(SYS_PTRACE|sudo).*\)\n" % target.pid, done.stderr), done
        equal(target.process.poll(), None)


@test
def another_users_process():
    if os.getuid() != 0:
        raise Skip("only root can become another user")
    with Place() as place, Target(place) as target:
        for report in ("stacks.lua", "report.lua"):
            words = [report, "--pid", str(target.pid)]
            done = subprocess.run([PROGRAM, *words],
                                  stderr=subprocess.PIPE, text=True,
                                  preexec_fn=lambda: os.setuid(65534))
            if "not found" in done.stderr or "denied (" in done.stderr:
                raise Skip("this checkout is not for other users to read: " + done.stderr)
            equal((done.returncode, done.stderr), (
                1, "pyprof-lua: py-spy: may not read process %d: it is another user's (run as "
                "that user, or as root)\n" % target.pid))


finish()
