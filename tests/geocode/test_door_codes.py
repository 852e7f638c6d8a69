"""Short door codes: the published vectors, the check character, and what a hand may type."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocode import door_codes
from geocode.errors import BadDoorCodeError, GeocodeError

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
VECTORS = {"ABCDE2345": "E", "23456789A": "D", "HBXC88888": "9", "ZZZZZZZZZ": "H", "222222222": "J"}
bodies = st.text(alphabet=ALPHABET, min_size=9, max_size=9)


def check_by_the_standard(body: str) -> str:
    """The hybrid construction written out from its definition, beside the library's own arithmetic."""
    p = 30
    for character in body:
        q = (p + ALPHABET.index(character)) % 30 or 30
        p = 2 * q % 31
    return ALPHABET[(1 - p) % 30]


@pytest.mark.parametrize(("body", "check"), VECTORS.items())
def test_every_vector_has_its_check_character(body: str, check: str) -> None:
    assert door_codes.check_character(body) == check
    assert door_codes.is_valid_code(body + check)


def test_the_alphabet_has_thirty_symbols_and_none_of_the_confusing_ones() -> None:
    assert door_codes.ALPHABET == ALPHABET
    assert len(set(ALPHABET)) == 30
    assert not set("ILOU01") & set(ALPHABET)


@given(bodies)
def test_the_check_character_follows_the_construction(body: str) -> None:
    assert door_codes.check_character(body) == check_by_the_standard(body)


@given(bodies, st.integers(0, 9), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_caught(body: str, place: int, other: str) -> None:
    code = body + check_by_the_standard(body)
    wrong = code[:place] + other + code[place + 1 :]

    assert door_codes.is_valid_code(wrong) == (other == code[place])


def test_nearly_every_swap_of_neighbours_is_caught() -> None:
    chance = random.Random(31)
    swapped = caught = 0
    while swapped < 4000:
        body = "".join(chance.choices(ALPHABET, k=9))
        code = body + check_by_the_standard(body)
        place = chance.randrange(9)
        if code[place] != code[place + 1]:
            swapped += 1
            wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            caught += not door_codes.is_valid_code(wrong)

    assert caught / swapped > 0.99


def test_nearly_every_jump_swap_is_caught() -> None:
    chance = random.Random(30)
    swapped = caught = 0
    while swapped < 4000:
        body = "".join(chance.choices(ALPHABET, k=9))
        code = body + check_by_the_standard(body)
        place = chance.randrange(8)
        if code[place] != code[place + 2]:
            swapped += 1
            wrong = code[:place] + code[place + 2] + code[place + 1] + code[place] + code[place + 3 :]
            caught += not door_codes.is_valid_code(wrong)

    assert caught / swapped > 0.96


def test_new_codes_are_valid_and_different() -> None:
    codes = list(door_codes.new_codes(2000))

    assert len(set(codes)) == 2000
    assert all(door_codes.normalize_code(code) == code for code in codes)


def test_new_codes_use_every_symbol_in_every_place() -> None:
    codes = list(door_codes.new_codes(6000))

    for place in range(10):
        seen = Counter(code[place] for code in codes)
        assert set(seen) == set(ALPHABET)
        assert max(seen.values()) < 300, "200 expected; 300 is more than seven standard deviations away"


@pytest.mark.parametrize(
    "typed",
    [
        "ABCDE-2345E",
        "abcde2345e",
        " ABCDE 2345E ",
        "ＡＢＣＤＥ－２３４５Ｅ",
        "ABCDE–2345E",
        "A-B-C-D-E 2345e\n",
        "\ufeffABCDE\u200b2345E",
    ],
)
def test_what_a_hand_types_is_read(typed: str) -> None:
    assert door_codes.normalize_code(typed) == "ABCDE2345E"
    assert door_codes.format_code(typed) == "ABCDE-2345E"


@pytest.mark.parametrize("never", list("ILOU01") + list("ilou") + list("０１Ｏ"))
def test_a_character_that_is_never_used_is_named_and_not_guessed(never: str) -> None:
    with pytest.raises(BadDoorCodeError, match="从不使用") as refused:
        door_codes.normalize_code("ABCDE2345" + never)

    assert "I、L、O、U、0、1" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    ["", "ABCDE2345", "ABCDE2345EE", "ABCDE2345F", "ABCDE2345条", "ßBCDE2345", "A" * 100, "ABCD_2345E"],
)
def test_anything_else_is_refused(text: str) -> None:
    assert not door_codes.is_valid_code(text)
    with pytest.raises(BadDoorCodeError):
        door_codes.normalize_code(text)


@pytest.mark.parametrize("thing", [None, 5, b"ABCDE2345E", ["ABCDE2345E"]])
def test_a_thing_that_is_no_text_is_refused_without_a_type_error(thing: object) -> None:
    assert not door_codes.is_valid_code(thing)
    with pytest.raises(BadDoorCodeError):
        door_codes.normalize_code(thing)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", ["", "ABCDE234", "ABCDE23456", "ABCDE2340"])
def test_a_check_character_needs_nine_characters_of_the_alphabet(body: str) -> None:
    with pytest.raises(BadDoorCodeError):
        door_codes.check_character(body)


def test_the_error_is_a_geocode_error_and_a_value_error_with_a_stable_code() -> None:
    with pytest.raises(GeocodeError) as refused:
        door_codes.normalize_code("?")

    assert isinstance(refused.value, ValueError)
    assert refused.value.code == "bad_door_code"
