"""What the prompt and -e show of values, and what can be done with it."""
import shutil
import tempfile

from check import equal, finish, holds, run, test

RECORDING = "tests/data/calculator.speedscope.json"


@test
def code_shows_the_values_of_an_expression():
    for code, shown in (("p.samples", "311\n"), ("p.samples, p.unit", "311\nseconds\n"),
                        ("x = 1", ""), ("return 1 + 1", "2\n"), ("print(1)", "1\n"),
                        ("io.write('a\\n')", "a\n"), ("local a = 5 print(a)", "5\n"),
                        ("nil", "nil\n")):
        result = run("-e", code, RECORDING)
        equal((result.status, result.out, result.err), (0, shown, ""), code)
    report = run("top.lua", "-n", "2", RECORDING).out
    rows = "".join(line for line in report.splitlines(True) if not line.startswith("… "))
    for code, want in (("p:functions { limit = 2 }", rows), ("show(p:functions { limit = 2 })", rows),
                       ("print(p:functions { limit = 2 })", rows),
                       ("p:functions { limit = 2, lazy = true }", rows),
                       ("reports.top(p, { limit = 2 })", report),
                       ("print(reports.top(p, { limit = 2 }))", report)):
        equal(run("-e", code, RECORDING).out, want, code)
        equal(run("-i", RECORDING, input=code + "\n").out, want, code)
    equal(run("-e", "print(('x'):rep(200), 2)").out, "x" * 200 + "\t2\n")
    for code in "p:where('fiel:x')", "p:where('fiel:x'); x = 1":
        holds(run("-e", code, RECORDING).err, "pyprof-lua: -e:1: selector 'fiel:x'")
        holds(run("-i", RECORDING, input=code + "\n").err, "repl:1: selector 'fiel:x'")
    equal(run("-e", "1, nil, nil -- three").out, "1\nnil\nnil\n")
    result = run("-e", "x = (")
    equal((result.status, result.out), (2, ""))


@test
def a_method_without_its_call_is_told():
    for code, said in (("p:tree", "tree is a method: call it, p:tree()"),
                       ("x = p:where('main'):samples", "samples is a method: call it, (…):samples()"),
                       ("reports.top(p):more ", "more is a method: call it, (…):more()")):
        result = run("-e", code, RECORDING)
        equal((result.status, result.out), (2, ""), code)
        holds(result.err, said)
        result = run("-i", RECORDING, input=code + "\np.samples\n")
        equal((result.status, result.out), (1, "311\n"), code)
        holds(result.err, said)
    equal(run(input="::again::\n1\n").out, "1\n")


@test
def a_view_says_what_it_is_a_view_of():
    out = run("-e", "p:where('main'):window(0, 1)", RECORDING).out
    holds(out, "profile: 100 samples, 1.000 s, metric seconds\n"
          "view: where main, window 0..1: 100 of 311 samples\n")
    assert "view" not in run("-e", "p", RECORDING).out
    holds(run("-e", "p:thread('batch')", "tests/data/sample.speedscope.json.gz").out,
          "view: thread batch: 13,971 of 25,374 samples\n")


@test
def what_is_shown_can_be_saved():
    with tempfile.TemporaryDirectory() as folder:
        for ending in "csv", "json", "md", "txt":
            path = "%s/x.%s" % (folder, ending)
            code = "save(reports.top(p, { limit = 2 }), '%s')" % path
            equal(run("-e", code, RECORDING).out, path + "\n")
            want = run("top.lua", "-n", "2", "-o", folder + "/y." + ending, RECORDING)
            equal(want.status, 0)
            with open(path) as got, open(folder + "/y." + ending) as want:
                equal(got.read(), want.read(), ending)
        for ending, begin in (("csv", "rank,self_weight,self_share,total_share,name,file,line\n1,"),
                              ("json", "[\n"), ("md", "| \\#"), ("txt", "#  self"), ("html", "<!")):
            path = "%s/x.%s" % (folder, ending)
            run("-e", "save(p:functions { limit = 2 }, '%s')" % path, RECORDING)
            with open(path) as got:
                text = got.read()
            assert text.startswith(begin) and "compute_heavy" in text, text[:100]
        run("-e", "save('a text', '%s/x.md')" % folder)
        equal(open(folder + "/x.md").read(), "a text")
        for code, said in (("save(p, '/nosuch/x')", "reports.speedscope(p)"),
                           ("save(p:functions())", "save(value, path): a path is wanted, not nil"),
                           ("save(p:functions(), '/nosuch/x.csv')", "/nosuch/x.csv: "),
                           ("save(5, 'x')", "rows, the result of a report or a text is wanted")):
            result = run("-e", code, RECORDING)
            equal((result.status, result.out), (1, ""), code)
            holds(result.err, said)


@test
def only_wide_rows_are_vertical():
    """Whatever the width, rows are a table; what does not fit is told."""
    narrow = {"COLUMNS": "40"}
    out = run("-e", "p:functions()", RECORDING, env=narrow).out
    equal(len(out.splitlines()[-1].split()) > 2, True, out)
    many = "{ { %s, name = 'x' } }" % ", ".join("field_%d = %d" % (i, 10 ** 9 + i) for i in range(9))
    lines = run("-e", many, env=narrow).out.splitlines()
    assert len(lines) < 6 and max(map(len, lines)) <= 40, lines
    holds(lines[-1], ' more columns: show(_, "wide"))')
    out = run("-e", 'show(p:functions { limit = 2 }, "wide")', RECORDING).out
    equal(out.count("\n\n"), 1)
    holds(out, "self_share    80.06%\ntotal_share   80.06%\nname          compute_heavy\n")
    holds(run("-e", "show(1, 'wid')").err, 'show(value) or show(rows, "wide"), not "wid"')


def moved(folder):
    """The recording, as if its source were in that folder: its path."""
    with open(RECORDING) as stream:
        text = stream.read().replace("/srv/calculator/", folder + "/")
    path = folder + "/run.json"
    with open(path, "w") as out:
        out.write(text)
    shutil.copy("examples/calculator.py", folder)
    return path


@test
def list_shows_source_beside_samples():
    with tempfile.TemporaryDirectory() as folder:
        path = moved(folder)
        want = """compute_heavy  %s/calculator.py:21
80.06%% self, 80.06%% total of 3.110 s
      self      total
         .          .     21  def compute_heavy(limit):
         .          .     22      total = 0
     0.380      0.380     23      for i in range(limit):
     1.300      1.300     24          if i %% 3 == 0 or i %% 5 == 0:
     0.810      0.810     25              total += i * i %% 7
         .          .     26      return total
""" % folder
        equal(run("-e", 'list "compute_heavy"', path).out, want)
        for line in "list compute_heavy", 'list "compute_heavy"', "list(p:functions()[1], p)":
            result = run("-i", path, input=line + "\n")
            equal((result.out, result.err, result.status), (want, "", 0), line)
        both = run("-e", 'list { "fibonacci", "<module>" }', path).out
        assert both.index("<module>  ") < both.index("fibonacci  "), both
        holds(both, "     3.110     42      main(")
        # A view counts its own samples.
        holds(run("-e", 'list("compute_heavy", p:window(0, 1))', path).out, " of 1.000 s\n")
    out = run("-e", 'list "fibonacci"', RECORDING).out
    equal(out.splitlines()[-1], "     0.350      0.350     18")
    holds(out, "(the source is not here: only the lines with samples)\n")
    result = run("-e", 'list "fibonaci"', RECORDING)
    equal(result.out, "(no function)\n")
    holds(result.err, "did you mean 'fibonacci'?")
    equal(run("-i", input="list = 5\nlist\n").out, "5\n")


@test
def help_takes_words():
    want = run("-e", "help 'rows'").out
    equal(run("-i", input="help rows\nhelp  rows \n").out, want * 2)
    equal(run("-i", input="help p:functions\n").out, run("-e", "help(p.functions)", RECORDING).out)
    for name in "list", "show", "save", "help":
        equal(run("-e", "help(%s)" % name).out, run("--doc", "repl").out, name)


finish()
