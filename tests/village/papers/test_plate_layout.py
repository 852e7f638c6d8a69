"""Names and numbers of any length stay inside their part of the plate and off each other."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from tests.make.plates import make_face
from village.papers.fonts import paper_font
from village.papers.plate_drawing import Pen, draw_plate, draw_sticker
from village.papers.plate_face import PlateFace
from village.papers.plate_sizes import LARGE, MEDIUM, SMALL, STICKER, PlateSize
from village.papers.qr import symbol

HAN = st.text("青石湾村三组第十二龙凤塆长阳土家族自治县", min_size=1, max_size=40)
NUMBERS = st.text("0123456789-附甲", min_size=1, max_size=12)
SLACK = 0.05


@dataclass(frozen=True)
class Ink:
    """Where a piece of text leaves ink, in millimetres from the plate's upper left."""

    words: str
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Ink) -> bool:
        apart_across = self.right <= other.left + SLACK or other.right <= self.left + SLACK
        apart_down = self.bottom <= other.top + SLACK or other.bottom <= self.top + SLACK
        return not (apart_across or apart_down)


class WatchedCanvas(Canvas):
    """A real canvas that also remembers where text was set."""

    def __init__(self, size: PlateSize) -> None:
        super().__init__(BytesIO(), pagesize=(size.width * mm, size.height * mm))
        self.height_mm = size.height
        self.inks: list[Ink] = []

    def drawString(self, x: float, y: float, text: str, *more: Any, **options: Any) -> None:  # noqa: N802
        self._remember(x, y, text)
        super().drawString(x, y, text, *more, **options)

    def drawCentredString(self, x: float, y: float, text: str, *more: Any, **options: Any) -> None:  # noqa: N802
        self._remember(x - paper_font().width(text, self._fontsize) / 2, y, text)
        super().drawCentredString(x, y, text, *more, **options)

    def _remember(self, x: float, y: float, text: str) -> None:
        width, size = paper_font().width(text, self._fontsize) / mm, self._fontsize / mm
        baseline = self.height_mm - y / mm
        # A line without Chinese reaches from the digits' height to the baseline, apart from small tails.
        chinese = any(ord(one) > 0x2E80 for one in text)
        top, bottom = (0.85, 0.09) if chinese else (0.76, 0.02)
        self.inks.append(Ink(text, x / mm, baseline - top * size, x / mm + width, baseline + bottom * size))


def inks_of(face: PlateFace, size: PlateSize) -> list[Ink]:
    canvas = WatchedCanvas(size)
    draw = draw_sticker if size is STICKER else draw_plate
    draw(Pen(canvas, paper_font(), 0, 0, size.height), face, symbol(face.url), size)
    return canvas.inks


def require_clear(face: PlateFace, size: PlateSize) -> None:
    inks = inks_of(face, size)
    patch = size.patch(symbol(face.url).modules)
    edge = size.width - 8 * size.scale - patch
    white = Ink("white patch", edge, 8 * size.scale, edge + patch, 8 * size.scale + patch)
    for index, ink in enumerate(inks):
        assert ink.left >= 3 * size.scale and ink.right <= size.width - 3 * size.scale, ink
        assert ink.top >= 3 * size.scale and ink.bottom <= size.height - 3 * size.scale, ink
        assert not ink.meets(white), ink
        for other in inks[:index]:
            assert not ink.meets(other), (ink, other)


@settings(deadline=None)
@given(
    village=HAN,
    group=st.one_of(st.just(""), HAN.map(lambda text: text[:24])),
    number=NUMBERS,
    demo=st.booleans(),
)
def test_no_name_and_no_number_ever_overlaps(village: str, group: str, number: str, demo: bool) -> None:
    require_clear(make_face(village=village, group=group, number=number, demo=demo), SMALL)


@settings(deadline=None)
@given(town=HAN.map(lambda text: text[:24]), phone=st.from_regex(r"[0-9]{4}-[0-9]{4,14}", fullmatch=True))
def test_no_town_and_no_telephone_ever_overlaps(town: str, phone: str) -> None:
    for size in (SMALL, MEDIUM, LARGE):
        require_clear(make_face(town=town, duty_phone=phone, demo=True), size)


def test_the_longest_host_stays_beneath_the_symbol() -> None:
    require_clear(make_face(host="w" * 26 + ".cn"), SMALL)


def test_the_name_keeps_to_the_upper_two_fifths_and_the_number_to_the_rest() -> None:
    by_words = {ink.words: ink for ink in inks_of(make_face(), SMALL)}

    assert by_words["青石湾村三组"].bottom <= 36
    assert by_words["12"].top >= 36
    assert by_words["12"].bottom - by_words["12"].top > 25


def test_a_long_name_goes_on_two_lines_before_it_becomes_small() -> None:
    long = "长阳土家族自治县火烧坪高山蔬菜示范村"
    lines = [ink for ink in inks_of(make_face(village=long, group=""), SMALL) if ink.words in long]

    assert [ink.words for ink in lines] == [long[:9], long[9:]]


def test_a_stickers_code_stays_out_of_the_quiet_zone() -> None:
    [ink] = inks_of(make_face(demo=True), STICKER)

    quiet = STICKER.patch(29)
    assert ink.top >= quiet
    assert ink.bottom <= STICKER.height - 1
