"""The whole service as a person meets it: web server, worker and local gateway in this process, on a port of its own."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from commons import clock, worker
from commons.db import db, transaction
from commons.marks import set_demonstration
from commons.messaging.queries import shown_messages
from marketplace.payments.local_gateway.app import start
from tests.database import settings_for
from wsgi import create_app


@dataclass(slots=True)
class AheadClock:
    """A clock that goes as fast as every other, and can be put forward."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class Site:
    """A running service: its application, its address, its gateway's address, its clock."""

    app: Flask
    base: str
    gateway: str
    clock: AheadClock = field(default_factory=AheadClock)

    def wait_until(self, moment: datetime) -> None:
        """Let the time go by until *moment*, without waiting for it."""
        self.clock.ahead += max(moment - self.clock(), timedelta())

    def run(self, *words: str) -> str:
        """Run a command as a deployer does and return what it said."""
        with self.app.app_context():  # as the flask command itself does
            result = self.app.test_cli_runner().invoke(args=list(words))
            db.session.remove()
        assert result.exit_code == 0, f"{words}: {result.output} {result.exception!r}"
        return str(result.output)

    def last_code(self, phone: str) -> str:
        """Return the six digits of the latest message to *phone*, as its owner would read them."""
        with self.app.app_context():
            words = next(
                message.words for message in shown_messages() if message.phone.replace(" ", "") == phone
            )
            db.session.remove()
        found = re.search(r"\b\d{6}\b", words)
        assert found is not None, words
        return found.group()

    def mark_as_demonstration(self) -> None:
        """Let plates carry this machine's address, and money go to the local gateway."""
        with self.app.app_context():
            with transaction():
                set_demonstration()
            db.session.remove()


@contextmanager
def running_site(database_url: str, instance: Path, **changes: object) -> Iterator[Site]:
    """Serve everything for as long as the block lasts; *changes* are settings."""
    # The port is held before the application is made, which has to know it: a free one may be somebody's by then.
    server = make_server("127.0.0.1", 0, Flask("not yet"), threaded=True)
    port = server.server_port
    base = f"http://127.0.0.1:{port}"
    gateway = start(instance / "gateway", pace=0.001)
    app = server.app = create_app(
        settings_for(database_url, instance, public_base_url=base, port=port, **changes)
    )
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True),
        threading.Thread(target=worker.work, args=(app, stop), kwargs={"pause": 0.1}, daemon=True),
    ]
    for thread in threads:
        thread.start()
    site = Site(app, base, gateway.base_url)
    try:
        with clock.reading(site.clock):
            yield site
    finally:
        stop.set()
        server.shutdown()
        for thread in threads:
            thread.join(timeout=60)
        server.server_close()
        gateway.stop()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
