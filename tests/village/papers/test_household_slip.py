"""The slip that an officer hands over at the door."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.make.plates import NOW
from tests.village.papers.pdf_reading import codes_seen, page_sizes_mm, text_of
from village.papers.errors import BadSlip, MissingGlyphs
from village.papers.household_slip import VALID_FOR, SlipFace, SlipPaper, slip_pdf

SLIP = SlipFace(
    address="柳河镇青石湾村三组 12 号",
    code="7K3M9QX2",
    issued_at=NOW,
    expires_at=NOW + VALID_FOR,
    issued_by="青石湾村第 4 网格",
    host_text="xq.gov.cn",
    duty_phone="0270-0000012",
    household="（第 2 户）",
)


def test_a_slip_says_where_what_until_when_and_how() -> None:
    text = text_of(slip_pdf([SLIP]))

    for words in (
        "入户单",
        "柳河镇青石湾村三组12号（第2户）",
        "7K3M-9QX2",
        "11月29日周日上午9点以前有效，只能用一次",
        "用手机打开网址xq.gov.cn",
        "不要拍照发给别人",
        "青石湾村第4网格",
        "值班电话0270-0000012",
    ):
        assert words in text


def test_a_slip_carries_nothing_to_scan(tmp_path: Path) -> None:
    assert codes_seen(slip_pdf([SLIP]), tmp_path) == []


@pytest.mark.parametrize(("paper", "size"), [(SlipPaper.a5, (148.0, 210.0)), (SlipPaper.a4, (210.0, 297.0))])
def test_each_slip_is_a_page_of_its_own(paper: SlipPaper, size: tuple[float, float]) -> None:
    assert page_sizes_mm(slip_pdf([SLIP, SLIP], paper)) == [size, size]


@pytest.mark.parametrize(
    "code", ["", "7K3M9QX", "7K3M9QX22", "7k3m9qx2", "7K3M9QXO", "7K3M-9QX", "7K3M9QX2\n"]
)
def test_a_code_that_nobody_could_type_is_refused(code: str) -> None:
    with pytest.raises(BadSlip, match="8 个字符"):
        slip_pdf([replace(SLIP, code=code)])


@pytest.mark.parametrize("after", [timedelta(0), timedelta(days=-1), VALID_FOR + timedelta(seconds=1)])
def test_a_slip_is_valid_for_seven_days_at_most(after: timedelta) -> None:
    with pytest.raises(BadSlip, match="最多 7 天"):
        slip_pdf([replace(SLIP, expires_at=NOW + after)])


def test_no_slips_and_slips_without_a_place_are_refused() -> None:
    with pytest.raises(BadSlip):
        slip_pdf([])
    with pytest.raises(BadSlip):
        slip_pdf([replace(SLIP, address="")])


def test_a_rare_character_in_the_address_is_named() -> None:
    with pytest.raises(MissingGlyphs, match="U\\+3653"):
        slip_pdf([replace(SLIP, address="㙓家村 1 号")])


def test_a_demonstration_slip_says_so() -> None:
    assert "入户单（演示）" in text_of(slip_pdf([replace(SLIP, demo=True)]))
