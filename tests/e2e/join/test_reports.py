"""The reports on the join: risk, unused, cost, annotate, budget, tests, and report.lua with flags."""
import json
import os
import tempfile

from check import equal, finish, holds, run, test

PYTHON = os.path.abspath(".venv/bin/python")
APP = """\
import sys


def hot(count, flag=False):
    if flag:
        return None
    total = 0
    for i in range(count):
        total += i * i
    return total


def whole(count):
    return sum(i * i for i in range(count))


def never():
    return 1


def documented():
    \"\"\"Nothing else.\"\"\"


hot(1500000)
whole(4000000)
sys.exit(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
"""

PART = """def part(x):
    if x:
        return 1
    return 2


part(1)
for i in range(8000000):
    pass
"""


class Tree:
    def __init__(self, **files):
        self.files = dict({"app.py": APP}, **files)

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = self.directory.name
        for name, text in self.files.items():
            with open(os.path.join(self.path, name), "w") as file:
                file.write(text)
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

    def run(self, *words, target=("app.py",)):
        return run(*words, "--python", PYTHON, *target, cwd=self.path)

    def rows(self, *words, target=("app.py",), status=0):
        done = self.run(*words, "--format", "json", "-o", "out.json", target=target)
        equal(done.status, status, repr(done))
        with open(os.path.join(self.path, "out.json")) as file:
            return json.load(file)


@test
def risk_ranks_what_is_hot_and_not_covered():
    with Tree() as tree:
        row, = tree.rows("risk.lua")
        equal((row["name"], row["complexity"], row["covered_share"]), ("hot", 3, 0.8))
        equal(row["missing_branches"], "5->6")
        assert abs(row["risk"] - (9 * 0.2 ** 3 + 3)) < 1e-9, row
        names = [row["name"] for row in tree.rows("risk.lua", "--all")]
        equal(sorted(names), ["hot", "whole"])
        equal(len(tree.rows("risk.lua", "--all", "--limit", "1")), 1)


@test
def risk_counts_what_was_too_short_for_a_sample():
    with Tree(**{"part.py": PART}) as tree:
        done = tree.run("risk.lua", target=("part.py",))
        holds(done.out, "No function in the samples lacks coverage")
        holds(done.out, "Not wholly covered, but in no sample: 1 (coverage.lua shows")


@test
def unused_has_proof_where_it_is_asked_for():
    with Tree() as tree:
        plain = [row["name"] for row in tree.rows("unused.lua")]
        assert {"never", "documented"} <= set(plain), plain
        rows = {row["name"]: row for row in tree.rows("unused.lua", "--coverage")}
        equal({name: row["status"] for name, row in rows.items()},
              {"never": "never", "documented": "unknown"})
        equal(rows["documented"]["why"], "coverage sees no statement in its body")
        rows = {row["name"]: row["status"] for row in tree.rows("unused.lua", "--counts")}
        equal(rows, {"never": "never", "documented": "never"})
        equal(tree.rows("unused.lua", "--with", "counts"), tree.rows("unused.lua", "--counts"))


@test
def cost_is_time_by_executions():
    with Tree() as tree:
        rows = {row["line"]: row for row in tree.rows("cost.lua", "--twice")}
        line = rows[9]
        equal(line["count"], 1500000)
        assert abs(line["seconds_each"] * line["count"] - line["self_weight"]) < 1e-9, line
        assert 0 < line["low"] <= line["seconds_each"] <= line["high"], line
        holds(tree.run("cost.lua", "--twice").out, "a second counting differs in 0.00%.")


@test
def annotate_has_everything_beside_the_line():
    with Tree() as tree:
        rows = {row["line"]: row for row in tree.rows("annotate.lua", "--coverage", "--counts")}
        equal((rows[6]["status"], rows[6]["count"]), ("missing", 0))
        equal((rows[5]["status"], rows[5]["count"]), ("partial", 1))
        equal((rows[9]["status"], rows[9]["count"], rows[9]["text"]),
              ("covered", 1500000, "        total += i * i"))
        assert rows[9]["samples"] > 0, rows[9]
        done = tree.run("annotate.lua", "--file", "nosuch")
        equal((done.status, done.err), (1, "pyprof-lua: annotate.lua: --file: no file of the "
                                           "source matches\n"))


FLAT = "s = 0\nfor i in range(3000000):\n    s += i * i\n\n"


@test
def a_file_without_definitions_has_figures_in_every_report():
    with Tree(**{"flat.py": FLAT, "main.py": "import flat\nprint(1)\n"}) as tree:
        for name in "flat.py", "main.py":
            rows = tree.rows("annotate", "--coverage", "--counts", target=(name,))
            if isinstance(rows, dict):
                holds(" ".join(rows), "main.py")
                rows = next(part for title, part in rows.items() if title.endswith("flat.py"))
            line = next(row for row in rows if row["line"] == 3)
            equal((line["count"], line["status"]), (3000000, "covered"))
            assert line["samples"] > 0, line
        rows = tree.rows("cost", target=("flat.py",))
        equal([row["count"] for row in rows if row["line"] == 3], [3000000])


@test
def a_report_on_lines_says_what_there_is_none_of():
    with Tree(**{"quick.py": "def f():\n    pass\nf()\n", "empty.py": ""}) as tree:
        for words, name, sentence in (
                (("annotate", "--hot"), "quick.py", "No line has samples.\n"),
                (("annotate", "--file", "quick", "--hot"), "quick.py", "No line has samples.\n"),
                (("annotate",), "empty.py", "The source has no line.\n"),
                (("annotate", "--hot", "--counts"), "empty.py", "The source has no line.\n"),
                (("annotate", "--file", "empty"), "empty.py", "The source has no line.\n"),
                (("cost",), "quick.py", "No line has both samples and a count.\n"),
                (("counts",), "empty.py", "No line was counted.\n")):
            done = tree.run(*words, target=(name,))
            equal((done.status, done.err), (0, ""), repr(done))
            holds(done.out, sentence)
        equal(tree.rows("annotate", "--hot", target=("quick.py",)), [])


@test
def source_has_spaces_for_tabs_and_no_byte_order_mark():
    text = "\ufeffs = 0\nfor i in range(3000000):\n\ts += i * i\t# \x0c\n"
    with Tree(**{"tabs.py": text}) as tree:
        for name in "annotate", "counts":
            out = tree.run(name, "--with", "counts", target=("tabs.py",)).out
            holds(out, " s = 0\n")
            holds(out, "         s += i * i      # \\x0c\n")
        holds(tree.run("annotate", "--format", "markdown", target=("tabs.py",)).out,
              "│" + 8 * "&nbsp;" + " s += i \\* i" + 5 * "&nbsp;" + " ")
        holds(tree.run("annotate", "--format", "html", target=("tabs.py",)).out,
              "│         s += i * i      #")
        for name in "cost", "lines":
            holds(tree.run(name, target=("tabs.py",)).out, "s += i * i      # \\x0c\n")
        rows = {row["line"]: row["text"] for row in tree.rows("annotate", target=("tabs.py",))}
        equal((rows[1], rows[3]), ("s = 0", "\ts += i * i\t# \x0c"))
        equal(tree.run("--save", "run.json", "annotate", target=("tabs.py",)).status, 0)
        out = run("-e", 'list "<module>"', "run.json", cwd=tree.path).out
        holds(out, "  1  s = 0\n")
        holds(out, "  3          s += i * i      # \\x0c\n")


@test
def a_budget_limits_fields_of_the_join():
    limits = """return {
  { "hot", "covered", min = 0.5 }, { "*", "risk", 30 }, { "hot", "calls", 1 },
  { "nosuch", "risk", 1 },
}
"""
    with Tree(**{"limits.lua": limits, "bad.lua": "return { { 'hot', 'covered', min = 0.95 } }",
                 "worse.lua": "return { { 'hot', 'coverd' } }"}) as tree:
        words = ("budget.lua", "--coverage", "--counts", "--limits")
        rows = tree.rows(*words, "limits.lua", status=4)
        rows = rows[next(name for name in rows if name != "verdict")]
        equal([row["verdict"] for row in rows],
              ["passed", "passed", "passed", "unsure"])
        equal(tree.run(*words, "bad.lua").status, 3)
        done = tree.run(*words, "worse.lua")
        equal((done.status, done.err), (2, "pyprof-lua: --limits: worse.lua: limits[1]: has no "
                                           "max, its third, and no min\n"))


@test
def the_main_report_has_the_proof():
    with Tree() as tree:
        done = tree.run("report.lua", "--coverage", "--counts", "--memory", target=("app.py", "7"))
        equal((done.status, done.err), (7, ""))
        holds(done.out, "Function usage: 2 of 4 defined functions ran (by coverage and counts)\n"
                        "- ran: hot, whole\n- never: documented, never\n")
        holds(done.out, "Coverage: 14 of 16 statements (87.50%), 3 of 4 branches; "
                        "never executed: documented, never\nHot and untested:\n1. hot - ")
        holds(done.out, "Most executed lines:\n1. app.py:9 - 1,500,000 times\n")
        holds(done.out, "Memory at its peak, by function:\n1. ")
        holds(done.out, "\nExit status: 7")


@test
def what_coverage_does_not_measure_is_in_a_list_of_its_own():
    other = "import lib.app\n\n\ndef seen():\n    return sum(i * i for i in range(9000000))\n\n\n" \
        "def short():\n    return 1\n\n\nseen()\nshort()\n"
    setup = "[tool.coverage.run]\nsource = ['lib']\n"
    with Tree(**{"main.py": other, "pyproject.toml": setup}) as tree:
        os.mkdir(tree.path + "/lib")
        for name, text in (("__init__", ""), ("app", "def ran():\n    return 1\n\n\n"
                                                     "def never():\n    return 2\n\n\nran()\n")):
            with open("%s/lib/%s.py" % (tree.path, name), "w") as file:
                file.write(text)
        os.remove(tree.path + "/app.py")
        done = tree.run("report.lua", "--coverage", target=("main.py",))
        holds(done.out, "Function usage: 2 of 4 defined functions ran (1 by coverage, 1 by samples "
                        "alone)\n- ran: ran, seen\n- never: never\n- not measured: short\n")


@test
def the_tests_of_a_function_are_listed_cheapest_first():
    tests = """\
import shop
def test_slow():
    assert shop.total(1500000) > 0
def test_quick():
    assert shop.total(3) > 0
def test_other():
    pass
"""
    shop = "def total(n):\n    s = 0\n    for i in range(n):\n        s += i\n    return s\n"
    with Tree(**{"test_shop.py": tests, "shop.py": shop}) as tree:
        target = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shop.py")
        rows = tree.rows("tests.lua", "--function", "total", target=target)
        equal([row["id"] for row in rows],
              ["test_shop.py::test_quick", "test_shop.py::test_slow"])
        done = tree.run("tests.lua", "--function", "total")
        equal((done.status, done.err.count("\n")), (1, 1), repr(done))
        holds(done.err, "no tests were recorded (--coverage-contexts)")


finish()
