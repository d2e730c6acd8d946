"""The gate leaves no trace: a probe sees the same as in a plain run, in each way of starting."""
import json
import os
import subprocess
import sys
import zipfile

from check import equal, finish, test
from pyspy import GATE, Place, on_every_python, pythons, samples

STUB = GATE + "/sitecustomize.py"
PROBE = '''\
from __future__ import print_function
import json, os, signal, sys
def look():
    main = sys.modules["__main__"]
    seen = {
        "argv": sys.argv, "path": sys.path, "modules": list(sys.modules),
        "environ": list(os.environ.items()), "main": sorted(vars(main)),
        "main_file": getattr(main, "__file__", None), "main_name": main.__name__,
        "cwd": os.getcwd(), "flags": str(sys.flags), "executable": sys.executable,
        "prefix": sys.prefix, "caches": sorted(name for name in sys.path_importer_cache if name),
        "orig_argv": getattr(sys, "orig_argv", None), "group": os.getpgrp() == os.getpgid(0),
        "customized": getattr(sys, "customized", None), "doc": main.__doc__,
        "ignored": [n for n in range(1, 32) if signal.getsignal(n) == signal.SIG_IGN],
        "hooks": len(sys.meta_path), "path_hooks": len(sys.path_hooks),
        "warnings": sys.warnoptions, "bytecode": sys.dont_write_bytecode,
    }
    with open("/proc/self/status") as file:
        seen["masks"] = [line for line in file if line.startswith(("SigBlk", "SigIgn", "SigCgt"))]
    descriptors = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            descriptors[name] = os.readlink("/proc/self/fd/" + name)
        except OSError:
            pass
    seen["descriptors"] = descriptors
    with open(os.environ["PROBE"], "w") as file:
        json.dump(seen, file)
look()
sys.stdout.write("out")
sys.stderr.write("err")
'''


def compare(place, what, words, command, env=None, cwd=None):
    """Runs `command` plainly and `words` with the gate; both write what they saw to $PROBE."""
    seen = []
    inherited = os.open("/dev/null", os.O_RDONLY)
    variables = {"PROBE": os.path.join(place.path, "probe.json"), "PYTHONDONTWRITEBYTECODE": "1"}
    variables.update(env or {})
    for gated in (False, True):
        if os.path.exists(variables["PROBE"]):
            os.remove(variables["PROBE"])
        more = {"cwd": cwd or place.path, "pass_fds": [inherited]}
        if gated:
            result = place.collect(*words, env=variables, **more)
            equal(result["quality"]["launch"], "gate", what)
            out = result["status"], result["out"], result["err"]
        else:
            done = subprocess.run(command, env=place.environment(variables), text=True,
                                  stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
            out = done.returncode, done.stdout, done.stderr
        with open(variables["PROBE"]) as file:
            seen.append((out, json.load(file)))
    os.close(inherited)
    for pipe in ("1", "2"):
        for _, probe in seen:
            assert probe["descriptors"].pop(pipe).startswith("pipe:")
    equal(seen[1][0], seen[0][0], what + ": status, stdout, stderr")
    for key in seen[0][1]:
        equal(seen[1][1][key], seen[0][1][key], what + ": " + key)
    equal(place.left(), [], what)


def programs(place):
    script = place.file("probe.py", PROBE)
    place.file("package/__init__.py")
    place.file("package/__main__.py", PROBE)
    place.file("directory/__main__.py", PROBE)
    with zipfile.ZipFile(os.path.join(place.path, "app.pyz"), "w") as archive:
        archive.writestr("__main__.py", PROBE)
    return {
        "script": [script, "a", "-b", ""], "module": ["-m", "probe", "-x"],
        "package": ["-m", "package"], "code": ["-c", PROBE, "word"],
        "directory": [os.path.join(place.path, "directory"), "a"],
        "zip": [os.path.join(place.path, "app.pyz"), "a"],
    }


@on_every_python("nothing differs")
def nothing_differs(place, python):
    for what, words in programs(place).items():
        compare(place, what, ["--", python, *words], [python, *words])


def some_pythons():
    found = dict(pythons())
    return [found[name] for name in ("2.7", "3.8", "3.11", "3.13") if name in found] or \
        [sys.executable]


@test
def options_of_python():
    with Place() as place:
        script = programs(place)["script"]
        for python in some_pythons():
            for options in (["-s"], ["-B"], ["-O"], ["-u"], ["-W", "ignore"], ["-Bsu"]):
                words = [python, *options, *script]
                compare(place, " ".join(words), ["--", *words], words)


@test
def the_users_own_customization():
    with Place() as place:
        script = programs(place)["script"]
        place.file("module/sitecustomize.py", "import sys\nsys.customized = __file__\n")
        place.file("package_of/sitecustomize/__init__.py",
                   "import sys\nsys.customized = __name__\n")
        place.file("raising/sitecustomize.py", "raise ValueError('mine')\n")
        place.file("importing/sitecustomize.py", "import nothing_like_it\n")
        place.file("user/usercustomize.py", "import sys\nsys.customized = 'user'\n")
        for python in some_pythons():
            for folder in ("module", "package_of", "raising", "importing", "user"):
                path = os.path.join(place.path, folder)
                compare(place, python + " " + folder, ["--", python, *script],
                        [python, *script], env={"PYTHONPATH": path})


@test
def odd_paths_of_python():
    with Place() as place:
        script = programs(place)["script"]
        for python in some_pythons():
            for path in (None, "", ":", "/nowhere:", "package::directory", ".", place.path):
                compare(place, "%s PYTHONPATH=%r" % (python, path), ["--", python, *script],
                        [python, *script], env={"PYTHONPATH": path})


@test
def a_virtual_environment_and_a_shebang():
    with Place() as place:
        venv = os.path.join(place.path, "venv")
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        python = os.path.join(venv, "bin/python")
        script = programs(place)["script"]
        compare(place, "venv", ["--", python, *script], [python, *script])
        program = place.file("program", "#!" + python + "\n" + PROBE, 0o755)
        compare(place, "shebang", ["--", program, "a"], [program, "a"])
        environment = place.file("by_env", "#!/usr/bin/env python3\n" + PROBE, 0o755)
        compare(place, "env", ["--", environment, "a"], [environment, "a"])


@test
def no_sample_shows_us_but_the_held_ones():
    """Idle samples at 1000 a second see the gate; the file of such a sample names it."""
    with Place() as place:
        # It waits for processor time, not clock time, so a busy machine samples it, too.
        own = "import os\ndef mine():\n    while sum(os.times()[:2]) < 0.3: pass\nmine()\n"
        place.file("own/sitecustomize.py", own)
        script = place.file("short.py", "import time\ntime.sleep(0.05)\n")
        for python in some_pythons():
            result = place.collect("--", python, script, options="rate = 1000, idle = true",
                                   env={"PYTHONPATH": os.path.join(place.path, "own")})
            mine = 0
            for stack in samples(result):
                held = any(file == GATE for _, file in stack)
                ours = [file for _, file in stack if "pyprof-lua" in file]
                for file in ours:
                    assert file == GATE or file.endswith("/" + STUB), stack
                if stack[-1][0] == "mine":
                    mine += 1
                    assert not held, stack
                    assert not any("sitecustomize" in file and "/own/" not in file
                                   and not file.endswith(STUB) for _, file in stack), stack
            assert mine > 0, (python, result)


finish()
