"""The module's own Python finds the source of `-m module`, and imports nothing for that."""
import json
import os

from check import equal, finish, holds, run, test
from pyspy import BURN, Place, pythons

ROOT = os.getcwd()
PYTEST = os.path.join(ROOT, ".venv/bin/pytest")
WORK = BURN + "def work():\n    busy(0.4)\n"


def scanned(place, *words):
    result = run("json.lua", "-o", "out.json", *words, cwd=place.path,
                 env={"PYTHONPATH": place.path})
    equal(result.status, 0, repr(result))
    with open(os.path.join(place.path, "out.json")) as file:
        static = json.load(file)["static"]
    return sorted(os.path.basename(row["file"]) for row in static["files"])


@test
def modules_and_packages_on_every_python():
    with Place() as place:
        mark = os.path.join(place.path, "mark")
        place.file("pack/__init__.py", "open(%r, 'a').write('x')\n" % mark)
        place.file("pack/__main__.py", "print('main')\n")
        place.file("pack/sub.py", "print('sub')\n")
        place.file("single.py", "print('single')\n")
        for _, python in pythons():
            for module, wanted in (("single", ["single.py"]), ("pack.sub", ["sub.py"]),
                                   ("pack", ["__init__.py", "__main__.py", "sub.py"])):
                if os.path.exists(mark):
                    os.remove(mark)
                result = run("json.lua", "-o", "out.json", "--python", python, "-m", module,
                             cwd=place.path, env={"PYTHONDONTWRITEBYTECODE": "1"})
                equal(result.status, 0, python + " " + repr(result))
                with open(os.path.join(place.path, "out.json")) as file:
                    found = json.load(file)["static"]["files"]
                # A sample may show the package itself while it is imported.
                files = {os.path.basename(row["file"]) for row in found}
                equal(sorted(files - ({"__init__.py"} - set(wanted))), wanted, python)
                if module != "single":
                    with open(mark) as file:
                        equal(file.read(), "x", "imported once, by the program: " + python)


@test
def a_module_without_source():
    result = run("report.lua", "-m", "no_such_module_here")
    equal(result.status, 1)
    assert "Source: not available (no source of the module 'no_such_module_here' was found)" \
        in result.out, result


@test
def a_live_run_finds_the_same_source_as_its_recording():
    with Place() as place:
        place.file("own.py", WORK)
        place.file("test_own.py", "import own\n\n\ndef test_work():\n    own.work()\n")
        place.file("main.py", "import own\n\n\ndef main():\n    own.work()\n\n\nmain()\n")
        # As pip installs the script of a package: beside an interpreter.
        script = place.file("bin/tool", "#!/usr/bin/env python3\nimport own\nown.work()\n", 0o755)
        os.symlink(ROOT + "/.venv/bin/python", os.path.join(place.path, "bin/python3"))
        place.file("link/placeholder")
        os.symlink(script, os.path.join(place.path, "link/tool"))
        tests = ["-q", "-p", "no:cacheprovider", "test_own.py"]
        own = ["--python", ROOT + "/.venv/bin/python"]
        for words, wanted in (
                ([*own, "-m", "pytest", *tests], ["own.py", "test_own.py"]),
                ([*own, PYTEST, *tests], ["own.py", "test_own.py"]),
                (["--", PYTEST, *tests], ["own.py", "test_own.py"]),
                ([*own, script], ["own.py"]), ([*own, "link/tool"], ["own.py"]),
                (["main.py"], ["main.py", "own.py"])):
            equal(scanned(place, "--save", "run.json", *words), wanted, words)
            equal(scanned(place, "run.json"), wanted, words)


@test
def a_source_without_functions():
    with Place() as place:
        place.file("plain.py", "x = 0\nfor i in range(4000000):\n    x += i\n")
        result = run("report.lua", "plain.py", cwd=place.path)
        holds(result.out, "\nFunction usage: the source defines no functions\n")


finish()
