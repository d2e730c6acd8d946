"""What becomes of output that is lost, and what a terminal is sent."""
import os
import signal
import subprocess
import tempfile

from check import PROGRAM, equal, finish, test

RECORDING = os.path.abspath("tests/lua/calculator.speedscope.json")
# Whatever writes to standard output: our own words, a script, the prompt as a filter, reports.
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


finish()
