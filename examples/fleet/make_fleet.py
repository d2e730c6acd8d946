#!/usr/bin/env python3
"""make_fleet.py FOLDER COUNT [SEED]: makes COUNT recordings of 50 made-up hosts from a real one.

A recording is FOLDER/HOST/SERVICE-NUMBER.json.gz. The same seed makes the same files.
"""
import gzip
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
REAL = os.path.join(HERE, "../../tests/data/sample.speedscope.json.gz")
HOSTS, SERVICES, SAMPLES = 50, ["search", "checkout", "mail"], 300


def threads_of(recording):
    """The threads of a recording: each a profile without its samples, and its stacks."""
    for profile in recording["profiles"]:
        stacks = [stack for stack in profile["samples"] if stack]
        if stacks:
            yield {key: profile[key] for key in ("type", "name", "unit")}, stacks


def recording_of(rng, real, threads):
    """A recording of about 300 samples: a run of samples of each thread, from a random one on."""
    total, profiles = sum(len(stacks) for _, stacks in threads), []
    for head, stacks in threads:
        wanted = round(rng.uniform(0.5, 1.5) * SAMPLES * len(stacks) / total)
        count = max(1, min(len(stacks), wanted))
        first = rng.randrange(len(stacks) - count + 1)
        profiles.append({**head, "startValue": 0.0, "endValue": count / 100,
                         "samples": stacks[first:first + count], "weights": [0.01] * count})
    return {**real, "profiles": profiles}


def main(folder, count, seed=1):
    rng = random.Random(seed)
    with gzip.open(REAL) as file:
        real = json.load(file)
    threads = list(threads_of(real))
    for number in range(count):
        host = os.path.join(folder, "host-%02d" % rng.randrange(HOSTS))
        os.makedirs(host, exist_ok=True)
        path = os.path.join(host, "%s-%05d.json.gz" % (rng.choice(SERVICES), number))
        text = json.dumps(recording_of(rng, real, threads), separators=(",", ":"))
        with open(path, "wb") as file:
            file.write(gzip.compress(text.encode(), 1, mtime=0))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
