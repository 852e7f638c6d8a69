"""Papers of money: nothing on them is an empty box."""

from __future__ import annotations

from io import BytesIO

from flask import Flask
from pypdf import PdfReader

from marketplace.payments.connect.paper import Paper


def drawn(name: str) -> str:
    paper = Paper("领款单")
    paper.line(f"领款人：{name}", 22)
    paper.line("当面点清。")
    return "".join(page.extract_text() for page in PdfReader(BytesIO(paper.finish())).pages)


def test_a_character_that_cannot_be_drawn_leaves_a_line_to_be_filled_in_and_says_so(app: Flask) -> None:
    words = drawn("王𣲗芳")

    assert "王＿芳" in words and "当面手写补上" in words and "𣲗" not in words


def test_a_name_that_can_be_drawn_needs_no_word_about_it(app: Flask) -> None:
    words = drawn("王秀兰")

    assert "王秀兰" in words and "手写" not in words


def test_a_line_breaks_inside_no_number_and_begins_with_no_full_stop(app: Flask) -> None:
    paper = Paper("货款结算单")
    paper.line("卖出的货，买家已收货　单号 8G9FCW242N26MAQB。" * 3, right="+61.11")
    paper.line("８" * 60 + "7" * 90)
    lines = [
        line for page in PdfReader(BytesIO(paper.finish())).pages for line in page.extract_text().splitlines()
    ]

    assert sum(line.count("8G9FCW242N26MAQB。") for line in lines) == 3
    assert not any(line.startswith("。") for line in lines)
    assert sum(line.count("7") for line in lines) == 90


def test_hidden_digits_stay_before_those_that_are_shown(app: Flask) -> None:
    paper = Paper("货款结算单")
    for length in range(12, 24):
        paper.line("没" * length + "　示范农商行 ····0012", right="+120.00")
    words = "\n".join(page.extract_text() for page in PdfReader(BytesIO(paper.finish())).pages)

    assert words.count("····0012") == 12


def test_several_sheets_are_numbered_and_the_last_says_so(app: Flask) -> None:
    paper = Paper("货款结算单")
    for _ in range(60):
        paper.line("卖货得款", right="+61.11")
    first, *_between, last = [page.extract_text() for page in PdfReader(BytesIO(paper.finish())).pages]

    assert "第 1 页，后面还有" in first and "完" not in first
    assert "页，完" in last
    assert "第 1 页" not in drawn("王秀兰")
