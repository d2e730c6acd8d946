# The gate: holds a Python program before its first line until the profiler samples it.
#
# With leave.py before it, this is the first statement of our sitecustomize, under the file name
# "<pyprof-lua gate>", by which readers of recordings know its samples. It leaves nothing behind:
# environment, sys.path, sys.modules and descriptors become what they are without it. The next
# statement imports the user's own sitecustomize. It runs on 2.7 and on 3.6 and newer. It must not
# hold three double quotes in a row, since it is put between such quotes.


def hold():
    # Say that we are here, and wait.
    leave(directory)
    number = int(os.environ.pop("PYPROF_LUA_GATE", -1))
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
    # The program has not begun: end by the signal, as if it had come a moment earlier.
    import signal
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
