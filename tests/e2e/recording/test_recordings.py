"""Recordings of all kinds: the result is that of a simple reader in Python."""
import gzip
import json
import os
import random
import re
import subprocess
import tarfile
import tempfile

import truth
from check import PROGRAM, Skip, equal, finish, holds, run, test

DUMP = "tests/e2e/recording/dump.lua"
CONFORMANCE = os.path.join("..", "shared", "conformance")
CASES = int(os.environ.get("PYPROF_RECORDING_CASES", "1200"))
SMALL = ('{"shared":{"frames":[{"name":"a","file":"a.py","line":1},{"name":"b"}]},"profiles":'
         '[{"type":"sampled","name":"t","unit":"seconds","startValue":0,"endValue":3,'
         '"samples":[[0],[0,1],[]],"weights":[0.01,1e-2,0.5]}]%s}')


def dumps(paths, metrics=None, input=None):
    """The output of dump.lua for each file, in one process."""
    with tempfile.NamedTemporaryFile("w", suffix=".list") as names:
        for i, path in enumerate(paths):
            names.write("%s\t%s\n" % (path, (metrics or {}).get(i, "")))
        names.flush()
        done = subprocess.run([PROGRAM, DUMP, names.name], input=input, timeout=600,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr.decode()
    lines = done.stdout.decode().splitlines()
    equal(len(lines), len(paths))
    return [json.loads(line) for line in lines]


def dump_text(*texts):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i, text in enumerate(texts):
            paths.append(os.path.join(folder, "r%d" % i))
            with open(paths[-1], "wb") as file:
                file.write(text if isinstance(text, bytes) else text.encode())
        return dumps(paths)


def exact(text):
    return float.fromhex(text) if "0x" in text or "inf" in text else int(text)


def as_truth(said):
    """dump.lua's answer in the form of truth.truth's."""
    assert "error" not in said, said["error"]
    quality = {one["what"]: one["count"] for one in said["quality"] or []}
    return {
        "samples": said["samples"], "empty": said["empty"], "weight": exact(said["weight"]),
        "rate": exact(said["rate"]), "metric": said["metric"],
        "metrics": sorted(said["metrics"] or []), "has_time": said["has_time"],
        "gate": quality.get("samples of the gate", 0),
        "stacks": sorted((frames_of(s), int(s["samples"]), exact(s["weight"]))
                         for s in said["stacks"] or []),
        "threads": sorted((t.get("pid", -1), t.get("id", -1), t["name"], t["command"],
                           int(t["samples"]), exact(t["weight"])) for t in said["threads"] or []),
    }


def frames_of(one):
    return tuple((name, file, int(line)) for name, file, line in one["frames"])


def compare(said, want, number):
    got = as_truth(said)
    for key in want:
        if key != "starts":
            equal(got[key], want[key], "%s of recording %d" % (key, number))
    for run in said["runs"] or []:  # the start of the first of several samples
        name, file, line = run["frame"]
        start = ((name, file, int(line)), "%.9e" % exact(run["from"]))
        assert start in want["starts"], "%r of recording %d" % (start, number)


@test
def random_recordings_mean_what_python_says():
    rng = random.Random(20)
    with tempfile.TemporaryDirectory() as folder:
        texts, paths, metrics, wanted = [], [], {}, {}
        for i in range(CASES):
            text = truth.write(truth.recording(rng), rng, rng.choice(["none", "pretty", "wild"]))
            texts.append(text)
            paths.append(os.path.join(folder, "r%d.json" % i))
            packed = rng.random() < 0.1
            with (gzip.open if packed else open)(paths[-1], "wb") as file:
                file.write(text.encode())
            if rng.random() < 0.3:
                names = truth.truth(text)["metrics"]
                if names:
                    wanted[i] = rng.randrange(len(names))
                    metrics[i] = names[wanted[i]].upper()
        for i, said in enumerate(dumps(paths, metrics)):
            compare(said, truth.truth(texts[i], wanted.get(i)), i)
    print("# %d recordings" % CASES)


@test
def cut_off_anywhere_is_an_error():
    whole = (SMALL % "").encode()
    for i, said in enumerate(dump_text(*[whole[:i] for i in range(len(whole))])):
        assert "error" in said, "cut off at %d" % i
        holds(said["error"], "/r%d: " % i)
    packed = gzip.compress(whole)
    for i, said in enumerate(dump_text(*[packed[:i] for i in range(3, len(packed))])):
        holds(said["error"], "gzip")


@test
def a_byte_changed_anywhere_never_crashes():
    whole = (SMALL % "").encode()
    rng = random.Random(5)
    texts = []
    for i in range(len(whole)):
        for byte in rng.sample(range(256), 3):
            texts.append(whole[:i] + bytes([byte]) + whole[i + 1:])
    equal(len(dump_text(*texts)), len(texts))


@test
def gzip_in_parts_and_standard_input():
    whole = (SMALL % "").encode()
    parts = gzip.compress(whole[:50]) + gzip.compress(whole[50:]) + b"\0" * 20
    plain, packed = dump_text(whole, parts)
    equal(plain, packed)
    equal(dumps(["-"], input=whole)[0], plain)
    equal(dumps(["-"], input=gzip.compress(whole))[0], plain)
    holds(dump_text(parts + b"x")[0]["error"], "garbage after the data")


@test
def recordings_are_known_however_they_come():
    with tempfile.TemporaryDirectory() as directory:
        def written(name, data):
            path = os.path.join(directory, name)
            with open(path, "wb") as stream:
                stream.write(data)
            return path

        def samples(*words, **options):
            result = run("-e", "print(p.samples)", *words, **options)
            equal(result.err, "")
            return int(result.out)
        deep = ";".join("a_function_of_some_length" for _ in range(5000))
        equal(samples(written("deep.folded", ("%s 3\n" % deep).encode())), 3)
        plain = written("plain.folded", b"a;b 5\na;c 1.5\n")
        equal(run("-e", "print(p.samples, p.weight)", plain).out, "6\t6.5\n")
        inner = os.path.join(directory, "inner")
        os.mkdir(inner)
        written("inner/one.folded", b"a 1\n")
        written("inner/two.folded", b"a 2\n")
        equal(samples(inner, plain), 9)
        equal(samples(plain, inner), 9)
        refused = run("top.lua", inner, os.path.join(directory, "nosuch"))
        equal((refused.status, refused.err.count("\n")), (1, 1))
        pipe = os.path.join(directory, "pipe")
        os.mkfifo(pipe)
        with subprocess.Popen(["cp", plain, pipe]) as writer:
            equal(samples(pipe), 6)
            equal(writer.wait(), 0)
        broken = written("broken.gz", gzip.compress(b"a;b 5\n")[:-1])
        refused = run("top.lua", broken)
        equal(refused.status, 1)
        holds(refused.err, "broken.gz: gzip, byte ")
        huge = written("huge.json", b'{"shared":{"frames":[{"name":"a"}]},"profiles":[{"type":'
                       b'"sampled","name":"x","unit":"none","startValue":0,"endValue":1,'
                       b'"samples":[[0],[0]],"weights":[1e308,1e308]}]}')
        holds(run("top.lua", huge).err, "weights that are too large to be added up")


@test
def a_tree_of_any_depth_is_drawn():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "deep.folded")
        with open(path, "w") as stream:
            stream.write(";".join("f%d" % (i % 7) for i in range(20000)) + " 1\n")
        drawn = run("tree.lua", path)
        equal((drawn.status, drawn.err), (0, ""))
        assert max(len(line) for line in drawn.out.splitlines()) <= 80


@test
def json_of_the_conformance_cases():
    archive = os.path.join(CONFORMANCE, "json_parsing.tar.xz")
    if not os.path.exists(archive):
        raise Skip("%s is absent" % archive)
    names, texts = [], []
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            if not member.isfile():
                continue
            names.append(os.path.basename(member.name))
            before, after = (SMALL % ',"x":@').encode().split(b"@")
            texts.append(before + tar.extractfile(member).read() + after)
    assert len(names) > 200, len(names)
    for name, said in zip(names, dump_text(*texts)):
        if name.startswith("y_"):
            assert "error" not in said, "%s: %s" % (name, said)
        if name.startswith("n_"):
            assert "error" in said, name


@test
def speedscopes_own_samples():
    folder = os.path.join(CONFORMANCE, "samples")
    if not os.path.exists(folder):
        raise Skip("%s is absent" % folder)
    paths = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
    for path, said in zip(paths, dumps(paths)):
        equal("error" in said, "invalid" + os.sep in path, path)
        if os.path.basename(path).startswith("simple"):
            equal((said["samples"], exact(said["weight"])), (5, 14.0) if "sampled" in path else
                  (4, 14.0) if "speedscope" in path else (14, 14.0), path)


def folded_truth(text):
    stacks = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([^#].*) (\d+)", line.rstrip())
        if match:
            stack = tuple((name, "", 0) for name in match[1].split(";"))
            stacks[stack] = stacks.get(stack, 0) + int(match[2])
    return sorted((stack, count, float(count)) for stack, count in stacks.items() if count)


@test
def folded_text_at_random():
    rng = random.Random(3)
    texts = []
    for _ in range(200):
        lines = ["m 1"]
        for _ in range(rng.randrange(60)):
            names = [rng.choice(["a", "b c", "f(x)", "é", "K.m", "<module>", "d e 5"])
                     for _ in range(rng.randrange(1, 20))]
            lines.append(";".join(names) + " %d" % rng.choice([1, 1, 7, 10**9]))
            if rng.random() < 0.1:
                lines.append(rng.choice(["# a comment 3", "", "no count", "// x"]))
        texts.append(rng.choice(["\n", "\r\n"]).join(lines) + rng.choice(["", "\n"]))
    encoded = [text.encode(rng.choice(["utf-8", "utf-8-sig", "utf-16"])) for text in texts]
    for text, said in zip(texts, dump_text(*encoded)):
        equal(as_truth(said)["stacks"], folded_truth(text))


finish()
