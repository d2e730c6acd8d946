"""Half a second of work within four seconds, beside four threads that wait for ever."""
import threading
import time

from known import SCALE, begin, end


def busy(seconds):
    begin()
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        sum(range(2000))
    end("busy")


def main():
    for _ in range(4):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    until = time.monotonic() + 4 * SCALE
    for _ in range(10):
        busy(0.05 * SCALE)
        time.sleep(0.3 * SCALE)
    time.sleep(max(0.0, until - time.monotonic()))


if __name__ == "__main__":
    main()
