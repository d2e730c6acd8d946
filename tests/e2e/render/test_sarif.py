"""--format sarif: findings at their places, valid by the schema of SARIF 2.1.0."""
import functools
import json
import os
import tempfile

import fastjsonschema

from check import equal, finish, holds, run, test
from npm import packed

RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")
SOURCE = """\
def används(x):
    return eval(x)  # é eval(


def idle():
    return eval("ö"), eval("1")
"""


def sarif(*words, status=0, cwd=None):
    """The log that a command writes, as JSON and as what is in it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.sarif")
        result = run(words[0], "-o", path, *words[1:], cwd=cwd)
        equal(result.status, status, repr(result))
        with open(path, encoding="utf-8") as stream:
            log = json.load(stream)
    equal(log["version"], "2.1.0")
    return log, log["runs"][0]["results"]


def place(result):
    where = result["locations"][0]["physicalLocation"]
    return where["artifactLocation"]["uri"], where["region"]["startLine"]


@functools.lru_cache
def all_logs():
    """A log of each report that has findings."""
    return list(made_logs())


def made_logs():
    with tempfile.TemporaryDirectory() as folder:
        limits = os.path.join(folder, "limits.lua")
        with open(limits, "w") as out:
            out.write('return { { "compute_heavy", "total", 0.2 }, { "main", "self", 0.9 } }')
        with open(os.path.join(folder, "a b.py"), "w", encoding="utf-8") as out:
            out.write(SOURCE + "sum(i * i for i in range(5 * 10 ** 6))\n")
        program = os.path.join(folder, "a b.py")
        yield "grep", sarif("grep", "--pattern", r"eval\(", ".", cwd=folder)
        yield "budget", sarif("budget", "--limits", limits, RECORDING, status=3)
        yield "unused", sarif("unused", "--coverage", program)
        yield "risk", sarif("risk", "--all", "examples/calculator.py", "5")


@test
def each_report_has_its_findings():
    for name, (log, results) in all_logs():
        driver = log["runs"][0]["tool"]["driver"]
        equal((driver["name"], driver["rules"][0]["id"]), ("pyprof-lua", name))
        equal({result["ruleId"] for result in results}, {name})
        if name == "grep":
            equal([place(result) for result in results],
                  [("a%20b.py", 2), ("a%20b.py", 6), ("a%20b.py", 6)])
            columns = [result["locations"][0]["physicalLocation"]["region"]["startColumn"]
                       for result in results]
            equal(columns, [12, 12, 23])  # characters, not bytes
        elif name == "budget":
            equal([(result["level"], result["message"]["text"]) for result in results],
                  [("error", "compute_heavy: total is 80.06% (limit 20.00%): failed")])
        elif name == "unused":
            equal([(result["level"], result["message"]["text"]) for result in results],
                  [("warning", "används never ran"), ("warning", "idle never ran")])
        else:
            equal(any("compute_heavy: risk" in result["message"]["text"] for result in results),
                  True)


@test
def the_logs_are_valid():
    with open(packed("@microsoft/jest-sarif", "1.0.0-beta.0") +
              "/lib/schemas/sarif-2.1.0-rtm.5.json", encoding="utf-8") as stream:
        valid = fastjsonschema.compile(json.load(stream))
    for _, (log, _) in all_logs():
        valid(log)
    del log["runs"][0]["tool"]
    try:
        valid(log)
    except fastjsonschema.JsonSchemaException:
        return
    raise AssertionError("the schema takes a log without its tool")


@test
def a_sandbox_and_the_prompt_give_the_same():
    words = ["grep", "--pattern", "import", "--format", "sarif", "examples/calculator.py"]
    plain = run(*words).out
    equal(run("--sandbox", *words).out, plain)
    shown = run("-i", "examples/calculator.py",
                input='print(reports.grep(nil, { pattern = "import", format = "sarif" }))')
    equal(shown.out.strip(), plain.strip(), repr(shown))


@test
def what_has_no_findings_says_so():
    for words in ["--format", "sarif"], ["-o", "x.sarif"]:
        result = run("top", *words, "-c", "print('started')")
        equal((result.status, result.out), (2, ""))
        holds(result.err, "top.lua has no findings (grep, risk, unused and budget have)")
    _, results = sarif("grep", "--pattern", "no such thing", "examples/calculator.py")
    equal(results, [])


@test
def a_users_report_has_findings_too():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mine.lua")
        for level, status in (("note", 0), ("loud", 1)):
            with open(path, "w") as out:
                out.write("""return { help = "x", needs = { "source" }, run = function(subject)
                  return subject.source:definitions() end,
                  finding = function(row) return row.name, "%s" end }""" % level)
            result = run(path, "--format", "sarif", "examples/calculator.py")
            equal(result.status, status, repr(result))
        holds(result.err, "mine.lua: finding: unknown level 'loud'")


finish()
