"""README.md and the pages of lua/pyprof/doc: every command and every piece of Lua in them runs in a
folder with the files that they name, and its output is compared with the output shown.

In code that is indented by four spaces, or fenced:
- A line `$ command` is run; the lines up to the next command are its output (… stands for
  anything in a line, alone on a line for any lines). If the command starts a prompt, a line
  `> Lua` is typed there.
- A line that runs pyprof-lua is run; so is `pyprof-lua …` within a sentence.
- A fenced block of Lua whose first line is `-- NAME.lua` is that file from then on; any other
  block is run by -e on run.json. The blocks of the cookbook that are files of examples/tasks have
  the names of these files."""
import functools
import glob
import gzip
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

from check import PROGRAM, equal, finish, run, test

ROOT = os.getcwd()
PAGES = "lua/pyprof/doc/pages"
WIDTH = 80

# Commands that are not run here, and why.
NOT_RUN = {
    "pyprof-lua top.lua --live --pid 4711": "goes on until Ctrl-C",
    "pyprof-lua open.lua --serve --port 8321 run.json": "goes on until Ctrl-C",
    "pyprof-lua open.lua run.json": "opens a browser",
}

# Commands that end with another status than 0.
STATUS = {}

SCRIPT = """import threading


def work():
    return sum(i * i for i in range(4000000))


def main():
    thread = threading.Thread(target=work, name="worker")
    thread.start()
    work()
    thread.join()


main()
"""

FIGURES = {"num_statements": 2, "missing_lines": 1, "excluded_lines": 0, "covered_lines": 1,
           "num_branches": 0, "num_partial_branches": 0, "covered_branches": 0}
COVERAGE = {
    "meta": {"format": 3, "version": "7.17.3", "branch_coverage": True}, "totals": FIGURES,
    "files": {"src/shop.py": {
        "executed_lines": [1], "missing_lines": [2], "excluded_lines": [], "summary": FIGURES,
        "executed_branches": [], "missing_branches": []}},
}


TESTS = """def total(count):
    return sum(n * n % 7 for n in range(count))


def test_total():
    assert total(3000000) > 0


def test_small():
    assert total(2) == 1


class TestEmpty:
    def test_empty(self):
        assert total(0) == 0
"""


PRICES = """def parse(text):
    if not text:
        raise ValueError("empty")
    return [int(part) for part in text.split(",")]


def total(prices, count=6000000):
    if not prices:
        return 0
    result = sum(prices)
    for n in range(count):
        result += n * n % 7
    return result


def refund(prices):
    return -total(prices)


print(total(parse("1,2,3")))
"""
CHANGES = """--- a/prices.py
+++ b/prices.py
@@ -9 +9 @@ def total(prices, count=6000000):
-        return None
+        return 0
@@ -17 +17 @@ def refund(prices):
-    return total(prices)
+    return -total(prices)
"""


def lighter(recording, name, share):
    """The recording with only that share of the samples whose leaf has the name."""
    names = [frame["name"] for frame in recording["shared"]["frames"]]
    changed = json.loads(json.dumps(recording))
    for profile in changed["profiles"]:
        kept, credit = [], 0.0
        for sample, weight in zip(profile["samples"], profile["weights"]):
            credit += share if names[sample[-1]] == name else 1
            if credit >= 1:
                kept.append((sample, weight))
                credit -= 1
        profile["samples"] = [sample for sample, _ in kept]
        profile["weights"] = [weight for _, weight in kept]
    return changed


@functools.lru_cache
def callgrind():
    """A profile of calls."""
    text = run("callgrind.lua", "tests/data/calculator.speedscope.json").out
    return text.replace("/srv/calculator/", "")


def furnish(folder):
    """Writes the files that the pages name."""
    def write(name, data):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with (gzip.open if name.endswith(".gz") else open)(path, "wt") as out:
            out.write(data)

    shutil.copy("examples/calculator.py", folder)
    with open("tests/data/calculator.speedscope.json") as stream:
        text = stream.read().replace("/srv/calculator/", "")
    recording = json.loads(text)
    before = json.dumps(lighter(recording, "compute_heavy", 0.3))
    write("run.json", text)
    for name in "run.json", "host-01/web-00001.json.gz", "host-02/web-00002.json.gz":
        write("recordings/" + name, text)
    for name in "yesterday.json", "monday.json.gz":
        write(name, before)
    for name in "today.json", "tuesday.json.gz":
        write(name, text)
    shutil.copy("tests/data/pytest.speedscope.json.gz", os.path.join(folder, "pytest.json.gz"))
    write("tests/test_shop.py", TESTS)
    write("prices.py", PRICES)
    write("changes.diff", CHANGES)
    shutil.copy("examples/tasks/02-packages.lua", os.path.join(folder, "theirs.lua"))
    shutil.copy("tests/data/sample.speedscope.json.gz", os.path.join(folder, "busy.json.gz"))
    for name in "script.py", "mymodule.py", "a.py", "b.py", "app/__main__.py":
        write(name, SCRIPT)
    write("callgrind.out.run", callgrind())
    write("limits.lua", 'return { { "fibonacci", "total", 0.20 } }\n')
    write("coverage.json", json.dumps(COVERAGE))
    write("src/shop.py", "def total(prices):  # TODO: tax\n    return eval('+'.join(prices))\n")
    if not os.path.exists(os.path.join(folder, "examples")):
        os.symlink(os.path.join(ROOT, "examples"), os.path.join(folder, "examples"))


class Block:
    """Code of a page: its language (None: indented), its lines, the number of the first line."""

    def __init__(self, language, line):
        self.language, self.line, self.lines, self.raw = language, line, [], None


def blocks(text):
    """The blocks of code of a Markdown text."""
    found, block, before = [], None, ""
    for number, line in enumerate(text.split("\n"), 1):
        fence = re.match(r"```(\w*)$", line)
        if fence and (block is None or block.language is None):
            block = Block(fence.group(1), number + 1)
            found.append(block)
        elif fence:
            block = None
        elif block and block.language is not None:
            block.lines.append(line)
        elif line.startswith("    ") and (block or not before):
            if block is None:
                block = Block(None, number)
                found.append(block)
            block.lines.append(line)
        elif block and not line:
            block.lines.append("")
        else:
            block = None
        before = line
    for block in found:
        block.raw = block.lines
        block.lines = textwrap.dedent("\n".join(block.lines)).split("\n")
    return found


def inline(text):
    """The commands within sentences."""
    for block in blocks(text):
        text = text.replace("\n".join(block.raw), "")
    return re.findall(r"`(pyprof-lua [^`]*)`", text.replace("\n", " "))


class Page:
    """A page that runs: its folder, and the process that replaces 4711 in its commands."""

    def __init__(self, path):
        self.path = path
        with open(path) as stream:
            self.text = stream.read()
        self.folder = tempfile.mkdtemp(prefix="pyprof-pages-")
        self.process = None
        furnish(self.folder)

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)

    def shell(self, command, input=""):
        """Runs a command; returns its output, on standard output and error, and its status."""
        if re.search(r"\b4711\b", command):
            if not self.process:
                self.process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            command = re.sub(r"\b4711\b", str(self.process.pid), command)
        if os.path.basename(PROGRAM) != "pyprof-lua":  # a variant stands in for the program
            command = "pyprof-lua() { %s \"$@\"; }\n%s" % (PROGRAM, command)
        home = os.path.join(self.folder, "home")
        # A page shows what a terminal of 80 columns would.
        environment = dict(os.environ, COLUMNS="80", HOME=home, XDG_CONFIG_HOME=home + "/.config",
                           VIRTUAL_ENV=os.path.join(ROOT, ".venv"),
                           PATH=":".join([os.path.dirname(PROGRAM), os.environ["PATH"],
                                          os.path.join(ROOT, ".venv/bin")]))
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=environment,
                              input=input, text=True, timeout=300, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        furnish(self.folder)  # a command may have replaced our recording by its own
        return done.stdout, done.returncode

    def run(self, command, where, want=None, input=""):
        plain = re.sub(r"\s+#.*", "", command)
        if plain in NOT_RUN:
            return
        got, status = self.shell(command, input)
        assert status == STATUS.get(plain, 0), "%s: %s: status %d\n%s" % (
            where, command, status, got)
        if want and any(want):
            compare(want, got, command, where)

    def lua(self, block, where):
        code = "\n".join(block.lines) + "\n"
        if code in tasks():
            with open(os.path.join(self.folder, tasks()[code]), "w") as out:
                out.write(code)
            return
        name = re.match(r"-- (~?[\w./-]+\.lua)\b", code)
        if not name:
            with open(os.path.join(self.folder, ".code"), "w") as out:
                out.write(code)
            self.run("pyprof-lua -e \"$(cat .code)\" run.json", where)
            return
        path = name.group(1).replace("~", os.path.join(self.folder, "home"))
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(code)

    def commands(self, block, where):
        lines = "\n".join(block.lines).replace("\\\n", "").split("\n")
        rest = list(itertools.chain(lines, ["$"]))
        command, want, words = None, [], []
        for line in rest:
            if line == "$" or line.startswith("$ "):
                if command:
                    self.run(command, where, want, "".join(words))
                command, want, words = line[2:], [], []
            elif command and line.startswith("> "):
                words.append(line[2:] + "\n")
            elif command:
                want.append(line)
            elif re.search(r"(^|[|;&] |^[A-Z_]+=\S+ )pyprof-lua( |$)", line):
                self.run(line, where)


def is_real_run(command):
    """Does it run a program, so that its numbers differ from run to run?"""
    return re.search(r"\.py\b|-m |-c |--pid|\.lua -- ", command) is not None


def shape(line):
    """A line of a real run's output without the parts that differ from run to run."""
    line = re.sub(r"^(\d+\.|- seen:|- not seen:) .*", r"\1 …", line)
    line = re.sub(r" by CPU time:$", ":", line)
    line = re.sub(r": it waited [^)]*", "", line)
    return re.sub(r" +", " ", re.sub(r"\d[\d.,]*", "0", line)).strip()


def compare(want, got, command, where):
    def tidy(lines):
        lines = [line.rstrip() for line in lines]
        while lines and not lines[-1]:
            lines.pop()
        if is_real_run(command):
            # A busy machine has notes of its own, and more or fewer rows.
            lines = [shape(line) for line in lines if line and not re.match(
                r"\((py-spy|not sampled) .*\)$|… \S+ more \(--limit all\)$|"
                r"Samples stand for .* --weight cpu shows", line)]
            lines = [line for line, _ in itertools.groupby(lines)]
        return lines
    want, got = tidy(want), tidy(got.split("\n"))
    pattern = "\n".join("(?s:.*)" if line == "…" else re.escape(line).replace("…", ".*")
                        for line in want)
    assert re.fullmatch(pattern, "\n".join(got)), "%s: %s: prints\n%s\nnot\n%s" % (
        where, command, "\n".join(got), "\n".join(want))


def replay(path):
    def run():
        page = Page(path)
        try:
            for command in inline(page.text):
                page.run(command, path)
            for block in blocks(page.text):
                where = "%s:%d" % (path, block.line)
                if block.language == "lua":
                    page.lua(block, where)
                else:
                    page.commands(block, where)
        finally:
            page.close()
    run.__name__ = "page_" + os.path.basename(path)
    return run


def tasks():
    """The names of the examples that the cookbook repeats, by their text."""
    found = {}
    for path in sorted(glob.glob("examples/tasks/*.lua")):
        with open(path) as stream:
            found[stream.read()] = os.path.basename(path)
    return found


def all_pages():
    return sorted(glob.glob(PAGES + "/*.md"))


@test
def the_program_shows_the_pages_as_they_are():
    for path in all_pages():
        name = os.path.basename(path)[:-3]
        with open(path) as stream:
            equal(run("--doc", name).out, stream.read(), name)


@test
def lines_fit_a_terminal():
    for path in all_pages():
        with open(path) as stream:
            for number, line in enumerate(stream, 1):
                assert len(line.rstrip("\n")) <= WIDTH, "%s:%d: %s" % (path, number, line)


@test
def no_command_stands_outside_of_code():
    for path in all_pages() + ["README.md"]:
        with open(path) as stream:
            text = stream.read()
        command = re.compile(r"^ *(\$ |> |pyprof-lua )")
        found = [line.strip() for line in text.split("\n") if command.match(line)]
        inside = [line.strip() for block in blocks(text) for line in block.lines
                  if command.match(line)]
        assert found == inside, "%s: %s" % (path, set(found) - set(inside))


@test
def the_cookbook_has_the_examples_word_for_word():
    with open(PAGES + "/cookbook.md") as stream:
        code = ["\n".join(block.lines) + "\n" for block in blocks(stream.read())]
    shown = [tasks()[text] for text in code if text in tasks()]
    assert shown == list(tasks().values()), shown


def everything():
    """The text of all pages, and of README.md."""
    texts = []
    for path in all_pages() + ["README.md"]:
        with open(path) as stream:
            texts.append(stream.read())
    return "\n".join(texts)


@test
def every_option_and_report_is_in_a_page():
    text = everything()
    options = re.findall(r"^  (?:-\w, )?(--[\w-]+)", run("--help").out, re.M)
    reports = re.findall(r"^(\w+)\.lua ", run("--list").out, re.M)
    assert len(options) > 20 and len(reports) > 15, (options, reports)
    missing = [name for name in options if not re.search(name + r"\b(?!-)", text)]
    missing += [name for name in reports if name + ".lua" not in text and "`%s`" % name not in text]
    assert not missing, missing


@test
def what_a_page_points_to_is_there():
    names = {os.path.basename(path)[:-3] for path in all_pages()}
    for path in all_pages():
        with open(path) as stream:
            pointed = re.findall(r"\bsee\s+`(\w+)`", stream.read(), re.I)
        assert set(pointed) <= names, (path, pointed)


@test
def what_is_not_run_is_still_there():
    text = everything()
    for command in list(NOT_RUN) + list(STATUS):
        assert command in text, command


for each in all_pages() + ["README.md"]:
    test(replay(each))
finish()
