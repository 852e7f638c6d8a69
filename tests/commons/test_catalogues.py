"""The machine form of the translations, which every process makes when it starts and finds none."""

from __future__ import annotations

import itertools
from pathlib import Path
from shutil import copytree
from typing import IO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from commons import reading


def test_processes_that_start_at_once_all_find_their_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copytree(reading.CATALOGUES, tmp_path / "translations")
    for made in folder.rglob("*.mo"):
        made.unlink()
    monkeypatch.setattr(reading, "CATALOGUES", folder)
    monkeypatch.setattr("commons.reading.os.getpid", itertools.count(1).__next__)

    def write_while_another_does(file: IO[bytes], catalogue: Catalog) -> None:
        monkeypatch.setattr(reading, "write_mo", write_mo)
        reading.compile_catalogues()
        write_mo(file, catalogue)

    monkeypatch.setattr(reading, "write_mo", write_while_another_does)
    reading.compile_catalogues()

    assert [path.name for path in (folder / "en" / "LC_MESSAGES").iterdir() if path.suffix != ".po"] == [
        "messages.mo"
    ]
