"""Lines that break where a reader expects it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from village.papers.fonts import paper_font
from village.papers.text_layout import fit_block, fit_line, paragraphs, wrap

FONT = paper_font()
TEXT = st.text("三组停水半天，。（）《》“”8: 1234567abc-", max_size=80)


def test_text_breaks_after_any_character_that_fits() -> None:
    assert wrap("三组停水半天", FONT, 10, 40) == ["三组停水", "半天"]


def test_a_stop_never_begins_a_line_and_a_bracket_never_ends_one() -> None:
    assert wrap("三组停水，半天", FONT, 10, 40) == ["三组停", "水，半天"]
    assert wrap("三组停（半天）", FONT, 10, 40) == ["三组停", "（半天）"]


def test_a_number_stays_whole_and_with_what_it_counts() -> None:
    assert wrap("上午 8 点", FONT, 10, 30) == ["上午", "8 点"]
    assert wrap("电话0270-0000012", FONT, 10, 80) == ["电话", "0270-0000012"]


def test_a_word_wider_than_the_line_is_cut_and_nothing_is_lost() -> None:
    assert "".join(wrap("a" * 50, FONT, 10, 60)) == "a" * 50


def test_the_first_line_is_shorter_by_the_indent() -> None:
    assert wrap("三组停水半天", FONT, 10, 40, indent=20) == ["三组", "停水半天"]


@settings(deadline=None)
@given(TEXT, st.floats(15, 300))
def test_no_line_is_wider_than_the_paper_and_no_character_is_lost(text: str, width: float) -> None:
    lines = wrap(text, FONT, 10, width)

    assert all(FONT.width(line, 10) <= width or len(line) == 1 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_paragraphs_are_lines_without_blank_ones() -> None:
    assert paragraphs("  一\r\n\r\n　二  三\n") == ["一", "二 三"]
    assert paragraphs(" \n") == []


def test_a_text_that_fits_keeps_its_size_and_a_wider_one_fills_the_width() -> None:
    assert fit_line("三组", FONT, 10, 20) == 10
    assert FONT.width("三组停水", fit_line("三组停水", FONT, 10, 20)) == 20


@settings(deadline=None)
@given(st.text("青石湾村三组AB12", min_size=1, max_size=60), st.integers(1, 3))
def test_a_fitted_block_stays_in_its_box(text: str, most: int) -> None:
    fitted = fit_block(text, FONT, 12, (78, 16), most_lines=most)

    assert len(fitted.lines) <= most
    assert "".join(fitted.lines) == text
    assert max(FONT.width(line, fitted.size) for line in fitted.lines) <= 78.001
    assert fitted.size * (1 + 1.15 * (len(fitted.lines) - 1)) <= 16.001


def test_two_lines_are_of_nearly_equal_length() -> None:
    assert fit_block("青石湾村民委员会第十二村民小组", FONT, 12, (78, 16)).lines == (
        "青石湾村民委员会",
        "第十二村民小组",
    )
