"""One browser for the journeys of a file, and a running service for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.journeys.site import Site, running_site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The whole service on a fresh database."""
    with running_site(database_url, tmp_path / "instance") as running:
        yield running
