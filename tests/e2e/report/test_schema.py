"""src/package/schema/pyprof-lua-1.schema.json accepts all output of json.lua, and nothing else."""
import copy
import json
import os
import tempfile

import fastjsonschema

from check import equal, finish, run, test

with open("src/package/schema/pyprof-lua-1.schema.json") as stream:
    valid = fastjsonschema.compile(json.load(stream))
CALCULATOR = "tests/data/calculator.speedscope.json"


def common(*words, status=0):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "common.json")
        result = run("json.lua", "-o", path, *words)
        equal(result.status, status, repr(result))
        with open(path) as out:
            data = json.load(out)
    valid(data)
    return data


def refused(data):
    try:
        valid(data)
    except fastjsonschema.JsonSchemaException:
        return True
    return False


@test
def recordings_are_valid():
    equal(common(CALCULATOR)["runtime"]["total_samples"], 311)
    merged = common(CALCULATOR, CALCULATOR)
    equal(merged["runtime"]["total_samples"], 622)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.folded")
        with open(path, "w") as out:
            out.write("MainThread;main (a.py:3);work (a.py:7) 3\nmain (a.py:3) 1\n")
        equal(common(path)["runtime"]["total_samples"], 4)


@test
def runs_are_valid():
    data = common("examples/calculator.py", "1")
    equal((data["target"]["kind"], data["static"]["functions"]), ("program", 5))
    equal(data["runtime"]["exit"]["status"], 0)
    equal("missing" in common("-c", "sum(range(10 ** 7))")["static"], True)
    equal(common("--", "sh", "-c", "exit 5", status=5)["runtime"]["exit"]["status"], 5)


@test
def what_with_adds_is_valid():
    data = common("--with", "coverage", "--with", "counts", "examples/calculator.py", "1")
    equal({row["name"]: row["status"] for row in data["functions"]},
          {name: "ran" for name in ("Calculator.add", "Calculator.multiply", "compute_heavy",
                                    "fibonacci", "main")})
    assert data["coverage"]["total"]["statements"] > 10, data["coverage"]
    assert sum(row["count"] for row in data["counts"]["lines"]) > 1000
    data = common("examples/calculator.py", "1")
    assert not {"coverage", "counts", "memory", "tests", "functions"} & set(data), data.keys()


@test
def a_broken_source_is_valid():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "broken.py")
        with open(path, "w") as out:
            out.write("def f(:\n    @g\n    def h(): 'it has one'\nx = '\n")
        data = common(path, status=1)
        equal(len(data["static"]["files"]), 1)
        equal("error" in data["static"]["files"][0], True)


@test
def anything_else_is_refused():
    good = common(CALCULATOR)
    equal(refused(good), False)

    def change(path, value):
        changed = copy.deepcopy(good)
        place = changed
        for key in path[:-1]:
            place = place[key]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        return changed

    for path, value in (
            (("schema",), "pyprof-lua/2"), (("schema",), None), (("runtime",), None),
            (("extra",), 1), (("static", "missing"), None), (("static", "functions"), 1),
            (("target", "kind"), "progam"), (("runtime", "unit"), "hours"),
            (("runtime", "total_samples"), -1), (("runtime", "total_samples"), 1.5),
            (("runtime", "total_samples"), "311"), (("runtime", "functions"), {}),
            (("runtime", "functions", 0, "self_weight"), None),
            (("runtime", "functions", 0, "qualname"), "f"), (("runtime", "execution_count"), []),
            (("runtime", "hot_functions"), good["runtime"]["hot_functions"] * 3),
            (("runtime", "threads", 0, "main"), 1)):
        equal(refused(change(path, value)), True, (path, value))


finish()
