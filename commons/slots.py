"""
Named places on a page that another package may fill.

A host declares a slot and hands over one frozen value; a guest answers with what the host asked for, or with nothing. A guest that
fails is logged and left out in production, and raises in tests, so that a broken market never takes a village page down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask, current_app

log = structlog.get_logger(__name__)

# What a guest answers is agreed with its host: markup, a section of a page, a way of the desk; or nothing.
Guest = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of one application: name → guests in their order."""

    guests: dict[str, list[tuple[int, Guest]]] = field(default_factory=dict)


def init_app(app: Flask) -> None:
    """Give *app* an empty set of slots."""
    app.extensions["slots"] = Slots()


def declare(app: Flask, name: str) -> None:
    """Say that a page of *app* has a place called *name*."""
    app.extensions["slots"].guests.setdefault(name, [])


def fill(app: Flask, name: str, guest: Guest, *, order: int = 50) -> None:
    """Put *guest* into the slot *name*; an undeclared name is a programming error and raises ``KeyError``."""
    guests = app.extensions["slots"].guests[name]
    guests.append((order, guest))
    guests.sort(key=lambda pair: pair[0])


def tell(name: str, value: object) -> None:
    """Tell every guest of *name* about *value*, in order; one that fails undoes the transaction under way with everything else."""
    for _, guest in current_app.extensions["slots"].guests[name]:
        guest(value)


def pieces(name: str, value: object) -> list[Any]:
    """Ask every guest of *name* about *value*; return what they gave, in order, without the empty answers."""
    answers = []
    for _, guest in current_app.extensions["slots"].guests[name]:
        try:
            answer = guest(value)
        except Exception:
            if current_app.testing:
                raise
            log.exception("slot_guest_failed", slot=name, guest=getattr(guest, "__module__", "?"))
            continue
        if answer:
            answers.append(answer)
    return answers
