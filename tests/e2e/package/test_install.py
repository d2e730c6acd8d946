"""make install and uninstall: the installed program works in its place, and is removed again."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile

from check import Skip, equal, finish, holds, run, test

RECORDING = os.path.abspath("tests/data/calculator.speedscope.json")


def make(*words):
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(["make", "-s", *words], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    equal(done.returncode, 0, done.stdout)


@test
def an_installed_program_works_and_goes_again():
    if os.path.basename(os.environ["TEST_PROGRAM"]) != "pyprof-lua":
        raise Skip("only the release build is installed")
    with tempfile.TemporaryDirectory() as directory:
        make("install", "DESTDIR=" + directory, "PREFIX=/opt/x")
        program = directory + "/opt/x/bin/pyprof-lua"
        result = run("report.lua", RECORDING, program=program, cwd="/")
        equal(result.status, 0, repr(result))
        holds(result.out, "=== Runtime Profile (py-spy) ===")
        # Its reports are the installed ones: editing them changes what it prints.
        with open(directory + "/opt/x/share/pyprof-lua/scripts/report.lua", "w") as stream:
            stream.write("print('edited')")
        equal(run("report.lua", RECORDING, program=program, cwd="/").out, "edited\n")
        assert os.access(directory + "/opt/x/libexec/pyprof-lua/py-spy", os.X_OK)
        # A library of another version is ignored: the program uses its own copy.
        with open(directory + "/opt/x/share/pyprof-lua/lua/pyprof/version.lua", "w") as stream:
            stream.write("return 'other'")
        result = run("--version", program=program, cwd="/")
        assert result.out.startswith("pyprof-lua ") and "other" not in result.out, result.out
        share = directory + "/opt/x/share/"
        for path in ("bash-completion/completions/pyprof-lua", "zsh/site-functions/_pyprof-lua",
                     "fish/vendor_completions.d/pyprof-lua.fish", "pyprof-lua/lua/pyprof/init.lua"):
            assert os.path.isfile(share + path), path
        man_pages_are_right(share + "man")
        make("uninstall", "DESTDIR=" + directory, "PREFIX=/opt/x")
        left = [name for _, _, names in os.walk(directory) for name in names]
        equal(left, [])


def man_pages_are_right(folder):
    for section, words in ("1", ["--format", "--thread", "unused", "PYPROF_PYTHON", "Yama"]), \
            ("5", ["finding", "columns", "pyprof.join"]):
        path = "%s/man%s/pyprof-lua.%s" % (folder, section, section)
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "error", path], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        equal(lint.stdout, "")
        shown = subprocess.run(["mandoc", "-T", "utf8", path], text=True,
                               stdout=subprocess.PIPE).stdout
        shown = re.sub(".\b", "", shown)
        for word in words:
            holds(shown, word)


@test
def an_example_names_the_stubs():
    with open("examples/.luarc.json") as stream:
        holds(json.load(stream)["workspace.library"][0], "/share/pyprof-lua/lua")
    for path in glob.glob("lua/pyprof/meta/*.lua"):
        with open(path) as stream:
            holds(stream.read(), "---@meta")


@test
def one_file_works_anywhere():
    with tempfile.TemporaryDirectory() as directory:
        program = shutil.copy(os.environ["TEST_PROGRAM"], directory + "/pyprof-lua")
        result = run("report.lua", RECORDING, program=program, cwd=directory)
        equal(result.status, 0, repr(result))
        holds(result.out, "Top 10 Hot Functions:")


finish()
