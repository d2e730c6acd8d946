"""counts_check.py FOLDER FROM TO: compares counts of generated programs with what says each
statement itself, and with sys.settrace. FOLDER has the collector's files; FROM and TO are seeds.
It runs on each Python that is measured; the last line is the number of statements compared."""
import gc
import os
import sys
import warnings

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import counts_programs  # noqa: E402

space = {"__name__": "counts"}
for name in ("plan.py", "instrument.py", "live.py"):
    with open(os.path.join(sys.argv[1], name)) as stream:
        exec(compile(stream.read(), name, "exec"), space)


ignored = []


def execute(code, marks=None, tracer=None, split=None):
    """The output, and the program's names."""
    out = []
    scope = counts_programs.names(out)
    if split:
        scope["split"] = split
    if marks is not None:
        def mark(number):
            marks[number] = marks.get(number, 0) + 1
        scope["h"] = mark
    if tracer:
        sys.settrace(tracer)
    try:
        exec(code, scope)
    except BaseException as error:
        scope["report"](error)
    finally:
        sys.settrace(None)
    return out, scope


def traced(code):
    """How often sys.settrace sees each line begin in functions and in the module."""
    lines = {}

    def local(frame, event, _):
        if event == "line":
            lines[frame.f_lineno] = lines.get(frame.f_lineno, 0) + 1
        return local

    def tracer(frame, event, _):
        if frame.f_code.co_filename == "program.py" and (
                frame.f_code.co_name == "<module>" or frame.f_code.co_name[0] != "<"):
            return local

    execute(code, tracer=tracer)
    return lines


def differ(what, seed, program, got, want):
    numbers = sorted(number for number in want if got.get(number) != want[number])
    if not numbers:
        return False
    print("seed %d: %s" % (seed, what))
    for number in numbers[:3]:
        print("  line %d: counted %s, want %s: %s" % (
            number, got.get(number), want[number], program.clean[number - 1].strip()))
    return True


def check(seed):
    program = counts_programs.Program(seed, sys.version_info)
    text = "\n".join(program.clean) + "\n"
    plain = compile(text, "program.py", "exec")
    marked = compile("\n".join(program.marked) + "\n", "marked.py", "exec")
    code, plan = space["instrument"](space["parse"](text, "program.py"), "program.py")
    marks, bad = {}, False
    ignored.clear()
    splits = []

    def forget():
        splits.append(True)
        marks.clear()

    _, kept = execute(marked, marks, split=forget)
    want = dict.fromkeys(plan.lines(plan.values()), 0)
    # One counter stands after the imports from __future__; nothing stands before them.
    want.update({line: int(not splits) for line, text in enumerate(program.clean, 1)
                 if text[:5] == "from "})
    want.update(marks)
    # What is suspended is closed now, and runs on.
    del kept
    gc.collect()
    closed = dict(want)
    closed.update(marks)
    expected, kept = execute(plain)
    del kept
    gc.collect()
    got, kept = execute(code, split=lambda: space["begin_anew"]([plan]))
    space["leave_all"]([plan], 1)
    counted = plan.lines(plan.values())
    space["leave_all"]([plan], -1)
    del kept
    gc.collect()
    # If a generator ignored its end, its frame vanished from the middle of a statement.
    if not any("ignored GeneratorExit" in text for text in ignored):
        bad = differ("what is suspended", seed, program, counted, want)
        bad = differ("the end", seed, program, plan.lines(plan.values()), closed) or bad
    if got != expected:
        bad = True
        for one, other in zip(got, expected):
            if one != other:
                print("seed %d: prints\n  %s\nwithout counters\n  %s" % (seed, one, other))
                break
    # The settrace of 3.9 and of the first 3.11 sees lines begin at jumps out of handlers, too.
    wrong = (3, 9) <= sys.version_info < (3, 10) or (3, 11) <= sys.version_info < (3, 11, 7)
    if program.traceable and not wrong:
        lines = traced(plain)
        want = {number: lines.get(number, 0) for number in program.simple}
        bad = differ("sys.settrace", seed, program, plan.lines(plan.values()), want) or bad
    return sum(count > 0 for count in counted.values()), bad


def main():
    warnings.simplefilter("ignore")
    gc.disable()  # generators in garbage end when we say so, with counters and without
    sys.unraisablehook = lambda unraisable: ignored.append(str(unraisable.exc_value))
    statements = failures = 0
    for seed in range(int(sys.argv[2]), int(sys.argv[3])):
        number, bad = check(seed)
        statements += number
        failures += bad
    print(statements)
    sys.exit(1 if failures else 0)


main()
