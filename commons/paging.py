"""Long lists in pages, by number, cheap for the sizes an official leafs through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

ItemT = TypeVar("ItemT")

WHOLE = re.compile(r"[0-9]{1,9}")  # Python itself refuses to read numbers of thousands of digits
MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class Page(Generic[ItemT]):
    """One page of a list; ``number`` counts from 1."""

    items: Sequence[ItemT]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """Return the number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def has_before(self) -> bool:
        """Say whether a page comes before this one."""
        return self.number > 1

    @property
    def has_after(self) -> bool:
        """Say whether a page comes after this one."""
        return self.number < self.last


def asked_page() -> int:
    """Return the page number that the address asks for (``?page=``); anything odd means 1."""
    text = request.args.get("page", "1")
    return max(1, min(int(text), MOST_PAGES)) if WHOLE.fullmatch(text) else 1
