"""The common part of the tests of faults: the number of faults to try, and their choice."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

ALL = os.environ.get("FAULTS") == "all"  # make faults; otherwise only some of them
SEED = int(os.environ.get("FAULTS_SEED") or random.randrange(1000000))
print("# FAULTS_SEED=%d" % SEED, flush=True)


def some(every, most):
    """All points that may fail, or at most that many of them."""
    every = list(every)
    if ALL or len(every) <= most:
        return every
    return sorted(random.Random(SEED).sample(every, most))
