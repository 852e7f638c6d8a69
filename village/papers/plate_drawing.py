"""
Drawing one plate or one sticker.

The pen works in millimetres from the upper left corner, as the standard's drawings do; reportlab's points
from the lower left stay inside it. Black is printed with the black ink alone: a code made of four inks
blurs as soon as the printing plates are a tenth of a millimetre out of register.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reportlab.lib.colors import CMYKColor, Color
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from village.papers.fonts import PaperFont
from village.papers.plate_face import PlateFace
from village.papers.plate_sizes import PlateSize
from village.papers.qr import Symbol, symbol_path
from village.papers.text_layout import fit_block, fit_line

BLUE = Color(0, 59 / 255, 130 / 255)
WHITE = Color(1, 1, 1)
BLACK = CMYKColor(0, 0, 0, 1)
DEMO_YELLOW = Color(1, 0.82, 0.25)

# Of the em square in Noto Sans SC: how high a digit stands, and where the ink of a character begins and ends.
DIGIT_HEIGHT = 0.733
INK_TOP = 0.85
DIGIT_AIR = 0.04


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on *canvas* in millimetres; (left, top) is where its own origin lies on the sheet of *height*."""

    canvas: Canvas
    font: PaperFont
    left: float
    top: float
    height: float

    def text(self, x: float, baseline: float, words: str, size: float, centred: bool = False) -> None:
        """Set *words* with their baseline at *baseline*."""
        self.canvas.setFont(self.font.name, size * mm)
        draw: Callable[..., None] = self.canvas.drawCentredString if centred else self.canvas.drawString
        draw((self.left + x) * mm, self._up(baseline), words)

    def box(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        """Fill a box with round corners."""
        self.canvas.roundRect(
            (self.left + x) * mm, self._up(y + height), width * mm, height * mm, radius * mm, stroke=0, fill=1
        )

    def frame(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        """Draw the line of such a box, in the canvas's line width and colour."""
        self.canvas.roundRect(
            (self.left + x) * mm, self._up(y + height), width * mm, height * mm, radius * mm, stroke=1, fill=0
        )

    def symbol(self, x: float, y: float, side: float, symbol: Symbol) -> None:
        """Fill the dark area of *symbol* as one path, in whole numbers of modules to keep the file small."""
        module = side * mm / symbol.modules
        self.canvas.saveState()
        self.canvas.setFillColor(BLACK)
        self.canvas.transform(module, 0, 0, module, (self.left + x) * mm, self._up(y + side))
        self.canvas.addLiteral(symbol_path(symbol))
        self.canvas.restoreState()

    def _up(self, y: float) -> float:
        return float((self.height - self.top - y) * mm)


def draw_plate(pen: Pen, face: PlateFace, symbol: Symbol, size: PlateSize) -> None:
    """
    White on blue: place name in the upper two fifths, number in the lower three, the symbol at the right.
    """
    scale, canvas = size.scale, pen.canvas
    canvas.setFillColor(BLUE)
    pen.box(0, 0, size.width, size.height, 3 * scale)
    canvas.setStrokeColor(WHITE)
    canvas.setLineWidth(0.4 * scale * mm)
    pen.frame(3 * scale, 3 * scale, size.width - 6 * scale, size.height - 6 * scale, 2.2 * scale)
    patch = size.patch(symbol.modules)
    patch_left = size.width - 8 * scale - patch
    canvas.setFillColor(WHITE)
    pen.box(patch_left, 8 * scale, patch, patch, 1.5 * scale)
    inset = (patch - size.symbol) / 2
    pen.symbol(patch_left + inset, 8 * scale + inset, size.symbol, symbol)
    _draw_place(pen, face, size, patch_left - 12.5 * scale)
    _draw_number(pen, face, size, patch_left - 12.5 * scale)
    _draw_beneath(pen, face, size, patch)


def _draw_place(pen: Pen, face: PlateFace, size: PlateSize, width: float) -> None:
    """Upper two fifths: the town small, the village and group as large as they go."""
    scale, left = size.scale, 9 * size.scale
    town_width = width - 17 * scale if face.demo else width
    pen.text(left, 14.6 * scale, face.town, fit_line(face.town, pen.font, 5.8 * scale, town_width))
    if face.demo:
        _draw_demo_tag(pen, left + width - 14 * scale, 9 * scale, scale)
    room = (width, 16 * scale)
    fitted = fit_block(face.place, pen.font, 12 * scale, room)
    top = 18.2 * scale + (room[1] - fitted.size * (1 + 1.15 * (len(fitted.lines) - 1))) / 2
    for index, line in enumerate(fitted.lines):
        pen.text(left, top + fitted.size * (INK_TOP + 1.15 * index), line, fitted.size)


def _draw_number(pen: Pen, face: PlateFace, size: PlateSize, width: float) -> None:
    """Lower three fifths: the number, and 号 on the same baseline; both shrink together where they must."""
    scale, font = size.scale, pen.font
    large, small, gap = 40.4 * scale, 10 * scale, 3 * scale
    natural = font.width(face.number, large) + gap + font.width("号", small)
    shrink = min(1.0, width / natural)
    large, gap = large * shrink, gap * shrink
    small = max(small * shrink, min(small, large * 0.4))
    large = min(large, (width - gap - font.width("号", small)) / font.width(face.number, 1))
    baseline = 54.6 * scale + large * DIGIT_HEIGHT / 2
    # A digit has air at its left that grows with its size; without this the number seems to stand indented.
    left = 9 * scale - (large * DIGIT_AIR if face.number[0].isdigit() else 0)
    pen.text(left, baseline, face.number, large)
    pen.text(left + font.width(face.number, large) + gap, baseline, "号", small)
    words = "演示牌，不作门牌使用" if face.demo else "扫码：办事 报事 买菜"
    pen.text(9 * scale, 81 * scale, words, fit_line(words, font, 5 * scale, width))


def _draw_beneath(pen: Pen, face: PlateFace, size: PlateSize, patch: float) -> None:
    """Under the symbol, for the day it is worn: the code, the site's address, the duty telephone."""
    scale = size.scale
    centre, start = size.width - 8 * scale - patch / 2, 8 * scale + patch
    lines = [(face.printed_code, 6.1), (face.host_text, 5.6)]
    if face.duty_phone:
        lines.append((f"值班 {face.duty_phone}", 4.9))
    for (words, large), drop in zip(lines, (7.4, 14.6, 21.9), strict=False):
        pen.text(
            centre, start + drop * scale, words, fit_line(words, pen.font, large * scale, patch), centred=True
        )


def _draw_demo_tag(pen: Pen, x: float, y: float, scale: float) -> None:
    pen.canvas.setFillColor(DEMO_YELLOW)
    pen.box(x, y, 14 * scale, 7.4 * scale, 1.2 * scale)
    pen.canvas.setFillColor(BLACK)
    pen.text(x + 7 * scale, y + 5.6 * scale, "演示", 5.2 * scale, centred=True)
    pen.canvas.setFillColor(WHITE)


def draw_sticker(pen: Pen, face: PlateFace, symbol: Symbol, size: PlateSize) -> None:
    """A symbol for a plate that already hangs: black on white, with only the code beneath it."""
    inset, quiet = (size.width - size.symbol) / 2, (size.patch(symbol.modules) - size.symbol) / 2
    pen.symbol(inset, quiet, size.symbol, symbol)
    pen.canvas.setFillColor(BLACK)
    words = f"{face.printed_code} 演示" if face.demo else face.printed_code
    baseline = size.symbol + 2 * quiet + 4.9
    pen.text(size.width / 2, baseline, words, fit_line(words, pen.font, 5.4, size.width - 6), centred=True)
