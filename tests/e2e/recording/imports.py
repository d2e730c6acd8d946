"""What the tests of other producers' profiles share: files, what a script says of each of them, and
changed bytes."""
import atexit
import json
import os
import shutil
import subprocess
import tempfile

from check import PROGRAM, equal

FOLDER = tempfile.mkdtemp(prefix="pyprof-imports-")
atexit.register(shutil.rmtree, FOLDER)


def put(name, content):
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


def dumps(paths, script="tests/e2e/recording/calls.lua"):
    """The output of a script for each file, in one process."""
    done = subprocess.run([PROGRAM, script, put("list", "\n".join(paths) + "\n")], timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    equal((done.returncode, done.stderr), (0, b""))
    lines = done.stdout.decode(errors="surrogateescape").splitlines()
    equal(len(lines), len(paths))
    return [json.loads(line) for line in lines]


def number(text):
    return float.fromhex(text) if isinstance(text, str) else text


def changed(rng, data, count):
    """The data cut off, and with bytes changed, removed and doubled."""
    for i in range(count):
        at, wide = rng.randrange(len(data)), rng.choice([1, 1, 2, 8])
        yield [lambda: data[:at],
               lambda: data[:at] + bytes(rng.randrange(256) for _ in range(wide)) +
               data[at + wide:],
               lambda: data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1:],
               lambda: data[:at] + data[at + wide:],
               lambda: data[:at + wide] + data[at:]][i % 5]()
