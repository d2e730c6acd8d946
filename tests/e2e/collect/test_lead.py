"""A helper in each Python of a run: it sees every end, and the programs see nothing of it."""
import os
import sys

from check import equal, finish, holds, test
from led import HELPER, Place, led, on, plain, pythons

PROBE = """\
import os, sys
sys.path_importer_cache, sys.path_hooks
seen = {
    "argv": sys.argv, "path": sys.path[:], "modules": sorted(sys.modules),
    "environ": sorted(os.environ.items()), "caches": sorted(filter(None, sys.path_importer_cache)),
    "hooks": [repr(type(hook)) for hook in sys.meta_path], "main": sorted(globals()),
    "atexit": "atexit" in sys.modules, "trace": sys.gettrace() is None,
}
import signal, json
seen["term"] = repr(signal.getsignal(signal.SIGTERM)) + repr(signal.SIGTERM)
seen["set"] = repr(signal.signal(signal.SIGTERM, signal.SIG_IGN))
seen["ignored"] = repr(signal.signal(signal.SIGTERM, signal.SIG_DFL))
seen["again"] = repr(signal.getsignal(signal.SIGTERM))
seen["names"] = [f.__name__ + f.__module__ for f in (os._exit, os.execv, os.putenv)]
seen["blocked"] = sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, [])))
print(json.dumps(seen, sort_keys=True), flush=True)
"""
ALL = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
SOME = ("3.8", "3.11", "3.13")


def same(place, python, *words, results=1, lost=0, env=None, follow=True):
    """The program's output and end are those of a plain run; returns what the helpers found."""
    want = plain(place, python, *words, env=env)
    got = led(place, "--", python, *words, env=env, follow=follow)
    equal(got.out, want.stdout, "stdout")
    equal(got.err, want.stderr, "stderr")
    status = got.exit["code"] if "code" in got.exit else -got.exit["signal"]
    equal(status, want.returncode, "status")
    equal(got.notes, [])
    equal((len(got.results), got.lost, got.running), (results, lost, 0),
          "results, lost, running: %r" % got.results)
    return got


@on(*ALL)
def nothing_is_seen(place, python):
    script = place.file("probe.py", PROBE)
    for env in ({}, {"PYTHONPATH": ""}, {"PYTHONPATH": "/a::b"}):
        got = same(place, python, script, "a", "", env=env)
        equal(got.results[0]["argv"][1:], [script, "a", ""])
        equal(got.results[0]["main"], True)
        equal(got.results[0]["options"], {"text": "it's \"one\" \\u0027 / \\ …\n",
                                          "list": [1, True, None]})
    same(place, python, "-c", PROBE, follow=False)
    same(place, python, "-m", "probe", env={"PYTHONPATH": place.path})


WAYS = """\
import os, subprocess, sys
probe = [sys.executable, sys.argv[1]]
def show(*words, **more):
    print(subprocess.run(words, check=True, stdout=subprocess.PIPE, **more).stdout.decode())
show(*probe, "inherited")
show(*probe, "empty", env={})
show(*probe, "copy", env=dict(os.environ, MINE="1"))
show(*probe, "own", env={"PYTHONPATH": "/x:/y", "MINE": "1"})
show(*probe, "no path", env={"PYTHONPATH": ""})
show(*probe, "early", preexec_fn=lambda: None)
show(*probe, "open", close_fds=False)
show("sh", "-c", '"$0" "$1" shell', *probe)
os.system('"%s" "%s" system' % tuple(probe))
os.environ["PYTHONPATH"] = "/changed"
show(*probe, "changed")
os.system('"%s" "%s" "system changed"' % tuple(probe))
del os.environ["PYTHONPATH"]
show(*probe, "deleted")
os.putenv("PYTHONPATH", "/put")
show(*probe, "put")
os.waitpid(os.posix_spawn(probe[0], probe + ["spawned"], os.environ), 0)
os.waitpid(os.spawnv(os.P_NOWAIT, probe[0], probe + ["spawnv"]), 0)
show(probe[0], "-I", probe[1], "isolated")
show(probe[0], "-Es", probe[1], "isolated", env={"PYTHONPATH": "/x"})
show(probe[0], "-S", probe[1], "isolated")
try:
    os.execv("/no/such/program", ["x"])
except OSError as error:
    print(error, flush=True)
os.execvpe("env", ["env", *probe, "executed"], {"PATH": os.environ["PATH"], "A": "b"})
"""


@on(*ALL)
def children_are_led_and_see_nothing(place, python):
    script, probe = place.file("ways.py", WAYS), place.file("probe.py", PROBE)
    # 16 probes; the fork of spawnv and the program itself end by exec.
    got = same(place, python, script, probe, results=18)
    equal(sorted(result["depth"] for result in got.results),
          [0] * 2 + [1] * 16, [(r["argv"], r["depth"]) for r in got.results])


ENDS = {
    "end": ("", 1), "exit": ("sys.exit(3)", 1), "exception": ("1 / 0", 1),
    "_exit": ("os._exit(4)", 1), "abort": ("os.abort()", 1),
    "term": ("os.kill(os.getpid(), signal.SIGTERM)", 1),
    "term and wait": ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(600)", 1),
    "term from thread": (
        "threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGTERM)).start();"
        "time.sleep(600)", 1),
    "own handler": ("signal.signal(15, lambda *_: sys.exit(5)); os.kill(os.getpid(), 15)", 1),
    "ignored": ("signal.signal(15, signal.SIG_IGN); os.kill(os.getpid(), 15); os._exit(6)", 1),
    "int": ("signal.signal(2, signal.SIG_DFL); os.kill(os.getpid(), 2); time.sleep(600)", 1),
    "hup": ("os.kill(os.getpid(), signal.SIGHUP); time.sleep(600)", 1),
    "kill": ("os.kill(os.getpid(), signal.SIGKILL)", 0),
    "daemon": ("threading.Thread(target=time.sleep, args=(600,), daemon=True).start()", 1),
    "_exit in thread": ("threading.Thread(target=os._exit, args=(7,)).start(); time.sleep(600)", 1),
    "atexit": ("atexit.register(print, 'late'); raise SystemExit('bye')", 1),
    "forked": ("pid = os.fork()\nif pid: os.waitpid(pid, 0)\nelse: os._exit(0)", 2),
    "fork falls through": ("pid = os.fork()\nif pid: os.waitpid(pid, 0)", 2),
    "child killed": ("pid = os.fork()\nif pid: os.waitpid(pid, 0)\n"
                     "else: os.kill(os.getpid(), 9)", 1),
    "fork and exec": ("pid = os.fork()\nif pid: os.waitpid(pid, 0)\n"
                      "else: os.execv(sys.executable, ['python', '-c', ''])", 3),
}


@on(*SOME)
def every_end(place, python):
    for what, (code, results) in ENDS.items():
        script = place.file("end.py",
                            "import atexit, os, signal, sys, threading, time\n" + code + "\n")
        killed = int("SIGKILL" in code or ", 9" in code)
        try:
            same(place, python, script, results=results, lost=killed)
        except AssertionError as error:
            raise AssertionError("%s: %s" % (what, error))


DAEMON = """\
import os, subprocess, sys, time
if os.fork():
    os._exit(0)
os.dup2(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY), 2)
ours = subprocess.run(["sh", "-c", "echo $PYTHONPATH"], stdout=subprocess.PIPE).stdout.strip()
while os.path.exists(ours):
    time.sleep(0.01)
if os.fork() == 0:
    subprocess.run([sys.executable, "-c", ""])
    os._exit(0)
os.wait()
os.write(2, b"end")
"""


@on(*SOME)
def a_daemon_outlives_the_run(place, python):
    err = os.path.join(place.path, "err")
    got = led(place, "--", python, place.file("daemon.py", DAEMON), err, helper="", limit="0.1")
    equal(got.exit["status"], 0)
    with open(err) as file:
        equal(file.read(), "end")


POOLS = """\
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
def work(n):
    return n * n
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with multiprocessing.Pool(2) as pool:
        print(pool.map(work, range(4)))
    with ProcessPoolExecutor(2) as pool:
        print(list(pool.map(work, range(4))))
    one = multiprocessing.Process(target=work, args=(1,))
    one.start()
    one.join()
    print(one.exitcode)
"""


@on(*SOME)
def pools(place, python):
    script = place.file("pools.py", POOLS)
    for method in ("fork", "spawn", "forkserver"):
        got = led(place, "--", python, script, method)
        equal((got.out, got.err, got.exit["status"]),
              ("[0, 1, 4, 9]\n[0, 1, 4, 9]\n0\n", "", 0), method)
        equal((got.lost, got.running, got.notes), (0, 0, []), method)
        # Two workers of the first pool, one or two of the second, a process, the program; the
        # tracker of resources and the server of forks are Pythons as well.
        assert 5 <= len(got.results) <= 8, (method, got.results)


MANY = """\
import multiprocessing, sys
def work(n):
    return sum(range(n))
if __name__ == "__main__":
    for _ in range(60):
        with multiprocessing.Pool(2) as pool:
            assert pool.map(work, range(8)) == [sum(range(n)) for n in range(8)]
"""


@on(*SOME)
def sixty_pools_that_are_terminated(place, python):
    script = place.file("many.py", MANY)
    got = led(place, "--", python, script)
    equal((got.out, got.err, got.exit["status"], got.notes), ("", "", 0, []))
    equal((len(got.results), got.lost), (121, 0))


@on(*SOME)
def sees_imports(place, python):
    script = place.file("imports.py", """\
import decimal, json, xml.sax, queue
try:
    import nothing_like_it
except ImportError as error:
    import traceback
    traceback.print_exc()
import broken
""")
    place.file("broken.py", "1 / 0\n")
    got = same(place, python, script)
    equal(got.results[0]["imported"], ["decimal", "json", "xml.sax"])


@on(*SOME)
def the_programs_own_modules_win(place, python):
    place.file("queue.py", "mine = True\n")
    same(place, python, place.file("own.py", "import queue\nprint(queue.mine)\n"))


@on(*SOME)
def errors_of_a_helper_become_notes(place, python):
    script = place.file("hello.py", "import decimal\nprint('hello')\n")
    got = led(place, "--", python, script, helper="1 / 0\n")
    equal((got.out, got.err, got.exit["status"]), ("hello\n", "", 0))
    equal(got.notes, ["probe: ZeroDivisionError: division by zero"])
    got = led(place, "--", python, script, helper=HELPER + (
        "def bad(*_): raise ValueError('bad')\n"
        "lead.at_end(bad)\nlead.on_import('decimal', bad)\nlead.note('a remark')\n"))
    equal((got.out, got.err, got.exit["status"]), ("hello\n", "", 0))
    equal(got.notes, ["a remark", "probe: ValueError: bad"])
    equal((len(got.results), got.lost), (1, 0))


@on("2.7", "3.7")
def an_old_python_runs_without_the_helper(place, python):
    script = place.file("hello.py", "print('hello')\n")
    got = led(place, "--", python, script)
    equal((got.out, got.err, got.exit["status"], got.results), ("hello\n", "", 0, []))
    holds(got.notes[0], "too old (3.8 is needed)")


@test
def options_that_keep_us_out():
    with Place() as place:
        python = dict(pythons()).get("3.11", sys.executable)
        for option, allowed in (("-I", False), ("-E", False), ("-S", False), ("-B", True)):
            got = led(place, "--", python, option, "-c", "")
            equal(got.allowed if allowed else "keep the collector out" in got.why, True, option)


@on(*SOME)
def modules_of_the_helper_are_watched_when_they_are_given_back(place, python):
    script = place.file("child.py", """\
import subprocess, sys
if len(sys.argv) == 1:
    subprocess.run([sys.executable, __file__, "x"], env={}, check=True)
""")
    helper = HELPER.replace("import os", "import subprocess, os", 1)
    helper += "lead.on_import('_posixsubprocess', lambda module: state['imported'].append('child'))\n"
    got = led(place, "--", python, script, helper=helper)
    equal(got.notes, [])
    equal(sorted(result["depth"] for result in got.results), [0, 1])
    equal([result["imported"] for result in got.results if result["depth"] == 0], [["child"]])


@on(*ALL)
def what_a_module_puts_beside_itself_is_given_back(place, python):
    script = place.file("beside.py", """\
import importlib.util, os, sys, typing
print(importlib.util.find_spec("json").name, sorted(sys.modules))
import xml.dom.minidom, asyncio, concurrent.futures
print(sorted(sys.modules))
""")
    helper = HELPER.replace("import os", "import asyncio, importlib.util, typing, os", 1)
    want = plain(place, python, script)
    got = led(place, "--", python, script, helper=helper)
    equal((got.out, got.err, got.notes), (want.stdout, "", []))
    runs = led(place, "--", python, "-m", "json.tool", os.devnull, helper=helper)
    holds(runs.err, "Expecting value")


finish()
