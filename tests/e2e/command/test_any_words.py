"""Command lines of random words: each ends by itself, and errors are clear lines, never a signal, a
traceback or the name of a place within the library."""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from check import PROGRAM, finish, run, test

ROOT = os.getcwd()
# PYPROF_FUZZ=5000 tries 5000 more, different ones each time.
MORE = int(os.environ.get("PYPROF_FUZZ", "0"))
FOLDER = tempfile.mkdtemp(prefix="pyprof-words-")
REPORTS = sorted(os.listdir("scripts"))

SELECTORS = ["main", "!main", "file:calc", "file:(", "nosuch", "", "a.b.c", "name:^f", "@mine",
             "origin:library|stdlib", "package:(own)", "x:y", "file:", "!", "!!", "file:(?=.*a)"]
VALUES = {
    "--format": ["text", "json", "ndjson", "csv", "markdown", "html", "xml", ""],
    "--section": ["Callers", "Totals", "nosuch", ""],
    "--rate": ["100", "0", "-1", "x", "1e9", "99999999999999999999"],
    "--duration": ["0.1", "0", "-1", "x", "nan", "inf"],
    "--window": ["0..1", "1..0", "..", "1..", "..1", "x..y", "0", "1e308..", "0..0.00001", "-1..1"],
    "--metric": ["seconds", "nosuch", "", "samples"],
    "--from": ["profile=x", "profile", "=", "source=.", "nosuch=x"],
    "--with": ["source", "nosuch", "profile=nosuch", "coverage", "=", "memory"],
    "--pid": ["0", "-1", "x", "999999999", ""],
    "--python": ["/nonexistent", "/bin/false", ""],
    "--py-spy": ["/nonexistent", "/bin/false", ""],
    "--save": ["saved.json", "/nonexistent/x", ""],
    "--output": ["out.txt", "out.html", "out.json", "out.csv", "out.md", "/nonexistent/x", ".", ""],
    "-e": ["print(1)", "x(", "print(p.samples)", "return 1", "error()", "error({})", "p:nosuch()"],
    "--copy": ["top.lua", "nosuch.lua", "/", ""],
    "--new": ["mine", "mine.lua", "/nonexistent/x", ""],
    "--limit": ["3", "0", "-1", "x", "1.5", "1e99", "9223372036854775808"],
    "--sort": ["self_weight", "-name", "nosuch", "", "-", "file"],
    "--function": SELECTORS, "--where": SELECTORS, "--without": SELECTORS, "--thread": SELECTORS,
    "--fold": SELECTORS, "--root": SELECTORS, "--exclude": SELECTORS, "--include": SELECTORS,
    "--by": ["function", "line", "package", "module", "nosuch", ""],
    "--pattern": ["def", "(", "", "(a+)+$", "\\", "[", "a{99999}", "(?<x>a)|(?<x>b)"],
    "--flags": ["i", "imsxu", "q", ""], "--in": ["code", "comment", "x"], "--at": ["line", "x"],
    "--before": ["calc.json", "nosuch", "stats.prof", ""], "--compare": ["self", "total", "x"],
    "--limits": ["limits.lua", "broken.lua", "calc.json", "nosuch", ""],
    "--depth": ["0", "3", "-1", "x"], "--min-share": ["1%", "0.5", "x", "-1", "200%"],
    "--buckets": ["1", "10", "0", "-1", "1000000", "x"], "--complexity": ["mccabe", "radon", "x"],
}
FLAGS = ["--idle", "--gil", "--native", "--subprocesses", "--nonblocking", "--full-paths",
         "--progress", "--sandbox", "--traceback", "-h", "--help", "--list", "--version", "-i",
         "--all", "--no-all", "--definitions", "--stubs", "--no-ignore", "--live", "--no-color"]
TARGETS = [["calc.json"], ["calc.json", "calc.json"], ["sample.json.gz"], ["x.folded"],
           ["stats.prof"], ["x.pprof"], ["callgrind.out.x"], ["calc.json", "stats.prof"],
           ["empty"], ["cut.json"], ["cut.gz"], ["bytes"], ["nosuch"], ["."], ["source"],
           ["source/a.py"], ["recordings"], ["/dev/null"], [], ["-m", "nosuch"],
           ["-m", "json.tool", "--help"], ["-c", "pass"], ["-c", "1/0"], ["-c"], ["-m"], ["--"],
           ["--", "/nonexistent"], ["--", "true"], ["source/exits.py"], ["x.pyz"]]
ODD = ["", "-", "--", "---", "-x", "--nosuch", "--=", "--limit=", "-o=", "\udcff", "a" * 5000,
       "--" + "x" * 3000, "\x1b[2J", "é", "%s%n", "*", "a b", "'", "\n", "--where=", "=", ".lua"]


def put(name, content):
    path = os.path.join(FOLDER, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def make_files():
    with open("tests/data/calculator.speedscope.json", "rb") as file:
        calc = file.read()
    with open("tests/data/sample.speedscope.json.gz", "rb") as file:
        sample = file.read()
    put("calc.json", calc)
    put("recordings/one.json", calc)
    put("cut.json", calc[:len(calc) // 2])
    put("sample.json.gz", sample)
    put("cut.gz", sample[:2000])
    put("x.folded", "a;b 3\na;c;b 4\n")
    put("empty", "")
    put("bytes", bytes(range(256)) * 8)
    put("source/a.py", "def main():\n    return [x for x in range(3)]  # a comment\n")
    put("source/broken.py", "def f(:\n  '''\n")
    put("source/exits.py", "import sys; sys.exit(7)\n")
    put("limits.lua", "return { { 'main', 'total', 0.5 }, { 'nosuch', 'self', 0.1 } }")
    put("broken.lua", "return {")
    put("x.pyz", b"PK\x05\x06" + bytes(18))
    subprocess.check_call([sys.executable, "-m", "cProfile", "-o", FOLDER + "/stats.prof",
                           FOLDER + "/source/a.py"])
    run("pprof.lua", "-o", FOLDER + "/x.pprof", FOLDER + "/calc.json")
    run("callgrind.lua", "-o", FOLDER + "/callgrind.out.x", FOLDER + "/calc.json")


def some_options(chance, known):
    words = []
    for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
        name = chance.choice(known if chance.random() < 0.97 else list(VALUES) + FLAGS)
        words.append(name)
        # The first value of each is valid.
        if name in VALUES:
            good = chance.random() < 0.5
            words.append(VALUES[name][0] if good else chance.choice(VALUES[name]))
    return words


def options_of(report):
    """The options that a report's help lists; without a report, the common options."""
    text = run(*[report] if report else [], "--help").out.split("\nInstead of")[0]
    return re.findall(r"^  (?:-\w, )?(--[a-z-]+|-o)", text, re.M)


def some_words(chance, own):
    report = chance.choice(REPORTS + ["nosuch.lua", "broken.lua", "calc.json"])
    # Required options are mostly there: without them nothing else is tested.
    needed = {"callers.lua": ["--function", "main"], "grep.lua": ["--pattern", "e"],
              "diff.lua": ["--before", "calc.json"], "budget.lua": ["--limits", "limits.lua"]}
    words = some_options(chance, own[None]) + [report]
    words += some_options(chance, own[None] + 8 * own.get(report, []))
    if chance.random() < 0.8:
        words += needed.get(report, [])
    words += chance.choice(TARGETS)
    for _ in range(chance.choice([0, 0, 0, 1, 2])):
        place = chance.randrange(len(words) + 1)
        words[place:place + chance.randrange(2)] = [chance.choice(ODD)]
    return words


INSIDE = re.compile(r"lua/pyprof/|attempt to|stack traceback|bad argument|\[C\]|table: 0x")


def complaint(words):
    """The fault in how pyprof-lua handled the words, or None."""
    environment = dict(os.environ, XDG_CONFIG_HOME=FOLDER, XDG_STATE_HOME=FOLDER)
    started = subprocess.Popen([PROGRAM, *words], cwd=FOLDER, env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True)
    try:
        out, err = started.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        started.communicate()
        return "does not end"
    text = err.decode(errors="replace")
    said = [line for line in text.splitlines() if line.startswith("pyprof-lua: ")]
    if started.returncode not in (0, 1, 2, 3, 4, 7):
        return "status %d" % started.returncode
    if "--traceback" not in words and INSIDE.search("\n".join(said)):
        return "what is inside is shown"
    if started.returncode == 2 and not said:
        return "no word of what is wrong"
    if re.search(r"[\0-\x08\x0b-\x1f\x7f]", "\n".join(said)):
        return "commands to a terminal"
    return None


def check(seed, count):
    chance, wrong = random.Random(seed), []
    own = {name: options_of(name) for name in [None] + REPORTS}
    for _ in range(count):
        words = some_words(chance, own)
        why = complaint(words)
        if why:
            done = run(*words, cwd=FOLDER)
            wrong.append("%s\n  %r\n  status %d: %r" % (why, words, done.status, done.err[-300:]))
    assert not wrong, "\n".join(wrong)


@test
def any_words_are_understood_or_refused():
    check(*(None, MORE) if MORE else (1, 250))


try:
    make_files()
    finish()
finally:
    shutil.rmtree(FOLDER)
