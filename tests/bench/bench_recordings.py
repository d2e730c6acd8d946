"""Measures how fast recordings are read, against other programs on the same files.

Whole processes run on one core, in turns, and the best of several runs counts. Seconds are
processor time: it equals clock time on an idle machine, and other load changes it less.
Environment:
  BENCH_REPEATED=1000   megabytes of the first recording (500)
  BENCH_TURNS=5         turns (3)
  BENCH_SLOW=1          Python's json module and jq on every file (else on one)
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join("build", "bench")
JQ = ("[.shared.frames[].name] as $n | [.profiles[].samples[]?|select(length>0)|$n[.[-1]]]"
      "|group_by(.)|map([length,.[0]])|sort|reverse|.[]|@tsv")


def build(name, words):
    path = os.path.join(BUILD, name)
    try:
        subprocess.run([*words, "-o", path], check=True, stderr=subprocess.PIPE)
    except (OSError, subprocess.CalledProcessError):
        print("%s: cannot be built here, left out" % name, file=sys.stderr)
        return None
    return path


def build_peers():
    source = lambda name: os.path.join(HERE, name)
    peers = {
        "pyprof-lua": ["build/pyprof-lua", "scripts/json.lua"],
        "read": [build("floor", ["gcc", "-O2", source("floor.c")])],
        "simdjson": [build("peer_simdjson", ["g++", "-std=c++17", "-O3", "-march=native",
                                             source("peer_simdjson.cpp"), "-lsimdjson"])],
        "python": [sys.executable, source("peer_json.py")],
        "jq": ["jq", "-r", JQ] if shutil.which("jq") else [None],
    }
    return {name: words for name, words in peers.items() if words[0]}


def measure(timed, words, cores=1):
    done = subprocess.run([timed, str(cores), *words], stdout=subprocess.PIPE, text=True,
                          check=True)
    status, clock, seconds, memory = done.stdout.split()
    if status != "0":
        return None
    return float(seconds if cores == 1 else clock), int(memory) / 1024


def best(timed, runs, turns):
    """The least seconds and the most memory of each command; the commands run in turns."""
    found = {}
    for turn in range(turns):
        for name, words in runs.items():
            if turn > 0 and name in ("python", "jq"):
                continue
            one = measure(timed, words)
            if one is not None:
                old = found.get(name, one)
                found[name] = (min(old[0], one[0]), max(old[1], one[1]))
    return found


def table(recordings, timed, peers, turns):
    head = "%-20s %-11s %9s %9s %9s %9s %9s" % (
        "recording", "program", "seconds", "MB/s", "x read", "memory", "to ours")
    print(head + "\n" + "-" * len(head))
    for name, path in recordings.items():
        slow = os.environ.get("BENCH_SLOW") or name == "pretty"
        runs = {peer: [*words, path] for peer, words in peers.items()
                if (slow or peer not in ("python", "jq")) and (peer, name) != ("jq", "evented")}
        size = os.path.getsize(path) / 1e6
        found = best(timed, runs, turns)
        ours = found["pyprof-lua"][0]
        for i, (peer, (seconds, memory)) in enumerate(sorted(found.items(), key=lambda f: f[1])):
            label = "%s, %d MB" % (name, size) if i == 0 else ""
            print("%-20s %-11s %9.3f %9.0f %9.1f %6.0f MiB %9.2f" % (
                label, peer, seconds, size / seconds, seconds / found["read"][0], memory,
                seconds / ours))


def two_at_once(timed, path, turns):
    """Compares the throughput of two files on two cores with that of one file on one core."""
    if (os.cpu_count() or 1) < 2:
        return
    one, two = [], []
    for _ in range(turns):
        one.append(measure(timed, ["build/pyprof-lua", "scripts/json.lua", path])[0])
        two.append(measure(timed, ["build/pyprof-lua", "scripts/json.lua", path, path], 2)[0])
    print("\ntwo files on two cores: %.2f times the throughput of one on one" %
          (2 * min(one) / min(two)))


def main():
    os.makedirs(BUILD, exist_ok=True)
    size = os.environ.get("BENCH_REPEATED", "500")
    sizes = ["repeated=" + size, "new=110", "pretty=84", "deep=80", "evented=100"]
    subprocess.run([sys.executable, os.path.join(HERE, "make_recordings.py"), BUILD, *sizes],
                   check=True)
    recordings = {word.split("=")[0]: os.path.join(BUILD, word.split("=")[0] + ".json")
                  for word in sizes}
    timed = build("timed", ["gcc", "-O2", "-D_GNU_SOURCE", os.path.join(HERE, "timed.c")])
    turns = int(os.environ.get("BENCH_TURNS", "3"))
    for path in recordings.values():
        with open(path, "rb") as file:  # fills the page cache
            while file.read(1 << 20):
                pass
    table(recordings, timed, build_peers(), turns)
    two_at_once(timed, recordings["repeated"], turns)


if __name__ == "__main__":
    main()
