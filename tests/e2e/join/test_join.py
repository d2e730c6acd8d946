"""The join of definitions with coverage, counts and samples, on what Python makes hard. The name of
each function says its truth: ran_…, never_…, unknown_…"""
import json
import os
import tempfile

from check import Skip, equal, finish, run, test
from pyspy.pyspy import pythons

APP = '''\
import asyncio
import dataclasses
import functools
import os
import sys
import typing
from typing import TYPE_CHECKING, overload

import helper


def around(function):
    @functools.wraps(function)
    def ran_wrapper(*words):
        return function(*words)
    return ran_wrapper


@around
@around
def ran_decorated():
    return 1


@around
def never_decorated():
    return 1


def ran_outer():
    def ran_inner():
        return 1

    def never_inner():
        return 2
    return ran_inner()


class First:
    field = [i for i in range(3)]

    def ran_same(self):
        return 1

    def never_other(self):
        return 1

    @property
    def ran_value(self):
        return 1

    @ran_value.setter
    def ran_value(self, value):
        self.never = value

    @staticmethod
    def ran_static():
        return 1

    @classmethod
    def never_class(cls):
        return 1


class Second:
    def never_same(self):
        return 1


def ran_anonymous():
    double = lambda x: x * 2
    return [double(i) for i in range(3)], {i for i in range(3)}, sum(i for i in range(3))


def ran_generator():
    yield 1
    yield 2


def never_generator():
    yield 1


def never_started():
    yield 1


async def ran_coroutine():
    await asyncio.sleep(0)
    return 1


async def never_coroutine():
    return 1


@dataclasses.dataclass
class Data:
    x: int = 0

    def ran_data(self):
        return self.x


def ran_one(): return 1


def never_one(): return 1


def unknown_docstring():
    """Nothing else."""


def unknown_dots(): ...


@overload
def ran_overloaded(x: int) -> int: ...
@overload
def ran_overloaded(x: str) -> str: ...
def ran_overloaded(x):
    return x


if TYPE_CHECKING:
    def unknown_checked():
        return 1

if sys.version_info < (3,):
    def never_conditional():
        return 1
else:
    def ran_conditional():
        return 1


def never_raises():
    raise ValueError


def ran_raises():
    raise ValueError
    print("never")


def ran_recursive(n):
    return n and ran_recursive(n - 1)


def never_multi(
    a=1,
    b=2,
):
    return a + b


def ran_nested_class():
    class Inner:
        def ran_method(self):
            return 1

        def never_method(self):
            return 2
    return Inner().ran_method()


def ran_main():
    ran_decorated()
    ran_outer()
    first = First()
    first.ran_same()
    first.ran_value = first.ran_value
    First.ran_static()
    ran_anonymous()
    list(ran_generator())
    never_started()
    asyncio.run(ran_coroutine())
    Data(1).ran_data()
    ran_one()
    ran_overloaded(1)
    ran_conditional()
    ran_recursive(3)
    ran_nested_class()
    exec("def made():\\n    return 1\\nmade()")
    try:
        ran_raises()
    except ValueError:
        pass
    helper.ran_imported()


ran_main()
'''
HELPER = '''\
def ran_imported():
    return 1


def never_imported():
    return 1
'''
JOIN = """local pyprof = require "pyprof"
return {
  help = "x", needs = { "source" }, wants = { "profile", "coverage", "counts" },
  args = { profile = { false, help = "x" }, coverage = { false, help = "x" },
    counts = { false, help = "x" } },
  columns = { "name", "file", "line", { "end_line", optional = true }, "status", "evidence",
    { "why", optional = true }, { "total", optional = true }, { "calls", optional = true },
    { "missing_lines", optional = true }, { "statements", optional = true } },
  run = function(subject) return pyprof.array(pyprof.join(subject)) end,
}
"""


def joined(files, words, python=None):
    with tempfile.TemporaryDirectory() as directory:
        for name, text in dict(files, **{"join.lua": JOIN}).items():
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        options = ["--python", python] if python else []
        before = sorted(os.listdir(directory))
        result = run("join.lua", "--format=json", *options, *words, cwd=directory,
                     env={"PYTHONDONTWRITEBYTECODE": "1"})
        equal(result.status, 0, repr(result))
        equal(sorted(os.listdir(directory)), before, "a trace is left")
        return json.loads(result.out), result


def truths(rows, evidence):
    wrong = []
    for row in rows:
        name = row["name"].rpartition(".")[2]
        want = name.partition("_")[0]
        got = row["status"]
        if want == "unknown" and evidence == "counts":
            continue  # counts see each call
        if "_" in name and got != want:
            wrong.append((row["name"], row["line"], got, row.get("why")))
    return wrong


@test
def coverage_tells_what_ran():
    rows, result = joined({"app.py": APP, "helper.py": HELPER}, ["--coverage", "app.py"],
                          os.path.abspath(".venv/bin/python"))
    # The getter and setter share a name, and so do overloads: of these only the last one runs.
    wrong = [it for it in truths(rows, "coverage") if it[0] != "ran_overloaded"]
    equal(wrong, [])
    equal([row["status"] for row in rows if row["name"] == "ran_overloaded"],
          ["unknown", "unknown", "ran"])
    assert {row["file"] for row in rows} == {"app.py"} | {
        row["file"] for row in rows if row["file"].endswith("helper.py")}
    assert all(row["evidence"] == "coverage" for row in rows
               if row["status"] in ("ran", "never")), rows
    by_name = {row["name"]: row for row in rows}
    equal(by_name["never_multi"]["missing_lines"], "%d" % (by_name["never_multi"]["end_line"]))
    equal(by_name["unknown_docstring"]["why"], "coverage sees no statement in its body")
    equal(by_name["unknown_checked"]["why"], "its lines are excluded")


@test
def counts_tell_what_ran_on_each_python():
    found = [(version, python) for version, python in pythons()
             if int(version.split()[0].split(".")[0]) == 3 and int(version.split()[0][2:]) >= 8]
    if not found:
        raise Skip("no Python 3.8 or newer is here")
    for version, python in found:
        rows, result = joined({"app.py": APP, "helper.py": HELPER}, ["--counts", "app.py"], python)
        wrong = [it for it in truths(rows, "counts") if it[0] != "ran_overloaded"]
        equal(wrong, [], version)
        equal([row["status"] for row in rows if row["name"] == "ran_overloaded"],
              ["unknown", "unknown", "ran"])
        by_name = {row["name"]: row for row in rows}
        equal(by_name["ran_recursive"]["calls"], 4)
        equal(by_name["ran_generator"]["calls"], 1)
        equal(by_name["never_started"]["calls"], 0)
        equal(by_name["First.ran_static"]["evidence"], "counts")


BUSY = """\
def %s():
    for i in range(9000000):
        pass
"""


@test
def a_symbolic_link_is_the_file():
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "real.py"), "w") as file:
            file.write(BUSY % "ran" + "ran()\ndef never():\n    pass\n")
        os.symlink("real.py", os.path.join(directory, "link.py"))
        with open(os.path.join(directory, "join.lua"), "w") as file:
            file.write(JOIN)
        for options in ([], ["--sandbox"]):
            result = run(*options, "join.lua", "--format=json", "--profile", "--coverage",
                         "--counts", "--python", os.path.abspath(".venv/bin/python"), "link.py",
                         cwd=directory)
            equal(result.status, 0, repr(result))
            rows = [(row["name"], row["status"], row["evidence"])
                    for row in json.loads(result.out)]
            equal(rows, [("ran", "ran", "samples, coverage, counts"),
                         ("never", "never", "coverage, counts")])


@test
def two_copies_of_a_module_are_two():
    app = "import one.m\nimport two.m\none.m.busy()\n"
    rows, _ = joined({"app.py": app, "one/m.py": BUSY % "busy", "two/m.py": BUSY % "busy"},
                     ["--profile", "--coverage", "--counts", "app.py"],
                     os.path.abspath(".venv/bin/python"))
    found = {row["file"][-8:]: (row["status"], row["total"] > 0) for row in rows}
    equal(found, {"one/m.py": ("ran", True), "two/m.py": ("never", False)})


@test
def what_no_definition_holds_is_listed_with_its_weight():
    app = """\
import sys
import zipfile
with zipfile.ZipFile("z.zip", "w") as archive:
    archive.writestr("packed.py", %r)
sys.path.insert(0, "z.zip")
exec(compile(%r, "<made>", "exec"))
import packed
packed.zipped()
made()
import os
os.remove("z.zip")
""" % (BUSY % "zipped", BUSY % "made")
    rows, _ = joined({"app.py": app}, ["--profile", "app.py"])
    found = {row["name"]: (row["status"], row["total"] > 0) for row in rows}
    equal(found, {"made": ("unmatched", True), "zipped": ("unmatched", True)})


finish()
