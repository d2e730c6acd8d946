"""The command line: its refusals with their status and sentence, and the files left behind."""
import os
import stat
import subprocess
import tempfile

from check import PROGRAM, equal, finish, holds, run, test

RECORDING = "tests/data/calculator.speedscope.json"


def refuses(status, sentence, *words, **options):
    result = run(*words, **options)
    equal(result.status, status, repr(result))
    equal(result.out, "", "standard output")
    equal(result.err.count("\n"), 1, "one line: " + result.err)
    assert result.err.startswith("pyprof-lua: "), result.err
    holds(result.err, sentence)
    return result


def report_file(directory, text, name="r.lua"):
    path = os.path.join(directory, name)
    with open(path, "w") as stream:
        stream.write(text)
    return path


@test
def what_means_nothing_is_status_2():
    refuses(2, "unknown option '--rte' (did you mean '--rate'?)", "--rte", "5", "report.lua")
    refuses(2, "unknown report 'reprt.lua' (did you mean 'report.lua'?", "reprt.lua", "x.py")
    refuses(2, "TARGET is missing", "report.lua")
    refuses(2, "--rate: 'fast' is not a number", "report.lua", "--rate", "fast", "x.py")
    refuses(2, "--format: unknown value 'jsn' (did you mean 'json'?)", "report.lua", "--format",
            "jsn", RECORDING)
    refuses(2, "-m: the module is missing", "report.lua", "-m")
    refuses(2, "neither a program nor a recording", "report.lua", "README.md")
    refuses(2, "FILE is missing", "report.lua", "-o")
    refuses(2, "--save: of no use for %s: nothing is run" % RECORDING,
            "report.lua", "--save", "x.json", RECORDING)
    refuses(2, "--rate: of no use for examples: nothing is run", "scan.lua", "--rate", "5",
            "examples")
    refuses(2, "--format: no such recording (options stand before TARGET)", "report.lua", RECORDING,
            "--format", "json")


@test
def common_slips_are_told():
    with tempfile.TemporaryDirectory() as directory:
        for name in "top.lua", "top", "mine.lua":
            refuses(2, "%s: a report comes before its target (pyprof-lua %s %s)" % (
                name, name, RECORDING), RECORDING, name)
        refuses(1, "a script begins with: local pyprof = require", report_file(
            directory, "print(pyprof.version)", "plain.lua"))
        for body, sentence in (
                ("local rows = s.profile:functions()", "run returned nothing (is a `return` mi"),
                ("return nil, { verdict = 'failed' }", "run returned nil, and a table for a mess"),
                ("return s.profile", "run returned a profile (want rows"),
                ("return require('pyprof').scan('examples')", "run returned a source (want rows"),
                ("return s.nothing", "unknown field of the subject: 'nothing'"),
                ("return s.profile + 1", "a profile is wanted to add to one, not 1")):
            path = report_file(directory, "return { help = 'x', needs = { 'profile' }, "
                               "run = function(s) %s end }" % body)
            refuses(1, sentence, path, RECORDING)


@test
def doc_and_help_print_the_same_pages():
    listed = run("--doc")
    equal(listed.status, 0)
    for name in ("selectors", "options", "pyprof.load", "p:functions", "pyprof.FunctionRow"):
        holds(listed.out, name)
    page = run("--doc", "p:functions").out
    holds(page, "p:functions(query)")
    equal(run("-e", "help(p.functions)", RECORDING).out, page)
    equal(run("-i", RECORDING, input="help(p.functions)\n").out, page)
    equal(run("-e", "help 'p:functions'").out, page)
    equal(run("--doc", "selectors", "words").out,
          run("--doc", "selectors").out + "\n" + run("--doc", "words").out)
    refuses(2, "unknown page 'selectrs' (did you mean 'selectors'?)", "--doc", "selectrs")
    refuses(1, "help: no page on a number like this (help() lists the pages)", "-e", "help(5)")


@test
def a_report_that_is_killed_leaves_no_file():
    with tempfile.TemporaryDirectory() as directory:
        report = report_file(directory, '''return { help = "x", run = function()
          return function() io.stdout:write("."):flush() return { n = ("x"):rep(100000) } end
        end }''')
        with subprocess.Popen([PROGRAM, report, "--format", "ndjson", "-o",
                               os.path.join(directory, "out")], stdout=subprocess.PIPE) as running:
            running.stdout.read(3)
            running.kill()
        equal(os.listdir(directory), ["r.lua"])


@test
def what_the_world_refuses_is_status_1():
    refuses(1, "nosuch.py: No such file or directory", "report.lua", "nosuch.py")
    refuses(1, "nosuch: no such command", "report.lua", "--", "nosuch")
    refuses(1, "/nosuch/out: cannot be written", "report.lua", "-o", "/nosuch/out", RECORDING)
    refuses(1, "no such interpreter", "--python", "/nosuch", "report.lua", "examples/calculator.py")


@test
def a_script_that_may_not_be_read_is_refused():
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        path = report_file(directory, "print(1)", "secret.py")
        os.chmod(path, 0)
        # Root reads everything: ask as nobody.
        result = run("--reuid=65534", "--clear-groups", os.environ["TEST_PROGRAM"], "report.lua",
                     path, program="setpriv")
        equal(result.status, 1, repr(result))
        holds(result.err, "secret.py: Permission denied")


@test
def a_recording_in_pieces_is_refused_with_its_place():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "broken.json")
        with open(RECORDING) as source, open(path, "w") as broken:
            broken.write(source.read()[:500])
        result = refuses(1, "broken.json: byte 500 (line ", "report.lua", path)
        holds(result.err, "expected")


@test
def a_script_of_the_users_that_fails_says_where():
    with tempfile.TemporaryDirectory() as directory:
        path = report_file(directory, "local x = nil\nreturn x.y\n")
        result = refuses(1, path + ":2: attempt to index a nil value", path, RECORDING)
        result = run("--traceback", path, RECORDING)
        holds(result.err, "stack traceback:")
        path = report_file(directory, "return { help = 'x', run = 1 }")
        refuses(1, "'run' is number (want function)", path, RECORDING)
        path = report_file(directory, "return { help = 'x', run = print, colums = {} }")
        refuses(1, "unknown field 'colums' (did you mean 'columns'?)", path, RECORDING)
        path = report_file(directory, "return {")
        refuses(1, "r.lua:1:", path, RECORDING)


@test
def a_plain_script_gets_its_words_and_cjson():
    with tempfile.TemporaryDirectory() as directory:
        path = report_file(directory, "print(select('#', ...), (...), require('cjson')._NAME)")
        result = run(path, "--any", "word", cwd="/")
        equal((result.status, result.out), (0, "2\t--any\tcjson\n"), repr(result))


@test
def the_working_directory_is_no_place_for_modules():
    with tempfile.TemporaryDirectory() as directory:
        report_file(directory, "error('taken from the working directory')", "cjson.lua")
        report_file(directory, "error('taken from the working directory')", "evil.lua")
        result = run("-e", "require 'cjson'; print(pcall(require, 'evil'))", cwd=directory)
        equal(result.status, 0, repr(result))
        assert result.out.startswith("false\tmodule 'evil' not found"), result.out


@test
def an_output_file_is_whole_or_untouched():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "out.txt")
        with open(path, "w") as stream:
            stream.write("before")
        report = report_file(directory, """return { help = 'x', needs = { 'profile' },
          columns = { 'a' }, run = function()
            local i = 0
            return function() i = i + 1; if i > 5 then error('midway') end return { a = i } end
          end }""")
        result = run(report, "-o", path, RECORDING)
        equal(result.status, 1, repr(result))
        holds(result.err, "midway")
        equal(open(path).read(), "before")
        equal(sorted(os.listdir(directory)), ["out.txt", "r.lua"])
        result = run("report.lua", "-o", path, RECORDING)
        equal((result.status, result.out, result.err), (0, "", ""), repr(result))
        holds(open(path).read(), "=== Runtime Profile (py-spy) ===")
        equal(sorted(os.listdir(directory)), ["out.txt", "r.lua"])
        link = os.path.join(directory, "link")
        os.symlink("out.txt", link)
        run("report.lua", "-o", link, "--format", "json", RECORDING)
        assert stat.S_ISLNK(os.lstat(link).st_mode)
        assert open(path).read().startswith("[")


@test
def a_verdict_is_an_exit_status():
    with tempfile.TemporaryDirectory() as directory:
        for verdict, status in (("passed", 0), ("failed", 3), ("unsure", 4)):
            report = report_file(directory, "return { help = 'x', needs = { 'profile' }, "
                                 "run = function() return { verdict = '%s' } end }" % verdict)
            result = run(report, RECORDING)
            equal((result.status, result.out), (status, "verdict: %s\n" % verdict), repr(result))


@test
def an_argument_of_a_report_comes_converted():
    with tempfile.TemporaryDirectory() as directory:
        report = report_file(directory, """return { help = 'x', needs = { 'profile' },
          args = { max_share = 0.5, verbose = true, limit = 3 },
          run = function(_, args)
            return ('%s %s %s'):format(args.max_share, args.verbose, args.limit)
          end }""")
        equal(run(report, RECORDING).out, "0.5 true 3")
        equal(run(report, "--max-share", "20%", "--no-verbose", "--limit=7", RECORDING).out,
              "0.2 false 7")
        refuses(2, "unknown option '--max-shar' (did you mean '--max-share'?)", report,
                "--max-shar", "1", RECORDING)
        holds(run(report, "--help").out, "--max-share NUMBER")


@test
def reports_are_found_in_the_users_places_first():
    with tempfile.TemporaryDirectory() as directory:
        report_file(directory, "print('mine')", "report.lua")
        result = run("report.lua", RECORDING, env={"PYPROF_PATH": directory})
        equal(result.out, "mine\n")
        config = os.path.join(directory, "config", "pyprof-lua")
        os.makedirs(config)
        report_file(config, "print('from the configuration')", "own.lua")
        result = run("own.lua", env={"XDG_CONFIG_HOME": os.path.dirname(config)})
        equal(result.out, "from the configuration\n")
        holds(run("--list", env={"XDG_CONFIG_HOME": os.path.dirname(config)}).out, "own.lua")


@test
def a_copy_of_a_report_is_the_report():
    with tempfile.TemporaryDirectory() as directory:
        equal(run("--copy", "report.lua", cwd=directory).out, "./report.lua\n")
        with open("scripts/report.lua") as ours, open(directory + "/report.lua") as copy:
            equal(copy.read(), ours.read())
        refuses(1, "is here already", "--copy", "report.lua", cwd=directory)


finish()
