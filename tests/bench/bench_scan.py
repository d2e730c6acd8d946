"""What scanning costs, whole processes on one core, against the tools at hand.

usage: scan.py [FOLDER…]: Python trees; without one the standard library of this Python and, where
`make scan-truth` fetched them, the packages in build/packages. Tools that are not there are left
out: tokei, scc, ctags, ruff and radon (PATH or .venv/bin), ast (this Python).
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


def found(name):
    return shutil.which(name) or shutil.which(".venv/bin/" + name)


def seconds(command, cores, times):
    best = None
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run(["taskset", "-c", cores, *command], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        spent = time.perf_counter() - began
        best = spent if best is None else min(best, spent)
    return best


def main():
    folders = sys.argv[1:] or [path for path in (sysconfig.get_paths()["stdlib"], "build/packages")
                               if os.path.isdir(path)]
    paths = []
    for folder in folders:
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
        scan = [PROGRAM, "scan.lua", "--no-ignore", "--format", "ndjson"]
        ours = seconds([*scan, *folders], "0", 7)
        print("%-28s %8.3f s %7.0f MB/s" % ("scan.lua", ours, size / 1e6 / ours))
        both = seconds([*scan, *folders], "0,1", 7)
        print("%-28s %8.3f s %7.0f MB/s, %.2f times one core" %
              ("scan.lua, two cores", both, size / 1e6 / both, ours / both))
        definitions = seconds([*scan, "--definitions", *folders], "0", 3)
        print("%-28s %8.3f s %7.0f MB/s" % ("scan.lua --definitions", definitions,
                                            size / 1e6 / definitions))
        with open(os.path.join(place, "ast.py"), "w") as stream:
            stream.write(AST)
        peers = [
            ("cat", ["xargs", "-a", listed, "cat"], 5, 0.25),
            ("tokei", ["tokei", "--no-ignore", *folders], 3, 2.5),
            ("scc", ["scc", "--no-gitignore", "--no-ignore", *folders], 3, 2.5),
            ("ctags", ["ctags", "-f", "-", "-L", listed], 2, 6),
            ("ruff", ["ruff", "check", "--select", "C901", "--no-cache", "--isolated",
                      "--no-respect-gitignore", *folders], 2, 10),
            ("ast", [sys.executable, os.path.join(place, "ast.py"), listed], 1, 150),
            ("radon", ["radon", "cc", *folders], 1, 250),
        ]
        for name, command, times, goal in peers:
            program = found(command[0]) or (command[0] if os.path.isabs(command[0]) else None)
            if program is None:
                print("%-28s not here" % name)
                continue
            spent = seconds([program, *command[1:]], "0", times)
            print("%-28s %8.3f s %7.0f MB/s, scan.lua is %.2f times as fast (wanted: %g)" %
                  (name, spent, size / 1e6 / spent, spent / ours, goal), flush=True)
        one = os.path.join(place, "one.py")
        with open(one, "wb") as stream:
            for path in paths:
                with open(path, "rb") as source:
                    stream.write(source.read())
                if stream.tell() > 100000:
                    break
            stream.truncate(100000)
        print("%-28s %8.2f ms (wanted: 3)" % ("one file of 100 KB",
                                              1000 * seconds([*scan, one], "0", 40)))


if __name__ == "__main__":
    main()
