"""A running service for each journey."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.site import Site, running_site


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The whole service on a fresh database."""
    with running_site(database_url, tmp_path / "instance") as running:
        yield running
