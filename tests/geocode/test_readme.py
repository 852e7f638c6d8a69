"""The tutorial, the docstrings and the commands it shows must all be true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "geocode").glob("*.py") if path.stem != "__main__")


def test_every_example_of_the_tutorial_runs_as_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "geocode" / "README.md"), module_relative=False, encoding="utf-8")

    assert result.attempted >= 25
    assert result.failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_every_example_in_a_docstring_runs_as_printed(name: str) -> None:
    module = importlib.import_module("geocode" if name == "__init__" else f"geocode.{name}")

    assert doctest.testmod(module).failed == 0
