"""
Random texts into every decoder and parser of the library.

Each module in `REGISTRY` says what it wants fed: `TARGETS` of one text, and `BATCHES` of many if it has any.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NamedTuple

from geocode import GeocodeError
from tests.geocode.grid_fuzz import torn_code

REGISTRY = ("tests.geocode.grid_fuzz", "tests.geocode.address_fuzz")

_ENCODINGS = ("latin-1", "utf-8", "gb18030", "utf-16-le")


class Defect(NamedTuple):
    """A text that made a target do something else than answer or refuse."""

    target: str
    text: object
    error: Exception


def targets() -> dict[str, Callable[[str], object]]:
    """Every function of one text, by name."""
    return {name: run for module in REGISTRY for name, run in import_module(module).TARGETS.items()}


def batches() -> dict[str, Callable[[list[str]], object]]:
    """Every function of many texts, by name."""
    return {
        name: run
        for module in REGISTRY
        for name, run in getattr(import_module(module), "BATCHES", {}).items()
    }


def random_text(chance: random.Random) -> str:
    """Random bytes in one of the encodings uploads come in, or a real code with something broken in it."""
    if chance.random() < 0.5:
        return torn_code(chance)
    return chance.randbytes(chance.randrange(48)).decode(chance.choice(_ENCODINGS), errors="replace")


def defects(texts: list[str]) -> Iterator[Defect]:
    """Feed every target and every batch, and report what is neither an answer nor a GeocodeError."""
    for name, run in targets().items():
        for text in texts:
            try:
                run(text)
            except GeocodeError:
                continue
            except Exception as error:
                yield Defect(name, text, error)
    for name, many in batches().items():
        try:
            many(texts)
        except GeocodeError:
            continue
        except Exception as error:
            yield Defect(name, texts, error)
