"""The common functions of the tests that run programs under py-spy."""
import glob
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from check import PROGRAM, Skip, test

HERE = os.path.dirname(os.path.abspath(__file__))
COLLECT = os.path.join(HERE, "collect.lua")
FAKE = os.path.join(HERE, "fake_pyspy")
GATE = "<pyprof-lua gate>"

# Processor time, not clock time: a program that waits for the processor has fewer samples.
BURN = """\
import os, sys
def busy(seconds):
    end = sum(os.times()[:2]) + seconds
    while sum(os.times()[:2]) < end:
        for _ in range(1000): pass
"""
BUSY = BURN + """\
busy(float(sys.argv[1]) if len(sys.argv) > 1 else 0.3)
sys.exit(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
"""
# It has been sampled when it says that it is ready, and goes on.
READY = BURN + "busy(0.5)\nprint('ready', flush=True)\nbusy(600)\n"


class Place:
    """A directory for one test; it is removed, and processes and files that remain are found."""

    def __enter__(self):
        self.path = tempfile.mkdtemp()
        self.tmp = os.path.join(self.path, "tmp")
        os.mkdir(self.tmp)
        os.chmod(self.path, 0o777)
        os.chmod(self.tmp, 0o777)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def file(self, name, text="", mode=0o644):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def environment(self, changes=None):
        result = dict(os.environ, TMPDIR=self.tmp)
        for name, value in (changes or {}).items():
            result.pop(name, None)
            if value is not None:
                result[name] = value
        return result

    def start(self, *words, options="", env=None, **more):
        """Starts the collector alone; `ended` of the returned object gives the result."""
        self.result = os.path.join(self.path, "result.json")
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen([PROGRAM, COLLECT, self.result, options, *map(str, words)],
                                env=self.environment(env), text=True, **more)

    def sampling(self, process):
        """Waits until py-spy has sampled the program that such a process started."""
        while not os.path.exists(self.result + ".sampling"):
            assert process.poll() is None, self.ended(process)
            time.sleep(0.02)
        os.remove(self.result + ".sampling")
        time.sleep(0.5)

    def ended(self, process, timeout=300):
        out, err = process.communicate(timeout=timeout)
        result = {"status": process.returncode, "out": out, "err": err}
        if os.path.exists(self.result):
            with open(self.result) as file:
                result.update(json.load(file))
            os.remove(self.result)
        return result

    def collect(self, *words, **more):
        return self.ended(self.start(*words, **more))

    def left(self, besides=None):
        """The processes and files of a run in this place that remain after some time."""
        end = time.time() + 60
        while True:
            found = os.listdir(self.tmp) + [line for line in processes(self.path)
                                            if not besides or besides not in line]
            if not found or time.time() > end:
                return found
            time.sleep(0.02)


def processes(part):
    """The command lines of living processes that have this text in them or in their environment."""
    found = []
    for directory in glob.glob("/proc/[0-9]*"):
        if int(os.path.basename(directory)) == os.getpid():
            continue
        try:
            with open(directory + "/environ", "rb") as file:
                environment = file.read()
            with open(directory + "/cmdline", "rb") as file:
                command = file.read()
        except OSError:
            continue
        if part.encode() in environment or part.encode() in command:
            found.append(os.path.basename(directory) + " " + command.decode(errors="replace"))
    return found


def samples(result):
    """All stacks of the recordings but empty ones, each a list of (function, file), root first."""
    stacks = []
    for text in result.get("recordings") or []:
        recording = json.loads(text)
        frames = recording["shared"]["frames"]
        for profile in recording["profiles"]:
            for stack in profile["samples"]:
                if stack:
                    stacks.append([(frames[i]["name"], frames[i]["file"]) for i in stack])
    return stacks


def pythons():
    """(version, interpreter) of every installed Python, of pyenv and of the system."""
    found = {}
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    for path in sorted(glob.glob(root + "/versions/*/bin/python")) + ["/usr/bin/python3"]:
        if os.access(path, os.X_OK):
            version = subprocess.run(
                [path, "-c", "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"],
                stdout=subprocess.PIPE, text=True).stdout
            label = version if version not in found else version + " " + path.split("/")[1]
            found.setdefault(label, path)
    if not found:
        found["%d.%d" % sys.version_info[:2]] = sys.executable
    return sorted(found.items(), key=lambda entry: [int(n) for n in entry[0].split()[0].split(".")])


def on_every_python(name):
    """Makes a test of a function of (place, interpreter) for each Python that py-spy supports."""
    def declare(function):
        found = dict(pythons())
        wanted = ["2.7", *("3.%d" % minor for minor in range(6, 15))]
        for version in wanted + sorted(set(found) - set(wanted)):
            def run(version=version):
                if version not in found:
                    raise Skip("no Python %s is here" % version)
                with Place() as place:
                    function(place, found[version])
            run.__name__ = "%s on Python %s" % (name, version)
            test(run)
    return declare


def read_terminal(master, until, seconds=300):
    """Reads from the descriptor up to `until`, or to its end."""
    text, end = b"", time.time() + seconds
    while (until is None or until not in text) and time.time() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                text += os.read(master, 4096)
            except OSError:
                break
    return text



def share(result, name):
    stacks = samples(result)
    return sum(any(frame[0].endswith(name) for frame in stack) for stack in stacks), len(stacks)


def notes(result):
    return result["quality"].get("notes", [])


def sampled(result, name, least=1):
    """Was it sampled? The count depends on the load of the machine."""
    assert share(result, name)[0] >= least, (name, share(result, name), result)


def wait_line(process, text):
    line = process.stdout.readline()
    assert text in line, line


def plain_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def fault(place, name, *words, options=""):
    return place.collect(*words, options="py_spy = %r, %s" % (FAKE, options),
                         env={"FAKE_PYSPY": name})


def on_terminal(place, *words, options=""):
    """Starts the collector on a terminal of its own: pid, descriptor of the terminal."""
    result = os.path.join(place.path, "result.json")
    pid, master = pty.fork()
    if pid == 0:
        os.environ["TMPDIR"] = place.tmp
        plain_signals()
        os.execv(PROGRAM, [PROGRAM, COLLECT, result, options, *words])
    place.result = result
    return pid, master
