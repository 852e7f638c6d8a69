"""Seals are cut from whole numbers, read from the right, and survive a character that the font lacks."""

from __future__ import annotations

import re

import pytest

from commons.seal import _path_text, seal_characters, seal_path, seal_rings


@pytest.mark.parametrize(
    ("name", "characters"),
    [
        ("青石湾村", "青石湾村"),
        ("青石湾村村民委员会", "青石湾村"),
        ("花山社区居委会", "花山社区"),
        ("柏泉村", "柏泉村印"),
        ("张湾", "张湾之印"),
        ("大余湾新村", "大余湾村"),
        ("唐崖司城址村（社区）", "唐崖司村"),
    ],
)
def test_four_characters_stand_for_a_village(name: str, characters: str) -> None:
    assert seal_characters(name) == characters


def test_a_seal_is_whole_numbers_inside_its_hundred() -> None:
    path = seal_path("青石湾村")
    starts = [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)", path)]

    assert "." not in path
    assert re.fullmatch(r"(M\d+ \d+[lhvz\d -]+z)+", path)
    assert all(8 <= x <= 92 and 8 <= y <= 92 for x, y in starts)


def test_a_seal_is_read_from_the_right_column() -> None:
    first = re.findall(r"M(\d+) (\d+)", seal_path("青"))

    assert all(int(x) >= 50 and int(y) <= 50 for x, y in first)


def test_a_seal_stays_small_enough_for_every_door() -> None:
    assert len(seal_path("青石湾村")) < 1_100


def test_a_character_that_the_font_lacks_leaves_its_field_empty() -> None:
    assert seal_path("青\U0002b81c湾村") != ""
    assert seal_path("\U0002b81c") == ""


def test_rare_characters_of_village_names_have_outlines() -> None:
    assert [each for each in "塆垸塝墈冲垱剅垴漖濠寨" if not seal_path(each)] == []


def test_the_corners_read_from_a_seal_are_those_it_was_written_from() -> None:
    rings = seal_rings(seal_path("青石湾村"))

    assert seal_path("青石湾村").count("M") == len(rings)
    assert all(0 <= x <= 100 and 0 <= y <= 100 for ring in rings for x, y in ring)
    assert "".join(_path_text(ring) for ring in rings) == seal_path("青石湾村")
