"""
Migrates the database and, on a machine of one's own, loads the demonstration village into an empty one.

A process of its own: the run command, which stays, neither waits for the whole application nor keeps it in its memory.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from commons.demonstration import load_if_empty  # noqa: E402
from commons.errors import Refusal  # noqa: E402
from commons.settings import from_environment  # noqa: E402
from migrations.run import upgrade  # noqa: E402
from wsgi import create_app  # noqa: E402


def main() -> None:
    """Do both; an empty public database waits for its first official instead."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # who stops it has no need of a traceback
    settings = from_environment()
    with create_app(settings).app_context():
        upgrade()
        if settings.is_for_one_machine:
            try:
                load_if_empty()
            except Refusal as refusal:
                sys.exit(refusal.sentence)


if __name__ == "__main__":
    main()
