"""The font of everything printed, and its honest gaps."""

from __future__ import annotations

from pathlib import Path

import pytest

from commons.fonts import BUNDLED_BOLD, BUNDLED_REGULAR
from scripts.make_plate_font import wanted_characters
from village.papers.errors import MissingGlyphs, UnusableFont
from village.papers.fonts import (
    missing_glyphs,
    name_of,
    paper_font,
    require_glyphs,
    text_font,
)


def test_the_bundled_font_draws_everything_the_script_asks_for() -> None:
    everything = "".join(chr(point) for point in wanted_characters())

    assert len(everything) > 7500
    assert missing_glyphs(everything) == missing_glyphs(everything, text_font()) == ()


def test_both_weights_draw_the_same_characters() -> None:
    bold, regular = paper_font(), text_font()

    assert bold != regular
    assert bold._face.charToGlyph.keys() == regular._face.charToGlyph.keys()


def test_village_names_beyond_gb_2312_are_drawn() -> None:
    assert missing_glyphs("塆垱剅垏塝涢簰垸") == ()


def test_missing_characters_are_each_named_once_in_order() -> None:
    assert missing_glyphs("㙓家𣲗村㙓") == ("㙓", "𣲗")


def test_a_characters_name_tells_its_number_and_hides_what_cannot_be_shown() -> None:
    assert name_of("㙓") == "㙓（U+3653）"
    assert name_of("\ue170") == "（U+E170）"


def test_a_refusal_says_which_character_stands_where() -> None:
    with pytest.raises(MissingGlyphs) as refused:
        require_glyphs([("三组 12 号", "㙓家村"), ("三组 13 号", "㙓家村"), ("标题", "好")], paper_font())

    assert "㙓（U+3653）在三组 12 号、三组 13 号" in refused.value.sentence
    assert refused.value.missing == ("㙓",)


def test_two_plates_at_places_of_the_same_name_are_both_checked() -> None:
    with pytest.raises(MissingGlyphs) as refused:
        require_glyphs([("一组 1 号", "㙓"), ("一组 1 号", "好")], paper_font())

    assert refused.value.missing == ("㙓",)


def test_a_sites_own_font_replaces_the_bundled_one(tmp_path: Path) -> None:
    own = tmp_path / "own.ttf"
    own.write_bytes(BUNDLED_BOLD.read_bytes() + b"\0\0\0\0")

    font = paper_font(own)

    assert font.sha256 != paper_font().sha256
    assert font.width("青石湾", 10) == paper_font().width("青石湾", 10) == 30
    assert text_font(own) == font


@pytest.mark.parametrize("content", [None, b"", b"not a font", b"OTTO" + bytes(200)])
def test_a_font_that_cannot_be_embedded_is_refused_in_words(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "full.otf"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UnusableFont, match="TrueType"):
        paper_font(path)


def test_the_licence_lies_beside_the_font() -> None:
    licence = (BUNDLED_BOLD.parent / "OFL.txt").read_text(encoding="utf-8")

    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert BUNDLED_BOLD.name in licence and BUNDLED_REGULAR.name in licence
