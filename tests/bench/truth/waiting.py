"""Two functions whose work is 3 : 1, while six threads wait, each in its own way."""
import queue
import socket
import subprocess
import sys
import threading
import time

from known import SCALE, begin, end


def more(seconds):
    begin()
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        sum(range(2000))
    end("more")


def less(seconds):
    begin()
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        sum(range(2000))
    end("less")


def main():
    over = threading.Event()
    condition = threading.Condition()
    here, there = socket.socketpair()
    items = queue.Queue()
    child = subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE)

    def wait_condition():
        with condition:
            condition.wait()

    def wait_sleep():
        while not over.is_set():
            time.sleep(0.3)

    waits = [over.wait, wait_condition, lambda: here.recv(1), wait_sleep, items.get, child.wait]
    threads = [threading.Thread(target=wait, daemon=True) for wait in waits]
    for thread in threads:
        thread.start()
    for _ in range(40):
        more(0.0375 * SCALE)
        less(0.0125 * SCALE)
    over.set()
    with condition:
        condition.notify()
    there.send(b"x")
    items.put(1)
    child.communicate(b"\n")
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
