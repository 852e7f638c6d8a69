"""
What a visitor of the demonstration is told, kept in the instance folder and readable by its owner alone.

It holds passwords and test keys made for this machine, which are stored nowhere else in the clear. Where the system answers is
decided at every start anew, so lines name it by :data:`SITE`. Light on purpose: the run command reads it before anything else.
"""

from __future__ import annotations

import json
from pathlib import Path

from commons.settings import Settings

SITE = "{site}"
FILE = "demonstration.json"


def guide_file(settings: Settings) -> Path:
    """Return where the lines are kept."""
    return settings.instance_dir / FILE


def keep_lines(settings: Settings, lines: list[str]) -> None:
    """Keep *lines* for every later start."""
    path = guide_file(settings)
    path.touch(mode=0o600)
    path.write_text(json.dumps(lines, ensure_ascii=False, indent=1), encoding="utf-8")


def kept_lines(settings: Settings) -> list[str]:
    """Return the lines as they are to be read now, with the address at which the system answers; none if none are kept."""
    path = guide_file(settings)
    if not path.exists():
        return []
    lines: list[str] = json.loads(path.read_text(encoding="utf-8"))
    return [line.replace(SITE, settings.public_base_url.rstrip("/")) for line in lines]
