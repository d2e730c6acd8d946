"""open.lua --serve: one page, at one address of this machine that cannot be guessed."""
import http.client
import re
import signal
import socket
import subprocess

from check import PROGRAM, equal, finish, run, test

CALCULATOR = "tests/data/calculator.speedscope.json"


class Server:
    """open.lua --serve, with its port and its path."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [PROGRAM, "open.lua", "--serve", CALCULATOR], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, restore_signals=True)
        line = self.process.stderr.readline()
        found = re.fullmatch(r"pyprof-lua: http://127\.0\.0\.1:(\d+)(/[0-9a-f]{32}) "
                             r"\(Ctrl-C ends\)\n", line)
        assert found, line
        self.port, self.path = int(found.group(1)), found.group(2)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def ask(self, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path)
        answer = connection.getresponse()
        return answer, answer.read()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


def page():
    # The date of the recording's file is in the page, so both are equal.
    return run("html.lua", CALCULATOR).out


@test
def the_page_is_there_and_nothing_else():
    with Server() as server:
        answer, body = server.ask("GET", server.path)
        equal((answer.status, body.decode()), (200, page()))
        equal(answer.headers["Content-Type"], "text/html; charset=utf-8")
        equal(answer.headers["Referrer-Policy"], "no-referrer")
        equal(answer.headers["Cache-Control"], "no-store")
        answer, body = server.ask("HEAD", server.path)
        equal((answer.status, body), (200, b""))
        for method, path in (("GET", "/"), ("GET", server.path + "x"), ("GET", server.path[:-1]),
                             ("GET", "/" + "0" * 32), ("POST", server.path),
                             ("GET", "//" + server.path), ("GET", server.path + "/..")):
            answer, body = server.ask(method, path)
            equal((answer.status, body), (404, b"not found\n"), (method, path))


@test
def odd_clients_do_not_stop_it():
    with Server() as server:
        silent = [server.connect() for _ in range(40)]
        with server.connect() as broken:
            broken.sendall(b"\0\xff" * 4000)
            assert broken.recv(100).startswith(b"HTTP/1.0 404"), "no answer"
        with server.connect() as gone:
            gone.sendall(b"GET %s HTTP/1.0\r\n\r\n" % server.path.encode())
        equal(server.ask("GET", server.path)[0].status, 200)
        for each in silent:
            each.close()
        equal(server.ask("GET", server.path)[0].status, 200)


@test
def signals_end_it_quietly():
    for number in signal.SIGINT, signal.SIGTERM:
        with Server() as server:
            server.ask("GET", server.path)
            server.process.send_signal(number)
            out, err = server.process.communicate(timeout=60)
            equal((server.process.returncode, out), (0, ""), err)
            assert "interrupted" not in err, err


@test
def a_port_that_is_taken_is_refused():
    with Server() as server:
        result = run("open.lua", "--serve", "--port", server.port, CALCULATOR)
        equal((result.status, result.out), (1, ""))
        equal(result.err, "pyprof-lua: cannot listen on the loopback address: "
                          "Address already in use\n")
    result = run("open.lua", "--serve", "--port", "70000", CALCULATOR)
    equal(result.status, 2, repr(result))


finish()
