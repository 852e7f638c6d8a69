"""Makes numbers that nobody can guess guessable while a schedule runs, so that a seed replays to the letter."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any


@contextmanager
def loaded(seed: int) -> Iterator[None]:
    """Let ``secrets`` draw from *seed* while the block runs."""
    dice = Random(f"secrets {seed}")
    loaded_ones: dict[str, Any] = {
        "choice": dice.choice,
        "randbelow": dice.randrange,
        "token_bytes": lambda size=32: dice.randbytes(size),
        "token_hex": lambda size=32: dice.randbytes(size).hex(),
        "token_urlsafe": lambda size=32: dice.randbytes(size).hex(),
    }
    honest = {name: getattr(secrets, name) for name in loaded_ones}
    for name, one in loaded_ones.items():
        setattr(secrets, name, one)
    try:
        yield
    finally:
        for name, one in honest.items():
            setattr(secrets, name, one)
