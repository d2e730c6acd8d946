# helper.py - measures the memory of a process line by line with memory_profiler; lead.py runs it in
# each Python of the run.
#
# lead.options: sites (a folder with memory_profiler for some versions, by "3.11"), directory (where
# the run began), functions ([file, first line, last line, name] each; lines of functions within
# them belong to them, too), decorated (they were chosen by @profile).
import _thread
import builtins
import json
import os
import sys

page = os.sysconf("SC_PAGE_SIZE")
BEFORE = -1  # the number of a line that stands for the moment before a call


ranges = {}     # by file
for path, first, last, title in lead.options["functions"]:
    ranges.setdefault(path, []).append((first, last, title))
of_file = {}    # the real path and the ranges, by the file's name in a code object
names = {}      # by a code object's id: it, so that the id stays its own, and a name or None


class state:
    module, profilers = None, {}


def resident(*_, **__):
    """The resident memory in MiB, as psutil gives it, which looks for itself among the modules."""
    descriptor = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return int(os.read(descriptor, 200).split()[1]) * page / 2.0 ** 20
    finally:
        os.close(descriptor)


def name_of(code):
    """The function whose lines the code's lines are; None: it is not measured."""
    file = code.co_filename
    if file not in of_file:
        path = os.path.realpath(os.path.join(lead.options["directory"], file))
        of_file[file] = path, ranges.get(path)
    if of_file[file][1] is None:
        return None
    known = names.get(id(code))
    if known is None:
        line, inside = code.co_firstlineno, None
        for first, last, title in of_file[file][1]:
            if first <= line <= last and (inside is None or first >= inside[0]):
                inside = first, title
        # What a comprehension or a lambda allocates is in the line that runs it.
        if code.co_name.startswith("<"):
            inside = None
        known = names[id(code)] = code, inside and inside[1]
    return known[1]


def trace(frame, event, arg):
    code = frame.f_code
    if name_of(code) is None:
        return None
    key = _thread.get_ident(), id(code)
    profiler = state.profilers.get(key)
    if profiler is None:
        # memory_profiler mixes up the lines of several functions, and of threads.
        profiler = state.profilers[key] = state.module.LineProfiler(backend="psutil")
        profiler._original_trace_function = None
        profiler.code_map[code] = {}
    # So the first line's increment is its own, and not what came before the call.
    profiler.code_map[code][BEFORE] = 0.0, resident(), 0
    profiler.prev_lineno = BEFORE
    return profiler.trace_memory_usage(frame, event, arg)


def rows():
    found = {}
    for profiler in list(state.profilers.values()):
        for code, lines in list(dict.items(profiler.code_map)):
            for line, (increment, memory, hits) in sorted(lines.items()):
                if line == BEFORE or line == code.co_firstlineno:
                    continue
                row = found.setdefault((of_file[code.co_filename][0], line, name_of(code)),
                                       [0.0, 0.0, 0])
                row[0] += increment
                row[1] = max(row[1], memory)
                row[2] += hits
    return [list(key) + row for key, row in found.items()]


def end():
    if sys.gettrace() not in (trace, None):
        lead.note("memory: the program traces itself: figures are missing")
    sys.settrace(None)
    lead.save(json.dumps(rows()).encode(), ".json")


def profile(function=None, **_):
    """Stands for memory_profiler's decorator: decorated functions are among those measured."""
    return function if function is not None else profile


def work():
    module, _ = lead.find("memory_profiler", "LineProfiler")
    if module is None:
        lead.note("memory_profiler: not found for %s (%s -m pip install memory_profiler)"
                  % (sys.executable, sys.executable))
        return
    state.module = module
    module._get_memory = resident
    if lead.options["decorated"] and not hasattr(builtins, "profile"):
        builtins.profile = profile
    lead.on_import("memory_profiler", lambda theirs: setattr(theirs, "profile", profile))
    lead.on_import("threading", lambda threading: threading.settrace(trace))
    lead.after_fork(state.profilers.clear)
    lead.at_end(end)
    sys.settrace(trace)


unwritten, sys.dont_write_bytecode = sys.dont_write_bytecode, True
try:
    work()
finally:
    sys.dont_write_bytecode = unwritten
