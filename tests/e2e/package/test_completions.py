"""Tab in bash, zsh and fish: what the program offers, and that each shell takes it."""
import os
import pty
import re
import shutil
import subprocess
import tempfile

from check import PROGRAM, Skip, equal, finish, holds, run, test

RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")
SCRIPTS = os.path.abspath("src/package/completions")


def offers(*words, at=None, cwd=None, env=None):
    """The values that the program offers for the last word, or for the word `at`."""
    number = len(words) if at is None else at
    result = run("--complete", number, *words, cwd=cwd, env=env)
    equal((result.status, result.err), (0, ""), repr(words))
    return [line.split("\t")[0] for line in result.out.splitlines()]


@test
def every_option_and_report_of_the_help_is_offered():
    names = []
    for no, name in re.findall(r"^  (?:-\w, )?--(\[no-\])?([\w-]+)", run("--help").out, re.M):
        names += ["--" + name] + (["--no-" + name] if no else [])
    assert len(names) > 30, names
    equal(sorted(set(names)), sorted(offers("--")))
    reports = [line.split(".lua")[0] for line in run("--list").out.splitlines() if ".lua" in line]
    equal(reports, offers("")[:-1])
    equal(offers("")[-1], ":files")


@test
def a_reports_own_options_and_their_values_are_offered():
    for name in "top", "tree", "grep", "budget", "report":
        own = re.findall(r"^  (?:-\w, )?--(?:\[no-\])?([\w-]+)", run(name, "--help").out, re.M)
        for option in own:
            holds(offers(name, "--"), "--" + option)
    equal(offers("grep", "--in", ""), ["code", "comment", "string", "docstring", "any"])
    equal(offers("grep", "--in=co"), ["--in=code", "--in=comment"])
    holds(offers("grep", "--no-"), "--no-ignore")
    equal(offers("budget", "--limits", ""), [":files"])
    equal(offers("top", "--format", "s"), ["sarif"])
    equal(offers("--with", "cov"), ["coverage"])
    equal(offers("--doc", "selec"), ["selectors"])
    equal(offers("--copy", "budg"), ["budget"])


@test
def selectors_have_the_names_of_the_recording_on_the_line():
    equal(offers("top", "--where", "Calc", RECORDING, at=3),
          ["Calculator.multiply", "Calculator.add"])
    equal(offers("callers", "--function=comp", RECORDING, at=2), ["--function=compute_heavy"])
    equal(offers("top", "--where", "file:calc", RECORDING, at=3), ["file:calculator.py"])
    equal(offers("top", "--where", "Calc", at=3), [])


@test
def targets_are_files_and_nothing_of_them_runs():
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("x.py", "open('ran', 'w')"), ("evil.lua", "io.open('ran', 'w')"),
                           ("run.json", "{}")):
            with open(os.path.join(folder, name), "w") as out:
                out.write(text)
        os.mkfifo(os.path.join(folder, "pipe"))
        for words in (["x.py", ""], ["top", ""], ["-m", ""], ["top", "x.py", "--"],
                      ["evil.lua", "--"], ["evil.lua", "x.py", ""], ["./evil.lua", "-"]):
            equal(offers(*words, cwd=folder), [":files"], repr(words))
        for word in "x.py", "evil.lua", "run.json", "pipe", "none":
            offers("top", "--where", "a", word, at=3, cwd=folder)
        equal(sorted(os.listdir(folder)), ["evil.lua", "pipe", "run.json", "x.py"])


@test
def strange_lines_are_no_error():
    for words in ([], ["0", "a"], ["9", "top"], ["x"], ["-3", "top", "-"], ["2", "", ""],
                  ["3", "--with", "no such", "--"], ["1", "--nosuch=x"], ["2", "top", "\xff"]):
        result = run("--complete", *words)
        equal((result.status, result.err), (0, ""), repr(words))


LINES = [  # typed, after Tab
    ("pyprof-lua budg", "pyprof-lua budget "),
    ("pyprof-lua top --liv", "pyprof-lua top --live "),
    ("pyprof-lua top --format=mark", "pyprof-lua top --format=markdown "),
]


def path_with_program(folder):
    os.symlink(PROGRAM, os.path.join(folder, "pyprof-lua"))
    return folder + ":" + os.environ["PATH"]


@test
def bash_takes_the_offers():
    lines = [["pyprof-lua", "budg"], ["pyprof-lua", "top", "--format", "=", "mark"],
             ["pyprof-lua", "top", "--where", "file", ":", "calc", RECORDING],
             ["pyprof-lua", "top", "--where", "<mod", RECORDING]]
    want = ["budget", "markdown", "calculator.py", r"\<module\>"]
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, PATH=path_with_program(folder))
        for words, value in zip(lines, want):
            current = len(words) - (2 if words[-1] == RECORDING else 1)
            typed = " ".join(words).replace(" = ", "=").replace(" : ", ":")
            code = ('source "$0/pyprof-lua.bash"; compopt() { :; }; COMP_LINE=$1 COMP_CWORD=$2;'
                    ' COMP_WORDS=("${@:3}"); _pyprof_lua pyprof-lua;'
                    ' printf "%s\\n" "${COMPREPLY[@]}"')
            done = subprocess.run(["bash", "-c", code, SCRIPTS, typed, str(current), *words],
                                  env=environment, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=60)
            equal(done.stdout, value + "\n", typed)


@test
def fish_takes_the_offers():
    if not shutil.which("fish"):
        raise Skip("fish is absent")
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, PATH=path_with_program(folder), HOME=folder)
        for typed, want in LINES:
            done = subprocess.run(["fish", "--no-config", "-c", 'source "%s/pyprof-lua.fish";'
                                   ' complete -C $argv[1]' % SCRIPTS, typed], env=environment,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=60)
            equal(done.stdout.split("\t")[0].strip(), want.split()[-1], typed)


ZSH = r"""
PS1=; fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D
shown() { zle complete-word; print -r -- "<$BUFFER>"; BUFFER=; zle accept-line }
zle -N shown; bindkey '^I' shown
print -r -- ready:now
"""


@test
def zsh_takes_the_offers():
    if not shutil.which("zsh"):
        raise Skip("zsh is absent")
    with tempfile.TemporaryDirectory() as folder:
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(PATH=path_with_program(folder), TERM="dumb", HOME=folder)
            os.execvp("zsh", ["zsh", "-f", "-i"])
        seen = b""

        def read_to(pattern):
            nonlocal seen
            while not re.search(pattern, seen):
                seen += os.read(terminal, 4096)
            found = re.search(pattern, seen)
            seen = seen[found.end():]
            return found.group(1).decode()

        try:
            os.write(terminal, (ZSH % SCRIPTS).encode())
            read_to(rb"(ready:now)\r\n")
            for typed, want in LINES:
                os.write(terminal, typed.encode() + b"\t")
                equal(read_to(rb"<(pyprof-lua [^>\r\n]*)>"), want)
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)
            os.close(terminal)


finish()
