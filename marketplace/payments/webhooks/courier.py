"""
Carrying one event to one address: a single signed POST, bounded in time and size, that follows nothing.

The host's name is looked up once and that very address is connected to, so that a name cannot lead elsewhere between the
look and the step; the name itself still goes into the Host header and the TLS handshake. No proxy, no redirect, no cookie.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urlsplit

from marketplace.payments.webhooks.guard import NoSuchHostError, RefusedAddressError, addresses_of, check_url
from marketplace.payments.webhooks.rules import Trouble

CONNECT_S = 4.0
WHOLE_S = 10.0
LONGEST_ANSWER = 4096
KEPT_ANSWER = 500
SAFE_IN_TARGET = "/%:?#[]@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: the very bytes that were signed, and their headers."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one attempt."""

    trouble: Trouble
    took_ms: int
    status_code: int | None = None
    answer: str = ""

    @property
    def is_delivered(self) -> bool:
        """The other side said 2xx."""
        return self.trouble is Trouble.none


class Courier:
    """Carries letters. *tls* and *may_be_private* are the deployment's; safe to share between threads."""

    def __init__(
        self, *, may_be_private: bool = False, tls: ssl.SSLContext | None = None, patience_s: float = WHOLE_S
    ) -> None:
        self._may_be_private = may_be_private
        self._tls = tls
        self._patience_s = patience_s

    def carry(self, letter: Letter) -> Receipt:
        """Try once to deliver *letter*; whatever the other side does comes back as a receipt."""
        began = time.monotonic()
        try:
            status, answer = self._post(letter, began + self._patience_s)
        except Exception as error:  # any fault on the way is a failed attempt, never a fault of ours
            return Receipt(self._trouble_of(error, began), _ms_since(began))
        if 200 <= status < 300:
            trouble = Trouble.none
        else:
            trouble = Trouble.redirected if 300 <= status < 400 else Trouble.not_accepted
        return Receipt(trouble, _ms_since(began), status, answer)

    def _post(self, letter: Letter, ends_at: float) -> tuple[int, str]:
        check_url(letter.url, livemode=False, may_be_private=self._may_be_private)
        parts = urlsplit(letter.url)
        host = parts.hostname or ""
        is_tls = parts.scheme == "https"
        port = parts.port or (443 if is_tls else 80)
        line = self._connect(addresses_of(host, port, may_be_private=self._may_be_private), port, ends_at)
        if is_tls:
            context = self._tls or _public_tls()
            line = context.wrap_socket(line, server_hostname=host, do_handshake_on_connect=False)
        # A peer that sends a byte now and then would hold us for ever: at the end of our patience the line is cut.
        cut = threading.Timer(max(ends_at - time.monotonic(), 0.01), _cut, [line])
        cut.daemon = True
        cut.start()
        try:
            if isinstance(line, ssl.SSLSocket):
                line.do_handshake()
            answered = _speak(line, parts.netloc.rpartition("@")[2], _target(letter.url), letter)
        finally:
            cut.cancel()
            line.close()
        if time.monotonic() >= ends_at:
            raise TimeoutError  # what was cut in the middle of its headers may look like an answer
        return answered

    def _connect(self, numbers: list[str], port: int, ends_at: float) -> socket.socket:
        """Connect to the first of *numbers* that takes the call; none is looked up again."""
        fault: OSError = NoSuchHostError()
        for number in numbers:
            left = ends_at - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                line = socket.create_connection((number, port), timeout=min(CONNECT_S, left))
            except OSError as error:
                fault = error
                continue
            line.settimeout(max(ends_at - time.monotonic(), 0.1))
            return line
        raise fault

    def _trouble_of(self, error: Exception, began: float) -> Trouble:
        if isinstance(error, RefusedAddressError):
            return Trouble.refused_address
        if isinstance(error, NoSuchHostError):
            return Trouble.no_such_host
        if isinstance(error, ssl.SSLCertVerificationError):
            return Trouble.bad_certificate
        if isinstance(error, TimeoutError) or time.monotonic() - began >= self._patience_s:
            return Trouble.too_slow
        if isinstance(error, http.client.HTTPException | ValueError):
            return Trouble.broken_answer
        return Trouble.no_connection


class _Line(http.client.HTTPConnection):
    """HTTP over a socket that is open already."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__("unused")
        self.sock = line
        self.auto_open = 0


def _speak(line: socket.socket, host: str, target: str, letter: Letter) -> tuple[int, str]:
    connection = _Line(line)
    connection.putrequest("POST", target, skip_host=True, skip_accept_encoding=True)
    named = {"Host": host, "Content-Length": str(len(letter.body)), "Connection": "close", **letter.headers}
    for name, value in named.items():
        connection.putheader(name, value)
    connection.endheaders(letter.body)
    answer = connection.getresponse()
    text = answer.read(LONGEST_ANSWER).decode("utf-8", errors="replace")
    return answer.status, text.replace("\x00", "")[:KEPT_ANSWER]


def _target(url: str) -> str:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{parts.path or '/'}{query}", safe=SAFE_IN_TARGET)


def _cut(line: socket.socket) -> None:
    try:
        socket.socket.shutdown(line, socket.SHUT_RDWR)  # beneath TLS, which would wait for a polite farewell
    except OSError:
        return  # it has ended by itself


def _ms_since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


@cache
def _public_tls() -> ssl.SSLContext:
    return ssl.create_default_context()
