"""The module's own Python finds the source of `-m module`, and imports nothing for that."""
import json
import os

from check import equal, finish, run, test
from pyspy import Place, pythons


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
                equal(sorted(os.path.basename(row["file"]) for row in found), wanted, python)
                if module != "single":
                    with open(mark) as file:
                        equal(file.read(), "x", "imported once, by the program: " + python)


@test
def a_module_without_source():
    result = run("report.lua", "-m", "no_such_module_here")
    equal(result.status, 1)
    assert "Source: not available (no source of the module 'no_such_module_here' was found)" \
        in result.out, result


finish()
