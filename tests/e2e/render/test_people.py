"""Reports as people read them: on terminals of several widths, in files and through pipes."""
import json
import os
import re
import tempfile

from check import equal, finish, holds, run, test
from on_terminal import on_terminal, plain

DEEP = 40


def recording(folder, frames, stacks):
    """A recording; frames are (name, file, line), and stacks { numbers of frames: samples }."""
    path = os.path.join(folder, "run.json")
    samples = [list(stack) for stack, count in stacks.items() for _ in range(count)]
    with open(path, "w") as out:
        json.dump({"$schema": "https://www.speedscope.app/file-format-schema.json",
                   "exporter": "py-spy@0.4.1",
                   "shared": {"frames": [dict(zip(("name", "file", "line"), frame))
                                         for frame in frames]},
                   "profiles": [{"type": "sampled", "name": "Thread 1 \"MainThread\"",
                                 "unit": "seconds", "startValue": 0.0,
                                 "endValue": len(samples) / 100, "samples": samples,
                                 "weights": [0.01] * len(samples)}]}, out)
    return path


def many(folder):
    """A recording with paths of each kind, long names, and a deep stack."""
    here = os.getcwd()
    library = "/opt/venv/lib/python3.11/site-packages/sympy/core/"
    frames = [("<module>", here + "/app/main.py", 1),
              ("outer.<locals>.inner", here + "/app/main.py", 5),
              ("Expression." + "very_long_name_" * 5 + "end", library + "cache.py", 69),
              ("loads", "/usr/lib/python3.11/json/__init__.py", 299)]
    frames += [("level_%d" % i, library + "deep_%d.py" % i, i) for i in range(1, DEEP)]
    deep = (0, *range(4, len(frames)))
    return recording(folder, frames, {(0,): 3, (0, 1): 9, (0, 1, 2): 7, (0, 3): 4, deep: 40})


REPORTS = [("top.lua",), ("lines.lua",), ("tree.lua",), ("packages.lua", "--by", "file"),
           ("callers.lua", "--function", "loads"), ("report.lua",), ("timeline.lua",)]


@test
def every_report_shows_paths_and_names_in_one_way():
    with tempfile.TemporaryDirectory() as folder:
        path, here = many(folder), os.getcwd() + "/"
        for words in REPORTS:
            for kind in ("text", "markdown"):
                out = run(*words, "--format", kind, path).out
                for part in (here, "site-packages", "<locals>", "\\<locals"):
                    assert part not in out.replace(path, ""), (words, kind, part, out)
        holds(run("top.lua", path).out, "outer.inner ")
        holds(run("top.lua", path).out, " app/main.py:5\n")
        holds(run("top.lua", path).out, " sympy/core/cache.py:69\n")
        holds(run("top.lua", path).out, " /usr/lib/python3.11/json/__init__.py:299\n")
        holds(run("top.lua", "--full-paths", path).out, " %sapp/main.py:5\n" % here)
        for kind in ("json", "csv", "ndjson"):
            out = run("top.lua", "--format", kind, path).out
            holds(out, here + "app/main.py")
            holds(out, "site-packages/sympy")
            holds(out, "outer.<locals>.inner")


@test
def a_file_and_a_pipe_are_never_cut():
    with tempfile.TemporaryDirectory() as folder:
        path, out = many(folder), os.path.join(folder, "o.txt")
        name = "Expression." + "very_long_name_" * 5 + "end"
        for words in REPORTS[:3]:
            equal(run(*words, "-o", out, path).status, 0)
            for text in (run(*words, path).out, open(out).read()):
                assert re.search(name + r"( |$)", text, re.M), text
                holds(text, "sympy/core/cache.py:69")
                assert "…" not in text.replace("\n… ", ""), text
        for how in ({"env": {"COLUMNS": "80"}}, {}):
            words = ("top.lua", path) if how else ("top.lua", "--width", "80", path)
            text = run(*words, **how).out
            holds(text, "…")
            equal(max(map(len, text.splitlines())) <= 80, True, text)
        equal(run("top.lua", "--width", "0", path).status, 2)


@test
def a_path_gives_way_before_a_name_and_a_tree_keeps_its_branches():
    with tempfile.TemporaryDirectory() as folder:
        path = many(folder)
        frames = [("a_name_of_thirty_two_characters_", "/srv/" + "folder/" * 9 + "file.py", 7)]
        short = recording(tempfile.mkdtemp(dir=folder), frames, {(0,): 5})
        text = plain(on_terminal("top.lua", short))
        assert re.search(r" a_name_of_thirty_two_characters_  \S*…/file.py:7\n", text), text
        for columns in (60, 80, 120, 200):
            text = plain(on_terminal("tree.lua", path, columns=columns))
            lines = text.splitlines()
            equal(max(map(len, lines)) <= columns, True, text)
            for line in lines[1:]:
                stem, name = re.match(r" *[\d.]+% +[\d.]+%  ([│├└─ ]*)(.*)", line).groups()
                equal(len(stem) % 3, 0, text)
                assert not name.startswith("…"), text
            # A level that is not drawn is told by its number.
            holds(text, "%d: level_%d" % (DEEP, DEEP - 1))


@test
def heads_have_units_and_a_column_has_one_number_of_decimals():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mixed.folded")
        with open(path, "w") as out:
            out.write("a;b 1\na;c 3\n")
        once = run("report.lua", path).out
        holds(once, "b - 1 sample (25.00%)\n")
        holds(once, "c - 3 samples (75.00%)\n")
        holds(run("top.lua", path).out, "#  self weight ")
        holds(run("top.lua", many(folder)).out, "#  self (s) ")
        holds(run("threads.lua", many(folder)).out, "time (s) ")
        report = os.path.join(folder, "r.lua")
        with open(report, "w") as out:
            out.write("""return { help = "x", columns = { "n", "line", "name" }, run = function()
              return { { n = 1, line = 0, name = "a" }, { n = 2.5, line = 7, name = "b" },
                { n = 0.1 + 0.2, line = 8, name = "c" } } end }""")
        equal(run(report, "--", "true").out,
              "    n  line  name\n1.000        a\n2.500     7  b\n0.300     8  c\n")
        equal(run(report, "--format", "csv", "--", "true").out,
              "n,line,name\n1,0,a\n2.5,7,b\n0.3,8,c\n")


@test
def a_number_stays_beside_its_unit():
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "r.lua")
        with open(report, "w") as out:
            out.write("""return { help = "x", run = function()
              return { head = ("word "):rep(6) .. "13.4 MiB, and 54 % of it" }, { head = "x" }
            end }""")
        for columns in range(20, 60):
            text = on_terminal(report, "--", "true", columns=columns)
            holds(text, "13.4 MiB,")
            holds(text, "54 %")


@test
def what_a_limit_leaves_out_is_told_and_all_shows_it():
    with tempfile.TemporaryDirectory() as folder:
        path = many(folder)
        for words in (("top.lua",), ("lines.lua",), ("packages.lua", "--by", "file")):
            text = run(*words, "--limit", "2", path).out
            assert re.search(r"\n… \d+ more \(--limit all\)\n$", text), text
            left = int(re.search(r"… (\d+) more", text).group(1))
            whole = run(*words, "--limit", "all", path).out
            equal(len(whole.splitlines()), left + 2 + 1, whole)
            assert "…" not in whole, whole
            equal(len(json.loads(run(*words, "--limit", "2", "--format", "json", path).out)), 2)
        holds(run("top.lua", "--limit", "2", "--format", "markdown", path).out,
              "\n\n… %d more (--limit all)\n" % (DEEP + 1))
        holds(run("top.lua", "--limit", "2", "--format", "html", path).out,
              "<p>… %d more (--limit all)</p>" % (DEEP + 1))
        holds(run("--sandbox", os.path.abspath("scripts/top.lua"), "--limit", "2", path).out,
              "… %d more (--limit all)\n" % (DEEP + 1))
        equal(run("top.lua", "--limit", "al", path).status, 2)
        equal(len(run("-e", 'reports.top(p, { limit = "all" })', path).out.splitlines()), DEEP + 4)


@test
def nothing_found_is_a_sentence():
    base = "tests/data/calculator.speedscope.json"
    holds(run("diff.lua", "--before", base, base).out,
          "No change is certain (311 against 311 samples; --all shows the rest).\n")
    for words in (("grep.lua", "--pattern", "nothing_like_it", "examples/calculator.py"),
                  ("top.lua", "--exclude", "file:.", base), ("lines.lua", "--where", "nosuch", base),
                  ("packages.lua", "--where", "nosuch", base),
                  ("threads.lua", "--where", "nosuch", base)):
        out = run(*words).out
        assert re.search(r"(^|\n)[A-Z][^\n]*\.\n$", out), out
        holds(run(words[0], "--format", "html", *words[1:]).out, "<p>%s</p>" %
              out.splitlines()[-1].replace("'", "&#39;"))
        equal(run(words[0], "--format", "json", *words[1:]).out, "[]\n")


@test
def a_timeline_says_its_scale_and_programs_get_a_row_a_bucket():
    sample = "tests/data/sample.speedscope.json.gz"
    text = run("timeline.lua", "--buckets", "4", sample).out
    holds(text, " Each row's highest bar is as many samples as `top bar` says.\n")
    text = run("timeline.lua", "--limit", "2", "--buckets", "4", "--thread", "main:true", sample).out
    holds(text, " s a bar. Each row's highest bar is as many samples as `top bar` says.\n")
    holds(text, "top bar")
    assert re.search(r"… \d+ more", text), text
    for words in ((), ("--sandbox",)):
        words = (*words, "scripts/timeline.lua", "--limit", "2", "--buckets", "4")
        rows = json.loads(run(*words, "--thread", "main:true", "--format", "json", sample).out)
        equal([row["name"] for row in rows], ["(all)"] * 4 + ["_tokenize"] * 4 + ["parse"] * 4)
        for row, after in zip(rows[:4], rows[1:4]):
            equal(row["to"], after["from"])
        equal(sum(row["samples"] for row in rows[:4]), 11403)
        assert abs(sum(row["share"] for row in rows[:4]) - 1) < 1e-9
        for view, count in ((["--thread", "main:true"], 12), ([], 8)):  # else a row for each thread
            csv = run(*words, *view, "--format", "csv", sample).out
            equal(csv.splitlines()[0], "name,file,from,to,samples,weight,share")
            equal(len(csv.splitlines()), 1 + count, csv)


@test
def a_timelines_bars_fit_the_width_and_are_never_cut():
    with tempfile.TemporaryDirectory() as folder:
        frames = [("main", "/srv/a.py", 1), ("a_long_name_" * 6, "/srv/a.py", 5)]
        path = recording(folder, frames, {(0,): 120, (0, 1): 280})
        for columns, buckets, bars in ((60, 30, 20), (60, 10, 10), (100, 200, 60), (30, 30, 8),
                                       (None, 30, 30), (None, 200, 200)):
            words = ("timeline.lua", "--buckets", str(buckets), path)
            text = plain(on_terminal(*words, columns=columns)) if columns else run(*words).out
            holds(" ".join(text.split()), " %.3f s a bar. " % (4 / bars))
            row = re.search(r"^(?: *100.00%|over time)  ([▁-█]+)(?: +(\d+)  \(all\))?\n", text, re.M)
            equal(len(row.group(1)), bars, text)
            most = str(-(-400 // bars))
            equal(row.group(2) or most, most, text)
            assert not columns or max(map(len, text.splitlines())) <= columns, text
            rows = json.loads(run("--format", "json", *words,
                                  **({"env": {"COLUMNS": str(columns)}} if columns else {})).out)
            equal(len(rows), 3 * buckets)
        # A report's own bars stay whole, too.
        own = os.path.join(folder, "own.lua")
        with open(own, "w") as file:
            file.write("""return { help = "h", needs = { "profile" }, run = function()
              local list = {}
              for i = 1, 50 do list[i] = 1 end
              return { rows = { { name = ("n"):rep(40), bars = list } },
                columns = { { "bars", format = "sparkline" }, "name" } }
            end }""")
        for columns in "80", "40":
            holds(run(own, path, env={"COLUMNS": columns}).out, "█" * 50)


@test
def equal_names_of_two_files_are_told_apart():
    with tempfile.TemporaryDirectory() as folder:
        here = os.getcwd()
        frames = [("<module>", here + "/main.py", 1), ("parse", here + "/a.py", 3),
                  ("parse", here + "/b.py", 4), ("once", here + "/a.py", 9)]
        path = recording(folder, frames, {(0, 1): 4, (0, 2): 3, (0, 2, 3): 2})
        text = run("report.lua", path).out
        for part in ("1. parse (a.py:3) - 4 samples", "2. parse (b.py:4) - 3 samples",
                     "<module> > parse (a.py)\n", "<module> > parse (b.py) > once\n"):
            holds(text, part)
        text = run("timeline.lua", path).out
        holds(text, "parse (a.py:3)")
        holds(text, "parse (b.py:4)")


finish()
