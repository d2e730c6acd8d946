"""If memory ends, in any library: one line and status 1, or the right result."""
import os
import resource
import subprocess
import tempfile

from check import PROGRAM, Skip, equal, finish, test

RECORDING = os.path.abspath("tests/data/calculator-threads.speedscope.json")
ENDED = (1, b"", b"pyprof-lua: not enough memory\n")
STRINGS = "local t = {} for i = 1, 6 do t[i] = ('x'):rep(1 << 20) .. i end " \
    "print(#table.concat(t))"
CJSON = "local c, t = require 'cjson', {} for i = 1, 20000 do t[i] = 'abcdefghij' .. i end " \
    "print(#c.encode(t), #c.decode(c.encode(t)))"
GZIP = "local pyprof = require 'pyprof' print(#pyprof.gzip(('abc'):rep(1 << 20)))"
REGEX = "local r = require('pyprof').regex('(a|b)*?(c+)') print(r:find(('ab'):rep(1000) .. 'cc'))"


def limited(words, size, folder):
    def limit():
        if size is not None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))
    done = subprocess.run([PROGRAM, *words], input=b"1 + 1\n", stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, cwd=folder, preexec_fn=limit, timeout=100)
    return done.returncode, done.stdout, done.stderr


def least(folder):
    """With this limit the program can be loaded; messages of the loader are not ours."""
    size = 3 << 20
    while limited(["--version"], size, folder)[0] not in (0, 1):
        size += 1 << 16
    return size


def prepare(folder):
    with open(os.path.join(folder, "many.folded"), "w") as out:
        for i in range(8000):
            out.write("main;f%d;g%d (file%d.py:%d) %d\n" % (i % 97, i, i % 11, i % 89, i % 7 + 1))
    with open(os.path.join(folder, "one.folded"), "w") as out:
        out.write("main;f1;g1 3\n")
    os.mkdir(os.path.join(folder, "source"))
    for i in range(8):
        with open(os.path.join(folder, "source", "m%d.py" % i), "w") as out:
            out.write('from __future__ import annotations\nimport os as o, sys\n')
            for j in range(60):
                out.write('def f%d(a, *, b=r"\\d"):\n    """Text."""\n    match a:\n'
                          '        case [1, x] if x > 2: return f"{b!r:>{a}}"\n'
                          '        case _: return b if a else None\n' % j)


def check_words(*words):
    """With each limit the program says that memory has ended, or prints the same as without it;
    from some limit on it always prints that."""
    if PROGRAM.endswith("asan"):
        raise Skip("the sanitizer's own map is larger than any limit")
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        wanted = limited(words, None, folder)
        equal((wanted[0], wanted[2]), (0, b""), words)
        size, good, ended = least(folder), 0, 0
        while good < 2:
            assert size < 1 << 32, words
            got = limited(words, size, folder)
            if got != wanted:
                # Output that was written before memory ended may be there.
                equal((got[0], b"", got[2]), ENDED, (words, size))
                ended += 1
            good = good + 1 if got == wanted else 0
            size = int(size * 1.13)
        assert ended > 0, words


@test
def of_a_recording():
    check_words("top.lua", RECORDING)
    check_words("tree.lua", "many.folded")
    check_words("top.lua", "many.folded", "one.folded")


@test
def of_source():
    check_words("scan.lua", "source")
    check_words("grep.lua", "--pattern", "x > (\d)", "source")


@test
def of_formats():
    check_words("json.lua", "many.folded")
    check_words("report.lua", "--format", "html", "many.folded")
    check_words("callgrind.lua", "many.folded")
    check_words("diff.lua", "--before", "one.folded", "many.folded")


@test
def of_options_and_pages():
    check_words("top.lua", "--where", "name:f1", "many.folded")
    check_words("top.lua", "--help")
    check_words("--doc", "words")
    check_words("--list")


@test
def of_scripts_and_the_libraries_that_they_use():
    for code in STRINGS, CJSON, GZIP, REGEX:
        check_words("-e", code)


@test
def of_the_prompt_as_a_filter():
    check_words("-i")


finish()
