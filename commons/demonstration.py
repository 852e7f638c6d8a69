"""
The demonstration: a fictional place that each package fills by the same actions that its pages call.

The mark is set before anything else, in a transaction of its own: a demonstration that was killed halfway is still one. What a
person needs to look around (addresses, sign-in names, passwords made for this machine alone) is kept in the instance folder,
readable by its owner alone, and printed at every start.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click
from flask import Flask, current_app
from rich.progress import Progress

from commons.db import db, transaction
from commons.errors import Refusal
from commons.marks import is_demonstration, set_demonstration
from commons.settings import current

FILE = "demonstration.json"


@dataclass(slots=True)
class Guide:
    """What a visitor of the demonstration is told: lines in their order."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Add one line."""
        self.lines.append(line)


@dataclass(frozen=True, slots=True)
class Scene:
    """One part of the demonstration: what it is called while it is made, and what makes it."""

    words: str
    make: Callable[[Guide], None]


def init_app(app: Flask) -> None:
    """Give *app* its list of scenes and the command that loads them."""
    app.extensions["demonstration"] = []
    app.cli.add_command(demo)


def add_scene(app: Flask, words: str, make: Callable[[Guide], None]) -> None:
    """Add a scene behind those that are there; it opens its own transactions."""
    app.extensions["demonstration"].append(Scene(words, make))


def load() -> None:
    """
    Mark the database and make every scene.

    Raises:
        Refusal: the database holds something real.
    """
    if is_demonstration() or _is_used():
        raise Refusal("演示数据只能装进空的数据库", code="database_in_use")
    with transaction():
        set_demonstration()
    guide, scenes = Guide(), current_app.extensions["demonstration"]
    with Progress(transient=True) as progress:
        bar = progress.add_task("准备演示村庄", total=len(scenes))
        for scene in scenes:
            progress.update(bar, description=scene.words)
            scene.make(guide)
            progress.advance(bar)
    _keep(guide)


def load_if_empty() -> None:
    """
    Load the demonstration into a database that has never been used.

    Raises:
        Refusal: an earlier loading was killed halfway; a demonstration is thrown away, not mended.
    """
    if is_demonstration() and not _file().exists():
        raise Refusal("演示数据只装了一半，请删除 instance 文件夹后再运行一次", code="half_loaded")
    if not is_demonstration() and not _is_used():
        load()


def guide_lines() -> list[str]:
    """Return what visitors are told, as it was kept when the demonstration was made."""
    if not _file().exists():
        return []
    lines: list[str] = json.loads(_file().read_text(encoding="utf-8"))
    return lines


def _is_used() -> bool:
    """Say whether anybody has an account or anything was imported: any table of people or places with a row."""
    people = db.metadata.tables["person"]
    return db.session.execute(people.select().limit(1)).first() is not None


def _file() -> Path:
    return current().instance_dir / FILE


def _keep(guide: Guide) -> None:
    path = _file()
    path.touch(mode=0o600)
    path.write_text(json.dumps(guide.lines, ensure_ascii=False, indent=1), encoding="utf-8")


@click.group("demo")
def demo() -> None:
    """演示数据。"""


@demo.command("load")
def load_command() -> None:
    """把数据库标记为演示，并装入虚构的村庄。"""
    try:
        load()
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    for line in guide_lines():
        click.echo(line)
