"""make_seeds.py DIRECTORY: writes the inputs that the fuzzers begin with, a folder for each: stored
recordings and source, the program's output for them, and small files for all other cases."""
import cProfile
import glob
import gzip
import json
import marshal
import os
import re
import shutil
import struct
import subprocess
import sys

SEEDS = sys.argv[1]
RECORDING = "tests/data/calculator.speedscope.json"
LONGEST = 16384


def seed(fuzzer, *texts):
    folder = os.path.join(SEEDS, fuzzer)
    os.makedirs(folder, exist_ok=True)
    for text in texts:
        text = text.encode() if isinstance(text, str) else text
        with open(os.path.join(folder, f"{len(os.listdir(folder)):03}"), "wb") as file:
            file.write(text[:LONGEST])


def read(path):
    with open(path, "rb") as file:
        return file.read()


def written(report):
    return subprocess.run(["build/pyprof-lua", report, RECORDING], check=True,
                          capture_output=True).stdout


def speedscope(profiles, frames=("a", "b", "c"), **more):
    return json.dumps({"shared": {"frames": [
        {"name": name, "file": f"{name}.py", "line": i} if i else {"name": name}
        for i, name in enumerate(frames)]}, "profiles": profiles, **more})


def sampled(name, unit, samples, weights, **more):
    return {"type": "sampled", "name": name, "unit": unit, "startValue": 0,
            "endValue": sum(weights), "samples": samples, "weights": weights, **more}


STACKS = [[0, 1], [0, 1], [0, 1, 2], [], [0], [0, 1]]
WEIGHTS = [0.01, 0.01, 0.02, 1, 0, 1e-3]
EVENTS = [("O", 0, 0), ("O", 1, 0.5), ("C", 1, 2), ("O", 2, 2), ("C", 2, 3.25), ("C", 0, 4)]
SPEEDSCOPES = [
    read(RECORDING),
    speedscope([]),
    speedscope([sampled('Thread 0x7F "main"', "seconds", STACKS, WEIGHTS)], exporter="py-spy@0.4"),
    speedscope([sampled("", "none", STACKS, [1] * 6), sampled("", "none", [[2]] * 40, [1] * 40)]),
    speedscope([sampled(f"{kind} profile for 12:0:34", "microseconds", STACKS, WEIGHTS)
                for kind in ("CPU time", "Wall time", "Memory allocation")], activeProfileIndex=1),
    speedscope([sampled("Memory", "bytes", STACKS, WEIGHTS),
                sampled("Allocations", "none", STACKS, WEIGHTS)]),
    speedscope([sampled("x", "seconds", STACKS, WEIGHTS)],
               ('process 1:"a b"', "thread (0x12): t", "thread (7)")),
    speedscope([{"type": "evented", "name": "e", "unit": "milliseconds", "startValue": 0,
                 "endValue": 4, "events": [{"type": t, "frame": f, "at": at}
                                           for t, f, at in EVENTS]}], x={"y": [None, True, "\\"]}),
    speedscope([sampled("x", "seconds", STACKS, WEIGHTS)], **{"pyprof-lua": {
        "format": 1, "command": ["a.py"], "exit": None, "threads": [{"at": [0.5, 1]}]}}),
    '{"profiles":[{"type":"sampled","unit":"seconds","samples":[[0],[0]],"weights":[1e0,-0.0]}],'
    '"shared":{"frames":[{"name":"\\ud83d\\ude00\\u0000\\ud800é\\n","col":1}]}}',
]
FOLDED = [
    "a;b;c 3\na;b 2\n\n# note\na 1.5\nno count\n{closure};main 3\n",
    "# austin: 4.0.0\n# mode: wall\nP1;T0x7:2;x.py:f:3;y.py:g:4 100\nP1;T2;x.py:f:3 7,0,-4\n",
    "tid:12;main (a.py:3);f (a.py:4) 10\ntid:13;thread (7): x;g (b.py:0) 2\r\n",
    'process 1:"py a.py";thread (0x7): main;f (a.py:1) 1\n', "f 18446744073709551616\ng -1\n",
]
CALLGRINDS = [
    """# callgrind format
version: 1
creator: x
positions: instr line
events: Cycles ns
summary: 10 20

fl=(1) a.py
fn=(1) main
0x10 3 5 7
+4 +2 1
cfi=(2) b.py
cfn=(2) f
calls=2 0x20 9
* * 4 4
fi=(2)
* -1 2 2
fe=(1)
jcnd=1/2 +3 +4
jump=3 +1 +1
fl=(2)
fn=(2)
* 9 1
ob=x
totals: 1
""",
    "events: s\nfn=a\n1 2\ncfn=b\ncalls=1 3\n1 1\nfl=???\nfn=b\n3 4\ncfn=a\ncalls=1 0\n3 9\n",
]
PATTERNS = [
    (0, r"(\w+)\s*=\s*(?<value>\d+)", "a = 1, bc=23"), (1, "(?i)eval\\(|EXEC", "Eval(x) exec"),
    (16, "[é-ü]+|\\p{L}", "aéü\xff"), (2, "^|$", "a\nb\n"),
    (8, "a b # c", "ab"), (32, "a?", "aab"),
    (0, "(a+)+$", "aaaaaaaab"), (4, "(?<=a)b|(?!c).\\Kd|\\bx\\b", "ab.d x"), (0, "", "abc"),
    (0, "(?<q>['\"])(?:\\\\.|(?!\\k<q>).)*+\\k<q>", "'a\\'' \"b\""),
    (0, "(*UTF)(*NO_JIT)\\R", "\r\n"),
    (0, "(?(DEFINE)(?<n>[a-z]+(?:\\((?&n)\\))?))(?&n)", "a(b(c))"),
    (0, "(?|(a)|(b))\\1{2,3}?", "bbb"),
]
NUMBERS = [
    "0 -0 01 10] 1.5, 1e5 1E+05 - .5 +1 1. 1.e3 1e 1e- NaN Inf 0x10 1.5.5",
    "0.1 0.30000000000000004 9007199254740993 9007199254740992.9999999999999999999",
    "123456789012345678 1.7976931348623157e308 5e-324 2.4703282292062327e-324 1e22 1e23 8.41e21",
    "0.000000000000000000012345678901234567 9223372036854775807 18446744073709551616 1e-400 1e400",
    "0.500000000000000166533453693773481063544750213623046875 4503599627370497.5 0e999 120e-1",
]
TEMPLATES = [
    "{rank}. {name} - {self} samples ({self%})\n\0, ",
    "{file:line}{tree}{path}{self_weight:seconds}",
    "{name}{line:count}\n{change_share}{change_weight:bytes}{list}{flag}", "{name", "}{{}{no:such}",
    "rank\nname;head=x\nself;format=percent\nself%;align=left\nline;optional=1\ntree\nlist\nx;y=z",
]


def plain(value):
    if value is None or isinstance(value, bool):
        return {None: b"n", True: b"t", False: b"f"}[value]
    if isinstance(value, int):
        return b"i" + struct.pack("<q", value)
    if isinstance(value, float):
        return b"d" + struct.pack("<d", value)
    if isinstance(value, str):
        return b"s" + struct.pack("<I", len(value)) + value.encode()
    if isinstance(value, list):
        return b"[" + b"".join(plain(i + 1) + plain(x) for i, x in enumerate(value)) + b"}"
    return b"{" + b"".join(plain(k) + plain(v) for k, v in value.items()) + b"}"


def main():
    shutil.rmtree(SEEDS, ignore_errors=True)
    seed("speedscope", *SPEEDSCOPES)
    folded = [written("folded.lua"), *FOLDED]
    seed("folded", *folded)
    pprofs = [gzip.decompress(read(path)) for path in sorted(glob.glob("tests/e2e/*.pprof"))]
    pprofs.append(gzip.decompress(written("pprof.lua")))
    seed("pprof", *pprofs)

    texts = [text if isinstance(text, bytes) else text.encode()
             for text in SPEEDSCOPES[-3:] + folded + pprofs]
    packed = [gzip.compress(text, mtime=0) for text in texts]
    seed("input", *texts, *packed, packed[0] + packed[1] + bytes(9), packed[0] + b"x",
         gzip.compress(bytes(100000), mtime=0), "\ufeff{}".encode(), "a;😀 1".encode("utf-16"),
         b"\xfe\xff" + "b 1".encode("utf-16-be"), gzip.compress("c 2".encode("utf-16"), mtime=0))

    sources = [*glob.glob("tests/e2e/*.py"), *glob.glob("examples/**/*.py", recursive=True)]
    for i, path in enumerate(sorted(sources)):
        text = read(path)
        seed("scan", bytes([i % 2]) + text[:3000], bytes([i % 2]) + text[-3000:])
    seed("scan", b"\0# coding: latin-1\nx = 'caf\xe9'\n", b"\0\xff\xfex\0",
         b"\1match x:\n case _: 1if 0xfor else 2\n")
    seed("regex", *(bytes([flags, len(pattern.encode())]) + pattern.encode() + subject.encode()
                    for flags, pattern, subject in PATTERNS))
    seed("callgrind", written("callgrind.lua"), *CALLGRINDS)
    seed("number", *NUMBERS)
    seed("template", *TEMPLATES)
    row = {"name": "f", "share": 0.5, "self": 3, "frames": [{"name": "a"}, {}], "x": None,
           "y": True}
    seed("plain", plain([row, row]), plain(row), plain({1: "", 2.5: [], True: 0}), b"c", b"0",
         plain({"run": "x"}).replace(plain("x"), b"c"))

    profiler = cProfile.Profile()
    profiler.runcall(lambda: [re.compile(text) for text in ("a+", "(b|c)*", "[d-f]")])
    profiler.create_stats()
    stats = profiler.stats
    few = dict(sorted(stats.items())[:9])
    seed("pstats", *(marshal.dumps(few, version) for version in range(5)), marshal.dumps(stats),
         marshal.dumps({}),
         marshal.dumps({("a", 1, "f"): (1, 1, 0.5, 2 ** 70, {("b", 2, "g"): 3})}))


main()
