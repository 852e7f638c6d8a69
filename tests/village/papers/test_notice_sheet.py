"""A notice on the wall."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from commons.seal import seal_path
from tests.make.plates import make_notice
from tests.village.papers.pdf_reading import codes_seen, embedded_fonts, page_pictures, page_sizes_mm, text_of
from village.papers.errors import AddressTooLong, BadPlate, MissingGlyphs
from village.papers.notice_sheet import notice_pdf

LONG = "请各家提前存好生活用水，家里有老人、病人需要送水的，请打电话告诉网格员。\n" * 30


def font_sizes(pdf: bytes) -> set[float]:
    found: set[float] = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        page.extract_text(
            visitor_text=lambda text, _cm, _tm, _font, size: found.add(size) if text.strip() else None
        )
    return found


def test_a_short_notice_is_one_page_of_a4_with_everything_on_it() -> None:
    pdf = notice_pdf(make_notice())
    text = text_of(pdf)

    assert page_sizes_mm(pdf) == [(210.0, 297.0)]
    for words in (
        "青石湾村村务",
        "关于三组检修水管临时停水的通知",
        "各位乡亲：三组定于11月25日",
        "停水11月25日周三农历十月十七",
        "本通知挂到12月22日周二",
        "咨询电话0270-0000008",
        "青石湾村村民委员会",
        "2026年11月22日（农历十月十四）",
    ):
        assert words in text
    assert all(size > 0 for size in embedded_fonts(pdf).values())


def test_the_title_is_bold_and_the_text_is_not() -> None:
    drawn: list[tuple[str, str]] = []
    for page in PdfReader(BytesIO(notice_pdf(make_notice()))).pages:
        page.extract_text(
            visitor_text=lambda text, _cm, _tm, font, _size: drawn.append(
                (text, str((font or {}).get("/BaseFont")))
            )
        )
    faces = {part: {face for text, face in drawn if part in text} for part in ("关于三组检修", "各位乡亲")}

    assert all("Bold" in face for face in faces["关于三组检修"])
    assert all("Bold" not in face for face in faces["各位乡亲"])
    assert all(faces.values())


def test_the_text_is_never_smaller_than_twenty_points_but_goes_on_to_another_page() -> None:
    short, long = notice_pdf(make_notice()), notice_pdf(make_notice(text=LONG))

    assert 34 in font_sizes(short)
    assert len(page_sizes_mm(long)) >= 2
    assert 20 in font_sizes(long) and min(font_sizes(long)) >= 12
    assert text_of(long).count("请各家提前存好生活用水") == 30
    assert f"第1页，共{len(page_sizes_mm(long))}页" in text_of(long)


@pytest.mark.parametrize("paragraphs", range(1, 45))
def test_no_length_of_text_loses_a_line_or_the_signature(paragraphs: int) -> None:
    text = text_of(notice_pdf(make_notice(text="三组停水，请大家存水。\n" * paragraphs)))

    assert text.count("三组停水，请大家存水。") == paragraphs
    assert text.count("2026年11月22日（农历十月十四）") == 1


def test_a_code_on_the_sheet_opens_the_notice(tmp_path: Path) -> None:
    pdf = notice_pdf(make_notice(), qr_url="HTTPS://XQ.GOV.CN/NOTICES/12")

    [code] = codes_seen(pdf, tmp_path)

    assert code.text == "HTTPS://XQ.GOV.CN/NOTICES/12"
    assert "扫码看原文" in text_of(pdf)


def test_an_address_that_fits_no_code_is_refused() -> None:
    with pytest.raises(AddressTooLong):
        notice_pdf(make_notice(), qr_url="HTTPS://XQ.GOV.CN/" + "N" * 60)
    with pytest.raises(BadPlate):
        notice_pdf(make_notice(), qr_url="https://xq.gov.cn/notices/12")


def test_an_emoji_is_named_with_the_part_it_stands_in() -> None:
    with pytest.raises(MissingGlyphs, match="😀（U\\+1F600）在正文"):
        notice_pdf(make_notice(text="停水😀"))


def test_an_empty_text_and_a_very_long_title_still_make_a_sheet() -> None:
    text = text_of(notice_pdf(make_notice(text="", title="关于" * 60)))

    assert text.count("关于") == 60


def test_the_sheet_bears_the_villages_seal() -> None:
    with_seal, without = notice_pdf(make_notice(seal_path=seal_path("青石湾村"))), notice_pdf(make_notice())

    assert len(with_seal) > len(without)
    assert text_of(with_seal) == text_of(without)


def test_the_seal_lies_over_no_word(tmp_path: Path) -> None:
    bare = make_notice()
    sealed = make_notice(seal_path=seal_path("青石湾村"))
    [without] = page_pictures(notice_pdf(bare, qr_url="HTTPS://XQ.GOV.CN/NOTICES/12"), tmp_path)
    [with_seal] = page_pictures(notice_pdf(sealed, qr_url="HTTPS://XQ.GOV.CN/NOTICES/12"), tmp_path)
    rows, columns = np.nonzero(with_seal != without)

    assert rows.size > 1000
    assert without[rows.min() : rows.max(), columns.min() : columns.max()].min() == 255


def test_the_number_of_a_page_stands_beneath_the_seal() -> None:
    heights: list[float] = []
    reader = PdfReader(BytesIO(notice_pdf(make_notice(text=LONG, seal_path=seal_path("青石湾村")))))
    reader.pages[-1].extract_text(
        visitor_text=lambda text, cm, tm, _font, size: (
            heights.append(cm[5] + tm[5] + size) if "页" in text and "共" in text else None
        )
    )

    assert heights and max(heights) <= 11 / 25.4 * 72  # the seal's lower edge
