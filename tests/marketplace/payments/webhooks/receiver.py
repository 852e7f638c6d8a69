"""Somebody else's server that is told of events: it keeps every request and misbehaves as it is told."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """The bytes of an answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True, slots=True)
class Heard:
    """One request, as its bytes came."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """
    Takes one request per connection. *answers* are used up in their order; then it says 200.

    With *drips* it sends its answer one byte at a time, for ever slowly; with *is_mute* it takes everything and says
    nothing until that ends; with *tls* it speaks TLS.
    """

    drips: bool = False
    is_mute: bool = False
    tls: ssl.SSLContext | None = None
    answers: deque[bytes] = field(default_factory=deque)
    heard: list[Heard] = field(default_factory=list)
    names_asked_for: list[str | None] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stop = threading.Event()
        self._line = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._line.getsockname()[1]
        if self.tls is not None:
            self.tls.sni_callback = lambda _line, name, _context: self.names_asked_for.append(name)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        socket.create_connection(("127.0.0.1", self.port), timeout=30).close()
        self._thread.join(30)
        self._line.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hooks?of=shop"

    def wait_for(self, count: int, seconds: float = 60.0) -> None:
        """Wait until *count* requests were read: whoever sent one may have given up on it before."""
        ends_at = time.monotonic() + seconds
        while len(self.heard) < count:
            assert time.monotonic() < ends_at, f"{len(self.heard)} of {count} requests came"
            time.sleep(0.01)

    def _serve(self) -> None:
        while not self._stop.is_set():
            line, _ = self._line.accept()
            threading.Thread(target=self._take, args=(line,), daemon=True).start()

    def _take(self, line: socket.socket) -> None:
        line.settimeout(30)
        try:
            if self.tls is not None:
                line = self.tls.wrap_socket(line, server_side=True)
            heard = _read(line)
            if heard is not None:
                self.heard.append(heard)
                while self.is_mute and not self._stop.wait(0.02):
                    pass
                self._say(line, self._next_answer())
        except OSError:
            pass  # the caller has gone, which some tests want
        finally:
            line.close()

    def _next_answer(self) -> bytes:
        try:  # to ask first whether there is one would be a moment too early
            return self.answers.popleft()
        except IndexError:
            return OK

    def _say(self, line: socket.socket, words: bytes) -> None:
        if not self.drips:
            line.sendall(words)
            return
        for byte in words:
            if self._stop.wait(0.05):
                return
            line.sendall(bytes([byte]))


def _read(line: socket.socket) -> Heard | None:
    told = b""
    while b"\r\n\r\n" not in told:
        piece = line.recv(65536)
        if not piece:
            return None
        told += piece
    head, _, body = told.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name: value for name, _, value in (each.partition(": ") for each in rest)}
    while len(body) < int(headers.get("Content-Length", 0)):
        piece = line.recv(65536)
        if not piece:
            return None
        body += piece
    return Heard(first, headers, body)
