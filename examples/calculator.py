"""A small program that keeps the CPU busy for about three seconds."""
import sys
import time


class Calculator:
    def add(self, a, b):
        return a + b

    def multiply(self, a, b):
        result = 0
        for _ in range(b):
            result = self.add(result, a)
        return result


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def compute_heavy(limit):
    total = 0
    for i in range(limit):
        if i % 3 == 0 or i % 5 == 0:
            total += i * i % 7
    return total


def main(seconds):
    calculator = Calculator()
    end = time.perf_counter() + seconds
    rounds = 0
    while time.perf_counter() < end:
        compute_heavy(300_000)
        fibonacci(22)
        calculator.multiply(7, 40_000)
        rounds += 1
    print("rounds:", rounds)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0)
