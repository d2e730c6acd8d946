# The gate: holds a Python program before its first line until the profiler samples it.
#
# Runs as the first statement of a sitecustomize of ours, under the file name
# "<pyprof-lua gate>", by which readers of recordings know its samples. Leaves nothing behind:
# environment, sys.path, sys.modules and descriptors become what they are without it. The
# statement after it imports the user's own sitecustomize. Runs on 2.7 and on 3.6 and newer; no
# double quote comes three times in a row here: the text is put between such quotes.
import os
import sys


def leave():
    # Take away every trace of us.
    directory = os.environ.pop("PYPROF_LUA_DIRECTORY", None)
    before = os.environ.pop("PYPROF_LUA_PYTHONPATH", None)
    if before is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = before
    at = sys.path.index(directory)
    # An empty PYTHONPATH is the working directory to Python 2, and nothing to Python 3.
    sys.path[at:at + 1] = [os.getcwd()] if before == "" and sys.version_info < (3,) else []
    sys.path_importer_cache.pop(directory, None)
    sys.modules.pop("sitecustomize", None)
    return int(os.environ.pop("PYPROF_LUA_GATE", -1))


def hold():
    # Say that we are here, and wait.
    number = leave()
    if number < 0:
        return
    try:
        os.write(number, b"r")
        os.read(number, 1)
        os.close(number)
    except OSError:
        pass


try:
    hold()
except KeyboardInterrupt:
    # Nothing of the program ran yet: end as it would have ended a moment earlier.
    import signal
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
