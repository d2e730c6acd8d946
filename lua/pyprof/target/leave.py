# Takes back how a Python was led through our folder: PYTHONPATH, sys.path and sys.modules become
# what they are without us. It runs on 2.7 and on 3.6 and newer, within our sitecustomize. It must
# not hold three double quotes in a row, since it may be put between such quotes.
import os
import sys


def leave(directory):
    # Our folder stands in PYTHONPATH: alone if there was no such variable, twice if it was empty.
    parts = os.environ.get("PYTHONPATH", "").split(":")
    rest = [part for part in parts if part != directory]
    if rest or len(parts) > 1:
        os.environ["PYTHONPATH"] = ":".join(rest)
    else:
        os.environ.pop("PYTHONPATH", None)
    at = sys.path.index(directory)
    # Python 2 takes an empty PYTHONPATH for the working directory, Python 3 ignores it.
    empty = not rest and len(parts) > 1 and sys.version_info < (3,)
    sys.path[at:at + 1] = [os.getcwd()] if empty else []
    sys.path_importer_cache.pop(directory, None)
    sys.modules.pop("sitecustomize", None)
