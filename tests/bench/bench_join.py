"""Measures the join beyond reading: 100,000 definitions, 3 million samples, coverage of 2,000 files.

Whole processes run in turns: one reads the recording, the source and coverage, the other joins them
and prints the rows, too. The best of several turns counts; seconds are processor time.
  BENCH_TURNS=9   turns (5)
"""
import json
import os
import random
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join("build", "bench")
PROGRAM = os.path.abspath(os.path.join("build", "pyprof-lua"))
FILES, FUNCTIONS = 2000, 50
ALLOWED = 2.0

REPORT = """local pyprof = require "pyprof"
return {
  help = "x", needs = { "profile", "source", "coverage" },
  run = function(subject)
    if not JOIN then
      local _ = subject.source:definitions { limit = 1 }
      return "read"
    end
    return pyprof.join(subject)
  end,
  columns = { "status", "total", "self", "complexity", "covered_share", "name", "file", "line" },
}
"""


def make(place):
    chance = random.Random(1)
    os.makedirs(os.path.join(place, "pkg"), exist_ok=True)
    files, stacks = {}, []
    for i in range(FILES):
        path = "pkg/m%04d.py" % i
        lines, executed, missing, taken, lost = [], [], [], [], []
        for j in range(FUNCTIONS):
            at = len(lines) + 1
            lines += ["def f_%d_%d(x):" % (i, j), "    if x > 1:", "        y = x",
                      "        return y", "    return 2", "", ""]
            ran = chance.random() < 0.7
            executed.append(at)
            (executed if ran else missing).extend([at + 1, at + 4])
            missing += [at + 2, at + 3]
            (taken if ran else lost).append([at + 1, at + 4])
            lost.append([at + 1, at + 2])
            if chance.random() < 0.05:
                stacks.append("f_%d_%d (%s:%d)" % (i, j, os.path.join(place, path), at + 1))
        with open(os.path.join(place, path), "w") as out:
            out.write("\n".join(lines))
        files[path] = {
            "executed_lines": sorted(executed), "missing_lines": sorted(missing),
            "excluded_lines": [], "executed_branches": taken, "missing_branches": lost,
            "summary": {"num_statements": len(executed) + len(missing), "excluded_lines": 0,
                        "missing_lines": len(missing), "num_branches": len(taken) + len(lost),
                        "num_partial_branches": len(taken), "covered_branches": len(taken),
                        "missing_branches": len(lost)}}
    totals = {}
    for found in files.values():
        for key, value in found["summary"].items():
            totals[key] = totals.get(key, 0) + value
    with open(os.path.join(place, "coverage.json"), "w") as out:
        json.dump({"meta": {"format": 3, "version": "7.17.3", "branch_coverage": True},
                   "files": files, "totals": totals}, out)
    with open(os.path.join(place, "run.folded"), "w") as out:
        for i, stack in enumerate(stacks):
            out.write("%s;%s %d\n" % (stacks[i - 1], stack, 3000000 // len(stacks) + 1))
    for name, join in ("read.lua", "false"), ("join.lua", "true"):
        with open(os.path.join(place, name), "w") as out:
            out.write(REPORT.replace("JOIN", join))


def seconds(place, report):
    before = os.times()
    subprocess.run([PROGRAM, report, "--format", "csv", "-o", "out.csv", "--from",
                    "coverage=coverage.json", "--from", "source=pkg", "run.folded"], cwd=place,
                   check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - \
        before.children_system


def main():
    place = os.path.abspath(os.path.join(BUILD, "join"))
    make(place)
    best = {}
    for _ in range(int(os.environ.get("BENCH_TURNS", "5"))):
        for report in "read.lua", "join.lua":
            spent = seconds(place, report)
            best[report] = min(best.get(report, spent), spent)
    beyond = best["join.lua"] - best["read.lua"]
    print("%d definitions read in %.2f s; joined and printed in %.2f s more (wanted: %.1f)%s" % (
        FILES * FUNCTIONS, best["read.lua"], beyond, ALLOWED, "" if beyond <= ALLOWED else " MISSED"))


main()
