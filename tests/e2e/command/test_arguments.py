"""The arguments of reports: a wrong one has status 2, and the program does not run."""
import os
import tempfile

from check import equal, finish, holds, run, test

HERE = os.path.abspath(".")
RECORDING = os.path.join(HERE, "tests/data/calculator.speedscope.json")
CODE = ("-c", "print('RAN')")
SIX = """import sys


def f(x):
    return x


if len(sys.argv) > 5:
    print(f(1))
    print(f(2))
f(3)
"""


class Place:
    """A directory in which the program runs."""

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.directory.name, name), "w") as stream:
            stream.write(text)

    def run(self, *words, **options):
        return run(*words, cwd=self.directory.name, **options)

    def refuses(self, message, *words, status=2):
        done = self.run(*words)
        equal((done.status, done.out, done.err), (status, "", "pyprof-lua: %s\n" % message), words)


@test
def a_wrong_argument_is_told_before_the_program_runs():
    with Place() as place:
        place.refuses("--buckets: 0 is less than 1", "timeline", "--buckets", "0", *CODE)
        place.refuses("no limits (--limits FILE, --max-wall S, --max-cpu S or --max-memory BYTES)",
                      "budget", *CODE)
        lacks = "--fail-slower, --fail-larger: "
        before = ("--before", RECORDING)
        place.refuses(lacks + "a limit of 20 is 2000 %: 20% is written 20% or 0.2",
                      "diff", "--fail-slower", "20", *before, *CODE)
        place.refuses(lacks + "a recording does not say its peak memory",
                      "diff", "--fail-larger", "20%", *before, *CODE)
        place.refuses(lacks + "--before FILE is missing",
                      "diff", "--fail-larger", "20%", "--before-window", "0..1", RECORDING)
        for report in "annotate", "cost", "counts":
            place.refuses("--file: pattern, at character 2: missing closing parenthesis",
                          report, "--file", "(", *CODE)


@test
def a_pattern_is_checked_with_its_flags():
    with Place() as place:
        place.write("a.py", "a = 1\n")
        place.refuses("--pattern: pattern, at character 2: missing closing parenthesis",
                      "grep", "--pattern", "(", "a.py")
        done = place.run("grep", "--pattern", "# no group: (\na", "--flags", "x", "a.py")
        equal((done.status, done.err), (0, ""))


@test
def wrong_limits_are_told_with_their_file():
    with Place() as place:
        for text, fault in (
                ("5", "limits are 5 (want a list of { name, kind, max })"),
                ("{ max = 1 }", "'max' has no place in the list of limits"),
                ("{ 'small' }", 'limits[1] is "small" (want { name, kind, max })'),
                ("{ {} }", "limits[1]: has no name (want { name, kind, max })"),
                ("{ { 'small', 1, 2 } }",
                 "limits[1]: kind is 'self', 'total' or a field of the join"),
                ("{ { '*', 'self', 1 }, { 'small', 'total', 'x' } }",
                 'limits[2]: the third is "x" (want a share from 0 to 1)'),
                ("{ { 'small', 'self', 20 } }",
                 "limits[1]: the third is 20 (want a share from 0 to 1)"),
                ("{ { 'small', 'calls' } }", "limits[1]: has no max, its third, and no min"),
                ("{ { 'small', 'calls', min = {} } }", None),
                ("{ { 'no:x', 'self', 1 } }", "limits[1]: selector 'no:x': unknown field 'no' (one "
                 "of: name, bare, module, package, origin, file)")):
            place.write("l.lua", "return " + text)
            for words in (), ("--sandbox",):
                if fault:
                    place.refuses("--limits: l.lua: " + fault, *words, "budget", "--limits",
                                  "l.lua", *CODE)
                else:
                    done = place.run(*words, "budget", "--limits", "l.lua", *CODE)
                    equal((done.status, done.out), (2, ""))
                    holds(done.err, "limits[1]: min is table")


@test
def numbers_are_in_their_range():
    with Place() as place:
        place.refuses("--max-wall: '1e400' is not a number", "budget", "--max-wall", "1e400",
                      RECORDING)
        for name in "max-wall", "max-cpu", "max-memory":
            place.refuses("--%s: -1 is less than 0" % name, "budget", "--" + name, "-1", RECORDING)
        for text, message in (("-5", "-5 is less than 0"), ("200", "200 is more than 100"),
                              ("101%", "101 is more than 100"), ("x%", "'x%' is not a number")):
            place.refuses("--fail-under: " + message, "coverage", "--fail-under", text, *CODE)
        done = run("-i", RECORDING, input="reports.timeline(p, { buckets = 0 })\n")
        equal((done.status, done.err), (1, "pyprof-lua: --buckets: 0 is less than 1\n"))


@test
def a_percentage_may_have_its_sign():
    with Place() as place:
        place.write("six.py", SIX)
        for least, status in ("90", 3), ("90%", 3), ("50%", 0), ("0.9", 0):
            equal(place.run("coverage", "--fail-under", least, "six.py").status, status, least)


@test
def a_failed_percentage_differs_from_its_limit():
    with Place() as place:
        place.write("six.py", SIX)  # 66.6666… % are covered
        done = place.run("coverage", "--fail-under", "66.67", "six.py")
        equal(done.status, 3)
        holds(done.out, "66.667 % are covered, less than 66.67 %")


@test
def what_the_recording_cannot_give_is_status_2():
    with Place() as place:
        place.write("x.folded", "a;b 3\n")
        place.refuses("timeline.lua: the recording has no time", "timeline", "x.folded")
        place.refuses("diff.lua: metrics differ: none and seconds",
                      "diff", "--before", "x.folded", RECORDING, status=1)


@test
def a_report_checks_its_own_arguments():
    with Place() as place:
        place.write("r.lua", "return { help = 'h', args = { a = { type = 'number', max = 3 } },\n"
                    "  wants = { 'profile' },\n"
                    "  check = function(args, given)\n"
                    "    return args.a ~= 0.2 and 'a is ' .. tostring(given.a) or nil\n"
                    "  end, run = function() return 'fine' end }\n")
        for words in (), ("--sandbox",):
            place.refuses("a is 0.5", *words, "./r.lua", "--a", "50%", *CODE)
            place.refuses("--a: 4 is more than 3", *words, "./r.lua", "--a", "4", *CODE)
            done = place.run(*words, "./r.lua", "--a", "20%", RECORDING)
            equal((done.status, done.out), (0, "fine"), done.err)


@test
def the_titles_are_told_once():
    done = run("report", "--section", "x", RECORDING)
    equal((done.status, done.err), (2, "pyprof-lua: --section: unknown title 'x' (one of: "
                                       "Profiling Results for Python, Runtime Profile "
                                       "(py-spy))\n"))


@test
def a_new_report_has_a_name():
    with Place() as place:
        for name in "", ".lua", "folder/":
            place.refuses("--new: '%s' is no name of a report" % name, "--new", name)
        equal(os.listdir(place.directory.name), [])


finish()
