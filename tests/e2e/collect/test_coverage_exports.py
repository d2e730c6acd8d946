"""lcov.lua and cobertura.lua write what coverage.py writes, and other tools read it."""
import os
import subprocess
import xml.etree.ElementTree as ElementTree

from check import Skip, equal, finish, holds, test
from covered import OWN, Tree, report

TREE = {
    "main.py": """\
import sys
from package import helper


class Shape:
    sides = 4

    def name(self, long):
        if long:
            return "a shape of %d sides" % self.sides
        return "shape"


def never(x):
    for i in range(x):
        if i > 3:
            break
    else:
        return 1
    return 2


def one_line(): return 1


print(Shape().name(False), helper.half(3))
if len(sys.argv) > 5:
    never(1)
""",
    "package/__init__.py": "",
    "package/helper.py": """\
def half(n):
    while n > 1:
        n -= 2
    return n


async def never():
    async with x:
        pass
""",
}


def own_export(tree, kind, out):
    data = os.path.join(tree.path, "data")
    for words in (["run", "--branch", "--data-file", data, "main.py"],
                  [kind, "-q", "--data-file", data, "-o", out]):
        subprocess.run([OWN, "-m", "coverage", *words], cwd=tree.path, check=True,
                       stdout=subprocess.PIPE)


@test
def lcov_is_that_of_coverage():
    with Tree(TREE) as tree:
        path = os.path.join(tree.path, "own.info")
        own_export(tree, "lcov", path)
        with open(path) as file:
            want = file.read().splitlines()
        done = report(tree, "main.py", options=["-o", "ours.info"], name="lcov.lua")
        equal(done.status, 0, repr(done))
        with open(os.path.join(tree.path, "ours.info")) as file:
            got = file.read().splitlines()
        for kind in ("SF", "DA", "LF", "LH", "BRF", "BRH", "end_of_record"):
            equal([line for line in got if line.startswith(kind)],
                  [line for line in want if line.startswith(kind)], kind)
        def branches(lines):
            return sorted((line.split(",")[0], line.split(",")[-1]) for line in lines
                          if line.startswith("BRDA"))
        equal(branches(got), branches(want))
        try:
            done = subprocess.run(["genhtml", "--branch-coverage", "-q", "-o", "html",
                                   "ours.info"], cwd=tree.path, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        except FileNotFoundError:
            raise Skip("no genhtml is here (apt-get install lcov)")
        equal(done.returncode, 0, done.stdout)


@test
def cobertura_is_that_of_coverage():
    def shape(element):
        attributes = {name: value for name, value in element.attrib.items()
                      if name not in ("version", "timestamp")}
        return element.tag, attributes, (element.text or "").strip(), list(map(shape, element))
    with Tree(TREE) as tree:
        path = os.path.join(tree.path, "own.xml")
        own_export(tree, "xml", path)
        done = report(tree, "main.py", options=["-o", "ours.xml"], name="cobertura.lua")
        equal(done.status, 0, repr(done))
        equal(shape(ElementTree.parse(os.path.join(tree.path, "ours.xml")).getroot()),
              shape(ElementTree.parse(path).getroot()))
        shown = [subprocess.run([os.path.abspath(".venv/bin/pycobertura"), "show", name],
                                cwd=tree.path, stdout=subprocess.PIPE, text=True, check=True).stdout
                 for name in ("ours.xml", "own.xml")]
        equal(shown[0], shown[1])
        holds(shown[0], "TOTAL")


finish()
