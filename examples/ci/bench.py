"""What CI profiles: work that is like the real one, for half a second."""
import time


def parse(text):
    return [int(word) for word in text.split()]


def render(numbers):
    return ",".join(str(number) for number in numbers)


def main():
    text = " ".join(map(str, range(1000)))
    end = time.process_time() + 0.5
    while time.process_time() < end:
        render(parse(text))


main()
