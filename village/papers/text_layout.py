"""
Setting Chinese text: lines that break where a reader expects it, and sizes that fit.

Lengths are in whatever unit the caller uses (millimetres on plates, points on sheets), the same for size
and width.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from village.papers.fonts import PaperFont

# A mark that closes may not begin a line; a mark that opens may not end one.
_CLOSING = "，。、；：？！）》】〉」』”’％%…—·,.;:?!)]}℃"
_OPENING = "（《【〈「『“‘([{"
# A word, a number with what it counts (8 点), a time or a telephone number stays on one line; everything else
# breaks after each character.
_UNIT = re.compile(r"[A-Za-z0-9]+(?:[.:/@_+\-][A-Za-z0-9]+)*(?: [\u4e00-\u9fff])?|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text that fits: its lines and the size to set them in."""

    lines: tuple[str, ...]
    size: float


def wrap(text: str, font: PaperFont, size: float, width: float, indent: float = 0) -> list[str]:
    """
    Break one paragraph into lines of at most *width*; the first is *indent* shorter.

    A word or number wider than a whole line is cut, because cutting is better than running off the paper.
    """
    lines: list[str] = []
    line, room = "", width - indent
    for unit in _units(text):
        if font.width((line + unit).rstrip(), size) <= room:
            line += unit
            continue
        if line.strip():
            lines.append(line.rstrip())
            room = width
        line = unit.lstrip()
        while font.width(line, size) > room and len(line) > 1:
            head = _longest_start(line, font, size, room)
            lines.append(head)
            line, room = line[len(head) :], width
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def paragraphs(text: str) -> list[str]:
    """
    Return the paragraphs of a text typed into a form: one per line, blank lines and stray spaces dropped.
    """
    cleaned = (re.sub(r"[ \t\u3000]+", " ", line).strip() for line in text.splitlines())
    return [line for line in cleaned if line]


@lru_cache(maxsize=4096)
def fit_line(text: str, font: PaperFont, size: float, width: float) -> float:
    """Return *size*, or the smaller size in which *text* is exactly *width* wide."""
    natural = font.width(text, size)
    return size if natural <= width else size * width / natural


@lru_cache(maxsize=4096)
def fit_block(
    text: str, font: PaperFont, size: float, box: tuple[float, float], most_lines: int = 2
) -> Fitted:
    """
    Set a name as large as it goes into *box* (width, height), on one line where that stays readable.

    A second line is opened only when a single one would fall below two thirds of *size*: a name is read
    faster in one piece.
    """
    width, height = box
    single = fit_line(text, font, size, width)
    best = Fitted((text,), min(single, height))
    if best.size >= size * 2 / 3:
        return best
    for count in range(2, most_lines + 1):
        larger = _fit_lines(text, font, min(size, height / (1 + 1.15 * (count - 1))), width, count)
        if larger is not None and larger.size > best.size:
            best = larger
    return best


def _fit_lines(text: str, font: PaperFont, size: float, width: float, count: int) -> Fitted | None:
    """Shrink from *size* in steps of four per cent until *text* needs at most *count* lines."""
    smallest = size / 20
    while size > smallest:
        lines = wrap(text, font, size, width)
        if len(lines) <= count:
            return Fitted(tuple(_balanced(text, font, size, width)), size)
        size *= 0.96
    return None


def _balanced(text: str, font: PaperFont, size: float, width: float) -> list[str]:
    """
    Break into the same number of lines but of nearly equal length, so that no single character is left
    over.
    """
    lines = wrap(text, font, size, width)
    narrow = max(font.width(text, size) / len(lines), size)
    while narrow < width:
        tried = wrap(text, font, size, narrow)
        if len(tried) <= len(lines):
            return tried
        narrow += size / 4
    return lines


def _units(text: str) -> list[str]:
    """Cut a paragraph where lines may break, with marks glued to the character they belong to."""
    units: list[str] = []
    opening = ""
    for unit in _UNIT.findall(text):
        if unit in _OPENING:
            opening += unit
        elif units and not opening and unit in _CLOSING:
            units[-1] += unit
        else:
            units.append(opening + unit)
            opening = ""
    return [*units, opening] if opening else units


def _longest_start(text: str, font: PaperFont, size: float, width: float) -> str:
    """Return as much of the beginning of *text* as fits, at least one character."""
    end = 1
    while end < len(text) and font.width(text[: end + 1], size) <= width:
        end += 1
    return text[:end]
