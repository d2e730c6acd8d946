"""--version: the version, the commit, and the libraries in the program."""
import os
import re
import subprocess

from check import equal, finish, run, test


@test
def the_version_names_the_commit_and_the_libraries():
    first, second = run("--version").out.splitlines()
    with open("lua/pyprof/version.lua") as stream:
        version = stream.read().split('"')[1]
    known = subprocess.run(["git", "rev-parse", "--short", "HEAD"], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()
    want = "pyprof-lua " + version + r"( \([0-9a-f]{7,40}\))" + ("" if known else "?")
    assert re.fullmatch(want, first), first
    for name in "Lua 5.4", "lua-cjson 2", "PCRE2 10", "zlib 1", "libedit ":
        assert re.search(r"\b%s[\d.]" % re.escape(name), second), (name, second)


@test
def it_is_the_same_for_an_archive_of_the_source():
    if not os.path.isdir(".git") and not os.path.isfile(".git"):
        return
    archived = subprocess.run("git archive HEAD src/package/commit | tar xO", shell=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()
    short = subprocess.run(["git", "rev-parse", "--short", "HEAD"], text=True,
                           stdout=subprocess.PIPE).stdout.strip()
    equal(archived, short)


finish()
