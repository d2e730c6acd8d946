"""The main report on real programs under real py-spy."""
import json
import os
import re
import signal
import subprocess
import tempfile

from check import PROGRAM, equal, finish, holds, run, test
from pyspy.pyspy import READY


def session(pid):
    """The session that a process belongs to; None if it has ended."""
    try:
        return os.getsid(int(pid))
    except ProcessLookupError:
        return None


def script(directory, text, name="script.py"):
    path = os.path.join(directory, name)
    with open(path, "w") as stream:
        stream.write(text)
    return path


@test
def the_calculator():
    result = run("report.lua", "examples/calculator.py")
    equal(result.status, 0, repr(result))
    equal(result.err, "")
    size = os.path.getsize("examples/calculator.py")
    lines = open("examples/calculator.py").read().count("\n")
    holds(result.out, "=== Profiling Results for Python ===\nFile Size: %d bytes\n"
          "Lines of Code: %d\nFunctions: 5\nClasses: 1\nImports: 2\nComplexity Score: 13\n"
          "Details:\n- Detected 5 function definitions\n- Detected 1 class definitions\n"
          "- Detected 2 import statements\n\n=== Runtime Profile (py-spy) ===\n" % (size, lines))
    # The program's own output comes first.
    assert result.out.startswith("rounds: "), result.out
    total = int(re.search(r"Total samples collected: (\d+)\n", result.out).group(1))
    assert total > 20, total
    hot = re.findall(r"^(\d+)\. (\S+) - (\d+) samples \((\d+\.\d\d)%\)(?: - CPU \S+%)?$",
                     result.out, re.M)
    equal([row[0] for row in hot], [str(i + 1) for i in range(len(hot))])
    equal(hot[0][1], "compute_heavy")
    holds(result.out, "\n\nResources: ")
    assert re.search(r"^Resources: \S+ s \(processor: \S+ s user, \S+ s system\), "
                     r"peak memory \S+ MiB$", result.out, re.M), result.out
    counts = [int(row[2]) for row in hot]
    # On a busy machine CPU time may rank them otherwise.
    by = " by CPU time" if "Hot Functions by CPU time:" in result.out else ""
    assert by or counts == sorted(counts, reverse=True), counts
    assert sum(counts) <= total and counts[-1] > 0
    for _, _, count, share in hot:
        equal(share, "%.2f" % (100 * int(count) / total))
    holds(result.out, "Function usage: 5 of 5 defined functions seen in samples "
          "(sampling shows what ran, never what did not)\n- seen: Calculator.add (")
    holds(result.out, "\n- not seen: none\n\nHot paths%s:\n1. " % by)
    holds(result.out, "%  <module> > main > compute_heavy\n")
    paths = re.findall(r"^\d\. \d+\.\d\d%  (.*)$", result.out, re.M)
    assert 1 <= len(paths) <= 5, paths
    for path in paths:
        assert "fibonacci > fibonacci" not in path, path


@test
def peak_memory_of_several_processes_is_the_largest_ones():
    with tempfile.TemporaryDirectory() as place:
        script = os.path.join(place, "two.py")
        with open(script, "w") as file:
            file.write("import os, subprocess, sys\n"
                       "child = len(sys.argv) < 2 and subprocess.Popen("
                       "[sys.executable, __file__, 'child'])\n"
                       "while sum(os.times()[:2]) < 1: pass\n"
                       "if child: child.wait()\n")
        for options, end in ((["--subprocesses"], r" \(of the largest process\)"), ([], "")):
            result = run("report.lua", "--rate", "200", *options, script)
            equal(result.status, 0, repr(result))
            assert re.search(r"^Resources: .* MiB" + end + "$", result.out, re.M), result.out


@test
def a_module_and_its_arguments():
    with tempfile.TemporaryDirectory() as directory:
        script(directory, "import os, sys\ndef spin():\n"
               "    while sum(os.times()[:2]) < 1: pass\nspin()\nprint(sys.argv[1:])\n", "spinning.py")
        result = run("report.lua", "-m", "spinning", "-o", "--rate", "x", cwd=directory)
        equal(result.status, 0, repr(result))
        assert result.out.startswith("['-o', '--rate', 'x']\n"), result.out
        holds(result.out, "Functions: 1\n")
        holds(result.out, "1. spin - ")


@test
def the_status_is_the_programs():
    with tempfile.TemporaryDirectory() as directory:
        path = script(directory, "import os, sys\nwhile sum(os.times()[:2]) < 0.3: pass\nsys.exit(7)\n")
        result = run("report.lua", path)
        equal(result.status, 7, repr(result))
        holds(result.out, "Exit status: 7\n")
        equal(run("report.lua", "--", "sh", "-c", "exit 5").status, 5)


@test
def a_script_that_ends_at_once_has_its_static_part():
    with tempfile.TemporaryDirectory() as directory:
        path = script(directory, "def f(): pass\nraise SystemExit(3)\n")
        result = run("report.lua", path)
        equal(result.status, 3, repr(result))
        holds(result.out, "Functions: 1\n")
        total = int(re.search(r"Total samples collected: (\d+)\n", result.out).group(1))
        if total == 0:  # most times
            holds(result.out, "Unique functions executed: 0\n")
        holds(result.out, "- not seen: f\n")


@test
def a_recording_of_another_machine_is_matched_by_the_ends_of_paths():
    there = ["--from", "source=examples/calculator.py", "tests/data/calculator.speedscope.json"]
    holds(run("report.lua", *there).out, "Function usage: 5 of 5 defined functions seen")
    equal(run("unused.lua", "--format", "csv", *there).out.count("\n"), 1)
    elsewhere = ["--from", "source=tests/e2e/check.py", there[-1]]
    holds(run("report.lua", *elsewhere).out,
          "Function usage: not known (the samples name none of the source's files)\n")
    result = run("unused.lua", *elsewhere)
    equal((result.status, result.out), (1, ""), repr(result))
    holds(result.err, "the samples name none of the source's files (--from source=FOLDER")


@test
def names_that_come_twice_say_where():
    with tempfile.TemporaryDirectory() as directory:
        spin = "import os\ndef spin():\n    end = sum(os.times()[:2]) + 0.5\n" \
               "    while sum(os.times()[:2]) < end: pass\n"
        script(directory, spin, "other.py")
        path = script(directory, spin + "import other\nspin()\nother.spin()\n")
        result = run("report.lua", path)
        holds(result.out, "spin (%s:" % path)
        holds(result.out, "spin (%s/other.py:" % directory)


@test
def a_name_of_two_lists_says_where():
    with tempfile.TemporaryDirectory() as directory:
        one = script(directory, "import os\ndef nap():\n    while sum(os.times()[:2]) < 0.6: pass\n"
                                "nap()\n", "one.py")
        script(directory, "def nap():\n    pass\n", "two.py")
        path = os.path.join(directory, "run.json")
        equal(run("--save", path, one).status, 0)
        text = run("report.lua", "--from", "source=" + directory, path).out
        holds(text, "- seen: nap (%s:2) (" % one)
        holds(text, "- not seen: nap (%s/two.py:1)\n" % directory)


@test
def the_common_format_says_the_same():
    with tempfile.TemporaryDirectory() as directory:
        recording = os.path.join(directory, "run.json")
        out = os.path.join(directory, "out.json")
        result = run("json.lua", "--save", recording, "-o", out, "examples/calculator.py", "1")
        equal(result.status, 0, repr(result))
        data = json.load(open(out))
        equal(data["schema"], "pyprof-lua/1")
        runtime, static = data["runtime"], data["static"]
        equal((static["functions"], static["classes"], static["imports"]), (5, 1, 2))
        equal(runtime["total_samples"], sum(row["self"] for row in runtime["functions"]))
        hot = runtime["hot_functions"][0]
        equal(hot["percentage"], 100 * hot["samples"] / runtime["total_samples"])
        equal(runtime["execution_count"]["main"] <= runtime["total_samples"], True)
        again = json.loads(run("json.lua", recording).out)
        for key in ("functions", "lines", "total_samples", "hot_functions", "total_weight"):
            equal(again["runtime"][key], runtime[key], key)


@test
def the_programs_output_is_told_from_the_reports():
    hint = ("pyprof-lua: standard output: the program's own output precedes the %s "
            "(-o FILE keeps them apart)\n")
    with tempfile.TemporaryDirectory() as directory:
        for words, format in ((["json.lua"], "json"), (["top.lua"], None),
                              (["top.lua", "--format", "csv"], "csv"),
                              (["json.lua", "-o", directory + "/out.json"], None)):
            for code in ("print('mine')", "pass"):
                with open(directory + "/out", "w") as out:
                    done = subprocess.run([PROGRAM, *words, "-c", code], stdout=out,
                                          stderr=subprocess.PIPE, text=True)
                printed = format and code != "pass"
                equal(hint % format in done.stderr, bool(printed), done.stderr)
                equal("standard output" in done.stderr, bool(printed), done.stderr)


@test
def a_recording_whose_sources_are_elsewhere():
    result = run("report.lua", "tests/data/calculator.speedscope.json")
    equal((result.status, result.err), (0, ""), repr(result))
    holds(result.out, "=== Profiling Results for Python ===\nSource: not available (")
    holds(result.out, "Total samples collected: 311\n")


@test
def after_an_interrupt_the_report_is_on_what_was_sampled():
    with tempfile.TemporaryDirectory() as directory:
        program = subprocess.Popen(
            [PROGRAM, "report.lua", "-c", READY], text=True,
            env=dict(os.environ, TMPDIR=directory), start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal(program.stdout.readline(), "ready\n")
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=300)
        equal(program.returncode, 130, err)
        total = int(re.search(r"Total samples collected: (\d+)\n", out).group(1))
        assert total > 0, out
        holds(out, "Exit status: 130 (ended by signal 2)\n")
        holds(err, "KeyboardInterrupt")
        equal(os.listdir(directory), [])
        left = [pid for pid in os.listdir("/proc")
                if pid.isdigit() and session(pid) == program.pid]
        equal(left, [])


finish()
