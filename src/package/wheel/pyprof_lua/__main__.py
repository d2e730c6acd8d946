"""python -m pyprof_lua: the program pyprof-lua, with this Python for the target."""
import importlib.metadata
import os
import sys


def main():
    files = importlib.metadata.files("pyprof-lua") or []
    programs = [str(file.locate()) for file in files if file.name == "pyprof-lua"
                and file.parent.name == "bin"]
    if not programs:
        sys.exit("pyprof_lua: the program pyprof-lua is not installed (pip install pyprof-lua)")
    os.environ["PYPROF_PYTHON"] = sys.executable
    os.execv(programs[0], ["pyprof-lua"] + sys.argv[1:])


main()
