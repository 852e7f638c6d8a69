"""The real web server and the real worker, as the run command starts them, to be killed without warning."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from commons.settings import ROOT, Settings
from scripts import run
from tests.ports import free_port


@dataclass
class Service:
    """Web and worker on one database, with their instance folder."""

    settings: Settings
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return self.settings.public_base_url

    def start(self, name: str) -> None:
        """Start ``web`` or ``worker``; say nothing about whether it answers yet."""
        commands = run.commands(self.settings, False)
        environment = {
            **os.environ, "DATABASE_URL": self.settings.database_url, "INSTANCE_DIR": str(self.settings.instance_dir),
            "PORT": str(self.settings.port), "PUBLIC_BASE_URL": self.base, "MODE": "private", "REDIS_URL": "",
            "SECRET_KEY": self.settings.secret_key, "DATA_KEY": self.settings.data_key,
        }  # fmt: skip
        self.running[name] = subprocess.Popen(
            commands[name], cwd=ROOT, env=environment, start_new_session=True, stderr=subprocess.DEVNULL
        )

    def wait(self, seconds: float = 90) -> None:
        """Wait until pages are answered."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(requests.RequestException):
                if requests.get(f"{self.base}/healthz", timeout=20).status_code < 500:
                    return
            time.sleep(0.1)
        raise TimeoutError("the web server does not answer")

    def kill(self, name: str) -> None:
        """kill -9: the process and all it has started, where they stand."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)


@contextmanager
def running_service(settings: Settings) -> Iterator[Service]:
    """Web and worker, answering; both are gone afterwards."""
    service = Service(settings)
    try:
        service.start("web")
        service.start("worker")
        service.wait()
        yield service
    finally:
        for name in list(service.running):
            service.kill(name)


def settings_on(url: str, folder: Path) -> Settings:
    """Settings of a machine of one's own, on a free port."""
    port = free_port()
    return Settings.from_env(
        {}, database_url=url, instance_dir=folder, secret_key="k" * 40, data_key="d" * 40, port=port,
        public_base_url=f"http://127.0.0.1:{port}",
    )  # fmt: skip


assert sys.platform == "linux"  # killpg, and granian's own children in the same session
