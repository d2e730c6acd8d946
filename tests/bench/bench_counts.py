"""What counting lines costs: processor time of the work of counted.py, times the plain run's.

Side by side: plain, counts.lua, trace --count, line_profiler, coverage run. Those that the Python
has not are left out; trace and line_profiler do a tenth of the work.
  BENCH_PYTHON=a:b   the Pythons that are measured (the one that runs this)
  BENCH_TURNS=9      the best of so many runs counts (5)
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTED = os.path.join(HERE, "counted.py")
PROGRAM = os.path.abspath(os.path.join("build", "pyprof-lua"))
TURNS = int(os.environ.get("BENCH_TURNS", "5"))
ALLOWED = {"fannkuch": 1.5, "nbody": 1.5, "trees": 1.5, "dict": 1.5, "loop": 3.0, "worst": 3.0}
SLOW = {"fannkuch": "7", "nbody": "6000", "trees": "11", "dict": "20000", "loop": "2000000",
        "worst": "1000000"}
REPORT = """return { help = "none", needs = { "counts" }, run = function() return {} end }"""


def ways(python, folder):
    """The words before the program's own, and whether the work must be small."""
    report = os.path.join(folder, "nothing.lua")
    with open(report, "w") as file:
        file.write(REPORT)
    found = {"counts": ([PROGRAM, report, "--python", python], False),
             "trace": ([python, "-m", "trace", "--count", "-C", folder], True)}
    data, profile = os.path.join(folder, "data"), os.path.join(folder, "kernprof")
    others = (("coverage", "coverage", ["coverage", "run", "--data-file=" + data]),
              ("line_profiler", "kernprof", ["kernprof", "-l", "-p", COUNTED, "-o", profile]))
    for name, module, words in others:
        if subprocess.run([python, "-c", "import " + module], stderr=subprocess.DEVNULL).returncode:
            continue
        found[name] = ([python, "-m"] + words, name == "line_profiler")
    return found


def seconds(words, folder):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          cwd=folder)
    for line in done.stdout.splitlines():
        try:
            return float(line)
        except ValueError:
            pass
    sys.exit("%s:\n%s%s" % (" ".join(words), done.stdout, done.stderr))


def measure(python, folder):
    version = subprocess.run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                             stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    found = ways(python, folder)
    names = ["counts", "coverage", "line_profiler", "trace"]
    head = "%-9s %9s" % (version, "plain, s") + "".join("%15s" % name for name in names)
    print(head + "\n" + "-" * len(head))
    for name, allowed in ALLOWED.items():
        best = {}
        for _ in range(TURNS):
            for way, (words, slow) in {"plain": ([python], False), "plain, small": ([python], True),
                                       **found}.items():
                if slow and best.get(way):
                    continue  # its cost is far from any doubt
                spent = seconds(words + [COUNTED, name] + ([SLOW[name]] if slow else []), folder)
                best[way] = min(best.get(way, spent), spent)
        row = "%-9s %9.2f" % (name, best["plain"])
        for way in names:
            if way in best:
                plain = best["plain, small" if found[way][1] else "plain"]
                row += "%15.2f" % (best[way] / plain)
            else:
                row += "%15s" % "-"
        over = best["counts"] / best["plain"] > allowed
        print(row + ("  more than %g" % allowed if over else ""), flush=True)
    print()


def main():
    with tempfile.TemporaryDirectory() as folder:
        for python in os.environ.get("BENCH_PYTHON", sys.executable).split(":"):
            measure(python, folder)


main()
