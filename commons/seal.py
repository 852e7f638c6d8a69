"""
A village's seal: four characters in a square, cut as with a knife.

It is square, and it carries the village's name and nothing else, so that nobody takes it for an official round stamp.
The outlines come from a small font whose curves `scripts/make_seal_font.py` has straightened into short cuts, as a graver
does in stone. On whole numbers a seal is some nine hundred letters long, and four hundred bytes of a door's page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

Point = tuple[float, float]

FONT = Path(__file__).with_name("seal_font.ttf")
CELL = 40  # the side of one character's field, in a seal of 100
CORNERS = ((52, 8), (52, 52), (8, 8), (8, 52))  # right column first, each from the top
STRETCH = 1.25  # characters fill their field, as on stone, but keep their shape


def seal_characters(name: str) -> str:
    """
    Return the four characters that stand for a village on its seal.

    >>> seal_characters("青石湾村村民委员会"), seal_characters("柏泉村"), seal_characters("大余湾新村")
    ('青石湾村', '柏泉村印', '大余湾村')
    """
    name = re.sub(r"[（(].*?[）)]|[^\u3400-\u9fff]", "", name)
    for ending in ("村民委员会", "居民委员会", "村委会", "居委会"):
        if name.endswith(ending) and len(name) > len(ending):
            name = name.removesuffix(ending) + (
                "村" if ending.startswith("村") and name[-len(ending) - 1] != "村" else ""
            )
            break
    if len(name) > 4:
        name = name[:3] + name[-1]
    return name + {3: "印", 2: "之印", 1: "氏之印"}.get(len(name), "")


@lru_cache(maxsize=512)
def seal_path(characters: str) -> str:
    """
    Return the SVG path of a seal with these *characters*, for `viewBox="0 0 100 100"`.

    Up to four characters are set in two columns, read from the right. A character that the font lacks leaves its field
    empty: the seal is an ornament, and the name stands beside it in letters.
    """
    cuts: list[str] = []
    for character, corner in zip(characters[:4], CORNERS, strict=False):
        for outline in _fitted(_outlines(character), corner):
            cuts.append(_path_text(outline))
    return "".join(cuts)


class _RingPen(BasePen):
    """Collects outlines as rings of points; the small font has straight cuts only."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.rings: list[list[Point]] = []

    def _moveTo(self, point: Point) -> None:  # noqa: N802 - the pen protocol's name
        self.rings.append([point])

    def _lineTo(self, point: Point) -> None:  # noqa: N802 - the pen protocol's name
        self.rings[-1].append(point)


@cache
def _font() -> Any:
    return TTFont(BytesIO(FONT.read_bytes()), lazy=True)


def _outlines(character: str) -> list[list[Point]]:
    glyph_name = _font().getBestCmap().get(ord(character))
    if glyph_name is None:
        return []
    glyphs = _font().getGlyphSet()
    pen = _RingPen(glyphs)
    glyphs[glyph_name].draw(pen)
    return pen.rings


def _fitted(rings: list[list[Point]], corner: tuple[int, int]) -> Iterator[list[tuple[int, int]]]:
    """Put the rings of one character into its field, upright, on whole numbers."""
    if not rings:
        return
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    em = _font()["head"].unitsPerEm
    across = min(CELL / max(max(xs) - min(xs), 1), STRETCH * CELL / em)
    down = min(CELL / max(max(ys) - min(ys), 1), STRETCH * CELL / em)
    left = corner[0] + (CELL - (max(xs) - min(xs)) * across) / 2
    top = corner[1] + (CELL - (max(ys) - min(ys)) * down) / 2
    for ring in rings:
        placed = [(left + (x - min(xs)) * across, top + (max(ys) - y) * down) for x, y in ring]
        whole = [(round(x), round(y)) for x, y in placed]
        clean = [point for number, point in enumerate(whole) if point != whole[number - 1]]
        if len(clean) > 2:
            yield clean


def _path_text(ring: list[tuple[int, int]]) -> str:
    """Write one ring in the fewest letters: a start, relative cuts, and h or v where a cut is level or plumb."""
    x, y = ring[0]
    text, letter = f"M{x} {y}", "M"
    for next_x, next_y in ring[1:]:
        dx, dy = next_x - x, next_y - y
        if dy == 0 or dx == 0:
            text, letter = f"{text}{'v' if dx == 0 else 'h'}{dx or dy}", "h"
        else:
            joint = "l" if letter != "l" else ("" if dx < 0 else " ")
            text, letter = f"{text}{joint}{dx}{'' if dy < 0 else ' '}{dy}", "l"
        x, y = next_x, next_y
    return f"{text}z"


def seal_rings(path: str) -> list[list[tuple[int, int]]]:
    """
    Return the corners of every outline in *path*, for a pen that knows no SVG.

    >>> seal_rings("M8 8h4v3l-4 1z")
    [[(8, 8), (12, 8), (12, 11), (8, 12)]]
    """
    rings: list[list[tuple[int, int]]] = []
    for letter, numbers in re.findall(r"([Mlhv])([-\d ]+)", path):
        found = [int(number) for number in re.findall(r"-?\d+", numbers)]
        if letter == "M":
            rings.append([(found[0], found[1])])
            found = found[2:]
        across = found if letter == "h" else [0] * len(found) if letter == "v" else found[::2]
        down = found if letter == "v" else [0] * len(found) if letter == "h" else found[1::2]
        for dx, dy in zip(across, down, strict=True):
            x, y = rings[-1][-1]
            rings[-1].append((x + dx, y + dy))
    return rings
