"""Refusals of py-spy and of the system: a fake py-spy plays faults; Yama, another user."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from check import PROGRAM, Skip, equal, finish, holds, run, test
from pyspy import BURN, BUSY, COLLECT, FAKE, Place, fault, notes, plain_signals, sampled, samples

PYTHON = sys.executable


@test
def where_py_spy_is_looked_for():
    with Place() as place:
        alone = os.path.join(place.path, "bin", "pyprof-lua")
        os.mkdir(os.path.dirname(alone))
        shutil.copy(PROGRAM, alone)
        empty = os.path.join(place.path, "empty")
        os.mkdir(empty)
        nowhere = {"PATH": empty, "VIRTUAL_ENV": None, "PYPROF_PY_SPY": None}
        words = ["top.lua", "--python", PYTHON, "-c", "pass"]
        result = run(*words, env=nowhere, program=alone)
        equal((result.status, result.out, result.err), (
            1, "", "pyprof-lua: top.lua: py-spy: not found (pip install py-spy, or name it with "
            "--py-spy PATH)\n"))
        # Each place is searched before those after it: the py-spy found there prints its name.
        places = ("option", "variable", "venv/bin", "path", "libexec/pyprof-lua")
        for name in places:
            place.file(name + "/py-spy", "#!/bin/sh\necho 'Error: %s'\nexit 1\n" % name, 0o755)
        env = {"VIRTUAL_ENV": place.path + "/venv", "PATH": place.path + "/path",
               "PYPROF_PY_SPY": place.path + "/variable/py-spy"}
        first = ["--py-spy", place.path + "/option/py-spy"]
        for name, options, changes in (
                ("option", first, {}), ("variable", [], {}),
                ("venv/bin", [], {"PYPROF_PY_SPY": None}),
                ("path", [], {"PYPROF_PY_SPY": None, "VIRTUAL_ENV": None}),
                ("libexec/pyprof-lua", [], nowhere)):
            result = run(words[0], *options, *words[1:], env=dict(env, **changes), program=alone)
            equal((result.status, result.err), (1, "pyprof-lua: top.lua: py-spy: %s\n" % name))


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
        # A py-spy that traces its target holds its status back, too.
        for more in ("", ", confined = true, subprocesses = true"):
            result = fault(place, "traces", script, "0.3", "3", options="limit = 10" + more)
            equal(result["exit"]["status"], 3)
            holds(result["message"], "py-spy: hangs after its target ended")
        result = fault(place, "late", script, "0.3", "3")
        equal(result["exit"]["status"], 3)
        holds("\n".join(notes(result)), "behind in sampling 1 times, by up to 1.25 s")
        holds("\n".join(notes(result)), "could not read 2 of 3 stacks")
        equal(place.left(), [])


@test
def places_without_room_are_known_before_the_run():
    with Place() as place:
        small = os.path.join(place.path, "small")
        os.mkdir(small)
        fill = "mount -t tmpfs -o size=64k none %s && head -c 64K /dev/zero > %s/full"
        alone = ["unshare", "--mount", "sh", "-c", fill % (small, small) + ' && exec "$@"', "sh"]
        if os.getuid() != 0 or subprocess.run([*alone, "true"], stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL).returncode != 0:
            raise Skip("only root can mount a small disk")
        mark = os.path.join(place.path, "mark")
        for options, env, wanted in (
                (["-o", small + "/report"], {}, "%s/report: cannot be written (No space left on "
                 "device)" % small),
                (["--save", small + "/run.json"], {}, "top.lua: --save: %s/run.json: cannot be "
                 "written (No space left on device)" % small),
                ([], {"TMPDIR": "/proc"}, r"top.lua: /proc/.* \(TMPDIR names another place\)"),
                ([], {"TMPDIR": small}, r"top.lua: .*: No space left on device "
                 r"\(TMPDIR names another place\)")):
            done = subprocess.run(
                [*alone, PROGRAM, "top.lua", *options, "-c", "open(%r, 'w')" % mark],
                env=place.environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True)
            line = "pyprof-lua: %s\n" % wanted
            assert done.stderr == line or re.fullmatch(line, done.stderr), (line, done)
            equal((done.returncode, done.stdout), (1, ""))
            assert not os.path.exists(mark), "the program ran"
        equal(place.left(), [])


# Burns, and then takes a folder away.
REMOVE = BURN + "busy(0.3)\nos.rmdir(sys.argv[1])\nsys.exit(int(sys.argv[2]))\n"


@test
def a_recording_that_cannot_be_saved_is_kept_elsewhere():
    with Place() as place:
        folder = os.path.join(place.path, "folder")
        script = place.file("remove.py", REMOVE)
        for status, wanted in (("0", 1), ("5", 5)):
            os.mkdir(folder)
            result = run("top.lua", "--save", folder + "/run.json", script, folder, status,
                         env={"TMPDIR": place.tmp})
            equal(result.status, wanted, result)
            holds(result.out, " busy ")
            found = re.fullmatch(r"pyprof-lua: --save: %s/run.json: No such file or directory "
                                 r"\(the recording is in (%s/pyprof-lua-\w+/run.json)\)\n"
                                 % (folder, place.tmp), result.err)
            assert found, result
            holds(run("top.lua", found.group(1)).out, " busy ")
            os.remove(found.group(1))
            os.rmdir(os.path.dirname(found.group(1)))
        os.mkdir(folder)
        recorded = run("-e", "local p, message = require('pyprof').record { %r, %r, '0', "
                       "save = %r } print(p.samples > 0, message)" % (script, folder,
                                                                      folder + "/run.json"),
                       env={"TMPDIR": place.tmp})
        assert recorded.out.startswith("true\t--save: "), recorded


# Burns, and then fills a disk.
FILL = BURN + """\
busy(0.3)
with open(sys.argv[1], "wb", 0) as file:
    while True:
        try:
            file.write(b" " * 512)
        except OSError:
            break
"""


@test
def a_recording_without_any_room_is_shown_all_the_same():
    with Place() as place:
        small = os.path.join(place.path, "small")
        os.mkdir(small)
        alone = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=512k none %s "
                 '&& exec "$@"' % small, "sh"]
        if os.getuid() != 0 or subprocess.run([*alone, "true"], stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL).returncode != 0:
            raise Skip("only root can mount a small disk")
        done = subprocess.run([*alone, PROGRAM, "top.lua", "--save", small + "/run.json",
                               place.file("fill.py", FILL), small + "/full"],
                              env=place.environment({"TMPDIR": small}), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        holds(done.stdout, " busy ")
        equal((done.returncode, done.stderr), (1, "pyprof-lua: --save: %s/run.json: No space "
              "left on device (the recording is lost: TMPDIR names no place with room for it)\n"
              % small))


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
    """The parents of processes where Yama lets a tracer see only its descendants."""
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
        equal(os.getpgid(target), os.getpgid(process.pid))
        equal(os.getpgid(above), above)
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
    """A program that calls prctl(PR_SET_PTRACER, our process id) before exec, seen from outside."""
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


# Forbids ptrace to itself and to the program that it executes, as the seccomp filter of a container
# does: the filter loads the number of a system call and allows all but one.
FORBID = """\
import ctypes, os, platform, struct, sys
call = {"x86_64": 101, "aarch64": 117}[platform.machine()]
steps = ((0x20, 0, 0, 0), (0x15, 1, 0, call), (0x06, 0, 0, 0x7fff0000), (0x06, 0, 0, 0x50001))
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
filter = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
prctl = ctypes.CDLL(None).prctl
if prctl(38, 1, 0, 0, 0) or prctl(22, 2, ctypes.c_void_p(ctypes.addressof(filter)), 0, 0):
    sys.exit(77)
os.execv(sys.argv[1], sys.argv[1:])
"""


NICE = BURN + """\
import glob
def nice(pid):
    with open("/proc/%s/stat" % pid) as file:
        return int(file.read().rpartition(")")[2].split()[16])
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        with open(path) as file:
            words = file.read().split("\\0")
        if "record" in words and str(os.getpid()) in words:
            print(nice(path.split("/")[2]), nice("self"), flush=True)
    except OSError:
        pass
busy(0.3)
"""


@test
def py_spy_does_not_wait_behind_others_where_that_is_allowed():
    """A target that py-spy has paused waits as long as py-spy does."""
    drop = ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice", "--"]
    if os.getuid() != 0 or shutil.which("setpriv") is None or \
            subprocess.run([*drop, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip("only root, by setpriv, can drop a capability")
    with Place() as place:
        path = place.file("nice.py", NICE)
        for words, wanted in (([], "-10 0\n"), (["nice", "-n", "5"], "-5 5\n"), (drop, "0 0\n")):
            done = subprocess.run([*words, PROGRAM, "top.lua", "-o", "out.txt", path],
                                  stdout=subprocess.PIPE, text=True, cwd=place.path)
            equal((done.returncode, done.stdout), (0, wanted), words)


@test
def a_container_that_forbids_ptrace():
    if PROGRAM.endswith("-asan"):
        raise Skip("the leak sanitizer cannot work where ptrace is forbidden")
    with Place() as place:
        forbid = [PYTHON, "-c", FORBID]
        if subprocess.run([*forbid, "/bin/true"]).returncode != 0:
            raise Skip("no filter of system calls can be set here")
        busy, mark = place.file("busy.py", BUSY), os.path.join(place.path, "mark")
        line = (r"pyprof-lua: top.lua: py-spy: may not read process \d+: this system forbids "
                r"ptrace \(in a container: --cap-add SYS_PTRACE; else --nonblocking\)\n")
        for words, status in ((["-c", "open(%r, 'w')" % mark], 1),
                              (["--", "sh", "-c", "%s %s 3; exit 4" % (PYTHON, busy)], 4)):
            done = subprocess.run([*forbid, PROGRAM, "top.lua", *words], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=place.environment(), text=True)
            equal((done.returncode, done.stdout), (status, ""), done)
            assert re.fullmatch(line, done.stderr), done
        assert not os.path.exists(mark), "the program ran without being sampled"
        done = subprocess.run([*forbid, PROGRAM, "top.lua", "--nonblocking", busy, "1"],
                              stdout=subprocess.PIPE, env=place.environment(), text=True)
        equal(done.returncode, 0)
        holds(done.stdout, " busy ")
        equal(place.left(), [])


@test
def a_process_that_another_one_traces():
    if shutil.which("strace") is None:
        raise Skip("strace is not here")
    with Place() as place:
        target = subprocess.Popen([PYTHON, place.file("busy.py", BUSY), "600"])
        tracer = subprocess.Popen(["strace", "-o", "/dev/null", "-p", str(target.pid)],
                                  stderr=subprocess.PIPE, text=True)
        wanted = "may not read process %d: process %d traces it (end that, or --nonblocking)\n"
        try:
            holds(tracer.stderr.readline(), "attached")
            for report in ("stacks.lua", "report.lua"):
                result = run(report, "--pid", target.pid)
                equal(result.status, 1)
                holds(result.err, wanted % (target.pid, tracer.pid))
            equal(target.poll(), None)
        finally:
            target.kill()
            tracer.communicate()
            target.wait()


@test
def a_child_that_may_not_be_looked_at():
    """A program that its user may run but not read."""
    if os.getuid() != 0:
        raise Skip("only root can become another user")
    with Place() as place:
        hidden = os.path.join(place.path, "hidden")
        shutil.copy(shutil.which("sleep"), hidden)
        os.chmod(hidden, 0o711)
        code = BURN + "import subprocess\nsubprocess.run([%r, '4'])\nbusy(0.5)\n" % hidden
        process = place.start(place.file("parent.py", code), options="subprocesses = true",
                              preexec_fn=lambda: os.setuid(65534))
        result = place.ended(process)
        if "recordings" not in result and "Permission" in result["err"]:
            raise Skip("this checkout is not for other users to read: " + result["err"])
        equal(result["status"], 0)
        sampled(result, "busy")
        assert re.search(r"py-spy: may not read process \d+: this system forbids ptrace .* root\)",
                         "\n".join(notes(result))), result


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


finish()
