"""The REPL: at a terminal, with the keys that people press, and as a filter."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import tempfile
import termios
import time

from check import PROGRAM, equal, finish, holds, run, test

RECORDING = "tests/data/calculator.speedscope.json"
PATIENCE = 100


class Terminal:
    """pyprof-lua at a pseudo-terminal of 80 columns."""

    def __init__(self, *words, state):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", XDG_STATE_HOME=state, NO_COLOR="1")
            os.execv(PROGRAM, [PROGRAM, *words])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.expect("Ctrl-D ends.")
        self.expect("> ")

    def expect(self, text):
        """Waits for the text; what came before it and itself are not looked at again."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], end - time.monotonic())
            assert ready, "no %r in %r" % (text, self.seen)
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            assert data, "ended without %r: %r" % (text, self.seen)
            self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode(errors="replace"))
        before, self.seen = self.seen.split(text, 1)
        return before

    def keys(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """What is typed before the prompt is there may mean something else: typed again then."""
        deadline = time.monotonic() + PATIENCE
        self.keys("\x04")
        while True:
            ready, _, _ = select.select([self.fd], [], [], 1)
            assert time.monotonic() < deadline, "does not end: %r" % self.seen
            if not ready:
                self.keys("\x04")
                continue
            try:
                if not os.read(self.fd, 65536):
                    break
            except OSError:
                break
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)

    def kill(self):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def conversation(function):
    """The test gets a terminal with the recording; it must end with status 0."""
    def talk():
        with tempfile.TemporaryDirectory() as state:
            terminal = Terminal("-i", RECORDING, state=state)
            try:
                function(terminal)
                equal(terminal.end(), 0, "status")
            finally:
                terminal.kill()
    talk.__name__ = function.__name__
    return test(talk)


@conversation
def expressions_are_shown_and_the_last_is_kept(terminal):
    terminal.keys("p.samples + 1\r")
    terminal.expect("\n312\r\n")
    terminal.keys("_ * 2\r")
    terminal.expect("\n624\r\n")


@conversation
def what_is_not_whole_goes_on(terminal):
    terminal.keys("for i = 5, 6 do\r")
    terminal.expect(">> ")
    terminal.keys("print('line ' .. i)\r")
    terminal.expect(">> ")
    terminal.keys("end\r")
    terminal.expect("line 5\r\n")
    terminal.expect("line 6\r\n")


@conversation
def tab_completes(terminal):
    terminal.keys("p.empty_\t\r")
    terminal.expect("\n0\r\n")
    terminal.keys("#p:timel\t()\r")
    terminal.expect("\n60\r\n")
    terminal.keys("p:where('compute_\t').samples\r")
    terminal.expect("\n249\r\n")
    terminal.keys("#reports.to\t(p)\r")
    terminal.expect("\n6\r\n")
    terminal.keys("#p:functions{lim\t=2}\r")
    terminal.expect("\n2\r\n")
    terminal.keys("pyprof.load('tests/data/calculator.\t').samples\r")
    terminal.expect("\n311\r\n")
    terminal.keys("p:ca\t\t")
    terminal.expect("callees  callers")
    terminal.keys("\x15subject.\t\t")
    holds(terminal.expect("tools\r\n"), "again  allocations  collect  counts  coverage  exit")
    terminal.keys("\x15")


@conversation
def arrows_bring_lines_back(terminal):
    terminal.keys("40 + 2\r")
    terminal.expect("\n42\r\n")
    terminal.keys("\x1b[A\x1b[D1\r")
    terminal.expect("\n52\r\n")


@conversation
def ctrl_c_stops_and_keeps(terminal):
    terminal.keys("kept = 77\r")
    terminal.expect("> ")
    terminal.keys("print('be' .. 'gun') while true do end\r")
    terminal.expect("\nbegun\r\n")
    terminal.keys("\x03")
    terminal.expect("interrupted\r\n")
    terminal.expect("> ")
    terminal.keys("half a line \x03")
    terminal.expect("> ")
    terminal.keys("kept\r")
    terminal.expect("\n77\r\n")
    terminal.keys("print('be' .. 'gun') while true do p:where('main'):functions() end\r")
    terminal.expect("\nbegun\r\n")
    terminal.keys("\x03")
    terminal.expect("interrupted\r\n")
    terminal.keys("kept + p.samples\r")
    terminal.expect("\n388\r\n")


@conversation
def ctrl_c_stops_what_libraries_do(terminal):
    """None of these computations ends by itself, and no hook runs during them."""
    terminal.keys("kept, a = 79, ('a'):rep(1000000) t = {}\r")
    terminal.expect("> ")
    for endless in (
            "a:find('.-.-.-.-b')", "a:gsub('.-.-.-.-b', '')",
            "for _ in a:gmatch('.-.-.-.-b') do end",
            "coroutine.wrap(function() a:find('.-.-.-.-b') end)()",
            "coroutine.wrap(function() while true do end end)()",
            "pyprof.regex('(?=.*[0-9])a'):count(a)", "pyprof.regex('(?=.*[0-9])a', 'u'):match(a)",
            "for i = 1, 1000000 do t[i] = i * 7919 % 100003 end while true do table.sort(t, nil) "
            "t[1], t[#t] = t[#t], t[1] end"):
        terminal.keys("print('be' .. 'gun') %s\r" % endless)
        terminal.expect("\nbegun\r\n")
        time.sleep(0.05)
        terminal.keys("\x03")
        terminal.expect("interrupted\r\n")
        terminal.keys("kept + #a\r")
        terminal.expect("\n1000079\r\n")


@conversation
def errors_leave_what_was_there(terminal):
    terminal.keys("kept = 78\r")
    terminal.keys("error('on purpose')\r")
    terminal.expect("repl:1: on purpose\r\n")
    terminal.keys("p:functions{limt=1}\r")
    terminal.expect("(did you mean 'limit'?)")
    terminal.keys("kept\r")
    terminal.expect("\n78\r\n")


@conversation
def long_results_are_cut(terminal):
    terminal.keys("t = {} for i = 1, 50 do t[i] = {n = i, name = 'row' .. i} end\r")
    terminal.expect("> ")
    terminal.keys("t\r")
    shown = terminal.expect("more() goes on)")
    holds(shown, "row19\r\n")
    assert "row20" not in shown, shown
    terminal.keys("more()\r")
    holds(terminal.expect("more() goes on)"), "row39\r\n")
    terminal.keys("more()\r")
    terminal.expect("row50\r\n")
    terminal.keys("more()\r")
    terminal.expect("(nothing more)")


@conversation
def output_without_an_end_leaves_the_prompt_alone(terminal):
    terminal.keys("io.write('no end')\r")
    terminal.expect("\nno end")
    holds(terminal.expect("> "), " " * 79 + "\r")


@test
def history_is_kept_between_runs():
    with tempfile.TemporaryDirectory() as state:
        for keys, answer in ("111 * 3\r", "\n333\r\n"), ("\x1b[A\r", "\n333\r\n"):
            terminal = Terminal(state=state)
            try:
                terminal.keys(keys)
                terminal.expect(answer)
                equal(terminal.end(), 0, "status")
            finally:
                terminal.kill()
        equal(os.stat(state + "/pyprof-lua/history").st_mode & 0o777, 0o600, "rights")


@test
def an_entry_of_several_lines_comes_back_whole():
    with tempfile.TemporaryDirectory() as state:
        terminal = Terminal(state=state)
        try:
            for line in "for i = 7, 8 do", "  print('line ' .. i)":
                terminal.keys(line + "\r")
                terminal.expect(">> ")
            terminal.keys("end\r")
            terminal.expect("line 8\r\n")
            terminal.keys("\x1b[A\r")
            terminal.expect("line 7\r\nline 8\r\n")
            equal(terminal.end(), 0, "status")
        finally:
            terminal.kill()
        equal(history(state), ["for i = 7, 8 do\x1f  print('line ' .. i)\x1fend"] * 2)
        terminal = Terminal(state=state)
        try:
            terminal.keys("\x1b[A\r")
            terminal.expect("line 7\r\nline 8\r\n")
            # What was begun and given up is there, too.
            terminal.keys("x = {\r")
            terminal.expect(">> ")
            terminal.keys("\x03")
            terminal.expect("> ")
            terminal.keys("\x1b[A 5 }\r")
            terminal.keys("#x\r")
            terminal.expect("\n1\r\n")
        finally:
            terminal.kill()


def history(state):
    with open(state + "/pyprof-lua/history") as stream:
        return stream.read().splitlines()


@test
def history_outlives_whatever_ends_it():
    with tempfile.TemporaryDirectory() as state:
        for number in signal.SIGHUP, signal.SIGTERM, signal.SIGKILL:
            terminal = Terminal(state=state)
            try:
                terminal.keys("200 + %d\r" % number)
                terminal.expect("\n%d\r\n" % (200 + number))
                os.kill(terminal.pid, number)
                os.waitpid(terminal.pid, 0)
            finally:
                terminal.kill()
        equal(history(state), ["200 + 1", "200 + 15", "200 + 9"])
        terminal = Terminal(state=state)
        terminal.keys("os.exit(0)\r")
        os.waitpid(terminal.pid, 0)
        equal(history(state)[3:], ["os.exit(0)"])


@test
def two_at_once_lose_no_history():
    with tempfile.TemporaryDirectory() as state:
        terminals = [Terminal(state=state), Terminal(state=state)]
        try:
            for i in range(3):
                for which, terminal in enumerate(terminals):
                    terminal.keys("10 * %d%d\r" % (i, which))
                    terminal.expect("\n%d\r\n" % (10 * (10 * i + which)))
            equal([terminal.end() for terminal in terminals], [0, 0])
        finally:
            for terminal in terminals:
                terminal.kill()
        equal(history(state), ["10 * %d%d" % (i, which) for i in range(3) for which in (0, 1)])


@test
def a_long_history_is_cut():
    with tempfile.TemporaryDirectory() as state:
        os.mkdir(state + "/pyprof-lua")
        with open(state + "/pyprof-lua/history", "w") as stream:
            stream.writelines("x = %d\n" % i for i in range(4001))
        terminal = Terminal(state=state)
        try:
            terminal.keys("\x1b[A * 2\r")
            terminal.keys("x\r")
            terminal.expect("\n8000\r\n")
            equal(terminal.end(), 0)
        finally:
            terminal.kill()
        lines = history(state)
        equal((len(lines), lines[0], lines[-2]), (2002, "x = 2001", "x = 4000 * 2"))


@test
def a_filter_prints_and_says_what_failed():
    result = run("-i", RECORDING, input="print(p.samples)\n")
    equal((result.status, result.out, result.err), (0, "311\n", ""))
    result = run("-i", RECORDING, input="error('no')\nfor i = 1, 1 do\nprint(p.unit)\nend\n")
    equal((result.status, result.out, result.err), (1, "seconds\n", "pyprof-lua: repl:1: no\n"))
    result = run(input="x = (\n")
    equal((result.status, result.out), (1, ""))
    holds(result.err, "near <eof>")
    result = run(input="subject\n")
    equal(result.status, 1, repr(result))
    equal(result.err, "pyprof-lua: there is no subject (name a TARGET)\n")
    result = run("-i", "-e", "print(1)")
    equal(result.status, 2, repr(result))


@test
def exit_and_quit_end_it():
    for word in ("exit", "quit()", " exit ( ) "):
        result = run(input="1 + 1\n%s\n3\n" % word)
        equal((result.status, result.out, result.err), (0, "2\n", ""))
    equal(run(input="exit = 5\nexit\n").out, "5\n")


@test
def what_is_not_complete_goes_on():
    result = run("-i", RECORDING, input="1 +\n2\n{ a = 1,\nb = 2 }\n#p:functions {\nlimit = 2 }\n"
                 "p.samples +\n1\n")
    equal((result.status, result.out, result.err), (0, "3\na = 1\nb = 2\n2\n312\n", ""))


@test
def sources_and_rows_that_hold_profiles_are_shown():
    result = run("-i", RECORDING,
                 input="p:split()\np:split()[1].profile\n"
                 "pyprof.scan('examples/calculator.py')\n")
    equal((result.status, result.err), (0, ""))
    holds(result.out, " 3.110  100.00%      311  8076\n")
    holds(result.out, "profile: 311 samples, 3.110 s, metric seconds\n")
    holds(result.out, "source: 1 file, 6 definitions")


@test
def a_filter_shows_all_of_a_result():
    result = run(input="t = {} for i = 1, 50 do t[i] = {n = i} end\nt\n")
    equal((result.status, len(result.out.splitlines())), (0, 51), repr(result))


@test
def what_is_no_row_is_named():
    for line, shown in [("reports", "reports: annotate budget callers callgrind"), ("print", "(function)"),
                        ("{ a = { b = 1 }, c = {}, d = print }",
                         "a = (table)\nc = {}\nd = (function)\n"),
                        ("pyprof", "annotate = (function)\n"), ("pyprof.version", "0."),
                        ("p", "profile: 311 samples"), ("subject", "subject: " + RECORDING)]:
        result = run("-i", RECORDING, input=line + "\n")
        equal((result.status, result.err), (0, ""), line)
        assert result.out.startswith(shown), result.out


@test
def reports_run_on_any_view():
    result = run("-i", RECORDING, input="reports.top(p:where'fibonacci', { limit = 1 })\n")
    equal(result.status, 0, repr(result))
    holds(result.out, "fibonacci")
    assert "compute_heavy" not in result.out, result.out
    result = run("-i", RECORDING, input="reports.top(p, { limt = 1 })\nreports.tpo(p)\n")
    equal(result.status, 1, repr(result))
    holds(result.err, "did you mean 'limit'?")
    holds(result.err, "did you mean 'top.lua'?")


@test
def a_report_may_come_first():
    result = run("-i", "top.lua", "--limit", "1", RECORDING, input="p.samples\n")
    equal(result.status, 0, repr(result))
    holds(result.out, "compute_heavy")
    equal(result.out.splitlines()[-1], "311")


@test
def a_report_without_a_profile_heeds_the_options():
    result = run("-i", "--where", "fibonacci", RECORDING, input="reports.top()\n")
    holds(result.out, "(--where fibonacci: ")
    assert "compute_heavy" not in result.out, result.out
    with tempfile.TemporaryDirectory() as directory:
        kept = os.path.join(directory, "kept.json")
        result = run("-i", "--duration", "0.5", "--save", kept, "-c", "while True: pass",
                     input="reports.top()\n")
        holds(result.out, "<module>")
        assert os.path.exists(kept), result


finish()
