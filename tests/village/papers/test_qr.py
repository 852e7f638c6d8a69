"""The symbol: its address, its version, and the rectangles it is drawn from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocode.door_codes import new_code
from village.papers.errors import AddressTooLong, BadPlate
from village.papers.proof import Proof, rasterise, read_back
from village.papers.qr import is_public_host, plate_url, symbol

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def test_an_address_is_all_in_upper_case_with_a_plain_code() -> None:
    assert plate_url("xq.gov.cn", "abcde-2345e") == "HTTPS://XQ.GOV.CN/D/ABCDE2345E"


@pytest.mark.parametrize(
    ("host", "version", "modules"), [("A" * 10 + ".CN", 3, 29), ("A" * 12 + ".CN", 4, 33)]
)
def test_the_length_of_the_host_decides_the_version(host: str, version: int, modules: int) -> None:
    made = symbol(plate_url(host, "ABCDE2345E"))

    assert (made.version, made.modules) == (version, modules)


@pytest.mark.parametrize(("length", "version"), [(35, 3), (36, 4), (50, 4)])
def test_the_versions_hold_exactly_what_the_standard_says(length: int, version: int) -> None:
    assert symbol("A" * length).version == version


def test_an_address_beyond_version_four_is_refused_with_the_way_out() -> None:
    with pytest.raises(AddressTooLong, match="51 个字符，最多 50 个"):
        plate_url("A" * 27 + ".CN", "ABCDE2345E")


@pytest.mark.parametrize(
    "host", ["", "乡情.中国", "a b.cn", "-a.cn", "a..cn", "a.cn/x", "a.cn:0", "a_b.cn", "ａ.cn"]
)
def test_what_is_no_host_name_is_refused(host: str) -> None:
    with pytest.raises(BadPlate):
        plate_url(host, "ABCDE2345E")


def test_a_code_with_a_wrong_check_never_gets_a_symbol() -> None:
    with pytest.raises(BadPlate):
        plate_url("xq.gov.cn", "ABCDE2345F")


def test_a_lower_case_address_is_refused_because_it_would_need_finer_modules() -> None:
    with pytest.raises(BadPlate):
        symbol("https://xq.gov.cn/d/abcde2345e")


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("xq.gov.cn", True),
        ("XN--FIQ.XN--FIQS8S", True),
        ("localhost", False),
        ("127.0.0.1", False),
        ("xq.cn:80", False),
    ],
)
def test_a_public_host_is_a_name_that_any_phone_finds(host: str, public: bool) -> None:
    assert is_public_host(host) is public


@settings(deadline=None)
@given(st.text(ALPHANUMERIC, min_size=1, max_size=50))
def test_the_rectangles_cover_the_dark_modules_each_exactly_once(text: str) -> None:
    made = symbol(text)
    covered = [[0] * made.modules for _ in range(made.modules)]
    for left, top, width, height in made.rects:
        for y in range(top, top + height):
            for x in range(left, left + width):
                covered[y][x] += 1

    rows = [[int(bit) for bit in f"{row:0{made.modules}b}"] for row in made.rows]
    assert covered == rows


@settings(deadline=None)
@given(st.text(ALPHANUMERIC.replace(" ", ""), min_size=1, max_size=50))
def test_every_symbol_reads_back_as_its_text_at_level_h(text: str) -> None:
    made = symbol(text)

    assert read_back(rasterise(made)) == Proof(text, "H", made.version)


def test_rectangles_are_far_fewer_than_dark_modules() -> None:
    made = symbol(plate_url("xq.gov.cn", new_code()))

    assert len(made.rects) < sum(row.bit_count() for row in made.rows) / 2
