"""imports.lua on real programs: the time of modules, packages, generated code, lazy imports."""
import json
import os
import re

from check import equal, finish, holds, run, test
from pyspy.pyspy import Place, pythons

BURN = "import os\nend = sum(os.times()[:2]) + %s\nwhile sum(os.times()[:2]) < end: pass\n"


def imports(place, *words):
    result = run("imports.lua", "--format", "json", "-o", "out.json", *words, cwd=place.path)
    equal(result.status, 0, repr(result))
    with open(os.path.join(place.path, "out.json")) as file:
        return json.load(file)


def package(place):
    place.file("pack/__init__.py", "from pack.slow import value\n")
    place.file("pack/slow.py", "import pack.slower\n" + BURN % 0.4 + "value = 1\n")
    place.file("pack/slower.py", "exec(compile(%r, '<string>', 'exec'))\n" % (BURN % 0.8))
    place.file("pack/lazy.py", BURN % 0.4)
    place.file("main.py", "import pack\n\ndef work():\n    import pack.lazy\n\nwork()\n"
               + BURN % 0.4)


@test
def each_import_by_itself_and_with_what_it_imports():
    with Place() as place:
        package(place)
        for name, python in pythons():
            if name.startswith("2."):
                continue
            rows = imports(place, "--save", "run.json", "--python", python, "main.py")
            by_name = {row.get("name"): row for row in rows}
            names = {key.split("pack", 1)[1]: key for key in by_name if key and "pack" in key
                     and not key.startswith("(")}
            equal(sorted(names), ["", ".lazy", ".slow", ".slower"], python)
            whole, slow, slower, lazy = (by_name[names[key]] for key in
                                         ("", ".slow", ".slower", ".lazy"))
            assert whole["total_weight"] >= slow["total_weight"] > slower["total_weight"], rows
            assert min(one["self_weight"] for one in (slow, slower, lazy)) > 0, rows
            assert whole["self_weight"] < slow["self_weight"], rows
            assert lazy["importer"].endswith("main:4"), lazy
            assert slow["importer"].endswith("pack:1"), slow
            # A live run and its recording show the same.
            again = imports(place, "run.json")
            equal(again, rows)
            tree = imports(place, "--tree", "run.json")
            depths = {row["name"]: row["depth"] for row in tree}
            equal([depths[names[key]] for key in ("", ".slow", ".slower", ".lazy")],
                  [0, 1, 2, 0], python)
            cut = run("imports.lua", "--tree", "--limit", "2", "run.json", cwd=place.path).out
            lines = re.findall(r"^ +\d.*", cut, re.M)
            equal([line.split()[-2] for line in lines], [row["name"] for row in tree[:2]], cut)
            holds(cut, "\n… %d more (--limit all)" % (len(tree) - 2))


@test
def a_program_that_imports_nothing_of_weight():
    with Place() as place:
        place.file("main.py", BURN % 0.4)
        result = run("imports.lua", "main.py", cwd=place.path)
        equal(result.status, 0, repr(result))
        assert "Imports are " in result.out, result


finish()
