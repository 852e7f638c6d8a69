"""
A small client that asks a web server on this machine as fast as it answers, and stops by itself.

One thread, a fixed number of kept-open connections, one request under way on each. It costs some 20 microseconds of a processor
for each answer, the same whatever the answer is, so ratios come out nearer to 1 than they would from another machine.
"""

from __future__ import annotations

import selectors
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

HEAD_END = b"\r\n\r\n"
LONGEST_WAIT_S = 30.0


@dataclass(slots=True)
class Tally:
    """What was answered in which time."""

    seconds: float = 0.0
    answers: int = 0
    received_bytes: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes


def request(path: str, *, encoding: str = "br, gzip", tag: str = "") -> bytes:
    """Return the bytes that ask for *path*."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Accept-Encoding: {encoding}"]
    if tag:
        lines.append(f"If-None-Match: {tag}")
    return "\r\n".join([*lines, "", ""]).encode()


def ask(port: int, path: str, **more: str) -> Answer:
    """Ask once and return the whole answer."""
    connection = _Connection(port)
    connection.send(request(path, **more))
    while (answer := connection.receive()) is None:
        pass
    connection.close()
    return answer


def load(port: int, requests: Iterator[bytes], *, seconds: float, connections: int = 8) -> Tally:
    """Send *requests* until they or *seconds* run out; every answer is read to its end."""
    tally, chosen = Tally(), selectors.DefaultSelector()
    begun = perf_counter()
    until = begun + seconds
    for _ in range(connections):
        connection = _Connection(port)
        if connection.send_next(requests):
            chosen.register(connection.socket, selectors.EVENT_READ, connection)
    while chosen.get_map():
        ready = chosen.select(LONGEST_WAIT_S)
        if not ready:
            raise TimeoutError(f"no answer within {LONGEST_WAIT_S:.0f} s")
        for key, _ in ready:
            _take(key.data, requests, tally, chosen, until)
    tally.seconds = perf_counter() - begun
    return tally


def _take(
    connection: _Connection,
    requests: Iterator[bytes],
    tally: Tally,
    chosen: selectors.BaseSelector,
    until: float,
) -> None:
    """Read what has come on one connection, and ask the next thing there when the answer is whole."""
    before = connection.socket
    answer = connection.receive()
    if answer is None:
        return
    tally.answers += 1
    tally.received_bytes += len(answer.body)
    tally.statuses[answer.status] += 1
    more = perf_counter() < until and connection.send_next(requests)
    if not more or connection.socket is not before:
        chosen.unregister(before)
    if not more:
        connection.close()
    elif connection.socket is not before:
        before.close()
        chosen.register(connection.socket, selectors.EVENT_READ, connection)


class _Connection:
    """A kept-open connection; it is opened anew where the server closes after an answer."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._port), LONGEST_WAIT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""
        self._is_over = False

    def send(self, asked: bytes) -> None:
        if self._is_over:
            self._open()
        self._last = asked
        self.socket.sendall(asked)

    def send_next(self, requests: Iterator[bytes]) -> bool:
        asked = next(requests, None)
        if asked is None:
            return False
        self.send(asked)
        return True

    def receive(self) -> Answer | None:
        """Read once; return the answer when it is whole."""
        got = self.socket.recv(262_144)
        self._held += got
        head, found, rest = self._held.partition(HEAD_END)
        if not found:
            if not got:
                raise ConnectionError("the server closed the connection without an answer")
            return None
        status, headers = _read_head(head)
        length = 0 if status == 304 else int(headers.get("content-length", "-1"))
        if length < 0:
            raise ValueError("this client reads answers with a Content-Length only")
        if len(rest) < length:
            return None
        self._held = rest[length:]
        self._is_over = headers.get("connection", "").lower() == "close"
        return Answer(status, headers, rest[:length])

    def close(self) -> None:
        self.socket.close()


def _read_head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split(" ", 2)[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}
