# helper.py - measures a process with coverage.py; lead.py runs it in each Python of the run.
#
# lead.options: sites (a folder with coverage.py for some versions, by "3.11"), directory (where the
# run began), isolated (ignore the user's configuration), branch (false: only lines), contexts.
import json
import os
import sys


def quiet(coverage):
    class Quiet(coverage.Coverage):
        # The program's stderr is its own.
        def _warn(self, *_, **__):
            pass
    return Quiet


def make(coverage):
    """A Coverage with the configuration that `coverage run` would use, and our own data file."""
    from coverage.config import CoverageConfig
    explicit, observed = set(), CoverageConfig._set_attr_from_config_option

    def observe(self, cp, attr, *rest):
        found = observed(self, cp, attr, *rest)
        if found:
            explicit.add(attr)
        return found

    CoverageConfig._set_attr_from_config_option = observe
    try:
        cov = quiet(coverage)(data_file=lead.data + "/coverage", data_suffix=True,
                              config_file=not lead.options["isolated"])
    finally:
        CoverageConfig._set_attr_from_config_option = observed
    config, options = cov.config, lead.options
    if not options["branch"]:
        config.branch = False
    elif "branch" not in explicit:
        config.branch = True
    # What is said of children and signals is our own doing.
    config.sigterm, config.patch, config.debug = False, [], []
    threads = [one for one in config.concurrency or () if one != "multiprocessing"] or ["thread"]
    config.concurrency = threads
    config.run_omit = list(config.run_omit or []) + [
        os.path.dirname(lead.data) + "/*", "*/sitecustomize.py", "*/usercustomize.py"]
    core = None
    if options["contexts"]:
        # sys.monitoring drops contexts.
        config.dynamic_context, core = "test_function", "ctrace"
    elif sys.version_info >= (3, 12) and not config.branch and not config.dynamic_context \
            and not config.plugins and threads == ["thread"]:
        core = "sysmon"
    if core and "core" not in explicit:
        config.core = core
    return cov


def start(coverage):
    before, was = os.getcwd(), os.environ.get("COVERAGE_CORE")
    try:
        # A child may have been started elsewhere; the configuration is the run's.
        if lead.depth > 0:
            os.chdir(lead.options["directory"])
        cov = make(coverage)
        core = getattr(cov.config, "core", None)
        if core and was is None:
            os.environ["COVERAGE_CORE"] = core  # before 7.9 only the variable chooses it
        cov.start()
        cov._instances[:] = [one for one in cov._instances if one is not cov]
    finally:
        os.chdir(before)
        if was is None:
            os.environ.pop("COVERAGE_CORE", None)
    return cov


class state:
    ours = theirs = None


def end():
    if state.ours is not None:
        state.ours.save()
    elif state.theirs is not None:
        config = state.theirs.config
        lead.save(json.dumps({
            "data_file": os.path.join(state.directory, config.data_file),
            "config_file": config.config_file, "depth": lead.depth, "began": state.began,
        }).encode(), ".theirs")


def watch(theirs):
    """The program measures itself: ours ends, and its data is read in the place of ours."""
    real = theirs.Coverage.start

    def start(self, *arguments, **named):
        yield_to(self)
        return real(self, *arguments, **named)

    start.__doc__, start.__module__ = real.__doc__, real.__module__
    theirs.Coverage.start = start


def yield_to(cov):
    if state.theirs is None:
        import time
        state.directory, state.began = os.getcwd(), time.time()
        state.theirs = cov
    if state.ours is not None:
        ours, state.ours = state.ours, None
        ours.stop()


def label_tests(runner):
    """In pytest a context is a test and its phase, as pytest-cov names them."""
    collector = state.ours and state.ours._collector
    if not collector:
        return
    collector.should_start_context = None
    for tracer in collector.tracers:
        tracer.should_start_context = None

    def labelled(function, phase):
        def switch(item):
            if state.ours is not None:
                state.ours.switch_context("%s|%s" % (item.nodeid, phase))
        if phase == "teardown":
            def wrapper(item, nextitem):
                switch(item)
                try:
                    return function(item, nextitem)
                finally:
                    if state.ours is not None:
                        state.ours.switch_context("")
        else:
            def wrapper(item):
                switch(item)
                return function(item)
        wrapper.__name__, wrapper.__doc__ = function.__name__, function.__doc__
        return wrapper

    for name, phase in (("setup", "setup"), ("call", "run"), ("teardown", "teardown")):
        name = "pytest_runtest_" + name
        setattr(runner, name, labelled(getattr(runner, name), phase))


def work():
    loaded = sys.modules.get("coverage")
    running = loaded is not None and getattr(loaded, "Coverage", None)
    running = running and getattr(running, "_instances", None)
    coverage, site = lead.find("coverage", "Coverage")
    if coverage is None:
        lead.note("coverage: not found for %s (%s -m pip install coverage)"
                  % (sys.executable, sys.executable))
        return
    if lead.is_main:
        lead.save(json.dumps({"executable": sys.executable, "site": site}).encode(), ".python")
    lead.at_end(end)
    if running:
        yield_to(running[-1])
        return
    state.ours = start(coverage)
    if loaded is not None:
        watch(loaded)
    else:
        lead.on_import("coverage", watch)
    if lead.options["contexts"]:
        lead.on_import("_pytest.runner", label_tests)


unwritten, sys.dont_write_bytecode = sys.dont_write_bytecode, True
try:
    work()
finally:
    sys.dont_write_bytecode = unwritten
