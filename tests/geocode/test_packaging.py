"""Installed alone, without the system around it and without the extras."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[2] / "geocode"
PROJECT = tomllib.loads((LIBRARY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAME_OF_MODULE = {"stdnum": "python-stdnum"}
EXTRAS = {"shapely": "polygons", "tqdm": "cli"}

_WITHOUT_EXTRAS = """
import sys
sys.modules["shapely"] = sys.modules["tqdm"] = None
import geocode
from geocode.beidou import *
assert geocode.__file__.startswith({home!r}), geocode.__file__
from pathlib import Path
assert Path(geocode.__file__).with_name("py.typed").exists()
assert latlngs_to_codes([30.6], [114.3], 4).tolist() == [b"N50H05136"]
try:
    codes_covering({{"type": "Point", "coordinates": [114.3, 30.6]}})
except geocode.GeocodeError as refused:
    print(refused)
"""


def _foreign_imports() -> set[str]:
    """The packages that the library imports anywhere, of others."""
    found: set[str] = set()
    for path in LIBRARY.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found.add(str(node.module).partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"geocode"}


def _names(requirements: list[str]) -> set[str]:
    return {requirement.partition(">")[0] for requirement in requirements}


def test_what_it_imports_is_what_it_asks_for() -> None:
    foreign = _foreign_imports()

    assert _names(PROJECT["dependencies"]) == {
        NAME_OF_MODULE.get(name, name) for name in foreign - set(EXTRAS)
    }
    assert {
        name: next(
            extra for extra, needs in PROJECT["optional-dependencies"].items() if name in _names(needs)
        )
        for name in foreign & set(EXTRAS)
    } == EXTRAS


def test_built_alone_it_answers_without_its_extras_and_names_the_one_that_is_missing(tmp_path: Path) -> None:
    pytest.importorskip("setuptools", reason="nothing here builds a package without setuptools")
    source, home = tmp_path / "source", tmp_path / "home"
    shutil.copytree(LIBRARY, source, ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-W", "ignore", "-c", "from setuptools import setup; setup()", "-q", "build"]
    subprocess.run([*build, "--build-lib", str(home)], cwd=source, check=True, capture_output=True)
    program = f"import sys; sys.path.insert(0, {str(home)!r})\n" + _WITHOUT_EXTRAS.format(home=str(home))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True
    )

    assert "geocode[polygons]" in done.stdout
