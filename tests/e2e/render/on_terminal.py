"""What pyprof-lua writes to a terminal."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from check import PROGRAM, equal


def on_terminal(*words, columns=80, env=None):
    """The output on a terminal of that width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("NO_COLOR", "COLUMNS")}
    environment.update({"TERM": "xterm", **(env or {})})
    child = subprocess.Popen([PROGRAM, *words], stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    equal(child.wait(), 0)
    return b"".join(parts).decode().replace("\r\n", "\n")


def plain(text):
    return re.sub(r"\x1b\[[\d;]*m", "", text)
