"""Programs under py-spy: statuses, output, limits, programs that cannot be held, leftovers."""
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile

from check import PROGRAM, equal, finish, holds, run, test
from pyspy import BURN, BUSY, COLLECT, READY, Place, fault, notes, on_every_python, on_terminal, \
    plain_signals, read_terminal, sampled, samples, share, wait_line

PYTHON = sys.executable


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


@on_every_python("samples show what ran")
def samples_show_what_ran(place, python):
    script = place.file("busy.py", BUSY)
    result = place.collect(script, "0.4", "3", options="python = '%s'" % python)
    busy, all_of_them = share(result, "busy")
    assert busy > 2 and busy > all_of_them * 0.5, (busy, all_of_them, result)
    equal((result["status"], result["quality"]["launch"]), (3, "gate"))
    assert result["exit"]["wall"] > 0.35, result
    child = place.file("child.py", "import subprocess, sys\n"
                       "subprocess.call([sys.executable, %r, '1'])\n" % script)
    result = place.collect("--", python, child, options="subprocesses = true")
    sampled(result, "busy")
    ready = place.file("ready.py", READY.replace(", flush=True)", "); sys.stdout.flush()"))
    target = subprocess.Popen([python, ready], stdout=subprocess.PIPE, text=True)
    try:
        wait_line(target, "ready")
        result = place.collect(options="pid = %d, duration = 1" % target.pid)
        sampled(result, "busy")
        holds(run("stacks.lua", "--pid", target.pid).out, " busy ")
        equal(target.poll(), None)
    finally:
        target.kill()
        target.communicate()


@test
def every_form_of_target():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        place.file("directory/__main__.py", BUSY)
        for name in ("app.pyz", "plain.zip"):
            with zipfile.ZipFile(os.path.join(place.path, name), "w") as archive:
                archive.writestr("__main__.py", BUSY)
        by_python = place.file("by_python", "#!%s\n%s" % (PYTHON, BUSY))
        by_shell = place.file("by_shell", "#!/bin/sh\n%s %s \"$@\"\n" % (PYTHON, script), 0o755)
        out = os.path.join(place.path, "out.json")
        for words in ([script], ["directory"], ["app.pyz"], ["plain.zip"], ["-m", "busy"],
                      ["-m", "directory"], ["-c", BUSY], [by_python], [by_shell],
                      ["--", PYTHON, script], ["--", by_shell]):
            result = run("top.lua", "-o", out, *words, "1", "3", cwd=place.path)
            equal((result.status, result.out), (3, ""), words)
            assert result.err == "" or "not sampled before" in result.err, result
            with open(out) as file:
                assert any(row["name"] == "busy" for row in json.load(file)), words
        for words, status, line in (
                (["nosuch.py"], 1, "nosuch.py: No such file or directory"),
                (["--", "nosuch"], 1, "nosuch: no such command"),
                (["--"], 2, "--: the command is missing"),
                (["-m"], 2, "-m: the module is missing")):
            result = run("top.lua", *words, cwd=place.path)
            equal((result.status, result.out), (status, ""), words)
            equal(result.err, "pyprof-lua: %s\n" % line)


@test
def the_interpreter_is_the_one_named_or_the_environments():
    with Place() as place:
        venv = os.path.join(place.path, "venv")
        subprocess.run([PYTHON, "-m", "venv", "--without-pip", venv], check=True)
        for options, environment, wanted in (
                ([], venv, venv), (["--python", PYTHON], venv, sys.prefix),
                (["--python", venv + "/bin/python"], None, venv)):
            words = ["top.lua", *options, "-c", "import sys; print(sys.prefix)"]
            result = run(*words, env={"VIRTUAL_ENV": environment})
            equal((result.status, result.out.split("\n")[0]), (0, wanted), words)


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
        big = os.urandom(4 << 20)
        copy = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
        for words in (["-c", copy], ["--", "cat"]):
            done = subprocess.run([PROGRAM, COLLECT, place.result, "", *words], input=big,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=place.environment({"PYTHONUNBUFFERED": None}))
            equal((done.returncode, done.stderr, done.stdout == big), (0, b"", True), words)
        # A closed reader is the target's affair, as without us.
        endless = "import os\nwhile True: os.write(1, b'y\\n')"
        for words, status in ((["--", "yes"], 128 + signal.SIGPIPE), (["-c", endless], 1)):
            process = place.start(*words)
            wait_line(process, "y")
            process.stdout.close()
            process.stdout = None
            result = place.ended(process)
            equal((result["status"], result["exit"]["status"]), (status, status), words)
            equal("BrokenPipeError" in result["err"], status == 1, result)


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
        # The shell's two Pythons together; each waits until the other has its memory.
        wait = ("import os, time\nblock = bytearray(60 << 20); block[::4096] = b'x' * 15360\n"
                "open(%r, 'w').close()\nwhile not os.path.exists(%r): time.sleep(0.01)\n"
                "time.sleep(2)\n")
        one, other = os.path.join(place.path, "one"), os.path.join(place.path, "other")
        first = place.file("first.py", wait % (one, other))
        second = place.file("second.py", wait % (other, one))
        result = place.collect("--", "sh", "-c", "%s %s & %s %s; wait" % (
            PYTHON, first, PYTHON, second))
        assert max(size for _, size in result["exit"]["memory"]) > 120 << 20, result["exit"]
        assert 60 << 20 < result["exit"]["max_rss"] < 110 << 20, result["exit"]


@test
def options_are_checked_before_anything_starts():
    with Place() as place:
        mark = os.path.join(place.path, "mark")
        for options, part in (
                ("rate = 0", "--rate: 0 is not a whole number from 1 to 10000"),
                ("rate = 1.5", "--rate: 1.5"), ("rate = 10001", "10001"),
                ("rate = -1", "--rate: -1"), ("rate = 1/0", "--rate: inf"),
                ("duration = 0", "--duration: 0 is not a number of seconds above 0, up to "
                 "10000000"), ("duration = -1", "--duration"), ("duration = 0/0", "--duration"),
                ("duration = 1e8", "--duration"),
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
                       "idle = true, rate = 20"):
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
        for seconds in (1, 10, 60):  # a busy machine needs more time
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


@test
def what_cannot_be_held_is_attached_to():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        shell = place.file("run.sh", "#!/bin/sh\n%s %s 1.5\nexit 6\n" % (PYTHON, script), 0o755)
        for words, status in ((["--", PYTHON, "-I", script, "1.5", "3"], 3),
                              (["--", PYTHON, "-ES", script, "1.5", "3"], 3),
                              (["--", "sh", "-c", "exec %s %s 1.5 4" % (PYTHON, script)], 4),
                              # Later than py-spy would see it from the start.
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
    """A Python whose wrapper passes -I: it runs, and py-spy attaches a little late."""
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


def told_on_terminal(place, *words, options):
    pid, master = on_terminal(place, *words, options=options)
    shown = read_terminal(master, None).decode()
    os.waitpid(pid, 0)
    os.close(master)
    return shown


@test
def progress_is_shown_where_the_program_has_not_the_same_terminal():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        equal(told_on_terminal(place, script, "1.2", options="progress = true"), "")
        equal(place.collect(script, "0.7", options="progress = true")["err"], "")
        busy = subprocess.Popen([PYTHON, script, "60"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        try:
            for options, drawn in (("progress = true, duration = 1.5", True), ("duration = 3.5", True),
                                   ("duration = 1", False), ("progress = false, duration = 3", False)):
                shown = told_on_terminal(place, options="pid = %d, %s" % (busy.pid, options))
                equal(re.search(r"\r +\d+\.\d s +\d+\.\d MiB", shown) is not None, drawn, shown)
                equal(shown.endswith("\r\x1b[K"), drawn, shown)
        finally:
            busy.kill()
            busy.wait()


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
        code = ("import os, subprocess, sys\nprint(os.getpid(), flush=True)\n"
                "child = subprocess.Popen([sys.executable, sys.argv[1], '1'])\n"
                "print(child.pid, flush=True)\nchild.wait()\n")
        report = os.path.join(place.path, "threads.json")
        result = run("threads.lua", "--subprocesses", "--python", PYTHON, "-o", report,
                     place.file("one.py", code), place.file("busy.py", BUSY))
        pid, child = map(int, result.out.split())
        with open(report) as file:
            row, = [row for row in json.load(file) if row["pid"] == child]
        equal(row["parent"], pid)
        equal(row["command"], "%s %s 1" % (PYTHON, place.path + "/busy.py"))


@test
def a_short_script_has_its_status_and_its_samples():
    with Place() as place:
        script = place.file("busy.py", BUSY)
        seen = 0
        for number in range(20):
            result = place.collect(script, "0.03", str(number), options="rate = 1000")
            equal(result["status"], number)
            seen += share(result, "busy")[0] > 0
        assert seen >= 10, seen  # at_length.py counts them on a quiet machine
        result = place.collect("-c", "pass", options="rate = 1")
        equal((result["status"], result.get("message")), (0, None))


@test
def no_samples_are_explained():
    for option in ([], ["--idle"]):
        result = run("top.lua", "--rate", 1, *option, "-c", "pass")
        equal("No function is in the samples." in result.out, "no samples: it was never seen running" in result.out,
              result)


@test
def a_command_without_a_python():
    with Place() as place:
        result = place.collect("--", "sh", "-c", "sleep 0.3; exit 3")
        equal(result["status"], 3)
        equal(samples(result), [])
        assert any("found no Python" in note for note in notes(result)), result


finish()
