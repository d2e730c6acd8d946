"""Weights that are CPU time, and the clock, on real runs under py-spy.

The programs burn CPU time by their own clock and print what they had, so no test depends on the
load of the machine.
"""
import json
import os
import re

from check import equal, finish, holds, run, test
from pyspy import Place

BURN = """\
import os, threading, time
def burn(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        for _ in range(2000): pass
"""
WAITERS = BURN + """\
event = threading.Event()
def waiter(): event.wait()
def sleeper(): time.sleep(600)
def reader(): os.read(os.pipe()[0], 1)
def three(): burn(0.03)
def one(): burn(0.01)
for target in (waiter, waiter, sleeper, reader):
    threading.Thread(target=target, daemon=True).start()
for _ in range(30):
    three()
    one()
os._exit(0)
"""
SLEEPER = BURN + """\
def nap(): time.sleep(0.6)
def work(): burn(0.2)
for _ in range(3):
    work()
    nap()
"""
LATE = BURN + """\
def late(): burn(0.5)
def early(): burn(0.4)
early()
time.sleep(1)
thread = threading.Thread(target=late)
thread.start()
thread.join()
"""
REPORT = """\
return {
  help = "A profile's figures",
  columns = { "name", "share", "weight", "from", "to", "clock", "kind", "samples", "wall", "cpu" },
  needs = { "profile" },
  run = function(subject)
    local p, all = subject.profile, {}
    local function share(rows)
      for _, row in ipairs(rows) do all[#all + 1] = { name = row.name, share = row.total_share or
        row.share, weight = row.weight or row.total_weight, from = row.from, to = row.to } end
    end
    share(p:functions())
    share(p:threads())
    for _, name in ipairs { "early", "late", "work", "nap" } do
      for _, run in ipairs(p:runs { by = "stack" }) do
        if run.stack:find(";" .. name .. "%f[;\\0]") then
          all[#all + 1] = { name = "run of " .. name, from = run.from, to = run.to }
        end
      end
    end
    all[#all + 1] = { name = "whole", weight = p.weight, from = p.from, to = p.to,
      clock = p.clock, kind = p.weight_kind, samples = p.samples, wall = p.exit.wall,
      cpu = p.exit.user + p.exit.system }
    return all
  end,
}
"""


def figures(place, program, *options):
    """The report's rows by name, of the saved recording; runs of one function in a list."""
    report = place.file("figures.lua", REPORT)
    saved = os.path.join(place.path, "run.json")
    if program:
        script = place.file("program.py", program)
        done = run("top.lua", "--save", saved, *options, script)
        equal(done.status, 0, done)
    rows = {}
    for row in json.loads(run(report, *options, "--format", "json", saved).out):
        rows.setdefault(row["name"], []).append(row)
    return rows


@test
def waiting_threads_have_next_to_no_cpu_time():
    with Place() as place:
        rows = figures(place, WAITERS, "--weight", "cpu")
        whole = rows["whole"][0]
        equal([whole["kind"], whole["clock"]], ["cpu", True])
        assert 0.9 <= whole["weight"] <= whole["cpu"] + 0.05, whole
        for name in ("waiter", "sleeper", "reader"):
            for row in rows.get(name, []):
                # Two threads wait in `waiter`. The kernel counts what py-spy's pauses cost them.
                assert row["share"] < 0.04, row
        three, one = rows["three"][0]["share"], rows["one"][0]["share"]
        assert 0.6 < three / (three + one) < 0.9, (three, one)
        assert three + one > 0.85, (three, one)
        plain = figures(place, None)["whole"][0]
        equal([plain["kind"], plain["samples"]], ["samples", whole["samples"]])


@test
def a_program_that_sleeps_has_the_cpu_time_of_its_work():
    with Place() as place:
        rows = figures(place, SLEEPER, "--weight", "cpu")
        # A py-spy that is late on a busy machine samples faster afterwards, wherever that is.
        assert rows["work"][0]["share"] > 0.75, rows["work"]
        assert rows.get("nap", [{"share": 0}])[0]["share"] < 0.25, rows["nap"]
        assert 0.55 < rows["whole"][0]["weight"] < 1.0, rows["whole"]
        # Its work is at three moments, which the pauses part.
        starts = sorted(row["from"] for row in rows["run of work"])
        assert starts[-1] - starts[0] > 1.0, starts


@test
def threads_share_one_clock():
    with Place() as place:
        rows = figures(place, LATE)
        whole = rows["whole"][0]
        assert whole["clock"] and whole["to"] <= whole["wall"] + 0.05, whole
        early = [row["from"] for row in rows["run of early"]]
        late = [row["from"] for row in rows["run of late"]]
        assert min(late) >= 0.9 and min(late) - min(early) >= 0.9, (early, late)
        shown = run("timeline.lua", os.path.join(place.path, "run.json")).out
        holds(shown, "(all)")
        window = run("top.lua", "--window", "0..0.9", os.path.join(place.path, "run.json")).out
        assert "late" not in window, window


@test
def the_main_report_ranks_by_cpu_time_where_samples_mislead():
    with Place() as place:
        saved = os.path.join(place.path, "run.json")
        equal(run("top.lua", "--idle", "--save", saved, place.file("a.py", WAITERS)).status, 0)
        # With --idle the user wants to see what waits.
        assert "CPU" not in run("report.lua", saved).out
        with open(saved) as file:
            recording = json.load(file)
        recording["pyprof-lua"]["options"]["idle"] = False
        with open(saved, "w") as file:
            json.dump(recording, file)
        shown = run("report.lua", saved).out
        holds(shown, "Top 10 Hot Functions by CPU time:\n1. burn - ")
        holds(shown, " - CPU ")
        holds(shown, "\nHot paths by CPU time:\n1. ")
        plain = run("report.lua", "--weight", "samples", saved).out
        holds(plain, "Top 10 Hot Functions:\n")
        holds(plain, "--weight cpu shows the shares of CPU time")


@test
def threads_that_waited_are_not_ranked_by_their_samples():
    """Each function is within what chance allows of so little CPU time; the threads are not."""
    frames = [{"name": name, "file": "a.py", "line": i + 1} for i, name in enumerate(
        ["parse", "build", "wait_a", "wait_b", "wait_c"])]
    threads = [(1, [0] * 36 + [1] * 24, 0.05), (2, [2] * 60, 0.02), (3, [3] * 60, 0.02),
               (4, [4] * 60, 0.02)]
    recording = {
        "$schema": "https://www.speedscope.app/file-format-schema.json", "name": "x",
        "exporter": "py-spy@0.4.3", "activeProfileIndex": 0, "shared": {"frames": frames},
        "profiles": [{"type": "sampled", "name": "Process 7 Thread %d \"t\"" % tid,
                      "unit": "seconds", "startValue": 0, "endValue": len(of) / 100,
                      "samples": [[i] for i in of], "weights": [0.01] * len(of)}
                     for tid, of, _ in threads],
        "pyprof-lua": {
            "format": 1, "version": "1", "date": "2026-01-01T00:00:00Z", "command": ["a.py"],
            "tools": {}, "options": {"rate": 100, "idle": False}, "notes": [],
            "exit": {"status": 0, "wall": 2.0, "user": 0.11, "system": 0.0, "max_rss": 10 ** 7},
            "threads": [{"pid": 7, "tid": tid, "at": [0.0, 2.0], "cpu": [0.0, cpu],
                         "delay": [0.0, 0.6]} for tid, _, cpu in threads],
            "processes": [{"pid": 7, "cpu": 0.11}]}}
    with Place() as place:
        path = place.file("run.json", json.dumps(recording))
        shown = run("report.lua", path).out
        holds(shown, "Top 10 Hot Functions by CPU time:\n1. parse - 36 samples (15.00%) - "
                     "CPU 27.27%\n2. ")
        # The order is by CPU time, so each line says it.
        equal(shown.count(" - CPU "), 5, shown)
        # What the program took is not held against the samples of a part, nor a part's against it.
        part = run("report.lua", "--weight", "samples", "--window", "0..0.5", path).out
        holds(part, "\nSamples stand for 2.400 s, the CPU time is 0.110 s: ")
        holds(run("diff.lua", "--before", path, path).out, "Program: wall time")
        part = run("diff.lua", "--before", path, "--before-window", "0..0.5", path).out
        assert "Program:" not in part, part
        said = run("-e", "local row = pyprof.hottest(p, 1)[1] "
                   "return row.self_share, row.total_share", path).out
        equal(said.split(), ["0.15", "0.15"])
        # The table sorts by what its head shows.
        for order, at in (("cpu%", 0), ("-cpu%", 4)):
            rows = json.loads(run("top.lua", "--sort=" + order, "--format", "json", path).out)
            equal(rows[at]["name"], "parse", rows)
        # Shares that agree are by samples; that these stand for more than CPU time is said.
        for thread, (_, of, _) in zip(recording["pyprof-lua"]["threads"], threads):
            thread["cpu"] = [0.0, 0.05 * len(of) / 60]
        shown = run("report.lua", place.file("run.json", json.dumps(recording))).out
        holds(shown, "Top 10 Hot Functions:\n1. wait_a - 60 samples (25.00%)\n")
        holds(shown, "\nSamples stand for 2.400 s, the CPU time is 0.110 s: --weight cpu shows the "
                     "shares of CPU time\n")


@test
def the_whole_program_is_judged():
    with Place() as place:
        paths = []
        for name, seconds in (("short", 0.4), ("long", 1.2)):
            paths.append(os.path.join(place.path, name + ".json"))
            script = place.file("burn.py", BURN + "def work(): burn(%r)\nwork()\n" % seconds)
            equal(run("top.lua", "--save", paths[-1], script).status, 0)
        short, long = paths
        for name in "--fail-slower", "--fail-larger":
            wrong = run("diff.lua", "--before", short, name, "20", long)
            equal((wrong.status, wrong.out), (2, ""))
            holds(wrong.err, "a limit of 20 is 2000 %: 20% is written 20% or 0.2")
            wrong = run("diff.lua", "--before-window", "0..1", name, "20%", long)
            equal((wrong.status, wrong.out), (2, ""))
            holds(wrong.err, "--before FILE is missing")
        judged = run("budget.lua", "--max-wall", "600", "--max-cpu", "0.8", "--max-memory", "1e9",
                     long)
        equal(judged.status, 3, judged)
        holds(judged.out, "passed   (program)  wall")
        holds(judged.out, "failed   (program)  cpu")
        assert re.search(r"passed   \(program\)  memory +\S+ MiB  953.7 MiB\n", judged.out), judged
        equal(run("budget.lua", "--max-cpu", "600", long).status, 0)
        judged = run("diff.lua", "--fail-slower", "50%", "--before", short, long)
        equal(judged.status, 3, judged)
        assert judged.out.startswith("Program: wall time "), judged.out
        holds(judged.out, ", CPU time ")
        holds(judged.out, "verdict: failed")
        judged = run("diff.lua", "--all", "--fail-larger", "900%", "--before", short, long)
        equal(judged.status, 0, judged)
        row = [line for line in judged.out.split("\n") if " burn " in line][0].split()
        assert 0.4 < float(row[0]) < 1.2, row


@test
def recordings_without_a_record_say_so():
    old = "tests/data/calculator.speedscope.json"
    result = run("top.lua", "--weight", "cpu", old)
    equal(result.status, 2)
    holds(result.err, "no record of its run")
    equal(run("top.lua", "--weight", "samples", old).status, 0)
    holds(run("diff.lua", "--fail-slower", "1%", "--before", old, old).err, "does not say")
    judged = run("budget.lua", "--max-wall", "1", old)
    equal(judged.status, 4)
    holds(judged.out, "the recording does not say it of one run\n")
    holds(run("budget.lua", old).err, "no limits")
    two = run("timeline.lua", "tests/data/sample.speedscope.json.gz").out
    holds(two, "Each thread by its own clock")


finish()
