"""varied.py MODE [FUNCTION FACTOR]: ten functions of different kinds and shares, for bench_diff.

MODE: rounds (all functions in turn, again and again) or phases (each once, one after the other).
FUNCTION does FACTOR times its work.
"""
import json
import random
import re
import sys
import zlib

ROUNDS = 80
NUMBERS = random.Random(1)
WORDS = [str(NUMBERS.random()) for _ in range(400)]


def words(count):
    total = 0
    for _ in range(count):
        for word in WORDS[:220]:
            total += word.count("1")
    return total


def primes(count):
    found = 0
    for number in range(3, 3 + count * 25):
        for divisor in range(2, 40):
            if number % divisor == 0:
                break
        else:
            found += 1
    return found


def sort(count):
    for _ in range(count // 4):
        sorted(WORDS, key=lambda word: word[::-1])


def tables(count):
    table = {}
    for i in range(count * 90):
        table[(i * 7919) % 5003] = table.get(i % 4001, 0) + 1
    return table


def parse(count):
    text = json.dumps({word: len(word) for word in WORDS[:60]})
    fields = 0
    for _ in range(count // 2):
        for part in text.split(","):
            name, _, value = part.partition(":")
            fields += len(name.strip()) + int(value.strip(" }"))
    return fields


def match(count):
    pattern = re.compile(r"(\d)\1+")
    return sum(1 for _ in range(count) for word in WORDS[:25] if pattern.search(word))


def pack(count):
    text = "".join(WORDS[:120]).encode()
    for _ in range(count // 9):
        zlib.compress(text, 3)


def matrix(count):
    rows = [[float(i * j % 7) for i in range(12)] for j in range(12)]
    for _ in range(count // 16):
        rows = [[sum(a * b for a, b in zip(row, column)) % 10.0 for column in zip(*rows)]
                for row in rows]
    return rows


def copies(count):
    for _ in range(count):
        [list(word) for word in WORDS[:30]]


def shuffle(count):
    numbers = list(range(200))
    for _ in range(count // 15):
        random.shuffle(numbers)


WORK = [words, primes, sort, tables, parse, match, pack, matrix, copies, shuffle]


def main():
    mode = sys.argv[1]
    factors = dict(zip(sys.argv[2::2], map(float, sys.argv[3::2])))
    rounds, count = (ROUNDS, 240) if mode == "rounds" else (1, 240 * ROUNDS)
    for _ in range(rounds):
        for function in WORK:
            function(int(count * factors.get(function.__name__, 1)))


main()
