"""What the tests of faults share: how many of them are tried, and which."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

ALL = os.environ.get("FAULTS") == "all"  # make faults; else a part of them
SEED = int(os.environ.get("FAULTS_SEED") or random.randrange(1000000))
print("# FAULTS_SEED=%d" % SEED, flush=True)


def some(every, most):
    """Of what could fail all, or at most so many."""
    every = list(every)
    if ALL or len(every) <= most:
        return every
    return sorted(random.Random(SEED).sample(every, most))
