"""Fourteen kinds of functions that take turns; each has a known share of the processor's time."""
import asyncio
import functools
import random

import other
from known import SCALE, SECONDS, begin, end

SHARES = {"plain": 20, "recursion": 14, "generator": 12, "decorated": 10, "c_code": 9,
          "comprehension": 8, "coroutine": 7, "nested": 5, "same_name": 4, "same_name (other)": 4,
          "from_exec": 3, "anonymous": 2, "method": 1.5, "callback": 0.5}
ROUNDS, TOTAL = 12, 4.0


def plain(n):
    begin()
    x = 0
    for i in range(n):
        x += i & 3
    end("plain")
    return x


def recursion(n, depth=8):
    if depth:
        return recursion(n, depth - 1) + 1
    begin()
    x = 0
    for i in range(n):
        x += i & 3
    end("recursion")
    return x


def generator(n):
    begin()
    x = 0
    for i in range(n):
        x += i & 3
    end("generator")
    yield x


def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper


@traced
def decorated(n):
    begin()
    x = 0
    for i in range(n):
        x += i & 3
    end("decorated")
    return x


def c_code(n):
    begin()
    x = sum(range(n * 3))
    end("c_code")
    return x


def comprehension(n):
    begin()
    x = [i & 3 for i in range(n)]
    end("comprehension")
    return x


async def coroutine(n):
    await asyncio.sleep(0)
    begin()
    x = 0
    for i in range(n):
        x += i & 3
    end("coroutine")
    return x


class Outer:
    class Inner:
        def nested(self, n):
            begin()
            x = 0
            for i in range(n):
                x += i & 3
            end("nested")
            return x

    def method(self, n):
        begin()
        x = 0
        for i in range(n):
            x += i & 3
        end("method")
        return x


def same_name(n):
    begin()
    x = 0
    for i in range(n):
        x += i & 3
    end("same_name")
    return x


exec(compile("""def from_exec(n):
    begin()
    x = 0
    for i in range(n):
        x += i & 3
    end("from_exec")
    return x
""", "<made>", "exec"))

anonymous = lambda n: (begin(), [0 for _ in iter(range(n).__iter__().__next__, n - 1)],  # noqa
                       end("anonymous"))


def callback(n):
    begin()
    x = 0
    for i in range(n):
        x += i & 3
    end("callback")
    return x


CALLS = {
    "plain": plain, "recursion": recursion, "generator": lambda n: next(generator(n)),
    "decorated": decorated, "c_code": c_code, "comprehension": comprehension,
    "coroutine": lambda n: asyncio.run(coroutine(n)), "nested": Outer.Inner().nested,
    "same_name": same_name, "same_name (other)": other.same_name, "from_exec": from_exec,
    "anonymous": anonymous, "method": Outer().method,
    "callback": lambda n: sorted([n], key=callback),
}


def main():
    # A step of one kind costs more than one of another: a first turn measures that.
    first = {}
    for name, call in CALLS.items():
        call(20000)
        first[name] = SECONDS.pop(name) / 20000
    order = random.Random(1)
    total = sum(SHARES.values())
    for _ in range(ROUNDS):
        for name in order.sample(list(CALLS), len(CALLS)):
            seconds = SCALE * TOTAL * SHARES[name] / total / ROUNDS
            CALLS[name](max(2, int(seconds / first[name])))


if __name__ == "__main__":
    main()
