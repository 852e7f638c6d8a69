"""The official code stays opaque; a county may add a checker of its own."""

from __future__ import annotations

import pytest

from geocode import police_schemes
from geocode.errors import GeocodeError
from geocode.police_schemes import BadPoliceCodeError


def test_free_text_is_kept_as_it_is_but_for_its_edges() -> None:
    assert police_schemes.check("free", "  4206-A 001 ") == "4206-A 001"
    assert police_schemes.check("free", "４２０６") == "4206"


@pytest.mark.parametrize("text", ["", "   ", "x" * 41, "a\nb", "a\x00b", "a\u202eb"])
def test_free_text_has_one_to_forty_printable_characters(text: str) -> None:
    assert not police_schemes.is_valid("free", text)
    with pytest.raises(BadPoliceCodeError):
        police_schemes.check("free", text)


def test_forty_characters_are_still_accepted() -> None:
    assert police_schemes.check("free", "x" * 40) == "x" * 40


def test_a_county_adds_its_own_checker() -> None:
    police_schemes.register("test-county", lambda text: len(text) == 8 and text.isdigit())

    assert police_schemes.check("test-county", "１２３４５６７８") == "12345678"
    assert not police_schemes.is_valid("test-county", "1234567")
    assert "test-county" in police_schemes.schemes()


@pytest.mark.parametrize("name", ["", "  ", "free"])
def test_a_scheme_needs_a_name_and_free_stays_free(name: str) -> None:
    with pytest.raises(BadPoliceCodeError):
        police_schemes.register(name, lambda text: False)


def test_an_unknown_scheme_is_refused_with_a_stable_code() -> None:
    with pytest.raises(GeocodeError) as refused:
        police_schemes.check("nowhere", "1")

    assert isinstance(refused.value, ValueError)
    assert refused.value.code == "bad_police_code"
    assert not police_schemes.is_valid("nowhere", "1")
