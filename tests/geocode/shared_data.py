"""Vectors kept beside the repository, for those who have them; a lone clone tests with its own."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"
OWN = Path(__file__).parent / "vectors"


def own_rows(name: str) -> list[dict[str, str]]:
    """Rows of a vector file of this repository."""
    return _rows(OWN / name)


def shared_rows(name: str) -> list[dict[str, str]]:
    """Rows of a shared file, or a skip that says what is missing."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} does not lie in ../shared/data; the repository's own vectors are tested instead")
    return _rows(path)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
