"""Output that cannot be written, and output to a terminal."""
import json
import os
import pty
import re
import signal
import subprocess
import tempfile
import threading

from check import PROGRAM, equal, finish, test

RECORDING = os.path.abspath("tests/data/calculator-threads.speedscope.json")
# All that writes to standard output: our own texts, a script, the prompt as a filter, reports.
WRITERS = [["--version"], ["--help"], ["--list"], ["--doc"], ["--doc", "words"],
           ["top.lua", "--help"], ["-e", "print(1)"], ["-e", "print(1) os.exit()"],
           ["-e", "io.write(('x'):rep(1000000))"], ["script.lua"], [], ["top.lua", RECORDING],
           ["folded.lua", RECORDING], ["--sandbox", "top.lua", RECORDING]]


def write_all(folder, words, **more):
    with open(os.path.join(folder, "script.lua"), "w") as out:
        out.write("io.write('a'); print(1)")
    return subprocess.run([PROGRAM, *words], input=b"1 + 1\n", stderr=subprocess.PIPE, cwd=folder,
                          timeout=100, **more)


def said(reason):
    return (1, b"pyprof-lua: standard output: " + reason + b"\n")


@test
def a_full_disk_is_said_once_whoever_writes():
    with tempfile.TemporaryDirectory() as folder, open("/dev/full", "wb") as full:
        for words in WRITERS:
            done = write_all(folder, words, stdout=full)
            equal((done.returncode, done.stderr), said(b"No space left on device"), words)


@test
def a_closed_standard_output_is_said():
    with tempfile.TemporaryDirectory() as folder:
        for words in WRITERS:
            done = write_all(folder, words, preexec_fn=lambda: os.close(1))
            equal((done.returncode, done.stderr), said(b"Bad file descriptor"), words)


@test
def a_file_is_not_taken_for_the_standard_output_that_is_closed():
    with tempfile.TemporaryDirectory() as folder:
        code = "local f = io.open('made', 'w'); print('lost'); f:write('kept'); f:close()"
        done = write_all(folder, ["-e", code], preexec_fn=lambda: os.close(1))
        equal((done.returncode, done.stderr), said(b"Bad file descriptor"))
        with open(os.path.join(folder, "made")) as made:
            equal(made.read(), "kept")


@test
def a_program_sees_the_descriptors_that_are_closed():
    with tempfile.TemporaryDirectory() as folder:
        code = "import os\nfor n in 0, 1:\n    try: os.fstat(n)\n    except OSError: pass\n" \
            "    else: raise SystemExit(7)"
        done = write_all(folder, ["top.lua", "-o", "out", "-c", code],
                         preexec_fn=lambda: (os.close(0), os.close(1)))
        equal((done.returncode, done.stderr), (0, b""))


@test
def what_is_written_elsewhere_does_not_need_standard_output():
    with tempfile.TemporaryDirectory() as folder, open("/dev/full", "wb") as full:
        for words in ["top.lua", "-o", "out", RECORDING], ["-e", "-- nothing"]:
            for more in {"stdout": full}, {"preexec_fn": lambda: os.close(1)}:
                done = write_all(folder, words, **more)
                equal((done.returncode, done.stderr), (0, b""), words)


@test
def another_status_stays_and_the_loss_is_said():
    with tempfile.TemporaryDirectory() as folder, open("/dev/full", "wb") as full:
        for words in ["-e", "print(1) os.exit(7)"], ["top.lua", "-c", "raise SystemExit(7)"]:
            done = write_all(folder, words, stdout=full)
            equal((done.returncode, done.stderr), (7, said(b"No space left on device")[1]), words)


@test
def a_pipe_that_nobody_reads_ends_it_unless_that_is_ignored():
    for handler, wanted in [(signal.SIG_DFL, (-signal.SIGPIPE, b"")),
                            (signal.SIG_IGN, said(b"Broken pipe"))]:
        ends = os.pipe()
        os.close(ends[0])
        done = subprocess.run([PROGRAM, "--version"], stdout=ends[1], stderr=subprocess.PIPE,
                              restore_signals=False, timeout=100,
                              preexec_fn=lambda: signal.signal(signal.SIGPIPE, handler))
        os.close(ends[1])
        equal((done.returncode, done.stderr), wanted)


# --- terminals

# Terminal commands, in both forms of C1, too, and characters that change the writing direction.
COMMANDS = ["\x1b[2J", "\x1b]0;title\x07", "\x1b[31mred", "\x9b31m", "\x1bP1$r\x1b\\\\", "a\rb",
            "\x08", "\u202eevil", "\u2066x\u2069"]
FORMATS = ["text", "json", "ndjson", "csv", "markdown", "html"]
OBEYED = re.compile(b"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|"
                    b"\xe2\x81[\xa6-\xa9]|\r(?!\n)")
COLOUR = re.compile(b"\x1b\\[[0-9;]*m")


def on_terminal(folder, *words, own_tty=False, env=None):
    """The bytes that a terminal gets; with own_tty, through the name of its file."""
    master, slave = pty.openpty()
    where = ["-o", os.ttyname(slave)] if own_tty else []
    shown = []

    def read():
        try:
            while block := os.read(master, 65536):
                shown.append(block)
        except OSError:
            pass

    reader = threading.Thread(target=read)
    reader.start()
    environment = {**os.environ, "TERM": "xterm", **(env or {})}
    done = subprocess.run([PROGRAM, *where, *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE if own_tty else slave, stderr=subprocess.PIPE,
                          cwd=folder, timeout=100, env=environment)
    os.close(slave)
    reader.join()
    os.close(master)
    equal((done.returncode, done.stderr), (0, b""), words)
    return b"".join(shown)


def write_recording(folder, names):
    with open(os.path.join(folder, "odd.folded"), "wb") as out:
        for i, name in enumerate(names):
            out.write(b"root;%s %d\n" % (name, i + 1))


def write_report(folder, names):
    rows = ", ".join('{ name = "root%s" }' % "".join("\\x%02x" % byte for byte in name)
                     for name in names)
    with open(os.path.join(folder, "odd.lua"), "w") as out:
        out.write("return { help = 'x', run = function() return { %s } end }" % rows)


def check_shown(shown, colours, what):
    if colours:
        shown = COLOUR.sub(b"", shown)
    assert not OBEYED.search(shown), (what, shown)
    shown.decode()  # every byte is text, so none can be C1


@test
def a_terminal_obeys_no_name_in_any_format():
    with tempfile.TemporaryDirectory() as folder:
        names = [text.encode() for text in COMMANDS]
        write_recording(folder, names)
        write_report(folder, names + [b"\x9b31m", b"x\x90y\x84z", b"\xff"])
        for words in [["top.lua", "--format", it] for it in FORMATS] + [
                ["odd.lua", "--format", it] for it in FORMATS] + [["folded.lua"], ["callgrind.lua"],
                ["speedscope.lua"], ["json.lua"]]:
            for own_tty in False, True:
                shown = on_terminal(folder, *words, "odd.folded", own_tty=own_tty)
                assert b"root" in shown, (words, shown)
                check_shown(shown, words[-1] == "text", words)


@test
def a_terminal_obeys_no_report_but_shows_its_colours():
    with tempfile.TemporaryDirectory() as folder:
        for text in ["'a\\27[2Jb\\27[1mc\\27[0md'",
                     "{ title = 't', line = 'a\\27[2J\\27[1mc', rows = {{}} }"]:
            with open(os.path.join(folder, "own.lua"), "w") as out:
                out.write("return { help = 'x\\27[2Jy', run = function() return %s end }" % text)
            shown = on_terminal(folder, "own.lua", RECORDING)
            check_shown(shown, True, text)
            assert b"\x1b[1mc" in shown and b"\\x1b[2J" in shown, shown
            check_shown(on_terminal(folder, "--list", env={"PYPROF_PATH": folder}), False, "--list")


@test
def a_long_line_reaches_a_terminal_whole():
    with tempfile.TemporaryDirectory() as folder:
        text = "\u5b57" * 70000 + "\n" + "\u5b57"
        with open(os.path.join(folder, "long.lua"), "w") as out:
            out.write("return { help = 'x', run = function() return %s end }" % json.dumps(
                text, ensure_ascii=False).replace("\\n", "\\10"))
        equal(on_terminal(folder, "long.lua", RECORDING).decode(), text.replace("\n", "\r\n"))


@test
def a_file_gets_csv_with_the_ends_of_lines_that_it_has():
    with tempfile.TemporaryDirectory() as folder:
        write_recording(folder, [b"a"])
        words = ["top.lua", "--format", "csv", "odd.folded"]
        plain = write_all(folder, words, stdout=subprocess.PIPE).stdout
        assert plain.count(b"\r\n") == plain.count(b"\n") > 1, plain
        equal(on_terminal(folder, *words), plain)


finish()
