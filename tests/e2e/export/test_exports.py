"""Each export is read by a foreign program, or by a few lines written from the format's own
documentation: their functions and totals are those of `top`."""
import collections
import gzip
import json
import os
import pty
import re
import shutil
import subprocess
import tempfile

from check import PROGRAM, Skip, equal, finish, holds, run, test

SAMPLE = "tests/data/sample.speedscope.json.gz"
GOLDEN = "tests/data/calculator.speedscope.json"
FOLDER = tempfile.mkdtemp(prefix="pyprof-exports-")


def export(name, recording, *options, more=()):
    path = os.path.join(FOLDER, name)
    done = run(name + ".lua", *options, "-o", path, recording, *more)
    equal((done.status, done.out), (0, ""))
    if not options:
        equal(done.err, "")
    return path


def functions(recording, *options):
    """(name, file) → (self, total, self weight, total weight), and the profile's two sums."""
    code = """local p = subject.profile
      print(p.samples, ("%.9f"):format(p.weight))
      for _, r in ipairs(p:functions()) do
        print(("%s\\t%s\\t%d\\t%d\\t%.9f\\t%.9f"):format(r.name, r.file, r.self, r.total,
          r.self_weight, r.total_weight)) end"""
    done = run(*options, "-e", code, recording)
    equal(done.status, 0, done.err)
    first, *lines = done.out.splitlines()
    rows = {}
    for line in lines:
        name, file, *numbers = line.split("\t")
        rows[name, file] = tuple(float(n) if "." in n else int(n) for n in numbers)
    samples, weight = first.split("\t")
    return int(samples), float(weight), rows


def close(a, b):
    assert abs(a - b) < 1e-4 * max(1, abs(b)), (a, b)


def tool(*words):
    if not shutil.which(words[0]):
        raise Skip("%s is absent" % words[0])
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=120)
    equal(done.returncode, 0, done.stderr)
    return done.stdout


# --- pprof

def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at, number, shift = at + 1, number | (byte & 0x7f) << shift, shift + 7
        if byte < 0x80:
            return number, at


def fields(data):
    """The fields of a message, by number: lists of integers and bytes."""
    found, at = collections.defaultdict(list), 0
    while at < len(data):
        tag, at = varint(data, at)
        value, at = varint(data, at)
        if tag & 7 == 2:
            assert at + value <= len(data)
            value, at = data[at:at + value], at + value
        else:
            equal(tag & 7, 0)
        found[tag >> 3].append(value)
    return found


def unpacked(data):
    numbers, at = [], 0
    while at < len(data):
        number, at = varint(data, at)
        numbers.append(number)
    return numbers


@test
def pprof_holds_functions_lines_and_labels():
    profile = fields(gzip.open(export("pprof", SAMPLE)).read())
    strings = [text.decode() for text in profile[6]]
    equal(strings[0], "")
    equal(len(set(strings)), len(strings))
    kinds = [tuple(strings[fields(kind)[i][0]] for i in (1, 2)) for kind in profile[1]]
    equal(kinds, [("samples", "count"), ("time", "nanoseconds")])
    names, places = {}, {}
    for one in map(fields, profile[5]):
        names[one[1][0]] = (strings[one[2][0]], strings[one[4][0]])
    for one in map(fields, profile[4]):
        line, = map(fields, one[4])
        places[one[1][0]] = (names[line[1][0]], line[2][0])
    rows = collections.defaultdict(lambda: [0, 0, 0, 0])
    threads, lines = collections.Counter(), collections.Counter()
    for one in map(fields, profile[2]):
        stack = [places[number] for number in unpacked(one[1][0])]
        samples, weight = unpacked(one[2][0])
        rows[stack[0][0]][0] += samples
        rows[stack[0][0]][2] += weight / 1e9
        lines[stack[0][0][1], stack[0][1]] += samples
        for name in {place[0] for place in stack}:
            rows[name][1] += samples
            rows[name][3] += weight / 1e9
        labels = {strings[label[1][0]]: label for label in map(fields, one[3])}
        threads[labels["thread_id"][3][0]] += samples
    samples, weight, want = functions(SAMPLE)
    equal(set(rows), set(want))
    for name in want:
        equal(rows[name][:2], list(want[name][:2]), name)
        close(rows[name][2], want[name][2])
        close(rows[name][3], want[name][3])
    said = json.loads(run("json.lua", SAMPLE).out)["runtime"]
    equal(threads, {row["id"]: row["samples"] for row in said["threads"]})
    equal({place: n for place, n in lines.items() if n},
          {(row["file"], row["line"]): row["self"] for row in said["lines"] if row["self"]})
    equal(gzip.open(export("pprof", SAMPLE)).read(), gzip.open(export("pprof", SAMPLE)).read())


@test
def go_tool_pprof_shows_what_top_shows():
    path = export("pprof", SAMPLE)
    text = tool("go", "tool", "pprof", "-top", "-sample_index=samples", "-nodecount=30", path)
    rows = re.findall(r"^ +(\d+) +[\d.]+% +[\d.]+% +(\d+) +[\d.]+%  (.*)$", text, re.M)
    assert len(rows) == 30, text
    _, _, want = functions(SAMPLE)
    names = collections.Counter(name for name, _ in want)
    alone = {name: row for (name, _), row in want.items() if names[name] == 1}
    compared = 0
    for self, total, name in rows:
        if name in alone:
            equal((int(self), int(total)), alone[name][:2], name)
            compared += 1
    assert compared > 15, text
    holds(text, "of %d total" % functions(SAMPLE)[0])
    # Names in angle brackets stay, and so do the lines.
    holds(tool("go", "tool", "pprof", "-top", "-lines", export("pprof", GOLDEN)), "<module>")


@test
def pprof_takes_views_and_other_units():
    samples, _, _ = functions(SAMPLE, "--thread", "name:batch")
    profile = fields(gzip.open(export("pprof", SAMPLE, "--thread", "name:batch")).read())
    equal(sum(unpacked(fields(one)[2][0])[0] for one in profile[2]), samples)
    folded = os.path.join(FOLDER, "x.folded")
    with open(folded, "w") as file:
        file.write("a;b 3\na;c;b 4\n")
    profile = fields(gzip.open(export("pprof", folded)).read())
    equal(sorted(unpacked(fields(one)[2][0]) for one in profile[2]), [[3, 3], [4, 4]])


@test
def binary_output_never_meets_a_terminal():
    parent, child = pty.openpty()
    marker = os.path.join(FOLDER, "ran")
    done = subprocess.run([PROGRAM, "pprof.lua", "-c", "open(%r, 'w')" % marker], stdout=child,
                          stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(child)
    os.close(parent)
    equal((done.returncode, os.path.exists(marker)), (2, False))
    equal(done.stderr, "pyprof-lua: pprof.lua: not text: a terminal cannot show it (-o FILE)\n")
    done = subprocess.run([PROGRAM, "pprof.lua", GOLDEN], stdout=subprocess.PIPE, timeout=60)
    with open(export("pprof", GOLDEN), "rb") as file:
        equal(done.stdout, file.read())


# --- callgrind

def callgrind(path):
    """Reads the file as its documentation says, for those parts that we write."""
    names, self, calls = {}, collections.Counter(), collections.Counter()
    def name_of(text):
        number, name = re.fullmatch(r"\((\d+)\)(?: (.*))?", text).groups()
        assert name is None or number not in names, text
        return names.setdefault(number, name)
    place = callee = called = None
    for line in open(path).read().splitlines():
        key, _, value = line.partition("=")
        if key in ("fl", "cfi"):
            file = "" if value == "???" else value
        elif key == "fn":
            place = (name_of(value), file)
        elif key == "cfn":
            callee = (name_of(value), file)
        elif key == "calls":
            called = callee
        elif re.fullmatch(r"\d+ \d+ \d+", line):
            _, weight, samples = map(int, line.split())
            if called:
                calls[place, called] += samples
            else:
                self[place] += samples
            called = None
    return self, calls


@test
def callgrind_holds_functions_and_calls():
    self, calls = callgrind(export("callgrind", SAMPLE))
    samples, _, want = functions(SAMPLE)
    equal(sum(self.values()), samples)
    equal(dict(self), {name: row[0] for name, row in want.items() if row[0]})
    code = """for _, f in ipairs(subject.profile:functions { limit = 40 }) do
        for _, r in ipairs(subject.profile:callees(f)) do
          if r.name ~= "(self)" then print(f.name, f.file, r.name, r.file, r.samples) end
        end end"""
    compared = 0
    for line in run("-e", code, SAMPLE).out.splitlines():
        name, file, callee, its_file, samples = line.split("\t")
        # callgrind has only innermost calls, we have all: the same without recursion.
        assert calls[(name, file), (callee, its_file)] >= int(samples), line
        compared += 1
    assert compared > 20, compared


@test
def callgrind_annotate_shows_what_top_shows():
    text = tool("callgrind_annotate", "--auto=no", export("callgrind", SAMPLE))
    samples, weight, want = functions(SAMPLE)
    head = re.search(r"^([\d,]+) \(100.0%\) ([\d,]+) \(100.0%\)  PROGRAM TOTALS", text, re.M)
    equal(int(head[2].replace(",", "")), samples)
    close(int(head[1].replace(",", "")) / 1e6, weight)
    rows = re.findall(r"^ *([\d,]+) \( ?[\d.]+%\) +([\d,]+) \( ?[\d.]+%\)  (\S+):(.*)$", text, re.M)
    assert len(rows) > 20, text
    for weight, samples, file, name in rows:
        equal(int(samples.replace(",", "")), want[name, file][0], name)
        close(int(weight.replace(",", "")) / 1e6, want[name, file][2])


# --- chrome

@test
def chrome_events_nest_and_last_as_long():
    events = json.load(open(export("chrome", SAMPLE)))["traceEvents"]
    threads = {}
    self, total = collections.Counter(), collections.Counter()
    for event in events:
        thread = event["pid"], event["tid"]
        if event["ph"] == "M":
            threads[thread] = [[], 0]
            continue
        stack, now = threads[thread]
        spent = event["ts"] - now
        assert spent > -0.01, event
        if stack:
            self[stack[-1]] += spent
            for name in set(stack):
                total[name] += spent
        threads[thread][1] = event["ts"]
        name = event["name"], event["args"]["file"]
        if event["ph"] == "B":
            stack.append(name)
        else:
            equal((event["ph"], stack.pop()), ("E", name))
    assert all(not stack for stack, _ in threads.values())
    _, _, want = functions(SAMPLE)
    equal(set(total), set(want))
    for name in want:
        close(self[name] / 1e6, want[name][2])
        close(total[name] / 1e6, want[name][3])


@test
def chrome_keeps_threads_apart_that_are_named_alike():
    events = json.load(open(export("chrome", GOLDEN, more=[GOLDEN])))["traceEvents"]
    equal(len({event["tid"] for event in events}), 2)


# --- firefox

@test
def firefox_tables_are_whole_and_agree_with_top():
    profile = json.load(open(export("firefox", SAMPLE)))
    equal(profile["meta"]["preprocessedProfileVersion"], 49)
    self, total = collections.Counter(), collections.Counter()
    for thread in profile["threads"]:
        for key, table in thread.items():
            if isinstance(table, dict):
                for column, values in table.items():
                    if isinstance(values, list):
                        equal(len(values), table["length"], (key, column))
        strings, stacks = thread["stringArray"], thread["stackTable"]
        frames, functions_ = thread["frameTable"], thread["funcTable"]
        known = []
        for prefix, frame in zip(stacks["prefix"], stacks["frame"]):
            assert prefix is None or prefix < len(known)
            func = frames["func"][frame]
            name = strings[functions_["name"][func]], strings[functions_["fileName"][func]]
            known.append(([] if prefix is None else known[prefix]) + [name])
        samples = thread["samples"]
        equal(samples["time"], sorted(samples["time"]))
        for stack, weight in zip(samples["stack"], samples["weight"]):
            self[known[stack][-1]] += weight / 1000
            for name in set(known[stack]):
                total[name] += weight / 1000
    _, _, want = functions(SAMPLE)
    equal(set(total), set(want))
    for name in want:
        close(self[name], want[name][2])
        close(total[name], want[name][3])


@test
def what_has_no_time_is_said():
    path = os.path.join(FOLDER, "y.folded")
    with open(path, "w") as file:
        file.write("a;b 3\n")
    for name in "chrome", "firefox":
        done = run(name + ".lua", path)
        equal((done.status, done.out), (2, ""))
        equal(done.err, "pyprof-lua: %s.lua: the recording has no time (pprof.lua and "
              "callgrind.lua need none)\n" % name)


try:
    finish()
finally:
    shutil.rmtree(FOLDER)
