"""--sandbox: the things that a report has there; no known way leads out."""
import os
import pty
import re
import signal
import subprocess
import tempfile
import time

from check import PROGRAM, equal, finish, holds, run, test

RECORDING = "tests/data/calculator.speedscope.json"
REPORTS = ["report.lua", "json.lua", "top.lua", "tree.lua", "lines.lua", "threads.lua", "folded.lua",
           "timeline.lua", "pprof.lua", "chrome.lua", "callgrind.lua", "speedscope.lua",
           "packages.lua", "firefox.lua"]


def file(directory, name, text):
    path = os.path.join(directory, name)
    with open(path, "w") as stream:
        stream.write(text)
    return path


def report(directory, body, more=""):
    """A report whose run does this."""
    return file(directory, "r.lua", """local pyprof = require "pyprof"
return { help = "x", needs = { "profile" }, %s run = function(subject, args)
%s
end }""" % (more, body))


def sandboxed(body, more=""):
    with tempfile.TemporaryDirectory() as directory:
        return run("--sandbox", report(directory, body, more), RECORDING)


def is_refused(body, sentence):
    result = sandboxed(body)
    equal((result.status, result.out), (1, ""), repr(result))
    equal(result.err.count("\n"), 1, result.err)
    holds(result.err, sentence)


@test
def shipped_reports_say_the_same_in_it():
    for name in REPORTS:
        inside, outside = run("--sandbox", name, RECORDING), run(name, RECORDING)
        equal((inside.status, inside.out), (0, outside.out), name)
        equal(inside.err, outside.err, name)
    inside, outside = (run(*words, "scan.lua", "--definitions", "examples")
                       for words in (["--sandbox"], []))
    equal((inside.out, inside.err), (outside.out, ""))


@test
def samples_and_source_are_joined_as_outside():
    with tempfile.TemporaryDirectory() as directory:
        saved = os.path.join(directory, "run.json")
        equal(run("top.lua", "--save", saved, "examples/calculator.py", "1").status, 0)
        def same(*words):
            inside, outside = run("--sandbox", *words, saved), run(*words, saved)
            equal((inside.status, inside.out, inside.err), (0, outside.out, outside.err))
            return inside.out
        assert "compute_heavy" not in same("unused.lua")
        holds(same("report.lua"), "of 5 defined functions seen")
        holds(same(report(directory, "return pyprof.join(subject)", "wants = { 'source' },")),
              "compute_heavy")
        holds(same(report(directory, "return args.p:resolve(subject.source):functions()",
                          "wants = { 'source' }, args = { p = { type = 'recording' } },"),
                   "--p", saved), "compute_heavy")


@test
def arguments_views_formats_and_files_work():
    body = "return subject.profile:functions { limit = args.count }"
    with tempfile.TemporaryDirectory() as directory:
        path = report(directory, body, "args = { count = 3 },")
        result = run("--sandbox", path, "--format", "ndjson", "--where", "main", RECORDING)
        equal(result.out.count("\n"), 3, repr(result))
        holds(result.err, "--where main: ")
        result = run("--sandbox", path, "--count", "1", "--format", "ndjson", RECORDING)
        equal(result.out.count("\n"), 1, repr(result))
        out = os.path.join(directory, "out.csv")
        result = run("--sandbox", path, "-o", out, RECORDING)
        equal((result.status, result.out), (0, ""), repr(result))
        with open(out) as stream:
            equal(stream.read().count("\n"), 4)
        good = path + ".kept"
        os.rename(path, good)
        bad = report(directory, "local n = 0 return function() n = n + 1 "
                     "return n < 9 and { n = n } or error('x') end")
        result = run("--sandbox", bad, "-o", out, RECORDING)
        equal(result.status, 1, repr(result))
        with open(out) as stream:
            equal(stream.read().count("\n"), 4, "what was there before")
        holds(run("--sandbox", good, "--help").out, "--count INTEGER")
        result = run("--sandbox", good, "--cuont", "1", RECORDING)
        equal(result.status, 2)
        holds(result.err, "did you mean '--count'?")


@test
def verdicts_and_refusals_are_as_elsewhere():
    equal(sandboxed("return { verdict = 'failed', because = 'x' }").status, 3)
    equal(sandboxed("return { verdict = 'unsure' }").status, 4)
    is_refused("return nil, 'nothing there'", "nothing there")
    is_refused("local x\nreturn x.y", "r.lua:4: attempt to index a nil value")
    is_refused("return subject.source", "subject.source: not collected")
    holds(sandboxed("return subject.profile:functions { include = 'nosuch' }").err,
          "no function 'nosuch'")


@test
def a_program_runs_before_it_and_not_in_it():
    with tempfile.TemporaryDirectory() as directory:
        path = report(directory, "return subject.profile:functions()", "wants = { 'source' },")
        program = file(directory, "p.py", "print('ran')\nfor i in range(4000000): i * i\n")
        result = run("--sandbox", path, "--format", "csv", program)
        equal(result.status, 0, repr(result))
        holds(result.out, "ran\n")
        holds(result.out, "p.py")
        result = run("--sandbox", "top.lua", "--format", "csv", program)
        holds(result.out, "p.py")


@test
def what_reaches_outside_is_not_there():
    for name in ["io.open('/etc/passwd')", "io.write('x')", "debug.getregistry()", "package.path",
                 "print('x')", "dofile('x')", "loadfile('x')", "collectgarbage()",
                 "os.execute('true')", "os.getenv('HOME')", "os.remove('x')", "os.exit(0)",
                 "require 'cjson'", "require 'pyprof.core.sys'", "require 'io'",
                 "pyprof.load('%s')" % RECORDING, "pyprof.scan('.')", "pyprof.subject('x.py')",
                 "pyprof.record { 'x.py' }", "pyprof.process.run { 'true' }", "_G.io.read()",
                 "load('return io.read()', '@r.lua:3: ')()", "load('x', 'x', 'b')", "_ENV.io.read()"]:
        is_refused("return tostring(%s)" % name, "r.lua:3: ")
        is_refused("return tostring(%s)" % name, "is not there in a sandbox")
    is_refused("subject:again('profile', { duration = 1 })", "nothing is collected anew")
    is_refused("subject:collect('profile', { save = '/tmp/x' })", "nothing is collected anew")


@test
def byte_code_is_neither_made_nor_run():
    is_refused("return string.dump(function() end)", "attempt to call a nil value (field 'dump')")
    is_refused("return (''):dump()", "attempt to call a nil value (method 'dump')")
    is_refused("return assert(load('\\27Lua'))", "attempt to load a binary chunk")
    is_refused("return assert(load('\\27Lua', 'x', 'bt'))", "attempt to load a binary chunk")
    is_refused("return assert(load(function() return '\\27Lua' end))", "a binary chunk")
    with tempfile.TemporaryDirectory() as directory:
        result = run("--sandbox", file(directory, "r.lua", "\x1bLuaT"), RECORDING)
        equal(result.status, 1, repr(result))
        holds(result.err, "a binary chunk")


@test
def what_a_report_breaks_is_its_own():
    """A report can change the library's tables, but the changes end with its process."""
    with tempfile.TemporaryDirectory() as directory:
        trap = os.path.join(directory, "trap")
        steal = "function(...) local f = io and io.open('%s', 'w') return ... end" % trap
        for body in [
            "getmetatable(subject.profile).__index = %s return 'x'",
            "getmetatable(subject).__index = %s return 'x'",
            "getmetatable('').__index = %s return 'x'",
            "for k, v in next, subject.profile do rawset(v, 'handle', %s) end return 'x'",
            "rawset(pyprof, 'sort', %s) for k in pairs(string) do string[k] = %s end return 'x'",
            "local _, e = pcall(function() subject.profile:where(1) end) return 'x' .. type(%s)",
            "setmetatable(_G, { __index = %s, __newindex = %s }) return 'x'",
            "setmetatable({}, { __gc = %s, __close = %s }) return 'x'",
        ]:
            path = report(directory, body.replace("%s", steal))
            result = run("--sandbox", path, RECORDING)
            assert result.status in (0, 1), repr(result)
            assert not os.path.exists(trap), body
            assert result.err.count("\n") <= 1, result.err
        path = report(directory, """local out = {}
        for k, v in next, rawget(subject, 'data') do out[#out + 1] = k end
        rawget(subject, 'data').collect = nil
        return #out > 0 and 'seen' or 'none'""")
        equal(run("--sandbox", path, RECORDING).out, "seen")


def of_source(call):
    """The output, as text, of a report on the source in a sandbox."""
    with tempfile.TemporaryDirectory() as directory:
        path = file(directory, "r.lua", "return { help = 'x', needs = { 'source' }, "
                    "run = function(subject) local source = subject.source %s end }" % call)
        return run("--sandbox", path, "examples")


@test
def source_is_read_that_the_subject_has():
    for words in [["grep.lua", "--pattern", "def"], ["scan.lua", "--definitions"], ["scan.lua"],
                  ["scan.lua", "--complexity", "mccabe"], ["examples/smells.lua"],
                  ["examples/todo.lua"]]:
        inside, outside = run("--sandbox", *words, "examples"), run(*words, "examples")
        equal((inside.status, inside.out, inside.err), (0, outside.out, ""), words)
    equal(of_source("return source:line('examples/calculator.py', 17)").out, "def fibonacci(n):")
    equal(of_source("for f in source:each_outline() do return f.definitions[1].name end").out,
          "Calculator")
    with tempfile.TemporaryDirectory() as directory:
        program = file(directory, "p.py", "n = 0\nfor i in range(4000000):\n    n += i * i\n")
        holds(run("--sandbox", "lines.lua", program).out, "n += i * i")


@test
def other_files_are_not_read_by_the_library():
    for path in "/etc/passwd", "tests/e2e/check.py", "README.md":
        equal(of_source("return tostring(source:line('%s', 1))" % path).out, "nil", path)
    for option in "stubs = true", "ignore = false":
        result = of_source("return tostring(source:with { %s })" % option)
        equal((result.status, result.out), (1, ""), repr(result))
        holds(result.err, "is not there in a sandbox")
    for call in ["source.paths, source.texts = { '/etc' }, nil return 'a' .. source:totals().files",
                 "source.texts = nil return 'a' .. source:line('/etc/passwd', 1)",
                 "source.paths, source.texts = { 'tests' }, nil for f in source:each_outline() do "
                 "return 'a' end"]:
        result = of_source(call)
        equal((result.status, result.out), (1, ""), repr(result))


@test
def the_first_run_of_the_file_is_walled_too():
    with tempfile.TemporaryDirectory() as directory:
        for text, sentence in [
            ("os.execute('touch %s/trap')" % directory, "os.execute is not there in a sandbox"),
            ("return 5", "is a plain script, no report"),
            ("return { help = 'x', run = 5 }", "'run' is number (want function)"),
            ("local t = { help = 'x' } t.run = t return t", "a table holds itself"),
            ("return { help = 'x', run = function() end, args = { a = coroutine.create(load'') } }",
             "the report's table holds a thread"),
            ("return { help = ('x'):rep(2000000), run = function() end }", "its table is too large"),
            ("return setmetatable({}, { __index = { help = 'x' } })", "is missing"),
            ("return { help = 'x', run = function() end, needs = { 'nosuch' } }", "nosuch"),
            ("error { }", "table: "),
            ("error(setmetatable({}, { __tostring = function() return 5 end }))", "pyprof-lua: "),
        ]:
            result = run("--sandbox", file(directory, "r.lua", text), RECORDING)
            equal((result.status, result.out), (1, ""), text + repr(result))
            equal(result.err.count("\n"), 1, result.err)
            holds(result.err, sentence)
        assert not os.path.exists(os.path.join(directory, "trap"))


@test
def a_terminal_is_sent_no_commands():
    with tempfile.TemporaryDirectory() as directory:
        path = report(directory, "return 'a\\27]52;c;eA==\\7b\\27[2Jc\\194\\155d'", )
        master, slave = pty.openpty()
        done = subprocess.run([PROGRAM, "--sandbox", path, RECORDING], stdin=slave, stdout=slave,
                              stderr=slave, timeout=300)
        os.close(slave)
        shown = os.read(master, 10000)
        os.close(master)
        equal(done.returncode, 0)
        assert b"\x1b" not in shown and b"\7" not in shown and b"\x9b" not in shown, shown
        result = run("--sandbox", file(directory, "r.lua", "error('\\27[2J\\7', 0)"), RECORDING)
        assert "\x1b" not in result.err and "\7" not in result.err, result.err
        text = "return { help = '\\27[2J', run = function() end }"
        result = run("--sandbox", file(directory, "r.lua", text), "--help")
        assert "\x1b" not in result.out, result.out


THEIRS = """
local there, io = pcall(function() return io end)
if there and io then io.open("%s", "w"):write("ran as the user") return "x" end
local _, m = pcall(function() error("x") end)
return { help = "x", needs = { "profile" }, columns = { "name" },
  args = { x = { type = "%s", default = %s } },
  run = function(_, args) return { { name = tostring(args.x) } } end }
"""


@test
def what_a_report_supplies_is_not_opened_outside():
    with tempfile.TemporaryDirectory() as directory:
        trap = os.path.join(directory, "trap")
        itself = 'm:match("^(.*):%d+: ")'
        for kind, default in [("lua", itself), ("lua", "'/dev/zero'"), ("file", "'/etc/shadow'"),
                              ("recording", "'/dev/zero'"), ("recording", "'/etc/shadow'")]:
            path = file(directory, "theirs.lua", THEIRS % (trap, kind, default))
            result = run("--sandbox", path, RECORDING)
            equal((result.status, result.out), (2, ""), repr(result))
            equal(result.err, "pyprof-lua: %s: --x %s is missing (--sandbox: a report's own default "
                  "is not opened)\n" % (path, "FILE" if kind != "lua" else "LUA"))
            assert not os.path.exists(trap), kind
            equal(run("--sandbox", path, "--help").status, 0)
        path = file(directory, "theirs.lua", THEIRS % (trap, "selector", "'no(such'"))
        equal(run("--sandbox", path, RECORDING).out.split(), ["name", "no(such"])
        path = file(directory, "theirs.lua", THEIRS % (trap, "lua", "{ 1 }"))
        holds(run("--sandbox", path, RECORDING).out, "table: ")


@test
def a_file_of_lua_that_the_command_line_names_runs_in_the_sandbox():
    with tempfile.TemporaryDirectory() as directory:
        body = "return { { got = args.x.got .. tostring(#args.more) } }"
        path = report(directory, body, "args = { x = { type = 'lua' }, "
                      "more = { type = 'lua', many = true } },")
        good = file(directory, "good.lua", "return { got = 'it' }")
        result = run("--sandbox", path, "--x", good, "--more", good, RECORDING)
        equal((result.status, result.out.split()), (0, ["got", "it1"]), repr(result))
        bad = file(directory, "bad.lua", "io.open('%s/trap', 'w')" % directory)
        result = run("--sandbox", path, "--x", bad, RECORDING)
        equal((result.status, result.err), (1, "pyprof-lua: %s:1: io is not there in a sandbox (the "
                                            "subject and the library are)\n" % bad), repr(result))
        assert not os.path.exists(os.path.join(directory, "trap"))
        result = run("--sandbox", path, "--x", os.path.join(directory, "nosuch"), RECORDING)
        equal(result.status, 1, repr(result))
        holds(result.err, "nosuch: No such file")


@test
def no_path_is_a_collector():
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(os.path.join(directory, "collect"))
        file(directory, "trap.lua", "return { help = 'x', collect = function() end }")
        for field in "needs", "wants":
            path = file(directory, "r.lua", "return { help = 'x', %s = { '../trap' }, "
                        "run = function() end }" % field)
            for more in [], ["--sandbox"]:
                result = run(*more, path, RECORDING, env={"PYPROF_PATH": directory})
                equal((result.status, result.out), (1, ""), repr(result))
                holds(result.err, "unknown collector '../trap'")
        equal(run("top.lua", "--with", "../trap", RECORDING,
                  env={"PYPROF_PATH": directory}).status, 2)


@test
def pages_are_written_by_the_program_alone():
    """A report's changes to the shared functions of Lua stay in its process."""
    evil = "<script>alert(1)</script>"
    break_all = ("for k in pairs(string) do string[k] = function() return '%s', 1 end end "
                 "for k in pairs(table) do if k ~= 'concat' then table[k] = nil end end " % evil)
    rows = "{ { name = '%s' } }" % evil
    for body in ["string.gsub = function(s) return s end return " + rows,
                 "getmetatable('').__index = { gsub = function(s) return s end } return " + rows,
                 break_all + "return " + rows,
                 "return { columns = { { 'name', format = function(s) return s end } }, rows = %s }"
                 % rows,
                 "return { columns = { { 'name', head = '%s' } }, rows = %s }" % (evil, rows),
                 "return { title = '%s', head = '%s', tail = '%s', rows = %s }"
                 % (evil, evil, evil, rows),
                 "return { verdict = 'failed', because = '%s' }" % evil,
                 "return '%s'" % evil, "return '%s', '%s'" % (evil, evil)]:
        with tempfile.TemporaryDirectory() as directory:
            path = report(directory, body)
            for suffix in ".html", ".md":
                out = os.path.join(directory, "out" + suffix)
                result = run("--sandbox", path, "-o", out, RECORDING)
                if result.status == 1:
                    equal(result.err.count("\n"), 1, result.err)
                    assert not os.path.exists(out), body
                    continue
                assert result.status in (0, 3), repr(result)
                with open(out) as stream:
                    page = stream.read()
                if suffix == ".md":
                    page = re.sub("`[^`]*`", "", page)  # inside of code a tag has no effect
                assert evil not in page, page
        equal(sandboxed("return '%s'" % evil).out, evil)


@test
def a_message_is_one_line():
    for text in ["'a\\npyprof-lua: ok'", "'a\\rpyprof-lua: ok'", "'a\\x9b2Jb'", "'\\27[2J'"]:
        for body in ["error(%s, 0)", "return nil, %s", "return subject[%s]",
                     "return subject.profile:functions { include = %s }",
                     "return { columns = { %s }, rows = { { a = 1 } } }", "return { verdict = %s }",
                     "return setmetatable({}, { __index = { verdict = %s } })"]:
            result = sandboxed(body % text)
            assert result.err.count("\n") == 1 or result.status == 0, result.err
            assert "\r" not in result.err and "\x9b" not in result.err and "\x1b" not in result.err
        with tempfile.TemporaryDirectory() as directory:
            for table in ["help = %s, run = 5", "[%s] = 1", "help = 'x', args = { [%s] = 1 }",
                          "help = 'x', run = print, needs = { %s }",
                          "help = 'x', run = load '', columns = { %s, %s }",
                          "help = 'x', run = load '', args = { a = { type = %s } }",
                          "help = 'x', run = load '', args = { a = { 1, choice = { %s } } }"]:
                path = file(directory, "r.lua", "return { %s }" % table.replace("%s", text))
                result = run("--sandbox", path, RECORDING)
                equal(result.err.count("\n"), 1, table + text + repr(result))
                assert "\r" not in result.err and "\x1b" not in result.err, result.err
            traced = run("--sandbox", "--traceback", report(directory, "error(%s)" % text), RECORDING)
            equal(("\n" + traced.err).count("\npyprof-lua: "), 1, traced.err)


@test
def help_is_text():
    with tempfile.TemporaryDirectory() as directory:
        path = file(directory, "r.lua", "return { help = 'a\\n\\27[2Jb', run = function() end, "
                    "args = { x = { '\\27[2J', help = 'c\\x9bd', choice = { '\\27[2J', 'e\\7' } } } }")
        result = run("--sandbox", path, "--help")
        equal(result.status, 0, repr(result))
        holds(result.out, " - a \\x1b[2Jb\n")
        assert all(c == "\n" or " " <= c < "\x7f" for c in result.out), repr(result.out)


@test
def whatever_a_child_writes_is_a_result_or_an_error():
    pack = "local pack = string.pack string.pack = function(f, ...) "
    for body in [pack + "return 'x' end return {}",
                 pack + "return '' end return { { a = 1 } }",
                 pack + "return f == '<I4' and pack(f, 1 << 31) or pack(f, ...) end return { { a = 1 } }",
                 pack + "return f == '<I4' and pack(f, 1) or 'c' end return { { a = 1 } }",
                 "string.pack = nil return { { a = 1 } }",
                 "table.concat = function() return '{' end return { { a = 1 } }",
                 "table.concat = function() return '[t' .. ('['):rep(300) end return { { a = 1 } }",
                 "local n = math.type math.type = function(v) return n(v) or 'float' end "
                 "return { { a = 'x' } }",
                 "return { object = { f = function() end } }", "return { object = { [1.5] = 1 } }"]:
        result = sandboxed(body)
        equal((result.status, result.out), (1, ""), body + repr(result))
        equal(result.err.count("\n"), 1, result.err)
    many = "local n = 0 return function() n = n + 1 return { a = n, b = {{}, {}, {}} } end"
    with tempfile.TemporaryDirectory() as directory:
        result = run("--sandbox", report(directory, many), "--format", "ndjson", RECORDING)
        equal((result.status, result.out), (1, ""), repr(result))
        holds(result.err, "(a sandbox's limit)")


@test
def limits_hold_in_what_rendering_calls():
    is_refused("return { columns = { { 'n', format = function() while true do end end } }, "
               "rows = { { n = 1 } } }", "took more than 10 s of processor time")
    if not PROGRAM.endswith("asan"):
        is_refused("return { columns = { { 'n', value = function() return #('x'):rep(1 << 30) "
                   "end } }, rows = { { n = 1 } } }", "not enough memory (a sandbox has 512 MiB)")


@test
def an_interrupt_ends_it_and_leaves_nothing():
    with tempfile.TemporaryDirectory() as directory:
        path = report(directory, "while true do end")
        started = subprocess.Popen([PROGRAM, "--sandbox", path, RECORDING],
                                   stderr=subprocess.PIPE, text=True)
        children = "/proc/%d/task/%d/children" % (started.pid, started.pid)
        child = ""
        while not child or not busy(child):
            time.sleep(0.02)
            with open(children) as stream:
                child = stream.read().strip()
        started.send_signal(signal.SIGINT)
        err = started.communicate(timeout=300)[1]
        equal((started.returncode, err), (130, "pyprof-lua: interrupted\n"))
        assert not os.path.exists("/proc/" + child)


def busy(pid):
    """Has it used processor time for a while? Then the report runs."""
    try:
        with open("/proc/%s/stat" % pid) as stream:
            return int(stream.read().rsplit(")", 1)[1].split()[11]) > 5
    except OSError:
        return False


@test
def collectors_have_their_defaults():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "a.py")
        with open(path, "w") as script:
            script.write("def f():\n    return 1\n\n\nf()\n")
        result = run("--sandbox", "report.lua", "--coverage", path)
        equal(result.status, 0, repr(result))
        holds(result.out, "\nCoverage: 3 of 3 statements")


@test
def it_stands_before_a_report():
    result = run("top.lua", "--sandbox", RECORDING)
    equal(result.status, 2, repr(result))
    holds(result.err, "--sandbox: comes before top.lua")
    for words in [["-e", "x()"], ["-i"]]:
        result = run("--sandbox", *words)
        equal(result.status, 2, repr(result))
        holds(result.err, "--sandbox: for a REPORT")
    holds(run("--help").out, "--sandbox")


finish()
