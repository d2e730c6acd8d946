"""speedscope's own importer reads the exports: people open them with that program."""
import collections
import json
import os
import re
import shutil
import subprocess
import tempfile

from check import Skip, equal, finish, run, test

SAMPLE = "tests/data/sample.speedscope.json.gz"
GOLDEN = "tests/data/calculator.speedscope.json"
VERSION = "1.25.0"
FOLDER = tempfile.mkdtemp(prefix="pyprof-importer-")
HOME = os.path.abspath("build/npm")
PACKAGE = os.path.join(HOME, "node_modules/speedscope")


def installed():
    for program in "node", "npm":
        if not shutil.which(program):
            raise Skip(program + " is absent")
    if os.path.exists(PACKAGE):
        with open(PACKAGE + "/package.json") as file:
            if json.load(file)["version"] == VERSION:
                return
    os.makedirs(HOME, exist_ok=True)
    try:
        done = subprocess.run(["npm", "install", "--prefix", HOME, "--ignore-scripts", "--no-audit",
                               "--no-fund", "speedscope@" + VERSION], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
    except subprocess.TimeoutExpired:
        raise Skip("npm does not fetch speedscope in time")
    if done.returncode != 0:
        raise Skip("npm cannot fetch speedscope")


def imported(report, name, recording=SAMPLE, views=()):
    """The profiles that speedscope finds in an export, their frames as tuples."""
    path = os.path.join(FOLDER, name)
    equal(run(report, "-o", path, *views, recording).status, 0)
    return of_speedscope(path)


def of_speedscope(path):
    installed()
    done = subprocess.run(["node", "tests/e2e/export/speedscope_importer.js",
                           PACKAGE + "/dist/release", path], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=300)
    equal(done.returncode, 0, done.stderr)
    profiles, = json.loads(done.stdout)
    return profiles


def rows(recording=SAMPLE, views=()):
    """(name, file) → (self samples, self weight, total weight), as top has them."""
    done = run(*views, "-e", """for _, r in ipairs(subject.profile:functions()) do
      print(("%s\\t%s\\t%d\\t%.9f\\t%.9f"):format(r.name, r.file, r.self, r.self_weight,
        r.total_weight)) end""", recording)
    found = {}
    for line in done.out.splitlines():
        name, file, samples, self, total = line.split("\t")
        found[name, file] = int(samples), float(self), float(total)
    return found


def close(a, b, what):
    assert abs(a - b) < 1e-4 * max(1, abs(b)), (what, a, b)


def compare(profiles, factor, split=lambda name, file: (name, file), kind=1,
            views=()):
    """The self values of all functions; a function may have several lines and profiles."""
    self, want = collections.Counter(), rows(views=views)
    for profile in profiles:
        for name, file, _, own, _ in profile["frames"]:
            self[split(name, file)] += own / factor
    equal(sorted(set(self) ^ set(want)), [])
    for name, row in want.items():
        close(self[name], row[kind], name)
    close(sum(profile["total"] for profile in profiles) / factor,
          sum(row[kind] for row in want.values()), "the whole")


@test
def its_own_format():
    profiles = imported("speedscope.lua", "x.speedscope.json")
    compare(profiles, 1)
    equal({profile["unit"] for profile in profiles}, {"seconds"})
    equal(len(profiles), 2)


@test
def a_saved_recording():
    """Its record is a key that the format does not know."""
    saved = os.path.join(FOLDER, "saved.json")
    equal(run("top.lua", "--save", saved, "-c", "import time\n"
              "while time.process_time() < 0.4: pass").status, 0)
    with open(saved) as file:
        assert "pyprof-lua" in json.load(file)
    profile, = of_speedscope(saved)
    own = collections.Counter()
    for name, file, _, value, _ in profile["frames"]:
        own[name, file] += value
    row = rows(saved)["<module>", "<string>"]
    assert row[0] > 0, row
    close(own["<module>", "<string>"], row[1], "<module>")


@test
def pprof():
    profiles = imported("pprof.lua", "x.pprof")
    compare(profiles, 1e9)
    profile, = profiles
    equal(profile["unit"], "nanoseconds")
    want = rows()
    for name, file, _, _, total in profile["frames"]:
        close(total / 1e9, want[name, file][2], name)


@test
def callgrind():
    """It makes up stacks without recursion: they are the same only if a program hardly recurses."""
    want = rows(GOLDEN)
    for profile, factor, kind in zip(imported("callgrind.lua", "callgrind.out.x", GOLDEN),
                                     (1e6, 1), (1, 0)):
        close(profile["total"] / factor, sum(row[kind] for row in want.values()), profile["name"])
        self = {(name, file): own / factor for name, file, _, own, _ in profile["frames"]}
        equal(sorted(set(self) ^ set(want)), [])
        for name, row in want.items():
            close(self[name], row[kind], name)


@test
def chrome():
    def split(name, _):
        name, arguments = re.fullmatch(r"(.*?) (\{.*\})", name).groups()
        return name, json.loads(arguments)["file"]
    views = "--window", "2..6"
    profiles = imported("chrome.lua", "x.trace.json", views=views)
    compare(profiles, 1e6, split, views=views)
    equal({profile["unit"] for profile in profiles}, {"microseconds"})
    assert any("batch" in profile["name"] for profile in profiles), profiles


@test
def folded():
    def split(name, _):
        return re.fullmatch(r"(.*) \((.*):\d+\)", name).groups()
    compare(imported("folded.lua", "x.folded"), 1, split, kind=0)


@test
def names_survive():
    for report, name in (("speedscope.lua", "y.speedscope.json"), ("pprof.lua", "y.pprof"),
                         ("callgrind.lua", "callgrind.out.y")):
        names = {frame[0] for frame in imported(report, name, GOLDEN)[0]["frames"]}
        equal(names, {name for name, _ in rows(GOLDEN)}, report)


try:
    finish()
finally:
    shutil.rmtree(FOLDER)
