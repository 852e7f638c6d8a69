"""The 23-character door address code: vectors, ranges, check character, detection."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocode import address_codes
from geocode.errors import BadAddressCodeError

VECTORS = [
    ("42062410120503000120009", ("420624101205", 3, 12, 0)),
    ("42088110420101000010009", ("420881104201", 1, 1, 0)),
    ("42902110020000000010006", ("429021100200", 0, 1, 0)),
    ("42280210621205000180013", ("422802106212", 5, 18, 1)),
]
villages = st.builds(
    lambda first, rest, last: f"{first}{rest:08d}{last:03d}",
    st.integers(1, 8),
    st.integers(0, 99_999_999),
    st.integers(1, 999).filter(lambda number: number not in (498, 598)),
)
codes = st.builds(
    address_codes.make_code, villages, st.integers(0, 99), st.integers(1, 99_999), st.integers(0, 999)
)


def check_by_the_standard(digits: str) -> str:
    """MOD 11-2 written out from its definition, beside the library's own arithmetic."""
    p = 0
    for digit in digits:
        p = (p + int(digit)) * 2 % 11
    return "0123456789X"[(12 - p) % 11]


@pytest.mark.parametrize(("code", "parts"), VECTORS)
def test_every_vector_is_made_and_read(code: str, parts: tuple[str, int, int, int]) -> None:
    assert address_codes.make_code(*parts) == code
    assert address_codes.parse_code(code)[:4] == parts
    assert address_codes.is_valid_code(code)


def test_a_right_check_character_does_not_save_door_zero() -> None:
    code = "42062410100100000000005"

    assert check_by_the_standard(code[:-1]) == code[-1]
    assert not address_codes.is_valid_code(code)
    with pytest.raises(BadAddressCodeError, match="00000"):
        address_codes.parse_code(code)


@given(villages, st.integers(0, 99), st.integers(1, 99_999), st.integers(0, 999))
def test_what_is_made_is_read_back(village: str, group: int, door: int, room: int) -> None:
    code = address_codes.make_code(village, group, door, room)
    read = address_codes.parse_code(code)

    assert (read.village, read.group, read.door, read.room) == (village, group, door, room)
    assert str(read) == code
    assert code[-1] == check_by_the_standard(code[:-1])
    assert address_codes.parse_code(address_codes.format_code(code)) == read


@given(codes, st.integers(0, 22), st.sampled_from("0123456789X"))
def test_every_single_wrong_character_is_caught(code: str, place: int, other: str) -> None:
    wrong = code[:place] + other + code[place + 1 :]

    assert address_codes.is_valid_code(wrong) == (other == code[place])


@given(codes, st.integers(0, 21), st.integers(1, 2))
def test_every_swap_and_jump_swap_is_caught(code: str, place: int, step: int) -> None:
    far = min(place + step, 22)
    letters = list(code)
    letters[place], letters[far] = letters[far], letters[place]
    wrong = "".join(letters)

    assert address_codes.is_valid_code(wrong) == (wrong == code)


def test_every_twin_error_is_caught() -> None:
    chance = random.Random(11)
    tried = 0
    while tried < 300:
        code = address_codes.make_code(
            f"42{chance.randrange(10**7):07d}2{chance.randrange(1, 97):02d}",
            chance.randrange(100),
            chance.randrange(1, 99999),
        )
        twins = [place for place in range(21) if code[place] == code[place + 1]]
        if not twins:
            continue
        place = chance.choice(twins)
        other = chance.choice([digit for digit in "0123456789" if digit != code[place]])
        tried += 1
        assert not address_codes.is_valid_code(code[:place] + other * 2 + code[place + 2 :])


def test_about_one_random_string_in_eleven_passes_so_the_database_must_know() -> None:
    chance = random.Random(7)
    passed = sum(
        address_codes.is_valid_code(
            f"420624101205{chance.randrange(10**10):010d}{chance.choice('0123456789X')}"
        )
        for _ in range(11_000)
    )

    assert 850 < passed < 1150


@pytest.mark.parametrize(
    "village",
    [
        "420624101000",
        "420624101498",
        "420624101598",
        "920624101205",
        "020624101205",
        "42062410120",
        "42062410120X",
        "４２０６２４１０１２０５",
        "420624101205\n",
    ],
)
def test_a_village_that_can_have_no_doors_is_refused(village: str) -> None:
    with pytest.raises(BadAddressCodeError):
        address_codes.make_code(village, 1, 1)


@pytest.mark.parametrize(
    ("group", "door", "room"), [(-1, 1, 0), (100, 1, 0), (0, 0, 0), (0, 100_000, 0), (0, 1, -1), (0, 1, 1000)]
)
def test_a_part_out_of_its_range_is_refused(group: int, door: int, room: int) -> None:
    with pytest.raises(BadAddressCodeError):
        address_codes.make_code("420624101205", group, door, room)


@pytest.mark.parametrize("thing", [True, 1.0, "1", None])
def test_a_part_that_is_no_whole_number_is_refused(thing: object) -> None:
    with pytest.raises(BadAddressCodeError):
        address_codes.make_code("420624101205", 1, thing)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "42062410120503000120009\n",
        "４２０６２４１０１２０５０３０００１２０００９",
        "42062410120503000120008",
        "4206241012050300012000x",
        "42062449820503000120009 ",
        "",
    ],
)
def test_only_the_stored_form_is_valid(text: str) -> None:
    assert not address_codes.is_valid_code(text)
    with pytest.raises(BadAddressCodeError):
        address_codes.parse_code(text)


def test_a_typed_code_is_read_by_normalize_code_and_only_there() -> None:
    typed = " ４２０６２４１０１２０５ 03-00012-000-9 \n"

    assert address_codes.normalize_code(typed) == "42062410120503000120009"
    with pytest.raises(BadAddressCodeError):
        address_codes.parse_code(typed)


@pytest.mark.parametrize("thing", [None, 42062410120503000120009, b"42062410120503000120009"])
def test_a_thing_that_is_no_text_is_refused_without_a_type_error(thing: object) -> None:
    assert not address_codes.is_valid_code(thing)
    for read in (address_codes.parse_code, address_codes.normalize_code, address_codes.check_character):
        with pytest.raises(BadAddressCodeError):
            read(thing)  # type: ignore[arg-type]


def test_the_displayed_form_has_five_groups() -> None:
    assert address_codes.format_code("42062410120503000120009") == "420624101205 03 00012 000 9"
