"""The model reports of the reference, as printed there, and the documented command line."""
import json
import os
import re
import subprocess
import tempfile

from check import PROGRAM, equal, finish, holds, run, test

RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")

TOP = """-- top.lua
return {
  help    = "Functions by self time",
  needs   = { "profile" },
  args    = { limit = 20, sort = "self_weight", exclude = {} },
  columns = { "rank", "self_weight", "self%", "total%", "name", "file:line" },
  run = function(subject, args) return subject.profile:functions(args) end,
}
"""
DIFF = """-- diff.lua --before old.json new.json
local pyprof = require "pyprof"
return {
  help    = "What changed for certain",
  needs   = { "profile" },
  args    = { before = { type = "recording", required = true }, all = false, limit = 20,
              compare = { "self", choice = { "self", "total" } } },
  columns = { "before%", "after%", "change%", "change_weight", "name", "file:line" },
  run = function(subject, args)
    return pyprof.diff(args.before, subject.profile,
      { compare = args.compare, certain = not args.all, limit = args.limit })
  end,
}
"""
BUDGET = """-- budget.lua --limits limits.lua;  limits: return { { "parse", "total", 0.20 }, … }
local order = { passed = 1, unsure = 2, failed = 3 }
return {
  help    = "Fail what takes more than its limit",
  needs   = { "profile" },
  args    = { limits = { type = "lua", required = true } },
  columns = { "verdict", "name", "kind", "share", "low_share", "high_share", "max_share" },
  run = function(subject, args)
    local rows, worst = {}, "passed"
    for i, limit in ipairs(args.limits) do
      local name, kind, max = table.unpack(limit)
      local use = subject.profile:sum(name)
      local low, high = use[kind .. "_low"], use[kind .. "_high"]
      local verdict = use.functions == 0 and "unsure"   -- renamed? never pass on nothing
        or low > max and "failed" or high > max and "unsure" or "passed"
      if order[verdict] > order[worst] then worst = verdict end
      rows[i] = { verdict = verdict, name = name, kind = kind, max_share = max,
        share = use[kind .. "_share"], low_share = low, high_share = high }
    end
    return rows, { verdict = worst }
  end,
}
"""
HOT = """-- hot.lua: functions by self time, library code left out.
return {
  help    = "Functions by self time, without library code",
  needs   = { "profile" },
  args    = { limit = 20, exclude = "origin:library|stdlib" },
  columns = { "rank", "self_weight", "self%", "total%", "name", "file:line" },
  run     = function(subject, args) return subject.profile:functions(args) end,
}
"""


class Place:
    """A directory in which the program runs."""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = self.directory.name
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w") as stream:
            stream.write(text)
        return path

    def run(self, *words, **options):
        return run(*words, cwd=self.path, **options)

    def refuses(self, status, sentence, *words):
        result = self.run(*words)
        equal((result.status, result.out), (status, ""), repr(result))
        holds(result.err, sentence)


def folded(counts):
    """A recording: each function has its count of samples below <module>."""
    return "".join("<module> (/srv/app/main.py:1);%s (/srv/app/main.py:%d) %d\n" % (name, 10 * i, n)
                   for i, (name, n) in enumerate(counts.items(), 1))


@test
def the_model_top():
    with Place() as place:
        place.write("top.lua", TOP)
        result = place.run("./top.lua", RECORDING)
        equal((result.status, result.err), (0, ""), repr(result))
        holds(result.out, "1     2.490  80.06%   80.06%  compute_heavy")
        rows = json.loads(place.run("./top.lua", "--format", "json", "--limit", "2", "--sort=-self",
                                    RECORDING).out)
        equal([list(row) for row in rows], [["rank", "self_weight", "self_share", "total_share",
                                            "name", "file", "line"]] * 2)
        assert rows[0]["self_weight"] <= rows[1]["self_weight"], rows
        out = place.run("./top.lua", "--exclude", "compute_heavy", "--exclude=main", RECORDING).out
        assert "compute_heavy" not in out and "fibonacci" in out, out


@test
def the_model_diff():
    with Place() as place:
        place.write("diff.lua", DIFF)
        old = place.write("old.folded", folded({"parse": 50, "load": 950}))
        new = place.write("new.folded", folded({"parse": 120, "load": 880}))
        result = place.run("./diff.lua", "--before", old, "--format=json", new)
        rows = json.loads(result.out)
        equal({row["name"]: round(row["change_share"], 3) for row in rows},
              {"parse": 0.07, "load": -0.07})
        equal(json.loads(place.run("./diff.lua", "--before", old, "--format=json", old).out), [])
        rows = json.loads(place.run("./diff.lua", "--before", old, "--all", "--compare", "total",
                                    "--format=json", old).out)
        equal(sorted(row["name"] for row in rows), ["<module>", "load", "parse"])
        holds(place.run("./diff.lua", "--before", old, new).out, "+7.00%")
        place.refuses(2, "diff.lua: --before FILE is missing", "./diff.lua", new)
        place.refuses(2, "(one of: self, total)", "./diff.lua", "--compare", "x", "--before", old, new)


@test
def views_hold_for_what_is_compared_with_too():
    with Place() as place:
        old = [place.write("old%d" % i, folded({"parse": 50, "load": 950})) for i in (0, 1)]
        new = place.write("new", folded({"parse": 120, "load": 880}))
        words = ["--where", "parse", "--all", "--before", old[0], "--before", old[1], new, new]
        out = place.run("diff.lua", *words).out
        holds(out, "(--where parse: 240 of 2000 samples (12.00%))\n"
                   "(--before, --where parse: 100 of 2000 samples (5.00%))\n")
        rows = json.loads(place.run("diff.lua", "--format=json", *words).out)
        equal([(row["name"], row["before_share"], row["after_share"]) for row in rows],
              [("parse", 1.0, 1.0)])
        place.refuses(2, "no metric 'x'", "diff.lua", "--metric", "x", *words)
        place.refuses(2, "--with: recordings are those of the profile (profile=source)", "diff.lua",
                      "--with", "recordings=source", *words)


@test
def parts_of_one_recording_are_compared():
    def diff(*words):
        return run("diff.lua", "--all", "--format=json", *words, RECORDING)
    with Place() as place:
        first, rest = place.path + "/first.folded", place.path + "/rest.folded"
        for window, path in (("..1", first), ("1..", rest)):
            equal(run("folded.lua", "--window", window, "-o", path, RECORDING).status, 0)
        want = json.loads(run("diff.lua", "--all", "--format=json", "--before", first, rest).out)
        result = diff("--before-window", "..1", "--window", "1..")
        keys = ("before_share", "after_share")
        for got in json.loads(result.out), json.loads(run(
                "--sandbox", "diff.lua", "--all", "--format=json", "--before-window", "0..1",
                "--window", "1..", RECORDING).out):
            equal(*({row["name"]: [round(row[key], 9) for key in keys] for row in rows}
                    for rows in (got, want)))
        equal(result.err, "pyprof-lua: --window 1..: 211 of 311 samples (67.85%)\n"
              "pyprof-lua: before: window 0..1: 100 of 311 samples\n")
        rows = {row["name"]: row for row in json.loads(
            diff("--before-where", "compute_heavy", "--without", "compute_heavy").out)}
        equal((rows["compute_heavy"]["before_share"], rows["compute_heavy"]["after_share"]), (1, 0))
        equal({row["change_share"] for row in json.loads(
            diff("--before-thread", "main:true").out)}, {0})
        # Both a part and a recording: that part of the recording.
        rows = json.loads(diff("--before", RECORDING, "--before-window", "0..1", "--window",
                               "0..1").out)
        equal({row["change_share"] for row in rows}, {0})
        for words, sentence in (
                ([], "--before FILE is missing (or of TARGET: --before-window, --before-thread, "
                 "--before-where)"), (["--before-window", "x"], "--before-window: 'x' is not A..B"),
                (["--before-thread", "fo:x"], "--before-thread: selector 'fo:x': unknown field"),
                (["--before-where", "fo:x"], "--before-where: selector 'fo:x': unknown field")):
            place.refuses(2, sentence, "diff.lua", *words, RECORDING)


@test
def the_model_budget():
    with Place() as place:
        place.write("budget.lua", BUDGET)
        recording = place.write("r.folded", folded({"parse": 300, "load": 700}))
        for limit, verdict, status in (("'parse', 'total', 0.5", "passed", 0),
                                       ("'parse', 'total', 0.2", "failed", 3),
                                       ("'parse', 'self', 0.31", "unsure", 4),
                                       ("'renamed', 'total', 0.5", "unsure", 4)):
            place.write("limits.lua", "return { { 'load', 'total', 0.9 }, { %s } }" % limit)
            result = place.run("./budget.lua", "--limits", "limits.lua", "--format=json", recording)
            equal(result.status, status, repr(result))
            told = json.loads(result.out)
            equal((told["verdict"], [row["verdict"] for row in told["rows"]]),
                  (verdict, ["passed", verdict]))
            result = place.run("./budget.lua", "--limits", "limits.lua", recording)
            equal(result.status, status, repr(result))
            holds(result.out, "\nverdict: %s\n" % verdict)


@test
def the_shortest_report():
    with Place() as place:
        place.write("hot.lua", HOT)
        recording = place.write(
            "r.folded", "main (/srv/a.py:1);flatten (/v/site-packages/sympy/core.py:3) 8\n"
            "main (/srv/a.py:2) 2\n")
        rows = json.loads(place.run("hot.lua", "--format", "json", recording).out)
        equal([(row["name"], row["self_share"], row["total_share"]) for row in rows],
              [("main", 0.2, 1)])


@test
def the_targets_status_goes_before_the_verdict():
    with Place() as place:
        report = place.write("v.lua", "return { help = 'x', wants = { 'profile' }, needs = "
                             "{ 'profile' }, run = function() return { verdict = 'failed' } end }")
        fast = ["--rate", "50", report, "-c"]
        equal(place.run(*fast, "raise SystemExit(7)").status, 7)
        equal(place.run(*fast, "pass").status, 3)
        result = place.run("--duration", "1", *fast, "while True: pass")
        equal(result.status, 3, repr(result))
        passing = place.write("p.lua", "return { help = 'x', needs = { 'profile' }, "
                              "run = function() return { verdict = 'passed' } end }")
        equal(place.run("--duration", "1", passing, "-c", "while True: pass").status, 0)


@test
def several_verdicts_count_as_the_worst():
    with Place() as place:
        report = place.write("v.lua", "return { help = 'x', run = function() return "
                             "{ verdict = 'unsure' }, { verdict = 'failed' } end }")
        equal(place.run(report, RECORDING).status, 3)


@test
def views_are_applied_in_order_and_say_what_is_left():
    views = ["--where", "fibonacci", "--window", "..2", "--fold=compute_heavy"]
    out = run("top.lua", *views, RECORDING).out
    said = [line for line in out.split("\n") if "--" in line]
    equal([line[line.index("--"):].split(":")[0] for line in said],
          ["--where fibonacci", "--window ..2", "--fold compute_heavy"])
    holds(said[0], "35 of 311 samples (11.25%)")
    # In the other order each keeps another share.
    out = run("top.lua", "--window", "..2", "--where", "fibonacci", RECORDING).out
    assert out.index("--window") < out.index("--where"), out
    for kind in ("json", "csv", "ndjson"):
        result = run("top.lua", "--format", kind, "--where=fibonacci", RECORDING)
        holds(result.err, "35 of 311 samples")
        assert "35 of 311" not in result.out
    # A text that is the whole output does not change.
    result = run("folded.lua", "--where", "fibonacci", RECORDING)
    holds(result.err, "35 of 311 samples")
    assert "35 of 311" not in result.out


@test
def each_view_does_what_its_method_does():
    code = ("local pyprof = require 'pyprof'; local p = assert(pyprof.load('%s')); "
            "local q = %s; print(q.samples, #q:functions())")
    for option, method in ((["--where", "fibonacci"], "p:where('fibonacci')"),
                           (["--without", "fibonacci"], "p:without('fibonacci')"),
                           (["--thread", "name:Main"], "p:thread('name:Main')"),
                           (["--window", "1..2.5"], "p:window(1, 2.5)"),
                           (["--fold", "!fibonacci"], "p:fold('!fibonacci')"),
                           (["--root", "main"], "p:root('main')"),
                           (["--metric", "seconds"], "p")):
        want = run("-e", code % (RECORDING, method)).out
        got = run("-e", "print(subject.profile.samples, #subject.profile:functions())", RECORDING)
        equal(run(*option, "-e", "print(subject.profile.samples, #subject.profile:functions())",
                  RECORDING).out, want, repr(got))


@test
def views_that_mean_nothing_are_status_2():
    with Place() as place:
        timeless = place.write("r.folded", "a;b 3\n")
        for words, sentence in ((["--window", "0..1"], "--window: the recording has no time"),
                                (["--window", "x"], "--window: 'x' is not A..B (seconds)"),
                                (["--window", "2..1"], "it ends before it begins"),
                                (["--where", "fiel:x"], "(did you mean 'file'?)"),
                                (["--where", ""], "a selector is empty"),
                                (["--metric", "bytes"], "bytes")):
            place.refuses(2, sentence, "top.lua", *words, timeless)


@test
def what_selects_nothing_is_said_once_in_reports_scripts_and_code():
    with Place() as place:
        said = "pyprof-lua: no function 'fibonaci' (did you mean 'fibonacci'?)\n"
        script = place.write("plain.lua", "local p = assert(require 'pyprof'.load(...))\n"
                             "print(p:where('fibonaci').samples, #p:functions { include = "
                             "'fibonaci' })\n")
        for words in (["top.lua", "--where", "fibonaci", RECORDING], [script, RECORDING],
                      ["-e", "print(p:where('fibonaci').samples)", RECORDING]):
            result = place.run(*words)
            equal((result.status, result.err), (0, said), repr(result))


@test
def misuse_in_a_report_names_its_line():
    with Place() as place:
        for body, line in (("p:functions { limti = 3 }", 3), ("p:where('fiel:x')", 3),
                           ("(p.sampels)", 3), ("require('pyprof').format(1, 'x')", 3),
                           ("deep(p, 9)", 1)):
            place.write("m.lua", "local function deep(p, n) if n > 0 then deep(p, n - 1) end "
                        "p:functions { a = 1 } end\n"
                        "return { help = 'x', needs = { 'profile' }, run = function(s) local p = "
                        "s.profile\n  local _ = %s\n end }" % body)
            place.refuses(1, "m.lua:%d: " % line, "m.lua", RECORDING)


@test
def what_a_target_cannot_give_is_status_2_before_anything_starts():
    with Place() as place:
        needs = "return { help = 'x', needs = { '%s', 'profile' }, run = function() end }"
        report = place.write("n.lua", needs % "source")
        place.refuses(2, "the code is in the command line", report, "-c", "open('ran', 'w')")
        report = place.write("n.lua", needs % "stacks")
        place.refuses(2, "stacks: only a running process has them (--pid N)", report, "-c",
                      "open('ran', 'w')")
        assert not os.path.exists(os.path.join(place.path, "ran"))
        report = place.write("n.lua", needs.replace("needs", "wants") % "source")
        place.write("w.lua", "return { help = 'x', wants = { 'source' }, needs = { 'profile' }, "
                    "run = function(s) return tostring(s.source) .. s.missing.source end }")
        equal(place.run("w.lua", "-c", "pass").out, "nilthe code is in the command line (name a file)")


@test
def where_the_target_begins():
    with Place() as place:
        place.write("kind.lua", "return { help = 'x', args = { flag = false }, run = function(s) "
                    "return { object = { kind = s.target.kind, form = s.target.form, "
                    "words = s.target.words } } end }")
        for name in ("a.py", "a.pyw"):
            place.write(name, "pass\n")
        place.write("shebang", "#!/usr/bin/env python3\npass\n")
        os.makedirs(place.path + "/program")
        place.write("program/__main__.py", "pass\n")
        os.makedirs(place.path + "/kept")
        place.write("kept/r.folded", "a;b 3\n")
        os.makedirs(place.path + "/code")
        place.write("code/a.py", "pass\n")
        subprocess.run(["python3", "-m", "zipapp", "program", "-o", "a.pyz"], cwd=place.path,
                       check=True)
        subprocess.run(["cp", RECORDING, place.path + "/recording.txt"], check=True)
        after = ["--flag", "-o", "x", "--", "--rate"]
        for words, kind, form in (
                (["a.py"], "program", "script"), (["a.pyw"], "program", "script"),
                (["shebang"], "program", "script"), (["a.pyz"], "program", "zip"),
                (["program"], "program", "directory"), (["-m", "json.tool"], "program", "module"),
                (["-c", "pass"], "program", "code")):
            told = json.loads(place.run("kind.lua", *words, *after).out)
            equal((told["kind"], told.get("form"), told["words"]), (kind, form, words + after))
        told = json.loads(place.run("kind.lua", "--flag", "--", "sh", *after).out)
        equal((told["form"], told["words"]), ("command", ["--", "sh", *after]))
        # A file's content decides, not its name; a directory means the files in it.
        for words, kind in ((["recording.txt"], "recordings"), (["kept"], "recordings"),
                            (["recording.txt", "kept/r.folded"], "recordings"),
                            (["code"], "source")):
            equal(json.loads(place.run("kind.lua", *words).out)["kind"], kind)
        place.refuses(2, "unknown option '--flag'", "--flag", "kind.lua", "a.py")
        place.refuses(2, "a.py: not a recording", "kind.lua", "recording.txt", "a.py")
        place.refuses(2, "kind.lua: neither a program nor a recording", "kind.lua", "kind.lua")
        place.refuses(2, "--pid: no TARGET may follow (got 'a.py')", "kind.lua", "--pid",
                      os.getpid(), "a.py")
        place.refuses(2, "--pid: 0 is no process", "kind.lua", "--pid", "0")


@test
def common_options_stand_on_either_side_of_the_report():
    for words in (["--format", "csv", "--where=main", "top.lua"],
                  ["top.lua", "--format=csv", "--where", "main"],
                  ["--format=csv", "top.lua", "--where", "main"]):
        result = run(*words, RECORDING)
        equal(result.status, 0, repr(result))
        equal(result.out.split("\n")[0],
              "rank,self_weight,self_share,total_share,name,file,line")


@test
def a_limit_leaves_some_out_and_does_not_deny_them():
    result = run("top.lua", "-n", "0", RECORDING)
    equal(result.status, 0, result)
    assert re.fullmatch(r"\(no rows\)\n… \d+ more \(--limit all\)\n", result.out), result.out
    equal(run("top.lua", "--where", "main", "--exclude", "file:.", RECORDING).out.split("\n")[-2],
          "No function is in the samples.")
    result = run("top.lua", "-n", "-1", RECORDING)
    equal((result.status, result.err), (2, "pyprof-lua: --limit: -1 is less than 0\n"))


@test
def a_section_is_picked_by_its_title():
    words = ["callers.lua", "--function", "fibonacci", "--format", "json"]
    both = json.loads(run(*words, RECORDING).out)
    equal(sorted(both), ["Callees", "Callers"])
    equal(json.loads(run(*words, "--section", "Callees", RECORDING).out), both["Callees"])
    result = run(*words, "--section", "Calles", RECORDING)
    equal((result.status, result.out), (2, ""))
    holds(result.err, "unknown title 'Calles' (did you mean 'Callees'?)")


@test
def the_format_follows_the_files_ending():
    with Place() as place:
        for ending, begins in (("json", "[\n"), ("csv", "rank,"), ("ndjson", '{"rank"'),
                               ("md", "| \\#"), ("html", "<!"), ("txt", "#  self (s)"), ("out", "#  self (s)")):
            result = place.run("top.lua", "-o", "o." + ending, RECORDING)
            equal((result.status, result.out), (0, ""), repr(result))
            with open(os.path.join(place.path, "o." + ending)) as stream:
                text = stream.read()
            assert text.startswith(begins), (ending, text[:40])


@test
def rows_may_be_an_iterator_and_empty_rows_miss_no_field():
    with Place() as place:
        place.write("i.lua", """return { help = "x", args = { many = 3 }, columns = { "rank", "n" },
          run = function(_, args)
            local n = 0
            return function()
              n = n + 1
              if n <= args.many then return { n = n * n } end
            end
          end }""")
        equal(place.run("i.lua", "--format=csv", RECORDING).out, "rank,n\n1,1\n2,4\n3,9\n")
        equal(json.loads(place.run("i.lua", "--many", "0", "--format=json", RECORDING).out), [])
        place.write("f.lua", "return { help = 'x', columns = { 'nmae', { 'gone', optional = true } "
                    "}, run = function() return { { name = 'a' } } end }")
        place.refuses(1, "f.lua: no row has the column's field: unknown field 'nmae' (did you mean "
                      "'name'?)", "f.lua", RECORDING)


@test
def run_may_say_why_not():
    with Place() as place:
        place.write("n.lua", "return { help = 'x', run = function() return nil, 'no luck' end }")
        place.refuses(1, "pyprof-lua: n.lua: no luck\n", "n.lua", RECORDING)


@test
def a_shipped_report_is_short_and_shares_little():
    lines = {}
    for name in sorted(os.listdir("scripts")):
        with open(os.path.join("scripts", name)) as stream:
            lines[name] = stream.read().split("\n")[:-1]
        # The main report and the common format have what the other reports have, all together;
        # diff compares in three ways, and timeline has recordings with a clock and without.
        most = {"report.lua": 130, "json.lua": 80, "diff.lua": 90, "timeline.lua": 80}.get(name, 65)
        assert 10 <= len(lines[name]) <= most, (name, len(lines[name]))
    for name in lines:
        for other in lines:
            if name < other:
                both = {line.strip() for line in lines[name] if len(line.strip()) > 30} & {
                    line.strip() for line in lines[other]}
                assert len(both) <= 4, (name, other, both)


finish()
