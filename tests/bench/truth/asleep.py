"""One thread that sleeps four fifths of its time and works in two functions, 2 : 1."""
import time

from known import SCALE, begin, end


def longer(seconds):
    begin()
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        sum(range(2000))
    end("longer")


def shorter(seconds):
    begin()
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        sum(range(2000))
    end("shorter")


def main():
    for _ in range(20):
        longer(0.03 * SCALE)
        time.sleep(0.09 * SCALE)
        shorter(0.015 * SCALE)
        time.sleep(0.09 * SCALE)


if __name__ == "__main__":
    main()
