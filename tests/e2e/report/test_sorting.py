"""--sort: by a field or by the head of its column; --help and mistakes name the fields."""
import re

from check import equal, finish, holds, run, test

RECORDING = "tests/data/calculator.speedscope.json"


def told(report):
    """The fields that `REPORT --help` names for --sort."""
    text = re.sub(r"\s+", " ", run(report, "--help").out)
    found = re.search(r"the field to sort by; -FIELD reverses \(([^;)]*)[;)]", text)
    return found.group(1).split(", ") if found else []


@test
def the_fields_that_help_names_can_be_sorted_by():
    seen = 0
    for line in run("--list").out.split("\n\n")[0].splitlines():
        report = line.split()[0]
        if report in ("counts.lua", "coverage.lua", "pytest.lua", "cost.lua"):
            continue  # a recording has nothing for them
        for field in told(report):
            if field in ("calls", "cpu%"):
                continue  # only profiles of calls, and recordings of our own, have these
            result = run(report, "--sort", field, RECORDING)
            equal((result.status, result.err), (0, ""), (report, field))
            seen += 1
    assert seen > 10, seen
    for report in "counts.lua", "coverage.lua", "pytest.lua", "cost.lua":
        holds(run(report, "--help").out, "-FIELD")


@test
def a_columns_head_is_its_field():
    for head, field in ("total%", "total_share"), ("-total%", "-total_share"), (
            "self weight", "self_weight"):
        equal(run("top", "--sort=" + head, RECORDING).out,
              run("top", "--sort=" + field, RECORDING).out)


@test
def an_unknown_field_is_told_with_the_known_ones():
    result = run("top", "--sort", "slef", RECORDING)
    equal((result.status, result.out), (2, ""))
    holds(result.err, "--sort: unknown field to sort by: 'slef' (did you mean 'self'?); the "
          "fields: self_weight, self, self_share, total_weight, total, total_share, cpu_share, "
          "calls, name, file, line\n")


@test
def an_unknown_field_is_told_before_the_program_runs():
    for line in run("--list").out.split("\n\n")[0].splitlines():
        report = line.split()[0]
        if not told(report):
            continue
        words = ("-m", "pytest") if report == "pytest.lua" else ("-c", "print('RAN')")
        result = run(report, "--sort", "nosuch", *words)
        equal((result.status, result.out), (2, ""), report)
        holds(result.err, "pyprof-lua: --sort: unknown field to sort by: 'nosuch'")


finish()
