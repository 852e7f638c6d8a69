"""
The fonts of everything printed, and whether they can draw a text.

Plates, heads and titles are bold; a text that is read for longer than a glance is regular. The two bundled
weights know the same characters: GB 2312, ASCII and those of real village names. A site whose names need
more gives the path of a full TrueType font; that font then replaces both as a whole, because two
fonts in one name look like a mistake on metal.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from commons.fonts import BUNDLED_BOLD, BUNDLED_REGULAR
from village.papers.errors import MissingGlyphs, UnusableFont


@dataclass(frozen=True, slots=True)
class PaperFont:
    """A font that reportlab can draw with; equal files are equal fonts."""

    name: str
    sha256: str
    _face: Any = field(repr=False, compare=False)

    def missing_glyphs(self, text: str) -> tuple[str, ...]:
        """Return the characters of *text* that this font cannot draw, each once, in the order they appear."""
        known = self._face.charToGlyph
        return tuple(dict.fromkeys(one for one in text if ord(one) not in known and not one.isspace()))

    def width(self, text: str, size: float) -> float:
        """Return how wide *text* is when set in *size*, in the unit of *size*."""
        return float(pdfmetrics.stringWidth(text, self.name, size))


@lru_cache(maxsize=8)
def paper_font(full_font: Path | None = None) -> PaperFont:
    """
    Return the site's own font, or the bundled one.

    Raises:
        UnusableFont: the file is missing, is no font, or has outlines that reportlab cannot embed.
    """
    path = full_font or BUNDLED_BOLD
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        name = f"Paper-{digest[:12]}"
        loaded = TTFont(name, str(path))
    except (OSError, TTFError) as fault:
        raise UnusableFont(f"字体文件 {path.name} 用不了，需要 TrueType 轮廓的 .ttf 或 .ttc 文件") from fault
    pdfmetrics.registerFont(loaded)
    return PaperFont(name, digest, loaded.face)


def text_font(full_font: Path | None = None) -> PaperFont:
    """Return the font in which a text is set: the site's own, or the bundled regular weight; raises as :func:`paper_font` does."""
    return paper_font(full_font or BUNDLED_REGULAR)


def missing_glyphs(text: str, font: PaperFont | None = None) -> tuple[str, ...]:
    """
    Return the characters of *text* that would print as an empty box.

    Meant for the import of doors too, so that a name is reported long before its plate is printed.
    """
    return (font or paper_font()).missing_glyphs(text)


def name_of(character: str) -> str:
    """Return how a character is named to people: itself and its number in Unicode."""
    shown = "" if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Cn") else character
    return f"{shown}（U+{ord(character):04X}）"


def require_glyphs(texts: Iterable[tuple[str, str]], font: PaperFont) -> None:
    """
    Refuse texts that the font cannot draw in full.

    *texts* are pairs of a place that people know ("三组 12 号", "标题") and the text printed there.

    Raises:
        MissingGlyphs: names every missing character once, with the first places it stands in.
    """
    places: dict[str, list[str]] = {}
    for place, text in texts:
        for character in font.missing_glyphs(text):
            places.setdefault(character, []).append(place)
    if not places:
        return
    parts = [
        f"{name_of(character)}在{'、'.join(where[:3])}{'等处' if len(where) > 3 else ''}"
        for character, where in places.items()
    ]
    shown = "；".join(parts[:8]) + ("；等等" if len(parts) > 8 else "")
    raise MissingGlyphs(
        f"字体里没有 {len(places)} 个字：{shown}。请改写，或让管理员配上完整字体", tuple(places)
    )
