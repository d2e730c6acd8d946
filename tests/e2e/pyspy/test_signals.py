"""Signals to programs under py-spy: Ctrl-C, the terminal, the processes left when we are killed."""
import json
import os
import signal
import subprocess
import sys
import time

from check import PROGRAM, equal, finish, holds, test
from pyspy import BUSY, READY, Place, on_terminal, plain_signals, processes, read_terminal, \
    sampled, wait_line

PYTHON = sys.executable

# Goes on after an interrupt for some seconds of processor time.
TRAP = """\
import os, signal, sys
hits = [0]
def hit(*_):
    hits[0] += 1
signal.signal(signal.SIGINT, hit)
print("ready", flush=True)
def waiting():
    while not hits[0]:
        pass
def working():
    end = sum(os.times()[:2]) + %s
    while sum(os.times()[:2]) < end:
        pass
waiting()
working()
sys.exit(10 + hits[0])
"""


@test
def signals_are_passed_on():
    with Place() as place:
        script = place.file("ready.py", READY)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            process = place.start(script, preexec_fn=plain_signals)
            wait_line(process, "ready")
            process.send_signal(number)
            result = place.ended(process)
            equal(result["status"], 128 + number)
            equal(result["exit"]["signal"], number)
            sampled(result, "busy")
            equal(place.left(), [])


@test
def the_report_is_printed_after_a_signal():
    with Place() as place:
        script = place.file("ready.py", READY)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = subprocess.Popen([PROGRAM, "top.lua", script], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True,
                                       env=place.environment(), preexec_fn=plain_signals)
            wait_line(process, "ready")
            process.send_signal(number)
            out = process.communicate(timeout=300)[0]
            equal(process.returncode, 128 + number)
            holds(out, " busy ")
            equal(place.left(), [])


@test
def what_traps_an_interrupt_goes_on_and_is_sampled_on():
    with Place() as place:
        process = place.start(place.file("trap.py", TRAP % 0.5), preexec_fn=plain_signals)
        wait_line(process, "ready")
        process.send_signal(signal.SIGINT)
        result = place.ended(process)
        equal(result["status"], 11)
        sampled(result, "working")
        process = place.start(place.file("trap.py", TRAP % 600), preexec_fn=plain_signals)
        wait_line(process, "ready")
        while process.poll() is None:  # two are enough, unless we read the first too late
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        assert place.ended(process)["exit"]["signal"] in (signal.SIGTERM, signal.SIGKILL)


# Counts signals for some seconds of processor time after the first.
COUNT = TRAP.replace("signal.SIGINT", "getattr(signal, sys.argv[1])")


def as_leader():
    plain_signals()
    os.setsid()


@test
def a_signal_to_the_whole_group_comes_once():
    with Place() as place:
        script = place.file("count.py", COUNT % 0.5)
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
            for words in ((script, name), ("--", "sh", "-c", "exec %s %s %s" % (PYTHON, script,
                                                                               name))):
                process = place.start(*words, preexec_fn=as_leader)
                wait_line(process, "ready")
                os.killpg(process.pid, getattr(signal, name))
                equal(place.ended(process)["status"], 11, (name, words))
            process = place.start(script, name, preexec_fn=as_leader)
            wait_line(process, "ready")
            process.send_signal(getattr(signal, name))
            equal(place.ended(process)["status"], 11, name + " to pyprof-lua alone")
            pid, master = on_terminal(place, script, name)
            holds(read_terminal(master, b"ready").decode(), "ready")
            os.killpg(pid, getattr(signal, name))
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            equal(status, 11, name + " with a terminal")
            os.close(master)


@test
def a_signal_to_each_process_comes_once():
    """A service manager sends the signal to one process after the other."""
    with Place() as place:
        process = place.start(place.file("count.py", COUNT % 0.5), "SIGTERM",
                              preexec_fn=plain_signals)
        wait_line(process, "ready")
        for line in sorted(processes(place.path), key=lambda line: int(line.split()[0])):
            if "py-spy" not in line:
                os.kill(int(line.split()[0]), signal.SIGTERM)
        equal(place.ended(process)["status"], 11)


@test
def timeout_ends_a_whole_tree():
    """It signals pyprof-lua first, and its group then."""
    with Place() as place:
        script = place.file("busy.py", BUSY)
        process = subprocess.Popen(
            ["timeout", "2", PROGRAM, "top.lua", "--", "sh", "-c", "%s %s 600; true"
             % (PYTHON, script)], env=place.environment(), preexec_fn=plain_signals,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        process.wait(timeout=300)
        equal(place.left(), [])


@test
def ignored_signals_stay_ignored():
    with Place() as place:
        process = place.start("-c", "import signal; print(signal.getsignal(signal.SIGINT) == "
                              "signal.SIG_IGN and signal.getsignal(signal.SIGHUP) == "
                              "signal.SIG_IGN)",
                              preexec_fn=lambda: (signal.signal(signal.SIGINT, signal.SIG_IGN),
                                                  signal.signal(signal.SIGHUP, signal.SIG_IGN)))
        equal(place.ended(process)["out"], "True\n")


@test
def an_interrupt_from_the_terminal():
    with Place() as place:
        for seconds, statuses in ((0.5, [11]), (600, [128 + 15, 128 + 9])):
            script = place.file("trap.py", TRAP % seconds)
            pid, master = on_terminal(place, script)
            holds(read_terminal(master, b"ready").decode(), "ready")
            os.write(master, b"\x03")
            ended, status = os.waitpid(pid, 0 if seconds < 1 else os.WNOHANG)
            while not ended:
                time.sleep(0.3)
                os.write(master, b"\x03")
                ended, status = os.waitpid(pid, os.WNOHANG)
            assert os.waitstatus_to_exitcode(status) in statuses, status
            os.close(master)
            with open(place.result) as file:
                result = json.load(file)
            sampled(result, "working" if seconds < 1 else "<module>")
            equal(place.left(), [])


@test
def a_terminal_that_hangs_up_ends_what_runs_there():
    """pyprof-lua leads the session, as with `ssh -t`: the kernel tells it alone."""
    with Place() as place:
        for words in ((place.file("ready.py", READY),), ("-c", READY)):
            pid, master = on_terminal(place, *words)
            holds(read_terminal(master, b"ready").decode(), "ready")
            os.close(master)
            equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 128 + signal.SIGHUP)
            with open(place.result) as file:
                sampled(json.load(file), "busy")
            equal(place.left(), [])


@test
def the_terminal_is_the_targets():
    with Place() as place:
        pid, master = on_terminal(
            place, "-c", "import os, sys; print(sys.stdin.isatty(), os.tcgetpgrp(0) == "
            "os.getpgrp(), input('name? ')[::-1])")
        read_terminal(master, b"name? ")
        os.write(master, b"olleh\n")
        holds(read_terminal(master, b"hello").decode(), "True True hello")
        equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        os.close(master)


@test
def nothing_is_left_when_we_are_killed():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        for delay in (0.02, 0.05, 0.08, 0.12, 0.2, 0.4):
            for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
                process = place.start(script, "60", preexec_fn=plain_signals)
                time.sleep(delay)
                process.send_signal(number)
                process.communicate(timeout=300)
                equal(place.left(), [], "%s after %s s" % (number, delay))


@test
def nothing_is_left_of_a_whole_tree_when_we_are_killed():
    """A shell's Python, its child in a session of its own, and a process that a thread started."""
    tree = ("import subprocess, sys, threading, time\n"
            "command = [sys.executable, sys.argv[1], '60']\n"
            "subprocess.Popen(command, start_new_session=True)\n"
            "threading.Thread(target=subprocess.run, args=(command,)).start()\n"
            "time.sleep(60)\n")
    with Place() as place:
        words = ("--", "sh", "-c", "%s %s %s; true" % (sys.executable, place.file("tree.py", tree),
                                                       place.file("busy.py", BUSY)))
        for delay in (0.03, 0.1, 0.2, 0.4, None):
            process = place.start(*words, preexec_fn=plain_signals)
            if delay is None:
                while len([line for line in processes(place.path) if "busy.py 60" in
                           line.replace("\0", " ")]) < 2:
                    time.sleep(0.02)
            else:
                time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=300)
            equal(place.left(), [], "after %s s" % delay)


def state(pid):
    """The process's state and its processor time."""
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return fields[0], int(fields[11])


@test
def a_running_process_goes_on_when_we_are_killed():
    with Place() as place:
        script = place.file("count.py", "while True:\n    pass\n")
        target = subprocess.Popen([PYTHON, script])
        try:
            for delay in (0.05, 0.1, 0.2, 0.3):
                process = place.start(options="pid = %d, rate = 1000" % target.pid)
                time.sleep(delay)
                process.kill()
                process.communicate()
                equal(place.left(besides=script), [])
                first = state(target.pid)
                end = time.time() + 120
                while state(target.pid)[1] == first[1] and time.time() < end:
                    time.sleep(0.05)
                now = state(target.pid)
                assert now[0] in "RS" and now[1] > first[1], (first, now)
        finally:
            target.kill()
            target.wait()


finish()
