"""--doc and help() for a reader: laid out on a terminal, by a pager, searched; pages of reports."""
import os
import pty
import re
import tempfile
import threading

import fcntl
import struct
import subprocess
import termios

from check import PROGRAM, equal, finish, holds, run, test

RECORDING = "tests/data/calculator.speedscope.json"


def on_terminal(*words, rows=24, **env):
    """What pyprof-lua shows on a terminal of 80 columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    shown = []

    def read():
        try:
            while data := os.read(master, 65536):
                shown.append(data)
        except OSError:
            pass

    reader = threading.Thread(target=read)
    reader.start()
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("NO_COLOR", "COLUMNS", "PAGER", "LESS")}
    done = subprocess.run([PROGRAM, *words], stdin=subprocess.DEVNULL, stdout=slave,
                          stderr=subprocess.PIPE, timeout=100,
                          env={**environment, "TERM": "xterm", **env})
    os.close(slave)
    reader.join()
    os.close(master)
    equal((done.returncode, done.stderr), (0, b""), words)
    return b"".join(shown).decode().replace("\r\n", "\n")


@test
def a_terminal_gets_text_and_a_pipe_gets_markdown():
    for name in "words", "selectors", "repl", "options", "functions":
        shown = on_terminal("--doc", name, rows=1000)
        holds(shown, "\x1b[1m")
        plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
        assert not re.search(r"^(#|```|\|)", plain, re.M), plain
        assert all(len(line) <= 80 or line.startswith("    ") for line in plain.split("\n")), plain
        equal(on_terminal("--doc", name, rows=1000, NO_COLOR="1"), plain)
        assert run("--doc", name).out.startswith("# "), name


@test
def what_is_longer_than_the_screen_goes_through_a_pager():
    with tempfile.TemporaryDirectory() as folder:
        seen = os.path.join(folder, "seen")
        pager = "cat > " + seen
        equal(on_terminal("--doc", "words", rows=24, PAGER=pager), "")
        with open(seen) as paged:
            text = paged.read()
        equal(on_terminal("--doc", "words", rows=1000, PAGER=pager), text)
        equal(on_terminal("--doc", "words", PAGER=""), text)
        # A reader may leave before the end, and a pager may be missing: both end well.
        on_terminal("--doc", "cookbook", PAGER="true")
        equal(run("--doc", "words", env={"PAGER": pager}).out, run("--doc", "words").out)


@test
def pages_are_searched():
    for words in ["--doc", "--search", "KCachegrind"], ["--search", "kcachegrind"]:
        out = run(*words).out
        holds(out, "# exports: Profiles for other tools\n")
        equal("`" in out, False)
    result = run("--doc", "--search", "zzzzz")
    equal((result.status, result.out), (2, ""))
    holds(result.err, "--search: no page has 'zzzzz' (--doc lists them)")
    result = run("--doc", "kcachegrind")
    equal((result.status, result.out), (2, ""))
    holds(result.err, "unknown page 'kcachegrind' (the word is in the pages: ")
    result = run("--doc", "top.lua")
    holds(result.err, "--doc: 'top.lua' is a report (pyprof-lua top.lua --help)\n")


@test
def help_has_a_page_for_each_report():
    page = run("-e", "help(reports.callers)").out
    assert page.startswith("# reports.callers(p, { option = value })\n\nWhat calls a f"), page
    holds(page, "  function_  selector  the function, as for --where (required)\n")
    for code in "help 'callers.lua'", "help(reports['callers'])":
        equal(run("-e", code).out, page, code)
    equal(run("-i", input="help(reports.callers)\n").out, page)
    holds(run("-e", "help 'top'").out, 'There is a report of that name: help "top.lua"\n')
    for name in run("-e", "print(reports)").out.split("(")[0].split()[1:]:
        holds(run("-e", "help '%s.lua'" % name).out, "# reports.%s(p" % name)
    result = run("-e", "help 'budgt.lua'")
    holds(result.err, "unknown page 'budgt.lua' (did you mean 'budget.lua'?)")


@test
def options_of_reports_at_the_prompt():
    def shown(code):
        result = run("-e", code, RECORDING)
        equal((result.status, result.err), (0, ""), code)
        return result.out
    want = run("callers.lua", "--function", "main", RECORDING).out
    for written in "function_", "['function']":
        equal(shown("reports.callers(p, { %s = 'main' })" % written), want)
    want = shown("reports.diff(p:window(0, 1), { before = '%s', all = true })" % RECORDING)
    holds(want, "compute_heavy")
    for before in "p", "{ p }", "{ '%s' }" % RECORDING:
        equal(shown("reports.diff(p:window(0, 1), { before = %s, all = true })" % before), want)
    holds(shown("reports.diff(p, { before_window = { 0, 1 }, all = true })"),
          "(before: window 0..1: 100 of 311 samples)\n")
    for kind in "markdown", "csv", "json":
        equal(shown("io.write(reports.top(p, { format = '%s', limit = 2 }))" % kind),
              run("top.lua", "-n", "2", "--format", kind, RECORDING).out, kind)
    # A report's tables are lists of rows, whatever stands around them.
    equal(shown("reports.callers(p, { function_ = 'fibonacci' })[1].name"), "main\n")
    equal(shown("#reports.top(p, { limit = 'all' }), #reports.top(p, { limit = 2 })"), "6\n2\n")
    assert "compute_heavy" not in shown("reports.top(p, { exclude = p:functions()[1] })")
    for code, said in (("reports.top(p, { format = 'mrkdown' })", "(did you mean 'markdown'?)"),
                       ("reports.packages(p, { by = 'modul' })", "by: unknown value 'modul' (did"),
                       ("reports.callers(p, { functon = 'x' })", "(did you mean 'function_'?)"),
                       ("reports.diff(p, { before = 5 })", "a recording or a profile is wanted")):
        result = run("-e", code, RECORDING)
        assert result.status in (1, 2), code
        holds(result.err, said)


finish()
