"""What importing the library costs, and what it pulls in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import geocode

REPOSITORY = Path(__file__).parents[2]
HEAVY = {"numpy", "h3", "shapely", "pandas"}
FOREIGN = {"flask", "sqlalchemy", "werkzeug", "requests", "commons", "village", "marketplace"}

_PROBE = """
import json, sys, time
started = time.process_time()
{work}
spent = time.process_time() - started
print(json.dumps([spent, sorted({{name.split(".")[0].lower() for name in sys.modules}})]))
"""


def fresh(work: str) -> tuple[float, set[str]]:
    """Seconds of processor time, and top-level modules loaded, in a new interpreter."""
    probe = [sys.executable, "-c", _PROBE.format(work=work)]
    done = subprocess.run(probe, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    seconds, modules = json.loads(done.stdout)
    return seconds, set(modules)


def test_importing_takes_less_than_fifty_milliseconds() -> None:
    seconds, modules = min(fresh("import geocode") for _ in range(3))
    assert seconds < 0.05
    assert not modules & (HEAVY | FOREIGN)


@pytest.mark.parametrize(
    "work",
    [
        "import geocode.beidou as b; b.latlng_to_code(30.6, 114.3); b.compact_codes(['N50J'])",
        "import geocode.height as h; h.height_to_code(5.0)",
        "import geocode.datums as d; d.map_links(30.6, 114.3, 'x')",
        "import geocode; geocode.door_codes; geocode.address_codes; geocode.division_codes",
    ],
)
def test_one_place_at_a_time_needs_no_numpy_and_no_h3(work: str) -> None:
    assert not fresh(work)[1] & HEAVY


def test_nothing_here_knows_the_web_or_the_database() -> None:
    names = [name for name in geocode.__all__ if name.islower()]
    everything = "; ".join(f"import geocode.{name}" for name in names)
    everything += "; from geocode.beidou import *; from geocode.datums import *"
    assert not fresh(everything)[1] & FOREIGN


def test_every_submodule_is_found_by_name() -> None:
    for name in geocode.__all__:
        assert getattr(geocode, name) is not None
        assert name in dir(geocode)
    with pytest.raises(AttributeError):
        geocode.no_such_thing  # noqa: B018


@pytest.mark.parametrize("name", ["beidou", "cells", "datums", "height"])
def test_every_public_name_exists_and_is_explained_with_an_example(name: str) -> None:
    module = getattr(geocode, name)
    for public in module.__all__:
        thing = getattr(module, public)
        assert public in dir(module)
        if callable(thing) and public[0].islower():
            assert ">>>" in thing.__doc__, public
            assert "Raises:" in thing.__doc__ or public.startswith(("is_valid", "are_valid")), public
    with pytest.raises(AttributeError):
        module.no_such_thing  # noqa: B018


def test_every_error_is_a_value_error_with_its_own_code() -> None:
    errors = [getattr(geocode, name) for name in geocode.__all__ if name.endswith("Error")]
    assert len({error.code for error in errors}) == len(errors)
    assert all(issubclass(error, geocode.GeocodeError) and issubclass(error, ValueError) for error in errors)
