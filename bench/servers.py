"""Starts web servers as a deployment would, on this machine alone, and knows what they cost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat behind the command's name (proc(5)).
SESSION, USER_TIME, SYSTEM_TIME = 3, 11, 12


@dataclass(frozen=True, slots=True)
class Kind:
    """A web server and how it is set up."""

    name: str
    workers: int = 2
    threads: int = 4

    def command(self, target: str, port: int) -> list[str]:
        """Return the command line that serves *target* on *port*."""
        if self.name == "granian":
            return [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
                "--workers", str(self.workers), "--blocking-threads", str(self.threads),
                "--log-level", "warning", "--no-ws", target,
            ]  # fmt: skip
        worker = "gthread" if self.threads > 1 else "sync"
        return [
            sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(self.workers),
            "--worker-class", worker, "--threads", str(self.threads), "--log-level", "warning", "--no-control-socket", target,
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name} {self.workers}×{self.threads}"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers."""

    port: int
    pid: int

    def processor_seconds(self) -> float:
        """Return the processor time that all its processes have used so far."""
        return sum(_ticks(stat) for stat in self._stats()) / TICKS

    def memory_mb(self) -> float:
        """Return what its largest process holds in memory now (resident set)."""
        return max(_resident_kb(int(stat[0])) for stat in self._stats()) / 1024

    def _stats(self) -> list[list[str]]:
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = path.read_text()
            except OSError:  # it ended while we looked
                continue
            fields = text.rpartition(")")[2].split()
            if int(fields[SESSION]) == self.pid:
                found.append([path.parent.name, *fields])
        return found


def _ticks(stat: list[str]) -> int:
    return int(stat[USER_TIME + 1]) + int(stat[SYSTEM_TIME + 1])


def _resident_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def free_port() -> int:
    """Return a port of this machine that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(kind: Kind, target: str, changes: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve *target* with *kind* while the block runs; everything it started is ended with it."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 - our own command
        kind.command(target, port),
        cwd=ROOT,
        env={**os.environ, "MALLOC_ARENA_MAX": "1", "PORT": str(port), **(changes or {})},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(process, port)
        yield Server(port, process.pid)
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], port: int, seconds: float = 240) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once with {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if probe.recv(9):
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not answer in time")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
