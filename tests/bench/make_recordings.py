#!/usr/bin/env python3
"""make_recordings.py FOLDER [NAME=MB …]: makes large recordings out of the stored one.

repeated  its samples in shuffled blocks, over and over
new       nearly every stack is new: the beginning of a real one and a random end
pretty    like repeated, pretty-printed
deep      1,000 frames deep; each stack shares most frames with the one before
evented   frames that open and close, as pyinstrument writes them
threads   its threads, each repeated in that way
"""
import gzip
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCK = 200
SIZES = {"repeated": 500, "new": 110, "pretty": 84, "deep": 80, "evented": 100, "threads": 310}


def sample():
    """The frames of the stored recording, and the stacks of each of its threads, by name."""
    with gzip.open(os.path.join(HERE, "../data/sample.speedscope.json.gz")) as file:
        recording = json.load(file)
    return recording["shared"]["frames"], {
        profile["name"]: [stack for stack in profile["samples"] if stack]
        for profile in recording["profiles"]}


def sampled(path, size, frames, threads, indent=None):
    """threads: batches of stacks by name; each takes its part of the file's size."""
    def dump(value, level):
        if indent is None:
            return json.dumps(value, separators=(",", ":"))
        return json.dumps(value, indent=indent).replace("\n", "\n" + " " * indent * level)

    gap = "" if indent is None else "\n" + " " * indent * 4
    with open(path, "w", encoding="ascii") as file:
        file.write('{"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[')
        for index, (name, batches) in enumerate(threads.items()):
            file.write('%s{"type":"sampled","name":%s,"unit":"seconds","startValue":0.0,'
                       '"endValue":1.0,"samples":[' % ("," if index else "", json.dumps(name)))
            count, cache, first = 0, {}, True
            end = size * (index + 1) / len(threads)
            for number, batch in batches:
                text = cache.get(number)
                if text is None:
                    text = ",".join(gap + dump(stack, 4) for stack in batch)
                    if number is not None:
                        cache[number] = text
                file.write(text if first else "," + text)
                first = False
                count += len(batch)
                if file.tell() + count * (5 + len(gap)) >= end:
                    break
            file.write('],"weights":[%s0.01' % gap)
            for _ in range((count - 1) // 1000):
                file.write((",%s0.01" % gap) * 1000)
            file.write((",%s0.01" % gap) * ((count - 1) % 1000))
            file.write("]}")
        file.write('],"shared":{"frames":%s},"activeProfileIndex":null,'
                   '"exporter":"py-spy@0.4.3","name":"py-spy profile"}' % dump(frames, 1))


def repeated(stacks, rng):
    blocks = [stacks[i:i + BLOCK] for i in range(0, len(stacks), BLOCK)]
    order = list(range(len(blocks)))
    while True:
        rng.shuffle(order)
        for i in order:
            yield i, blocks[i]


def new(stacks, rng):
    frames = 1 + max(max(stack) for stack in stacks)
    while True:
        batch = []
        for _ in range(1000):
            stack = rng.choice(stacks)
            kept = max(1, int(len(stack) * rng.uniform(0.65, 0.95)))
            batch.append(stack[:kept] + [rng.randrange(frames) for _ in stack[kept:]])
        yield None, batch


def deep(stacks, rng):
    now = []
    while True:
        batch = []
        for _ in range(100):
            now = now[:rng.randrange(max(0, len(now) - 40), len(now) + 1)]
            while len(now) < 1000 - rng.randrange(20):
                now = now + rng.choice(stacks)
            now = now[:1000]
            batch.append(now)
        yield None, batch


def evented(path, size, frames, stacks):
    with open(path, "w", encoding="ascii") as file:
        file.write('{"$schema": "https://www.speedscope.app/file-format-schema.json", "profiles": '
                   '[{"type": "evented", "name": "busy.py", "unit": "seconds", "startValue": 0.0, '
                   '"endValue": 1.0, "events": [')
        open_frames, at, first = [], 0.0, True
        while file.tell() < size:
            for stack in stacks + [[]]:
                common = 0
                while common < min(len(stack), len(open_frames)) and \
                        stack[common] == open_frames[common]:
                    common += 1
                moves = [("C", frame) for frame in reversed(open_frames[common:])]
                moves += [("O", frame) for frame in stack[common:]]
                for kind, frame in moves:
                    file.write('%s{"type": "%s", "at": %r, "frame": %d}' %
                               ("" if first else ", ", kind, at, frame))
                    first = False
                open_frames = stack
                at += 0.0010123456789
        file.write(']}], "shared": {"frames": %s}, "exporter": "pyinstrument"}' %
                   json.dumps(frames))


def main(folder, words):
    sizes = dict(SIZES)
    if words:
        sizes = {word.split("=")[0]: int(word.split("=")[1]) for word in words}
    frames, threads = sample()
    stacks = [stack for each in threads.values() for stack in each]
    one = 'Thread 4711 ""'
    for name, megabytes in sizes.items():
        path = os.path.join(folder, name + ".json")
        size = megabytes * 1000000
        if os.path.exists(path) and abs(os.path.getsize(path) - size) < size * 0.05:
            continue
        rng = random.Random(1)
        print("making %s, %d MB" % (path, megabytes), file=sys.stderr)
        if name == "evented":
            evented(path, size, frames, stacks)
        elif name == "pretty":
            sampled(path, size, frames, {one: repeated(stacks, rng)}, indent=2)
        elif name == "threads":
            sampled(path, size, frames,
                    {thread: repeated(each, rng) for thread, each in threads.items()})
        else:
            batches = {"new": new, "deep": deep}.get(name, repeated)
            sampled(path, size, frames, {one: batches(stacks, rng)})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
