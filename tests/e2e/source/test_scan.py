"""The scanner agrees with ast on the installed standard library and on odd files; broken files."""
import csv
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oddities  # noqa: E402
import truth  # noqa: E402
from check import PROGRAM, Skip, equal, finish, holds, run, test  # noqa: E402
from scanned import differences, python_files, scan, truths  # noqa: E402


def folder(files):
    """A temporary folder with these files: path -> bytes."""
    place = tempfile.TemporaryDirectory()
    for path, data in files.items():
        whole = os.path.join(place.name, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "wb") as stream:
            stream.write(data)
    return place


@test
def the_standard_library_is_seen_as_ast_sees_it():
    paths = python_files(sysconfig.get_paths()["stdlib"])
    paths = [path for path in paths if "site-packages" not in path and "dist-packages" not in path]
    expected = truths(paths)
    assert sum(value is not None for value in expected.values()) > 300, len(paths)
    for way in ("fast", "portable"):
        equal(differences(paths, expected, way), [], way)


def check_oddities(way):
    stored = oddities.expected()
    sys.setrecursionlimit(10000)
    files, expected = {}, {}
    for number, (name, data) in enumerate(oddities.ODDITIES.items()):
        files["%03d %s.py" % (number, name.replace(":", ""))] = (name, data)
    for name, (data, _) in oddities.TEMPLATES.items():
        files[name.replace(":", "") + ".py"] = (name, data)
    assert len(files) >= 67
    with folder({path: data for path, (_, data) in files.items()}) as place:
        for path, (name, data) in files.items():
            known = None if name in oddities.TEMPLATES else truth.truth(data)
            known = known or stored.get(name)
            assert known, name + ": no expectation"
            expected[os.path.join(place, path)] = known
        equal(differences(list(expected), expected, way), [])


@test
def oddities_are_seen_as_ast_sees_them():
    check_oddities("fast")


@test
def oddities_the_portable_way():
    check_oddities("portable")


BROKEN = {
    "string.py": (b"def f():\n    x = 'abc\ny = 1\n", "line 2, column 9: unterminated string"),
    "triple.py": (b"x = 1\nif x:\n  y = '''abc\n\n", "line 3, column 7: unterminated triple"),
    "open.py": (b"x = 1\ny = f(1,\n  [2]\n", "line 2, column 6: bracket is never closed"),
    "close.py": (b"x = (1))\n", "line 1, column 8: unmatched closing bracket"),
    "other.py": (b"x = (1]\n", "line 1, column 7: closing bracket does not match"),
    "zero.py": (b"x = 1\ny = \0 1\n", "line 2, column 5: a zero byte"),
    "utf8.py": ("x = 1\ny = 'é".encode() + b"\xff'\n", "line 2, column 7: not UTF-8"),
    "cookie.py": (b"# coding: klingon\n", "line 1, column 11: unknown encoding 'klingon'"),
    "wide.py": (b"# coding: utf-16\n", "'utf-16' cannot be the encoding of source"),
    "bom.py": (b"\xef\xbb\xbf# coding: latin-1\n", "after a byte order mark"),
    "backslash.py": (b"x = \\ 1\n", "line 1, column 6: unexpected character"),
    "field.py": (b"x = f'{1'\n", "line 1, column 9: unterminated string"),
    "ebcdic.py": (b"# coding: cp500\nx = 1\n", "line 1, column 11: 'cp500' cannot be"),
    "ibm.py": (b"# coding: EBCDIC_CP_US\n", "line 1, column 11: 'ebcdic-cp-us' cannot be"),
    "shift.py": (b"# coding: shift_jis\nx = '\x81\xff'\n", "line 2, column 6: not 'shift-jis'"),
}


@test
def broken_files_say_where_and_the_others_are_scanned():
    files = {"broken/" + name: data for name, (data, _) in BROKEN.items()}
    files["good.py"] = b"def f(): pass\n"
    with folder(files) as place:
        result = run("scan.lua", "--format", "csv", place)
        equal(result.status, 0, result)
        rows = {os.path.basename(line.split(",")[0]): line for line in result.out.splitlines()}
        for name, (_, message) in BROKEN.items():
            holds(rows[name], message)
        assert rows["good.py"].endswith(",1,0,0,0,1,"), rows["good.py"]
        for way in ("fast", "portable"):
            found = scan([os.path.join(place, path) for path in sorted(files)], way)
            counts, definitions, error = found[os.path.join(place, "broken/string.py")]
            equal(counts[:2] + counts[6:7], (28, 3, 1))
            equal([d[1] for d in definitions], ["f"])
            for counts, _, error in found.values():
                equal(counts[1], sum(counts[2:6]), "lines are the sum of their kinds")


@test
def broken_python_is_rejected_by_python_too():
    for name, (data, _) in BROKEN.items():
        assert truth.truth(data) is None, name


@test
def cut_files_never_break_the_scan():
    data = b"\n".join(data for data in oddities.ODDITIES.values() if len(data) < 600)
    step = max(1, len(data) // 700)
    with folder({"%06d.py" % at: data[at:at + 1500] for at in range(0, len(data), step)}) as place:
        paths = python_files(place)
        fast, portable = scan(paths), scan(paths, "portable")
        for path in paths:
            equal(fast[path], portable[path], path)


@test
def nothing_readable_is_status_1():
    with folder({"a.py": b""}) as place:
        result = run("scan.lua", os.path.join(place, "missing.py"))
        equal(result.status, 1)
        holds(result.err, "missing.py: No such file or directory")
        equal(result.err.count("\n"), 1)


IGNORED = {
    ".gitignore": b"*.tmp.py\n/build/\nlogs/*.py\n!logs/keep.py\n# comment\n\\#hash.py\n**/deep/x.py\n"
                  b"a/**/z.py\ntrailing.py   \nq?.py\n[ab]c.py\n[!x]d.py\n!important.tmp.py\nonly/\n"
                  b"no\\*star.py\nsub/inner\n"
                  # Things that git does although its manual does not say so.
                  b"/ru**\n/de**/m.py\n***/three/x.py\n[[:blank:]]b.py\n[z-a]e.py\nend.py\\\n",
    "sub/.gitignore": b"*.py\n!yes.py\n/rooted.py\n",
    ".git/info/exclude": b"excluded.py\n",
}
NAMES = ["x.py", "x.tmp.py", "important.tmp.py", "build/x.py", "src/build/x.py", "logs/x.py",
         "logs/keep.py", "logs/in/x.py", "#hash.py", "p/deep/x.py", "deep/x.py", "a/z.py",
         "a/b/z.py", "a/b/c/z.py", "b/z.py", "trailing.py", "q1.py", "q12.py", "ac.py", "cc.py",
         "dd.py", "xd.py", "only.py", "only/x.py", "in/only/x.py", "no*star.py", "nostar.py",
         "sub/no.py", "sub/yes.py", "sub/in/yes.py", "sub/in/no.py", "sub/inner/yes.py",
         "excluded.py", "in/excluded.py", "z.pyw", "z.pyi", "run/in/x.py", "ru.py", "dem.py",
         "dex/y/m.py", "three/x.py", "p/q/three/x.py", " b.py", "_b.py", "ze.py", "be.py",
         "end.py"]


@test
def folders_are_read_as_git_would():
    files = dict(IGNORED)
    files.update((name, b"") for name in NAMES)
    with folder(files) as place:
        subprocess.run(["git", "init", "-q", "."], cwd=place, check=True)
        with open(os.path.join(place, ".git/info/exclude"), "wb") as stream:
            stream.write(IGNORED[".git/info/exclude"])
        for start in (".", "sub", "a"):
            listed = subprocess.run(
                ["git", "-c", "core.excludesFile=", "ls-files", "-z", "--others",
                 "--exclude-standard"],
                cwd=os.path.join(place, start), check=True, stdout=subprocess.PIPE).stdout
            want = [name for name in listed.decode().split("\0") if name.endswith((".py", ".pyw"))]
            result = run("scan.lua", "--format", "csv", start, cwd=place)
            got = [line.split(",")[0] for line in result.out.splitlines()[1:]]
            prefix = "" if start == "." else start + "/"
            got = [name[2:] if name.startswith("./") else name for name in got]
            equal(sorted(got), sorted(prefix + name for name in want), start)
            equal(got, sorted(got), "the order")
        result = run("scan.lua", "--format", "csv", "--no-ignore", "--stubs", place)
        equal(len(result.out.splitlines()) - 1, len(NAMES))


def listed_by_git(place, env):
    listed = subprocess.run(["git", "ls-files", "-z", "--others", "--exclude-standard"], cwd=place,
                            check=True, env=dict(os.environ, **env), stdout=subprocess.PIPE).stdout
    return sorted(name for name in listed.decode().split("\0") if name.endswith(".py"))


def listed_by_scan(place, env):
    result = run("scan.lua", "--format", "csv", ".", cwd=place, env=env)
    equal(result.err, "")
    return [line.split(",")[0][2:] for line in result.out.splitlines()[1:]]


CONFIGS = {  # files of a home -> the names of g*.py and kept.py that are left
    "what git takes by itself": {".config/git/ignore": b"g1.py\n"},
    "a file that is named": {
        ".gitconfig": b"# all\n[user]\n\tname = x\n[Core] ; comment\n\tExcludesFile = ~/own # mine\n",
        "own": b"g2.py\n", ".config/git/ignore": b"g1.py\n"},
    "quotes": {".gitconfig": b'[core]\r\n excludesfile = "~/a # b"\r\n', "a # b": b"g3.py\n"},
    "escapes": {".gitconfig": b'[core]excludesfile = ~/o\\\nw"n"\n', "own": b"g3.py\n"},
    "the later one": {".config/git/config": b"[core]\nexcludesfile = ~/first\n",
                      ".gitconfig": b"[core]\nexcludesfile = ~/second\n",
                      "first": b"g1.py\n", "second": b"g2.py\n"},
    "none": {".gitconfig": b"[core]\nexcludesfile =\n", ".config/git/ignore": b"g1.py\n"},
    "another section": {".gitconfig": b'[core "x"]\nexcludesfile = ~/own\n[corex]\nexcludesfile=~/own',
                        "own": b"g2.py\n"},
    "included": {".gitconfig": b"[include]\npath = more/config\n",
                 "more/config": b"[core]\nexcludesfile = ~/own\n", "own": b"g2.py\n"},
    "overruled nearer": {".config/git/ignore": b"g1.py\nkept.py\n*3.py\n"},
    "below the root": {".gitconfig": b"[core]\nexcludesfile = rules\n"},
}


@test
def the_user_s_own_rules_are_those_of_git():
    files = {name: b"" for name in ("g1.py", "g2.py", "in/g3.py", "in/kept.py", "excluded.py")}
    files.update({".gitignore": b"!kept.py\n", "rules": b"in/g3.py\n"})
    for name, home in CONFIGS.items():
        with folder(files) as place, folder(home) as home_place:
            env = {"HOME": home_place, "XDG_CONFIG_HOME": "", "GIT_CONFIG_NOSYSTEM": "1"}
            subprocess.run(["git", "init", "-q", "."], cwd=place, check=True)
            with open(os.path.join(place, ".git/info/exclude"), "w") as stream:
                stream.write("excluded.py\n")
            want = listed_by_git(place, env)
            equal(listed_by_scan(place, env), want, name)
            equal("g1.py" in want and "g2.py" in want and "in/g3.py" in want,
                  name in ("none", "another section"), name)


@test
def a_second_working_tree_has_the_rules_of_its_repository():
    with folder({"tree/a.py": b"", "tree/excluded.py": b""}) as place:
        env = {"HOME": place, "XDG_CONFIG_HOME": ""}
        commands = ("git init -q main && cd main && git -c user.name=a -c user.email=a commit -q "
                    "--allow-empty -m a && git worktree add -q ../second")
        subprocess.run(commands, shell=True, cwd=place, check=True, env=dict(os.environ, **env))
        with open(os.path.join(place, "main/.git/info/exclude"), "w") as stream:
            stream.write("excluded.py\n")
        for name in ("a.py", "excluded.py"):
            os.rename(os.path.join(place, "tree", name), os.path.join(place, "second", name))
        second = os.path.join(place, "second")
        equal(listed_by_git(second, env), ["a.py"])
        equal(listed_by_scan(second, env), ["a.py"])


@test
def links_that_loop_are_survived():
    with folder({"a/b/x.py": b"x = 1\n"}) as place:
        os.symlink("..", os.path.join(place, "a/b/up"))
        os.symlink("x.py", os.path.join(place, "a/b/same.py"))
        os.symlink("nowhere", os.path.join(place, "a/b/dangling.py"))
        result = run("scan.lua", "--format", "csv", place)
        names = [os.path.relpath(line.split(",")[0], place)
                 for line in result.out.splitlines()[1:]]
        equal(names, ["a/b/same.py", "a/b/x.py"])


@test
def the_same_with_any_number_of_threads():
    paths = python_files(os.path.dirname(os.__file__) + "/asyncio")
    if not paths:
        raise Skip("no asyncio in the standard library")
    program = ("local pyprof = require 'pyprof' local s = pyprof.scan(arg1, {threads = %d}) "
               "for f in s:each_file() do print(f.file, f.complexity) end")
    outputs = {run("-e", ("local arg1 = '%s' " % os.path.dirname(paths[0])) + program % n).out
               for n in (1, 2, 7)}
    equal(len(outputs), 1)
    assert outputs.pop().count("\n") >= len(paths) > 10


SMELLY = b"""from os import *
import sys


def f(a, b=[], *, c={}):
    # TODO(me): say why
    try:
        print(a, "except:")
    except:
        pass
    if a == None or type(b) == list:
        return eval("a")


class A:
    def g(self):
        '''print(1) # FIXME not a comment'''
        self.print(2)  # XXX here
"""


def csv_rows(*words):
    result = run(*words)
    equal(result.status, 0, result)
    return list(csv.reader(result.out.splitlines()))[1:]


@test
def grep_finds_what_stands_in_the_part_that_is_asked_for():
    with folder({"a.py": SMELLY}) as place:
        def lines(*words):
            return [int(row[1]) for row in csv_rows("grep.lua", "--format", "csv", *words, place)]
        equal(lines("--pattern", r"print\("), [8, 18])
        equal(lines("--pattern", "except:"), [9])
        equal(lines("--pattern", "except:", "--in", "string"), [8])
        equal(lines("--pattern", "PRINT", "--flags", "i", "--in", "docstring"), [17])
        equal(lines("--pattern", "FIXME|XXX", "--in", "comment"), [18])
        equal(lines("--pattern", "from|import", "--at", "line"), [1, 2])
        rows = csv_rows("grep.lua", "--format", "csv", "--pattern", "XXX", "--in", "any", place)
        equal(rows[0][3], "A.g")


@test
def grep_says_what_is_wrong_with_a_pattern():
    with folder({"a.py": b"x = '" + b"a" * 60 + b"b'\n"}) as place:
        result = run("grep.lua", "--pattern", "(", place)
        holds(result.err, "missing closing parenthesis")
        equal(result.status, 2)
        assert result.err.startswith("pyprof-lua: --pattern: "), result
        result = run("grep.lua", "--pattern", "(a+)+$", "--in", "string", place)
        equal(result.status, 1)
        holds(result.err, "a.py: the pattern backtracks without end")
        result = run("grep.lua", "--pattern", "a", "--flags", "q", place)
        equal(result.status, 2)
        holds(result.err, "pyprof-lua: --flags: unknown flag 'q'")
        equal(run("grep.lua", place).status, 2)
        holds(run("grep.lua", "--pattern", "a").err, "TARGET is missing (files or folders")


@test
def the_examples_find_todos_and_smells():
    with folder({"a.py": SMELLY}) as place:
        todos = csv_rows("examples/todo.lua", "--format", "csv", place)
        equal([(row[0], row[2], row[3], row[4]) for row in todos],
              [("TODO", "6", "f", "me): say why"), ("XXX", "18", "A.g", "here")])
        smells = csv_rows("examples/smells.lua", "--format", "csv", place)
        equal([(row[0], int(row[2])) for row in smells],
              [("star import", 1), ("mutable default", 5), ("print", 8), ("bare except", 9),
               ("compare to None", 11), ("type() ==", 11), ("eval", 12)])


@test
def memory_stays_small_however_many_definitions():
    body = b"".join(b"def f%d(a):\n    return a or %d\n" % (i, i) for i in range(2000))
    with folder({"p%d/m%d.py" % (i % 7, i): body for i in range(150)}) as place:
        out = os.path.join(place, "out.ndjson")
        started = subprocess.Popen([PROGRAM, "scan.lua", "--definitions", "--format", "ndjson",
                                    "-o", out, place])
        # The memory that wait4 reports for a child is at least the memory of this process.
        most = 0
        while started.poll() is None:
            with open("/proc/%d/status" % started.pid) as stream:
                most = max([most] + [int(line.split()[1]) for line in stream
                                     if line.startswith("VmHWM:")])
            time.sleep(0.005)
        equal(started.returncode, 0)
        with open(out) as stream:
            equal(sum(1 for _ in stream), 300000)
        if "asan" not in os.path.basename(PROGRAM):
            assert 1024 < most < 64 * 1024, "%d KiB" % most


if __name__ == "__main__":
    finish()
