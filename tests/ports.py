"""Ports for programs that are told theirs before they take it."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress

# Below those that the system gives by itself, to whoever asks for any and to whoever calls: one of these is still free
# when its program has come up, and after that was killed.
NOBODYS = range(20_000, 30_000)


def free_port() -> int:
    """Return a port nobody listens on."""
    while True:
        port = secrets.choice(NOBODYS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
