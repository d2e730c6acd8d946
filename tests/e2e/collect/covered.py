"""Runs coverage.lua and coverage.py's own commands on a program, and compares the figures."""
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../pyspy"))
from pyspy import pythons  # noqa: E402

from check import Skip, equal, run, test  # noqa: E402

OWN = os.path.abspath(".venv/bin/python")
# The interpreter's own analysis, as text: the missing lines of each file.
ANALYSE = """\
import coverage, json, sys
cov = coverage.Coverage(data_file=sys.argv[1], config_file=sys.argv[2] != "none")
cov.load()
found = {}
for path in cov.get_data().measured_files():
    try:
        found[path] = cov.analysis2(path)[4]
    except coverage.CoverageException:
        pass
print(json.dumps(found))
"""


class Tree:
    """A folder of files, under git; it is removed."""

    def __init__(self, files):
        self.files = files

    def __enter__(self):
        self.path = os.path.realpath(tempfile.mkdtemp())
        for name, text in self.files.items():
            path = os.path.join(self.path, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        subprocess.run(["git", "init", "-q"], cwd=self.path, check=True)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def new(self):
        """The files that are there and were not written by us."""
        done = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=self.path,
                              check=True, stdout=subprocess.PIPE, text=True)
        return sorted({line[3:] for line in done.stdout.splitlines()} - set(self.files))


def environment(env=None):
    return {"PYTHONDONTWRITEBYTECODE": "1", **(env or {})}


def report(tree, *words, python=OWN, options=(), env=None, name="coverage.lua"):
    """The result of the report, as it was printed."""
    return run(name, "--python", python, *options, *words, cwd=tree.path,
               env=environment(env))


def figures(tree, *words, python=OWN, options=(), env=None, out=None, status=0):
    """The tables of coverage.lua, by title."""
    path = os.path.join(tree.path, "..", os.path.basename(tree.path) + ".json")
    done = report(tree, *words, python=python, env=env, options=(
        "--functions", "--format", "json", "-o", path, *options))
    equal(done.status, status, repr(done))
    if out is not None:
        equal(done.out, out)
    with open(path) as file:
        found = json.load(file)
    os.remove(path)
    found["by_file"] = {row["file"]: row for row in found["Coverage"]}
    found["err"] = done.err
    return found


def theirs(tree, *words, python=OWN, env=None, options=("--branch",), combine=False,
           isolated=False):
    """What coverage.py's own commands say: its JSON, and the missing lines as it shows them."""
    folder = tempfile.mkdtemp()
    config = ["--rcfile", os.devnull] if isolated else []
    data, out = os.path.join(folder, "data"), os.path.join(folder, "out.json")
    def go(*command):
        return subprocess.run([python, *command], cwd=tree.path, text=True, check=True,
                              env={**os.environ, **environment(env)}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout
    try:
        done = subprocess.run(
            [python, "-m", "coverage", "run", *config, *options, "--data-file", data, *words],
            cwd=tree.path, env={**os.environ, **environment(env)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if combine or not os.path.exists(data):
            go("-m", "coverage", "combine", *config, "--data-file", data)
        go("-m", "coverage", "json", *config, "-i", "--fail-under=0", "--data-file", data,
           "-o", out)
        analysed = json.loads(go("-c", ANALYSE, data, "none" if isolated else "found"))
        with open(out) as file:
            found = json.load(file)
    finally:
        shutil.rmtree(folder)
    found["analysed"], found["status"] = analysed, done.returncode
    return found


def arcs(found):
    return ", ".join("%d->%s" % (a, b if b > 0 else "exit") for a, b in
                     sorted(map(tuple, found)))


def same(tree, ours, want):
    """Each figure is coverage.py's own."""
    equal(sorted(ours["by_file"]), sorted(want["files"]), "files")
    for name, entry in want["files"].items():
        row, summary = ours["by_file"][name], entry["summary"]
        equal(row["statements"], summary["num_statements"], name)
        equal(row["missing"], summary["missing_lines"], name)
        equal(row["covered_share"] * 100 if summary["num_statements"] else 100,
              near(summary["percent_covered"]), name)
        equal(row["missing_lines"],
              want["analysed"][os.path.join(tree.path, name)], name)
        if want["meta"]["branch_coverage"]:
            equal(row["branches"], summary["num_branches"], name)
            equal(row["partial"], summary["num_partial_branches"], name)
            equal(row["missing_branches"], arcs(entry["missing_branches"]), name)
    totals, total = want["totals"], ours["Total"][0]
    equal(total["statements"], totals["num_statements"])
    equal(total["missing"], totals["missing_lines"])
    equal(total["covered_share"] * 100, near(totals["percent_covered"]))
    if want["meta"]["branch_coverage"]:
        equal(total["branches"], totals["num_branches"])
        equal(total["partial"], totals["num_partial_branches"])


class near(float):
    """Two ways of dividing differ in the last bit of a double."""

    def __eq__(self, other):
        return abs(self - other) <= 2e-14 * max(abs(self), 1)

    __hash__ = None


def measured_pythons():
    """(version, interpreter, env) of each Python that has coverage.py, or that our copy fits."""
    found = [("own", OWN, {})]
    sites = glob.glob(os.path.abspath(".venv/lib/python*/site-packages/coverage"))
    for version, python in pythons():
        for env in ({}, {"PYTHONPATH": copy_of(sites[0])}):
            done = subprocess.run([python, "-c", "import coverage; coverage.Coverage"],
                                  env={**os.environ, **env}, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            if done.returncode == 0:
                found.append((version, python, env))
                break
    return found


def copy_of(package, kept=[]):
    """A folder with coverage.py without its C tracer, which fits other versions of Python."""
    if not kept:
        folder = tempfile.TemporaryDirectory()
        kept.append(folder)
        shutil.copytree(package, os.path.join(folder.name, "coverage"),
                        ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    return kept[0].name


def on_each(*versions):
    """Makes a test of a function of (python, env) for each of these versions of Python."""
    def declare(function):
        for version in versions:
            def one(version=version):
                for found, python, env in measured():
                    if found == version:
                        return function(python, env)
                raise Skip("no Python %s with coverage.py is here" % version)
            one.__name__ = "%s on Python %s" % (function.__name__, version)
            test(one)
    return declare


def measured(kept=[]):
    if not kept:
        kept.extend(measured_pythons())
    return kept
