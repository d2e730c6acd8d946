"""pyprof-lua does not wait for files that are not regular, and reports those it may not write."""
import os
import pty
import re
import resource
import signal
import socket
import subprocess
import tempfile

from check import PROGRAM, equal, finish, holds, run, test

RECORDING = os.path.abspath("tests/data/calculator-threads.speedscope.json")
ROW = "compute_heavy"


class Folder:
    """A folder with a FIFO, a socket and a link to a device."""

    def __enter__(self):
        self.place = tempfile.TemporaryDirectory()
        self.path = self.place.name
        os.mkfifo(self.at("pipe"))
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.at("socket"))
        os.symlink("/dev/zero", self.at("zero"))
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.place.cleanup()

    def at(self, name):
        return os.path.join(self.path, name)


def refused(folder, name, what, *words):
    result = run(*words, cwd=folder.path, timeout=60)
    equal((result.status, result.out), (1, ""), words)
    assert re.fullmatch(r"pyprof-lua: .*\b%s: is %s \(.*\)\n" % (name, what), result.err), result


@test
def special_files_are_refused_as_targets():
    with Folder() as folder:
        for name, what in (("pipe", "a FIFO"), ("socket", "a socket"), ("zero", "a device")):
            refused(folder, name, what, "scan.lua", name)
            refused(folder, name, what, "grep.lua", "--pattern", "x", name)
            if name != "pipe":
                refused(folder, name, what, "top.lua", name)
                refused(folder, name, what, "top.lua", RECORDING, name)


@test
def special_files_are_refused_where_a_file_is_named():
    with Folder() as folder:
        for name, what in (("pipe", "a FIFO"), ("socket", "a socket"), ("zero", "a device")):
            refused(folder, name, what, "budget.lua", "--limits", name, RECORDING)
            refused(folder, name, what, "diff.lua", "--before", name, RECORDING)
            refused(folder, name, what, "top.lua", "--from", "profile=" + name, RECORDING)
            refused(folder, name, what, "unused.lua", "--from", "source=" + name, RECORDING)
            refused(folder, name, what, "./" + name, RECORDING)
            refused(folder, name, what, "--sandbox", "./" + name, RECORDING)
            for call in ("load", "scan"):
                result = run("-e", "print(require('pyprof').%s('%s'))" % (call, name),
                             cwd=folder.path, timeout=60)
                holds(result.out, "nil\t%s: is %s (" % (name, what))
            os.makedirs(folder.at("config/pyprof-lua"), exist_ok=True)
            config = folder.at("config/pyprof-lua/config.lua")
            os.rename(folder.at(name), config)
            result = run("top.lua", RECORDING, env={"XDG_CONFIG_HOME": folder.at("config")},
                         timeout=60)
            equal((result.status, result.err), (1, "pyprof-lua: %s: is %s (name a regular file)\n"
                                                % (config, what)))
            os.rename(config, folder.at(name))


@test
def special_files_in_a_folder_are_left_out():
    with Folder() as folder:
        os.makedirs(folder.at("source/.git/info"))
        for name in ("a.py", ".gitignore", ".git/config", ".git/info/exclude"):
            os.mkfifo(folder.at("source/" + name))
        os.symlink("/dev/zero", folder.at("source/z.py"))
        os.symlink("../pipe", folder.at("source/y.py"))
        with open(folder.at("source/b.py"), "w") as file:
            file.write("def f(): pass\n")
        result = run("scan.lua", "--format", "csv", "--section", "Files", "source",
                     cwd=folder.path, timeout=60)
        equal((result.status, result.err), (0, ""))
        equal([line.split(",")[0] for line in result.out.splitlines()[1:]], ["source/b.py"])


@test
def descriptors_are_read_whatever_they_are():
    with Folder() as folder:
        for name in ("/dev/fd/0", "/dev/stdin", "/proc/self/fd/0", "-"):
            with open(RECORDING) as file:
                result = run("top.lua", name, input=file.read())
            equal((result.status, result.err), (0, ""), name)
            holds(result.out, ROW)
        result = run("scan.lua", "/dev/fd/0", input="def f(): pass\n")
        equal((result.status, result.err), (0, ""))
        holds(result.out, "/dev/fd/0")
        result = run("budget.lua", "--limits", "/dev/fd/0", RECORDING,
                     input="return { { 'main', 'total', 1 } }")
        equal((result.status, result.err), (0, ""))
        result = run("top.lua", "/dev/fd/0", input="")
        holds(result.err, "the file is empty")


@test
def a_fifo_is_read_where_it_is_the_recording():
    with Folder() as folder:
        for words in ["pipe"], [RECORDING, "pipe"]:
            process = subprocess.Popen([PROGRAM, "top.lua", *words], cwd=folder.path,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            equal(process.stderr.readline(), "pyprof-lua: pipe: waiting for data\n")
            with open(folder.at("pipe"), "w") as file, open(RECORDING) as recording:
                file.write(recording.read())
            out, err = process.communicate(timeout=60)
            equal((process.returncode, err), (0, ""))
            holds(out, ROW)


@test
def a_terminal_is_told_of_waiting_for_a_pipe():
    for word, name in ("-", b"standard input"), ("/dev/fd/0", b"/dev/fd/0"):
        master, slave = pty.openpty()
        process = subprocess.Popen([PROGRAM, "top.lua", word], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        equal(os.read(master, 1000), b"pyprof-lua: %s: waiting for data\r\n" % name)
        with open(RECORDING, "rb") as recording:
            out = process.communicate(recording.read(), timeout=60)[0]
        os.close(master)
        equal(process.returncode, 0)
        holds(out.decode(), ROW)


@test
def ctrl_c_ends_the_waiting():
    with Folder() as folder:
        process = subprocess.Popen([PROGRAM, "top.lua", "pipe"], cwd=folder.path,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        holds(process.stderr.readline(), "waiting for data")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        equal(process.returncode, 130)


# Many functions make a long recording.
DEEP = """
import os
for i in range(200):
    exec("def f%d():\\n for _ in range(20000): pass\\n f%d()" % (i, i + 1))
def f200(): pass
end = sum(os.times()[:2]) + 1
while sum(os.times()[:2]) < end:
    f0()
"""


def limited(size, *words, stdout=subprocess.PIPE):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return subprocess.run([PROGRAM, *words], stdout=stdout, stderr=subprocess.PIPE, text=True,
                          preexec_fn=limit, timeout=300)


@test
def a_limit_on_file_size_is_an_error():
    with Folder() as folder:
        out = folder.at("out")
        for words, wanted in (
                (["scan.lua", "-o", out, "tests/e2e"],
                 out + ": cannot be written (File too large)"),
                (["top.lua", "--save", out, "-c", "pass"],
                 "top.lua: --save: %s: cannot be written (File too large)" % out)):
            result = limited(1000, *words)
            equal((result.returncode, result.stdout, result.stderr),
                  (1, "", "pyprof-lua: %s\n" % wanted))
        result = limited(5000, "top.lua", "-c", DEEP)
        equal((result.returncode, result.stdout, result.stderr),
              (1, "", "pyprof-lua: top.lua: py-spy: its recording is over the limit on file size "
               "(ulimit -f raises it)\n"))
        for words in (["json.lua", RECORDING], ["--list"], ["--doc", "running"]):
            with open(folder.at("list"), "w") as file:
                result = limited(100, *words, stdout=file)
            equal(result.returncode, 1)
            assert re.fullmatch("pyprof-lua: standard output: .*\n", result.stderr), result
            with open("/dev/full", "w") as file:
                result = limited(100, *words, stdout=file)
            equal(result.returncode, 1, words)


@test
def a_program_has_its_own_signal_of_that_limit():
    for ignored in (False, True):
        def ignore():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
        words = [PROGRAM, "top.lua", "--", "grep", "SigIgn", "/proc/self/status"]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              preexec_fn=ignore, timeout=300)
        mask = int(re.match(r"SigIgn:\s(\w+)", done.stdout).group(1), 16)
        equal(bool(mask >> (signal.SIGXFSZ - 1) & 1), ignored)


finish()
