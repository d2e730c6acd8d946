# Prints where a module's source is, without importing anything of it: the file of a module, the
# directory of a package. Runs as `python -c TEXT NAME` on 2.7 and on 3.6 and newer.
import os
import sys


def find(name):
    try:
        from importlib.machinery import PathFinder
    except ImportError:
        import imp
        path = None
        for part in name.split("."):
            place = imp.find_module(part, path)[1]
            path = [place]
        return place
    path = None
    for at, part in enumerate(name.split(".")):
        spec = PathFinder.find_spec(".".join(name.split(".")[:at + 1]), path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return list(path)[0] if path else spec.origin


try:
    found = find(sys.argv[1])
except ImportError:
    found = None
if found:
    sys.stdout.write("\npyprof-lua module " + os.path.abspath(found) + "\n")
