# The plugin for pytest: labels the samples of each test, and writes down how each test went.
#
# target/lead.py runs this in every Python of the pass, with its object `lead`. It waits until
# pytest is imported. Each phase of a test runs below a frame whose name is `id [phase]`, with the
# file name below: readers of recordings remove our frames and make a label of that one. Samplers
# refuse very long names, so such an id is cut. Runs on 3.8 and newer. Modules that pytest loads
# anyway are imported when it is there, because the program must not see ours.
import os
import sys

FILE = "<pyprof-lua tests>"
LONGEST = 1000

# The functions of `os` as they are now: tests replace them (pyfakefs).
OPEN, WRITE, CLOSE = os.open, os.write, os.close
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
PATH = os.path.join(lead.data, "%d.jsonl")


def write(**fields):
    # A line, at once: a process that is killed leaves what it has written.
    try:
        descriptor = OPEN(PATH % os.getpid(), FLAGS, 0o600)
        try:
            WRITE(descriptor, json.dumps(fields).encode() + b"\n")
        finally:
            CLOSE(descriptor)
    except OSError as error:
        lead.note("pytest: %s" % error)


def printable(text):
    # Names of files may hold bytes that are no UTF-8.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def short(text):
    text = printable(text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def below(execute, arguments):
    return execute(*arguments)


def named(name):
    # The function `below` under another name.
    names = {"co_name": name, "co_filename": FILE}
    if hasattr(below.__code__, "co_qualname"):
        names["co_qualname"] = name
    return type(below)(below.__code__.replace(**names), globals(), name)


def ours(function):
    # Readers of recordings remove its frames.
    function.__code__ = function.__code__.replace(co_filename=FILE)
    return function


def label(caller, name_of):
    # Runs the calls of a hook below a frame with a name. pluggy has no public way to do that.
    execute = caller._hookexec

    def run(*arguments):
        name = name_of(arguments[2])
        if name is None:
            return execute(*arguments)
        return named(name)(execute, arguments)

    caller._hookexec = ours(run)


def fixture_name(arguments):
    # Of a fixture that lives as long as the session; others are their test's.
    fixture = arguments["fixturedef"]
    if fixture.scope != "session":
        return None
    return short("%s::%s" % (fixture.baseid, fixture.argname)) + " [fixture]"


def phase_name(phase):
    return lambda arguments: "%s [%s]" % (short(arguments["item"].nodeid), phase)


class Run:
    # A test while it runs, perhaps again and again.
    def __init__(self):
        self.seconds = {"setup": 0.0, "call": 0.0, "teardown": 0.0}
        self.begin()

    def begin(self):
        self.outcome, self.location, self.worker = None, None, None

    def add(self, report):
        self.location = report.location
        self.worker = getattr(report, "worker_id", None)
        if hasattr(report, "context"):
            # A part of the test: its time is in the test's.
            if report.failed:
                self.outcome = "failed"
            return
        if report.when in self.seconds:
            self.seconds[report.when] += report.duration
        outcome = self.outcome_of(report)
        if outcome == "rerun" or self.outcome in (None, "passed"):
            self.outcome = outcome
        elif outcome == "error" and self.outcome in ("skipped", "xfailed", "xpassed"):
            self.outcome = outcome

    @staticmethod
    def outcome_of(report):
        if report.outcome == "failed":
            return "error" if report.when in ("setup", "teardown") else "failed"
        if hasattr(report, "wasxfail"):
            return "xpassed" if report.outcome == "passed" else "xfailed"
        return report.outcome


class Plugin:
    def __init__(self):
        self.runs = {}

    def pytest_runtest_logstart(self, nodeid):
        if nodeid in self.runs:
            self.runs[nodeid].begin()

    def pytest_runtest_logreport(self, report):
        run = self.runs.setdefault(report.nodeid, Run())
        run.add(report)
        if report.when == "???":  # the worker of xdist that ran it has crashed
            self.pytest_runtest_logfinish(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid):
        run = self.runs.pop(nodeid, None)
        if run is None or run.outcome is None:
            return
        file, line, _ = run.location
        write(id=printable(nodeid), label=short(nodeid), file=printable(file),
              line=None if line is None else line + 1, outcome=run.outcome, worker=run.worker,
              **run.seconds)


class Session:
    # What concerns all tests of a process.
    def pytest_configure(self, config):
        # A worker of xdist sends its reports to the process that started it, which writes them.
        if not hasattr(config, "workerinput"):
            config.pluginmanager.register(Plugin())
        if getattr(config.option, "cov_source", None) and not getattr(config.option, "no_cov", 0):
            write(traced="pytest-cov")

    def pytest_sessionfinish(self, session):
        option = session.config.option
        for source in getattr(option, "cov_source", None) or []:
            if isinstance(source, str) and source and not getattr(option, "no_cov", 0):
                folder = str(session.config.invocation_params.dir)
                write(measured=source, found=self.found(source, folder))

    @staticmethod
    def found(source, folder):
        # Is it a folder, or a module that could be imported?
        if os.path.exists(os.path.join(folder, source)) or source in sys.modules:
            return True
        try:
            return importlib.util.find_spec(source.split(".")[0]) is not None
        except (ImportError, ValueError):
            return False


def enter(config_module):
    # Makes each configuration of pytest have the plugin; but a test may run pytest itself, whose
    # tests are a part of it.
    global importlib, json
    import functools
    import importlib.util
    import json
    get_config = config_module.get_config

    @functools.wraps(get_config)
    def with_plugin(*arguments, **more):
        config = get_config(*arguments, **more)
        try:
            if not running():
                add(config.pluginmanager)
        except Exception as error:
            lead.note("pytest: its tests are not known: %r" % error)
        return config

    config_module.get_config = ours(with_plugin)


def running():
    # Is a test of ours on the stack?
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename == FILE and frame.f_code.co_code == below.__code__.co_code:
            return True
        frame = frame.f_back
    return False


def add(manager):
    from _pytest import __version__
    write(pytest=__version__)
    manager.register(Session())
    for phase in ("setup", "call", "teardown"):
        label(getattr(manager.hook, "pytest_runtest_" + phase), phase_name(phase))
    label(manager.hook.pytest_fixture_setup, fixture_name)


lead.on_import("_pytest.config", enter)
