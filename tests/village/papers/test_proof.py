"""Nothing leaves the house that does not read back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from village.papers.errors import ProofError
from village.papers.proof import Proof, prove, rasterise, read_back
from village.papers.qr import QUIET_ZONE, plate_url, symbol

GOOD = symbol(plate_url("xq.gov.cn", "ABCDE2345E"))
OTHER = symbol(plate_url("xq.gov.cn", "23456789AD"))


def test_a_good_symbol_is_proved_by_its_own_text() -> None:
    assert list(prove([GOOD, OTHER])) == [Proof(GOOD.url, "H", 3), Proof(OTHER.url, "H", 3)]


def test_a_symbol_that_shows_another_doors_address_raises() -> None:
    with pytest.raises(ProofError, match="ABCDE2345E reads back as .*23456789AD"):
        list(prove([replace(GOOD, rows=OTHER.rows)]))


def test_a_symbol_that_nobody_can_read_raises() -> None:
    with pytest.raises(ProofError, match="reads back as None"):
        list(prove([replace(GOOD, rows=tuple(0 for _ in GOOD.rows))]))


def test_a_symbol_of_another_version_than_it_claims_raises() -> None:
    with pytest.raises(ProofError):
        list(prove([replace(GOOD, version=4)]))


def test_a_code_that_lies_turned_or_mirrored_is_not_upright() -> None:
    picture = rasterise(GOOD)

    for turned in (picture[::-1], picture[:, ::-1], np.rot90(picture)):
        found = read_back(np.ascontiguousarray(turned))
        assert found is not None and found.text == GOOD.url and not found.upright


def test_the_drawing_has_the_quiet_zone_that_the_plate_has() -> None:
    picture = rasterise(GOOD, pixels=2)

    assert picture.shape == ((29 + 2 * QUIET_ZONE) * 2,) * 2
    edge = QUIET_ZONE * 2
    assert np.all(picture[:edge] == 255) and np.all(picture[:, -edge:] == 255)
    assert picture[edge, edge] == 0


def test_white_on_dark_is_not_accepted_because_half_the_phones_do_not_read_it() -> None:
    assert read_back(255 - rasterise(GOOD)) is None
