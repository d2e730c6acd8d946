"""Programs under py-spy: statuses, output, signals, limits, what cannot be held, what is left."""
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time

from check import PROGRAM, Skip, equal, finish, holds, run, test
from pyspy import BURN, BUSY, COLLECT, READY, Place, processes, pythons, read_terminal, samples

FAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fake_pyspy")
PYTHON = sys.executable

# Goes on after an interrupt, for so many seconds of processor time.
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



def share(result, name):
    stacks = samples(result)
    return sum(any(frame[0].endswith(name) for frame in stack) for stack in stacks), len(stacks)


def notes(result):
    return result["quality"].get("notes", [])


def sampled(result, name, least=1):
    """Was it? How often depends on what else the machine does."""
    assert share(result, name)[0] >= least, (name, share(result, name), result)


def wait_line(process, text):
    line = process.stdout.readline()
    assert text in line, line


@test
def statuses_are_the_targets_own():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        for words, status, kind in (
                ([script, "0.1", "7"], 7, {"code": 7}), ([script, "0.1", "0"], 0, {"code": 0}),
                (["-c", "import os; os.kill(os.getpid(), 9)"], 137, {"signal": 9}),
                (["-c", "import os; os.abort()"], 134, {"signal": 6}),
                (["-c", "raise ValueError('mine')"], 1, {"code": 1}),
                (["-m", "nosuchmodule"], 1, {"code": 1})):
            result = place.collect(*words)
            equal(result["status"], status, words)
            equal(result["exit"]["status"], status, words)
            for key, value in kind.items():
                equal(result["exit"][key], value, words)
            equal(place.left(), [])


@test
def samples_show_what_ran():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        for name, python in pythons():
            result = place.collect("--", python, script, "0.4")
            busy, all_of_them = share(result, "busy")
            assert busy > 2 and busy > all_of_them * 0.5, (name, busy, all_of_them, result)
            equal(result["quality"]["launch"], "gate", name)
            assert result["exit"]["wall"] > 0.35, result


@test
def output_is_untouched():
    code = ("import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data[::-1]);"
            "sys.stderr.buffer.write(b'\\xff\\r\\n'); print(sys.stdout.isatty())")
    with Place() as place:
        # Unbuffered, one write is one call, which any pause by py-spy may cut short.
        process = place.start("-c", code, stdin=subprocess.PIPE, env={"PYTHONUNBUFFERED": None})
        process.stdin.write("abc\n" * 50000)
        process.stdin.close()
        process.stdin = None
        out = process.stdout.buffer.read()
        err = process.stderr.buffer.read()
        equal(out, b"\ncba" * 50000 + b"False\n")
        equal(err, b"\xff\r\n")
        equal(process.wait(), 0)


@test
def resources_are_the_targets():
    code = ("import time; block = bytearray(80 << 20); block[::4096] = b'x' * len(block[::4096]);"
            "end = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
            "time.sleep(0.5)")
    with Place() as place:
        result = place.collect("-c", code)
        exit = result["exit"]
        assert 80 << 20 < exit["max_rss"] < 130 << 20, exit["max_rss"]
        assert 0.3 <= exit["user"] + exit["system"] < 30, exit
        assert 0.8 <= exit["wall"], exit
        memory = exit["memory"]
        assert len(memory) > 2, memory
        assert memory == sorted(memory), memory
        assert max(size for _, size in memory) > 80 << 20, memory


@test
def options_are_checked_before_anything_starts():
    with Place() as place:
        mark = os.path.join(place.path, "mark")
        for options, part in (
                ("rate = 0", "--rate: 0 is not a whole number from 1 to 10000"),
                ("rate = 1.5", "--rate: 1.5"), ("rate = 10001", "10001"),
                ("duration = 0", "--duration: 0 is not"), ("duration = -1", "--duration"),
                ("native = true, nonblocking = true", "--native, --nonblocking")):
            result = place.collect("-c", "open(%r, 'w')" % mark, options=options)
            holds(result["message"], part)
            equal(result["kind"], "usage")
            assert not os.path.exists(mark)
        result = place.collect("-c", "open(%r, 'w')" % mark,
                               options="save = '/nonexistent/directory/file'")
        holds(result["message"],
              "--save: /nonexistent/directory/file: cannot be written (No such file")
        assert not os.path.exists(mark)
        kept = place.file("kept", "before")
        for name in ("new", "kept"):
            path = os.path.join(place.path, name)
            result = fault(place, "refused", "-c", "pass", options="save = '%s'" % path)
            holds(result["message"], "py-spy: may not read process ")
        assert "new" not in os.listdir(place.path)
        with open(kept) as file:
            equal(file.read(), "before")
        result = place.collect("-c", "open(%r, 'w')" % mark, options="py_spy = '/no/such'")
        holds(result["message"], "/no/such: no such program (--py-spy names it)")
        result = place.collect("-c", "pass", env={"PYPROF_PY_SPY": "/neither"})
        holds(result["message"], "/neither: no such program ($PYPROF_PY_SPY names it)")


@test
def every_option_of_py_spy_works():
    with Place() as place:
        script = place.file("sleep.py", "import time\ntime.sleep(0.7)\n")
        counts = {}
        for option in ("idle = true", "gil = true", "nonblocking = true, idle = true",
                       "native = true, idle = true", "rate = 100",
                       "full_filenames = true, idle = true, rate = 20"):
            result = place.collect(script, options=option)
            equal(result["status"], 0, option)
            counts[option] = sum(any(file == script for _, file in stack)
                                 for stack in samples(result))
            for profile in json.loads(result["recordings"][0])["profiles"]:
                equal(set(profile["weights"]), {0.05 if "rate = 20" in option else 0.01}, option)
        for option, count in counts.items():
            asleep = "idle" in option
            assert count > 0 if asleep else count < counts["idle = true"], counts


@test
def the_recording_is_kept():
    with Place() as place:
        path = os.path.join(place.path, "kept.json")
        result = place.collect(place.file("busy.py", BUSY), options="save = '%s'" % path)
        with open(path) as file:
            equal(file.read(), result["recordings"][0])
        script = place.file("again.py", "import os, sys, time\nif len(sys.argv) == 1:\n"
                            "    time.sleep(1)\n    os.execv(sys.executable, [sys.executable, "
                            "__file__, 'again'])\ntime.sleep(3)\n")
        result = place.collect(script, options="idle = true, save = '%s'" % path)
        for name, text in zip((path, path[:-5] + "-2.json"), result["recordings"]):
            with open(name) as file:
                equal(file.read(), text)
        assert any("2 recordings, the last is " in note for note in notes(result)), result


@test
def duration_ends_gently_and_is_a_success():
    gentle = ("import sys, time\ntry:\n    print('began', flush=True)\n    time.sleep(600)\n"
              "except KeyboardInterrupt:\n    print('asked'); sys.exit(5)\n")
    with Place() as place:
        script = place.file("gentle.py", gentle)
        for seconds in (1, 10, 60):  # a busy machine needs more to come that far
            result = place.collect(script, options="duration = %d, pause = 60" % seconds)
            equal((result["status"], result["exit"]["ended_by"]), (0, "duration"))
            if "began" in result["out"]:
                break
        equal((result["exit"]["code"], result["out"]), (5, "began\nasked\n"))
        assert seconds <= result["exit"]["wall"] < seconds + 60, result
        stubborn = ("import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
                    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                    "print('began', flush=True)\ntime.sleep(600)\n")
        script = place.file("stubborn.py", stubborn)
        for seconds in (1, 10, 60):
            result = place.collect(script, options="duration = %d, pause = 1" % seconds)
            if "began" in result["out"]:
                break
        equal((result["status"], result["exit"]["signal"]), (0, 9))
        assert seconds + 2 <= result["exit"]["wall"], result
        equal(place.left(), [])


@test
def duration_ends_a_whole_tree():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        result = place.collect("--", "sh", "-c", "%s %s 60; %s %s 60" % (
            PYTHON, script, PYTHON, script), options="duration = 2")
        equal((result["status"], result["exit"]["ended_by"]), (0, "duration"))
        sampled(result, "busy")
        equal(place.left(), [])


@test
def a_running_process_survives():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        target = subprocess.Popen([PYTHON, "-c", "print('ready', flush=True)\n" + BUSY, "600"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            wait_line(target, "ready")
            result = place.collect(options="kind = 'pid', pid = %d, duration = 1" % target.pid)
            sampled(result, "busy")
            equal(result["exit"]["ended_by"], "duration")
            equal(result["quality"]["launch"], "process")
            process = place.start(options="pid = %d" % target.pid, preexec_fn=plain_signals)
            place.sampling(process)
            process.send_signal(signal.SIGINT)
            result = place.ended(process)
            sampled(result, "busy")
            equal(target.poll(), None)
        finally:
            target.kill()
            target.communicate()
        result = place.collect(options="pid = %d" % target.pid)
        holds(result["message"], "process %d: No such process" % target.pid)


def plain_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


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
        while process.poll() is None:  # two are enough, unless we are slow to read the first
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        assert place.ended(process)["exit"]["signal"] in (signal.SIGTERM, signal.SIGKILL)


@test
def ignored_signals_stay_ignored():
    with Place() as place:
        process = place.start("-c", "import signal; print(signal.getsignal(signal.SIGINT) == "
                              "signal.SIG_IGN and signal.getsignal(signal.SIGHUP) == "
                              "signal.SIG_IGN)",
                              preexec_fn=lambda: (signal.signal(signal.SIGINT, signal.SIG_IGN),
                                                  signal.signal(signal.SIGHUP, signal.SIG_IGN)))
        equal(place.ended(process)["out"], "True\n")


def on_terminal(place, *words):
    """Starts the collector on a terminal of its own: pid, descriptor of the terminal."""
    result = os.path.join(place.path, "result.json")
    pid, master = pty.fork()
    if pid == 0:
        os.environ["TMPDIR"] = place.tmp
        plain_signals()
        os.execv(PROGRAM, [PROGRAM, COLLECT, result, "", *words])
    place.result = result
    return pid, master


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
    """A shell's Python, its child in a session of its own, and what a thread started."""
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
    """Its state, and the processor time it had."""
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


@test
def what_cannot_be_held_is_attached_to():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        shell = place.file("run.sh", "#!/bin/sh\n%s %s 1.5\nexit 6\n" % (PYTHON, script), 0o755)
        for words, status in ((["--", PYTHON, "-I", script, "1.5", "3"], 3),
                              (["--", PYTHON, "-ES", script, "1.5", "3"], 3),
                              (["--", "sh", "-c", "exec %s %s 1.5 4" % (PYTHON, script)], 4),
                              # Later than a py-spy that is there from the start would see it.
                              (["--", "sh", "-c", "sleep 0.7; exec %s %s 1.5 4" % (
                                  PYTHON, script)], 4),
                              (["--", shell], 6)):
            result = place.collect(*words)
            equal(result["status"], status, words)
            equal(result["quality"]["launch"], "attach", words)
            sampled(result, "busy")
        result = place.collect("--", PYTHON, "-I", "-c",
                               "import os; print([n for n in os.environ if 'PYPROF_LUA_' in n])")
        equal(result["out"], "[]\n")


@test
def a_gate_that_is_never_reached():
    """A Python by its name, whose wrapper says -I: it runs, and is attached to a little late."""
    with Place() as place:
        script = place.file("busy.py", BUSY)
        wrapper = place.file("bin/python3", '#!/bin/sh\nexec %s -I "$@"\n' % PYTHON, 0o755)
        result = place.collect("--", wrapper, script, "2.5", "3")
        equal(result["status"], 3)
        sampled(result, "busy")
        equal(result["quality"]["launch"], "attach")
        holds(notes(result)[0], "not sampled before ")
        result = fault(place, "refused", "--", wrapper, script, "2.5", "3")
        equal(result["status"], 3)
        holds(result["message"], "py-spy: may not read process ")


@test
def a_version_managers_shim():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        shim = place.file("bin/python3", '#!/usr/bin/env bash\nset -e\nprogram="${0##*/}"\n'
                          'exec "%s" "$@"\n' % PYTHON, 0o755)
        result = place.collect(script, "0.4", "3", options="python = '%s'" % shim)
        equal((result["status"], result["quality"]["launch"]), (3, "gate"))
        sampled(result, "busy")
        process = place.start(script, "60", options="python = '%s'" % shim)
        time.sleep(0.3)
        process.kill()
        process.communicate()
        equal(place.left(), [])


@test
def progress_is_shown_where_asked_for():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        result = place.collect(script, "1.2", options="progress = true")
        assert re.search(r"\d\.\d s +\d+\.\d MiB", result["err"]), result["err"]
        assert result["err"].endswith("\x1b[K"), result["err"]
        equal(place.collect(script, "0.7")["err"], "")


@test
def several_pythons_one_after_the_other():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        other = place.file("other.py", BUSY.replace("busy", "later"))
        result = place.collect("--", "sh", "-c", "%s %s 1; sleep 0.5; %s %s 2; exit 5" % (
            PYTHON, script, PYTHON, other))
        equal(result["status"], 5)
        sampled(result, "busy")
        sampled(result, "later")
        assert any("not sampled from" in note for note in notes(result)), result


@test
def a_program_that_is_replaced():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        first = place.file("first.py", BURN.replace("busy", "before") + "before(0.4)\n"
                           "os.execv(sys.executable, [sys.executable, %r, '2', '9'])\n"
                           % script)
        result = place.collect(first)
        equal(result["status"], 9)
        sampled(result, "before")
        sampled(result, "busy")
        assert any("replaced by exec" in note for note in notes(result)), result


@test
def child_processes_are_seen():
    with Place() as place:
        code = (BURN.replace("busy", "work") + "import subprocess\n"
                "from multiprocessing import Pool\n"
                "if __name__ == '__main__':\n    with Pool(2) as pool: pool.map(work, [1, 1])\n"
                "    subprocess.run([sys.executable, sys.argv[1], '1'])\n")
        script = place.file("pool.py", code)
        result = place.collect(script, place.file("busy.py", BUSY), options="subprocesses = true")
        equal(result["status"], 0)
        sampled(result, "work")
        sampled(result, "busy")
        roots = {stack[0][0] for stack in samples(result)}
        assert any(root.startswith("process ") for root in roots), roots


@test
def a_short_script_has_its_status_and_its_samples():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        seen = 0
        for number in range(20):
            result = place.collect(script, "0.03", str(number), options="rate = 1000")
            equal(result["status"], number)
            seen += share(result, "busy")[0] > 0
        assert seen >= 10, seen  # pyspy_at_length.py counts them where the machine is quiet
        result = place.collect("-c", "pass", options="rate = 1")
        equal((result["status"], result.get("message")), (0, None))


@test
def no_samples_are_explained():
    for option in ([], ["--idle"]):
        result = run("top.lua", "--rate", 1, *option, "-c", "pass")
        equal("(no rows)" in result.out, "no samples: it was not seen at work" in result.out,
              result)


@test
def a_command_without_a_python():
    with Place() as place:
        result = place.collect("--", "sh", "-c", "sleep 0.3; exit 3")
        equal(result["status"], 3)
        equal(samples(result), [])
        assert any("found no Python" in note for note in notes(result)), result


def fault(place, name, *words, options=""):
    return place.collect(*words, options="py_spy = %r, %s" % (FAKE, options),
                         env={"FAKE_PYSPY": name})


@test
def faults_of_py_spy_are_one_clear_line():
    with Place() as place:
        mark = os.path.join(place.path, "mark")
        for name, part in (("silent end", "py-spy: ended without a word (status 3)"),
                           ("refused", "py-spy: may not read process "),
                           ("broken", "py-spy: Unsupported version of Python: 9.9: no such layout"),
                           ("mute", "py-spy: did not begin to sample within 1 s")):
            result = fault(place, name, "-c", "open(%r, 'w')" % mark,
                           options="limit = %d" % (1 if name == "mute" else 100))
            holds(result["message"], part)
            assert "\n" not in result["message"] and "backtrace" not in result["message"], result
            assert "exit" not in result, result
            assert not os.path.exists(mark), "the program ran without being sampled"
            equal(result["err"], "")
            equal(place.left(), [])


@test
def faults_in_the_middle_leave_the_program_alone():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        result = fault(place, "crash", script, "0.5", "3")
        equal(result["exit"]["status"], 3)
        holds(result["message"], "py-spy: left no recording (signal 11)")
        result = fault(place, "nothing", script, "0.3", "3")
        equal(result["exit"]["status"], 3)
        holds(result["message"], "py-spy: left no recording (status 0)")
        result = fault(place, "stuck", script, "0.3", "3", options="limit = 10")
        equal(result["exit"]["status"], 3)
        holds(result["message"], "py-spy: hangs after its target ended")
        result = fault(place, "late", script, "0.3", "3")
        equal(result["exit"]["status"], 3)
        holds("\n".join(notes(result)), "behind in sampling 1 times, by up to 1.25 s")
        holds("\n".join(notes(result)), "could not read 2 of 3 stacks")
        equal(place.left(), [])


@test
def a_truncated_recording():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        result = run("report.lua", "--py-spy", FAKE, script, "0.3", "3",
                     env={"FAKE_PYSPY": "truncated", "TMPDIR": place.tmp})
        equal((result.status, result.out), (3, ""))
        assert re.fullmatch("pyprof-lua: py-spy: its recording is broken: byte .*\n",
                            result.err), result
        equal(place.left(), [])


@test
def what_only_py_spy_may_start():
    with Place() as place:
        result = fault(place, "strict", "-c", "print('ran')", options="yama = 1")
        holds(result["out"], "ran\n")
        equal(result["status"], 0)
        equal(result["exit"]["unknown"], True)
        equal(result["quality"]["launch"], "py-spy")
        holds(notes(result)[0], "whose exit status it does not tell")
        equal(len(samples(result)), 1)
        result = fault(place, "strict", "--", "sh", "-c", "%s -c 'import time; time.sleep(0.5)'"
                       "; exit 4" % PYTHON, options="yama = 1")
        equal(result["status"], 4)
        holds(result["message"], "py-spy: may not read process ")
        equal(place.left(), [])


def parent(pid):
    with open("/proc/%d/stat" % pid) as file:
        return int(file.read().rpartition(")")[2].split()[1])


@test
def py_spy_above_its_target():
    """Who is whose parent where Yama lets a tracer see only its descendants."""
    with Place() as place:
        code = ("import os, subprocess, sys\nprint(os.getpid(), flush=True)\n"
                "subprocess.run([sys.executable, sys.argv[1], '1'])\nsys.exit(4)\n")
        script = place.file("children.py", code)
        busy = place.file("busy.py", BUSY)
        options = "confined = true, subprocesses = true"
        process = place.start(script, busy, options=options)
        target = int(process.stdout.readline())
        shim = parent(target)
        above = parent(shim)
        with open("/proc/%d/cmdline" % above) as file:
            holds(file.read(), "py-spy\0record")
        equal(parent(above), process.pid)
        equal(os.getsid(target), os.getsid(process.pid))
        equal(os.getsid(above), above)
        result = place.ended(process)
        equal(result["status"], 4)
        equal(result["exit"]["code"], 4)
        assert result["exit"]["user"] > 0.1, result["exit"]
        sampled(result, "busy")
        equal(place.left(), [])
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for delay in (0.03, 0.3):
                process = place.start(busy, "60", options=options, preexec_fn=plain_signals)
                time.sleep(delay)
                process.send_signal(number)
                process.communicate(timeout=300)
                equal(place.left(), [], number)
        result = place.collect("--", "sh", "-c", "%s %s 1.5; exit 3" % (PYTHON, busy),
                               options="confined = true")
        equal(result["status"], 3)
        sampled(result, "busy")


@test
def the_target_declares_who_may_look_at_it():
    """prctl(PR_SET_PTRACER, our process id) before exec: seen from outside."""
    if subprocess.run(["which", "strace"], stdout=subprocess.DEVNULL).returncode != 0:
        raise Skip("strace is not here")
    if PROGRAM.endswith("-asan"):
        raise Skip("the leak sanitizer cannot work under strace")
    with Place() as place:
        log = os.path.join(place.path, "log")
        subprocess.run(["strace", "-f", "-e", "trace=prctl,execve", "-o", log, PROGRAM, COLLECT,
                        os.path.join(place.path, "result"), "", "-c", "pass"], check=True)
        with open(log) as file:
            calls = file.read()
        assert re.search(r"prctl\(PR_SET_PDEATHSIG, SIGKILL\) += 0", calls), calls
        declared = re.search(r"prctl\(PR_SET_PTRACER, (\d+)", calls)
        equal(int(declared.group(1)), int(calls.split()[0]))


@test
def an_unprivileged_user():
    if os.getuid() != 0:
        raise Skip("only root can become another user")
    with Place() as place:
        script = place.file("busy.py", BUSY)
        mine = place.start(script, "0.5", "3", preexec_fn=lambda: os.setuid(65534))
        result = place.ended(mine)
        if "recordings" not in result and "Permission" in result["err"]:
            raise Skip("this checkout is not for other users to read: " + result["err"])
        equal(result["status"], 3)
        sampled(result, "busy")


if __name__ == "__main__":
    finish()
