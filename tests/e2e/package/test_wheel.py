"""make wheel: the wheel's tag is true, and it works in a virtual environment of its own."""
import functools
import glob
import os
import re
import subprocess
import tempfile
import zipfile

from check import Skip, equal, finish, holds, test

TOOLS = os.path.abspath(".venv/bin")


def tool(*words, **more):
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=600, **more)
    equal(done.returncode, 0, "%r\n%s" % (words, done.stdout))
    return done.stdout


@functools.lru_cache
def made():
    if os.path.basename(os.environ.get("TEST_PROGRAM", "pyprof-lua")) != "pyprof-lua":
        raise Skip("only the release build is packed")
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    tool("make", "-s", "wheel", env=environment)
    [path] = glob.glob("build/dist/*.whl")
    return os.path.abspath(path)


@test
def the_tag_is_true_and_the_licences_are_inside():
    path = made()
    tag = re.search(r"-py3-none-(manylinux_2_\d+_\w+)\.whl$", path).group(1)
    holds(tool(TOOLS + "/auditwheel", "show", path).replace("\n", " "),
          'is consistent with the following platform tag: "%s"' % tag)
    assert int(tag.split("_")[2]) <= 36, tag
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        [metadata] = [name for name in names if name.endswith("/METADATA")]
        about = wheel.read(metadata).decode()
    for part in ".dist-info/licenses/LICENSE", ".dist-info/licenses/NOTICES", "/man1/pyprof-lua.1":
        assert any(name.endswith(part) for name in names), part
    for line in "Requires-Dist: py-spy", "Requires-Dist: coverage", "License-Expression: MIT":
        holds(about, "\n" + line)


@test
def it_works_in_an_environment_of_its_own():
    path = made()
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        home = folder + "/env"
        tool(TOOLS + "/python", "-m", "venv", "--without-pip", home)
        tool(TOOLS + "/python", "-m", "pip", "--python", home + "/bin/python", "install", "-q",
             "--no-deps", "--no-index", "--disable-pip-version-check", path)
        program, code = home + "/bin/pyprof-lua", "import sys; print(sys.prefix)"
        env = {"PATH": "/usr/bin:/bin", "HOME": folder, "PYPROF_PY_SPY": TOOLS + "/py-spy"}
        for words in [program], [home + "/bin/python", "-m", "pyprof_lua"]:
            holds(tool(*words, "--version", env=env, cwd="/"), "pyprof-lua ")
            equal(tool(*words, "-o", "/dev/null", "-c", code, env=env, cwd="/"), home + "\n")
        # An environment that is made for one program alone has no package of the user's.
        with open(home + "/pipx_metadata.json", "w"):
            pass
        other = dict(env, VIRTUAL_ENV=os.path.dirname(TOOLS))
        equal(tool(program, "-o", "/dev/null", "-c", code, env=other, cwd="/"),
              os.path.dirname(TOOLS) + "\n")
        # $PYPROF_PYTHON comes first, and must be there.
        named = dict(other, PYPROF_PYTHON=home + "/bin/python")
        equal(tool(program, "-o", "/dev/null", "-c", code, env=named, cwd="/"), home + "\n")
        wrong = subprocess.run([program, "-c", code], env=dict(env, PYPROF_PYTHON="/none"),
                               text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal((wrong.returncode, wrong.stderr),
              (1, "pyprof-lua: /none: no such interpreter (see $PYPROF_PYTHON)\n"))
        tool(TOOLS + "/python", "-m", "pip", "--python", home + "/bin/python", "uninstall", "-q",
             "-y", "--disable-pip-version-check", "pyprof-lua")
        left = [name for _, _, names in os.walk(home) for name in names if "pyprof" in name]
        equal(left, [])


finish()
