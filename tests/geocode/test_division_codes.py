"""Statistical division codes: levels, parents, kinds, reserved numbers, dated classes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocode import division_codes
from geocode.errors import BadDivisionCodeError
from tests.geocode.address_tables import province_rows

LEVELS = {
    "420000000000": "province",
    "420600000000": "prefecture",
    "420624000000": "county",
    "420624101000": "town",
    "420624101205": "village",
    "441900003000": "town",
}


@pytest.mark.parametrize(("code", "level"), LEVELS.items())
def test_the_digits_tell_the_level(code: str, level: str) -> None:
    assert division_codes.get_level(code) == level


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("420600000000", "420000000000"),
        ("420624000000", "420600000000"),
        ("420624101000", "420624000000"),
        ("420624101205", "420624101000"),
        ("42062410120520220", "420624101000"),
        ("441900003000", "441900000000"),
    ],
)
def test_the_parent_is_the_next_division_above(code: str, parent: str) -> None:
    assert division_codes.code_to_parent(code) == parent


def test_a_parent_at_a_level_is_the_prefix_of_that_level() -> None:
    assert division_codes.code_to_parent("420624101205", "prefecture") == "420600000000"
    assert division_codes.code_to_parent("420624101205", "village") == "420624101205"


@pytest.mark.parametrize(
    ("code", "level"),
    [("420000000000", None), ("420624000000", "town"), ("441900003000", "county"), ("420624000000", "x")],
)
def test_a_missing_parent_is_refused(code: str, level: str | None) -> None:
    with pytest.raises(BadDivisionCodeError):
        division_codes.code_to_parent(code, level)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("420106001000", "subdistrict"),
        ("420106099000", "subdistrict"),
        ("420106100000", "town"),
        ("420106199000", "town"),
        ("420106200000", "township"),
        ("420106399000", "township"),
        ("420106400000", "like_township"),
        ("420106599000", "like_township"),
        ("420106100001", "residents_committee"),
        ("420106100199", "residents_committee"),
        ("420106100200", "villagers_committee"),
        ("420106100399", "villagers_committee"),
        ("420106100400", "like_residents_committee"),
        ("420106100499", "like_residents_committee"),
        ("420106100500", "like_villagers_committee"),
        ("420106100599", "like_villagers_committee"),
        ("420106000000", "county"),
    ],
)
def test_the_number_tells_the_kind_up_to_its_last_value(code: str, kind: str) -> None:
    assert division_codes.get_kind(code) == kind
    assert kind in division_codes.KIND_NAMES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42062410120",
        "4206241012050",
        "920624101205",
        "420624101600",
        "420624600000",
        "420624000205",
        "420024000000",
        "420000101000",
        "４２０６２４１０１２０５",
        "420624101205\n",
        "42062410120520999",
        "42062410100020220",
        " 420624101205",
    ],
)
def test_anything_else_is_no_division_code(text: str) -> None:
    assert not division_codes.is_valid_code(text)
    with pytest.raises(BadDivisionCodeError):
        division_codes.get_level(text)


@pytest.mark.parametrize("thing", [None, 420624101205, b"420624101205"])
def test_a_thing_that_is_no_text_is_refused_without_a_type_error(thing: object) -> None:
    assert not division_codes.is_valid_code(thing)
    with pytest.raises(BadDivisionCodeError):
        division_codes.parse_code(thing)  # type: ignore[arg-type]


def test_the_long_form_carries_attribute_and_class() -> None:
    read = division_codes.parse_code("42062410120520220")

    assert (read.code, read.attribute, read.urban_rural_class) == ("420624101205", "20", "220")


@pytest.mark.parametrize(("last", "reserved"), [("498", True), ("598", True), ("497", False), ("000", False)])
def test_invented_villages_are_known(last: str, reserved: bool) -> None:
    assert division_codes.is_reserved_village("420101001" + last) is reserved


def test_a_class_name_always_comes_with_its_date() -> None:
    assert division_codes.urban_rural_class_name("111", "2023-06-30") == "主城区（2023-06-30）"
    for urban_rural_class, as_of in (("111", ""), ("113", "2023-06-30")):
        with pytest.raises(BadDivisionCodeError):
            division_codes.urban_rural_class_name(urban_rural_class, as_of)


@pytest.mark.parametrize(
    ("code", "direct"), [("429004000000", True), ("429021100200", True), ("420624101205", False)]
)
def test_counties_directly_under_the_province_are_known(code: str, direct: bool) -> None:
    assert division_codes.is_direct_county(code) is direct


@given(st.from_regex(r"[0-9]{12}([0-9]{5})?", fullmatch=True))
def test_every_parent_is_valid_and_higher(code: str) -> None:
    if division_codes.is_valid_code(code) and division_codes.get_level(code) != "province":
        parent = division_codes.code_to_parent(code)
        order = division_codes.LEVELS
        assert order.index(division_codes.get_level(parent)) < order.index(division_codes.get_level(code))


def test_every_row_of_a_whole_province_fits() -> None:
    words = {
        "province": "province",
        "city": "prefecture",
        "county": "county",
        "town": "town",
        "village": "village",
    }
    for row in province_rows():
        assert division_codes.get_level(row["code"]) == words[row["level"]], row
        if row["kind"]:
            assert division_codes.KIND_NAMES[division_codes.get_kind(row["code"])] == row["kind"], row
