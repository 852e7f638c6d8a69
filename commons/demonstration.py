"""
The demonstration: a fictional place that each package fills by the same actions that its pages call.

The mark is set before anything else, in a transaction of its own: a demonstration that was killed halfway is still one. What a
person needs to look around (addresses, sign-in names, passwords made for this machine alone) is kept by
:mod:`commons.guide` and printed at every start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

import click
from flask import Flask, current_app, request
from rich.progress import Progress
from sqlalchemy import select

from commons.accounts.models import Person
from commons.db import Base, db, transaction
from commons.errors import NotAllowed, Refusal, _n
from commons.guide import guide_file, keep_lines, kept_lines
from commons.marks import is_demonstration, set_demonstration
from commons.settings import current


@dataclass(slots=True)
class Guide:
    """What a visitor of the demonstration is told: lines in their order, with ``SITE`` where the address of the system belongs."""

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
    """Give *app* its list of scenes, its list of what shows that a database is used, and the command that loads the scenes."""
    app.extensions["demonstration"] = []
    app.extensions["used-by"] = [Person]
    app.cli.add_command(demo)
    app.before_request(_refuse_elsewhere)


class OnlyHere(NotAllowed):
    """A demonstration is fiction with known passwords: nobody but its own machine is to see it."""

    code = "demonstration"

    def __init__(self) -> None:
        super().__init__(_n("这是演示数据库，只能在本机打开；正式使用请换一个新的数据库"))


def _refuse_elsewhere() -> None:
    """Refuse every page of a demonstration to another machine, whatever server was started; a real database is asked once."""
    known = current_app.extensions
    if "is_real" in known or (current().is_for_one_machine and _is_here(request.remote_addr or "")):
        return
    if is_demonstration():
        raise OnlyHere()
    known["is_real"] = True


def _is_here(address: str) -> bool:
    """Say whether *address* is this machine; behind a socket of the file system there is none."""
    return not address or ip_address(address).is_loopback


def add_scene(app: Flask, words: str, make: Callable[[Guide], None]) -> None:
    """Add a scene behind those that are there; it opens its own transactions."""
    app.extensions["demonstration"].append(Scene(words, make))


def counts_as_use(app: Flask, *models: type[Base]) -> None:
    """Say that a row of any of these means a database is somebody's, and no place for a demonstration."""
    app.extensions["used-by"].extend(models)


def load() -> None:
    """
    Mark the database and make every scene.

    Raises:
        Refusal: the database holds something real, or others could reach it.
    """
    if not current().is_for_one_machine:
        raise OnlyHere()
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
    keep_lines(current(), guide.lines)


def load_if_empty() -> None:
    """
    Load the demonstration into a database that has never been used.

    Raises:
        Refusal: an earlier loading was killed halfway; a demonstration is thrown away, not mended.
    """
    if is_demonstration() and not guide_file(current()).exists():
        raise Refusal("演示数据只装了一半，请删除 instance 文件夹后再运行一次", code="half_loaded")
    if not is_demonstration() and not _is_used():
        load()


def _is_used() -> bool:
    """Say whether anybody has an account or any package holds something: the mark would say for ever that it is invented."""
    questions = (select(1).select_from(model).limit(1) for model in current_app.extensions["used-by"])
    return any(db.session.scalar(question) is not None for question in questions)


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
    for line in kept_lines(current()):
        click.echo(line)
