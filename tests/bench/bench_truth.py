"""How far the shares of profilers are from the truth, quiet and on a busy machine.

The programs in truth/ know what processor time each of their functions took. For each profiler the
table has the summed error: the differences of all functions' shares, and of the rest's, from the
true ones, in points; and in brackets the share of what only waited (what no named function did).
Side by side: this program by CPU time and by samples, py-spy itself, Scalene by its own default and
by virtual time, pyinstrument (it sees one thread). Those that BENCH_PYTHON has not are left out.
  BENCH_PYTHON=python   the interpreter that runs the programs and has the peers (this one)
  BENCH_LOADS=0,4,8,16  busy loops beside the program
  BENCH_RATE=200        samples a second, of all of them
  BENCH_TURNS=3         the median of so many runs counts
  BENCH_ONLY=fourteen   only that program
"""
import ast
import collections
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "truth")
PROGRAM = os.path.abspath(os.environ.get("BENCH_PROGRAM", os.path.join("build", "pyprof-lua")))
PY_SPY = os.path.join(os.path.dirname(sys.executable), "py-spy")
PYTHON = os.environ.get("BENCH_PYTHON", sys.executable)
LOADS = [int(load) for load in os.environ.get("BENCH_LOADS", "0,4,8,16").split(",")]
TURNS = int(os.environ.get("BENCH_TURNS", "3"))
RATE = os.environ.get("BENCH_RATE", "200")
PROGRAMS = ["fourteen", "waiting", "blocked", "asleep"]
ELSEWHERE = "(elsewhere)"
LINES = """return { help = "none", needs = { "profile" }, run = function(subject)
  local list = {}
  for _, row in ipairs(subject.profile:lines {}) do
    list[#list + 1] = { name = row.name, file = row.file, line = row.line, amount = row.self_weight }
  end
  return list
end }"""


def key_finder(known):
    """From a file and a line in it, or the name of a function made by exec, to its key."""
    spans = collections.defaultdict(list)
    for name in os.listdir(HERE):
        if not name.endswith(".py") or name == "known.py":
            continue
        with open(os.path.join(HERE, name)) as file:
            tree = ast.parse(file.read())
        for node in ast.walk(tree):
            key = getattr(node, "name", None)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                key = node.targets[0].id
            if name == "other.py" and key:
                key += " (other)"
            if key in known:
                spans[name].append((node.lineno, node.end_lineno, key))

    def find(file, line, name):
        if file == "<made>":
            return name if name in known else ELSEWHERE
        for first, last, key in spans[os.path.basename(file)]:
            if first <= line <= last:
                return key
        return ELSEWHERE
    return find


def summed(found, known):
    find, amounts = key_finder(known), collections.Counter()
    for file, line, name, amount in found:
        amounts[find(file or "", line or 0, name)] += amount
    return amounts


def ours(weight):
    def words(path, out):
        with open(out + ".lua", "w") as file:
            file.write(LINES)
        return [PROGRAM, out + ".lua", "--format", "json", "-o", out, "--weight", weight,
                "--rate", RATE, "--py-spy", PY_SPY, "--python", PYTHON, path]

    def read(out):
        with open(out) as file:
            rows = json.load(file)
        return [(row["file"], row["line"], row["name"], row["amount"]) for row in rows]
    return words, read


def py_spy():
    def words(path, out):
        return [PY_SPY, "record", "-r", RATE, "-f", "speedscope", "-o", out, "--", PYTHON, path]

    def read(out):
        with open(out) as file:
            data = json.load(file)
        frames = data["shared"]["frames"]
        for profile in data["profiles"]:
            for stack, weight in zip(profile["samples"], profile["weights"]):
                if stack:
                    leaf = frames[stack[-1]]
                    yield leaf["file"], leaf["line"], leaf["name"], weight
    return words, read


def scalene(*options):
    def words(path, out):
        return [PYTHON, "-m", "scalene", "run", "--cpu-only", "--cpu-percent-threshold", "0",
                "--cpu-sampling-rate", str(1 / int(RATE)), *options, "-o", out, path]

    def read(out):
        with open(out) as file:
            data = json.load(file)
        for path, content in data.get("files", {}).items():  # none: it had no sample
            for line in content["lines"]:
                yield path, line["lineno"], None, (line["n_cpu_percent_python"] +
                                                   line["n_cpu_percent_c"] +
                                                   line["n_sys_percent"])
    return words, read


def pyinstrument():
    def words(path, out):
        return [PYTHON, "-m", "pyinstrument", "-i", str(1 / int(RATE)), "-r", "json",
                "-o", out, path]

    def read(out):
        with open(out) as file:
            waiting = [json.load(file)["root_frame"]]
        while waiting:
            frame = waiting.pop()
            own = frame["time"] - sum(child["time"] for child in frame["children"])
            yield frame["file_path"], frame["line_no"], frame["function"], max(0.0, own)
            waiting += frame["children"]
    return words, read


def tools():
    found = {"ours, CPU": ours("cpu"), "ours, samples": ours("samples"), "py-spy": py_spy()}
    peers = {"Scalene": ("scalene", scalene()),
             "Scalene, virtual": ("scalene", scalene("--use-virtual-time")),
             "pyinstrument": ("pyinstrument", pyinstrument())}
    for name, (module, way) in peers.items():
        if subprocess.run([PYTHON, "-c", "import " + module],
                          stderr=subprocess.DEVNULL).returncode == 0:
            found[name] = way
    return found


def measure(program, way, folder):
    """The summed error and the share of what no named function did, in points; None: no profile."""
    words, read = way
    out, truth = os.path.join(folder, "out.json"), os.path.join(folder, "truth")
    for path in (out, truth):
        if os.path.exists(path):
            os.unlink(path)
    done = subprocess.run(words(os.path.join(HERE, program + ".py"), out), timeout=300,
                          env=dict(os.environ, TRUTH=truth), cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if not os.path.exists(out) or not os.path.exists(truth):
        print(done.stdout, file=sys.stderr)
        return None
    with open(truth) as file:
        known = json.load(file)
    amounts = summed(read(out), known)
    total, true_total = sum(amounts.values()), sum(known.values())
    if total == 0:
        return None
    error = sum(abs(100 * amounts[key] / total - 100 * known[key] / true_total) for key in known)
    return error, 100 * amounts[ELSEWHERE] / total, 100 * known[ELSEWHERE] / true_total


def main():
    found = tools()
    head = "%-9s %4s %7s" % ("program", "load", "waits") + "".join("%18s" % name for name in found)
    print(head + "\n" + "-" * len(head))
    with tempfile.TemporaryDirectory() as folder:
        for program in PROGRAMS:
            if os.environ.get("BENCH_ONLY", program) != program:
                continue
            for load in LOADS:
                loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
                         for _ in range(load)]
                try:
                    # In turns, so that other load of the machine is the same for all of them.
                    results = {name: [] for name in found}
                    for _ in range(TURNS):
                        for name, way in found.items():
                            results[name].append(measure(program, way, folder))
                finally:
                    for loop in loops:
                        loop.kill()
                        loop.wait()
                cells, waits = [], []
                for name in found:
                    good = [one for one in results[name] if one is not None]
                    if not good:
                        cells.append("%18s" % "no profile")
                        continue
                    waits += [one[2] for one in good]
                    cells.append("%18s" % ("%.1f (%.1f)" % (
                        statistics.median(one[0] for one in good),
                        statistics.median(one[1] for one in good))))
                print("%-9s %4d %7s" % (program, load, "%.1f" % statistics.median(waits)) +
                      "".join(cells), flush=True)


main()
