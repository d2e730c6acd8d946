"""counted.py NAME: a small program for measuring what counting its lines costs; it prints the
processor time of its work. `worst` is a loop whose lines do as little as
lines can."""
import sys
import time


def fannkuch(n):
    count, perm1 = list(range(1, n + 1)), list(range(n))
    most, last, r = 0, n - 1, n
    while True:
        while r != 1:
            count[r - 1] = r
            r -= 1
        if perm1[0] != 0 and perm1[last] != last:
            flips = 0
            perm = perm1[:]
            k = perm[0]
            while k:
                perm[:k + 1] = perm[k::-1]
                flips += 1
                k = perm[0]
            if flips > most:
                most = flips
        while r != n:
            perm1.insert(r, perm1.pop(0))
            count[r] -= 1
            if count[r] > 0:
                break
            r += 1
        else:
            return most


BODIES = [
    [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 39.47],
    [[4.84, -1.16, -0.10], [0.6, 2.81, -0.02], 0.03],
    [[8.34, 4.12, -0.4], [-1.01, 1.82, 0.008], 0.01],
    [[12.89, -15.11, -0.22], [1.08, 0.86, -0.01], 0.001],
    [[15.37, -25.91, 0.17], [0.97, 0.59, -0.03], 0.002],
]


def nbody(steps):
    pairs = [(a, b) for i, a in enumerate(BODIES) for b in BODIES[i + 1:]]
    for _ in range(steps):
        for (first, v1, m1), (second, v2, m2) in pairs:
            dx = first[0] - second[0]
            dy = first[1] - second[1]
            dz = first[2] - second[2]
            mag = 0.01 * ((dx * dx + dy * dy + dz * dz) ** -1.5)
            b1m = m1 * mag
            b2m = m2 * mag
            v1[0] -= dx * b2m
            v1[1] -= dy * b2m
            v1[2] -= dz * b2m
            v2[0] += dx * b1m
            v2[1] += dy * b1m
            v2[2] += dz * b1m
        for place, speed, _ in BODIES:
            place[0] += 0.01 * speed[0]
            place[1] += 0.01 * speed[1]
            place[2] += 0.01 * speed[2]


def make_tree(depth):
    if not depth:
        return None, None
    depth -= 1
    return make_tree(depth), make_tree(depth)


def check_tree(node):
    left, right = node
    if left is None:
        return 1
    return 1 + check_tree(left) + check_tree(right)


def trees(depth):
    total = 0
    for _ in range(8):
        total += check_tree(make_tree(depth))
    return total


def words(rounds):
    counts, text = {}, "the quick brown fox jumps over the lazy dog and runs".split()
    for number in range(rounds):
        for word in text:
            if word in counts:
                counts[word] += 1
            else:
                counts[word] = 1
        if number % 100 == 0:
            key = "%d" % number
            counts[key] = counts.get(key, 0) + len(counts)
    return len(counts)


def loop(rounds):
    for _ in [True] * rounds:
        pass


def worst(rounds):
    for x in [True] * rounds:
        if x:
            if x:
                if x:
                    pass


PROGRAMS = {"fannkuch": (fannkuch, 9), "nbody": (nbody, 60000), "trees": (trees, 16),
            "dict": (words, 300000), "loop": (loop, 20000000),
            "worst": (worst, 10000000)}

if __name__ == "__main__":
    work, size = PROGRAMS[sys.argv[1]]
    if len(sys.argv) > 2:
        size = int(sys.argv[2])
    before = time.process_time()
    work(size)
    print("%.4f" % (time.process_time() - before))
