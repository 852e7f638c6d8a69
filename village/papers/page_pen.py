"""
A pen for letters and sheets: points, counted from the upper left corner of the page, one page after
another.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from reportlab.lib.colors import CMYKColor, Color
from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from commons.seal import seal_rings
from village.papers.fonts import PaperFont
from village.papers.qr import QUIET_ZONE, Symbol, symbol_path

__all__ = ["A4", "A5", "INK", "PAGE_GREY", "SEAL_RED", "PagePen", "mm"]

INK = CMYKColor(0, 0, 0, 1)
PAGE_GREY = CMYKColor(0, 0, 0, 0.6)
SEAL_RED = Color(0.702, 0.188, 0.118)
SEAL_GROUND = Color(1, 0.98, 0.94)


class PagePen:
    """Writes pages of *size*; ``zoom`` enlarges everything, so that one design serves A5 and A4."""

    def __init__(self, title: str, size: tuple[float, float], font: PaperFont, zoom: float = 1) -> None:
        self._output = BytesIO()
        self._size, self._zoom = size, zoom
        self.font = font
        self.width, self.height = size[0] / zoom, size[1] / zoom
        self.canvas = Canvas(
            self._output,
            pagesize=size,
            invariant=1,
            pageCompression=1,
            lang="zh-CN",
            initialFontName=font.name,
        )
        self.canvas.setTitle(title)
        self._begin()

    def next_page(self) -> None:
        """Finish this page and begin another."""
        self.canvas.showPage()
        self._begin()

    def finish(self) -> bytes:
        """Finish the last page and return the file."""
        self.canvas.showPage()
        self.canvas.save()
        return self._output.getvalue()

    def text(self, x: float, baseline: float, words: str, size: float, font: PaperFont | None = None) -> None:
        """Set *words* beginning at *x*, in the pen's own font or in *font*."""
        self.canvas.setFont((font or self.font).name, size)
        self.canvas.drawString(x, self.height - baseline, words)

    def centred(self, baseline: float, words: str, size: float) -> None:
        """Set *words* in the middle of the page."""
        self.text((self.width - self.font.width(words, size)) / 2, baseline, words, size)

    def right(self, edge: float, baseline: float, words: str, size: float) -> None:
        """Set *words* ending at *edge*."""
        self.text(edge - self.font.width(words, size), baseline, words, size)

    def lines(self, x: float, baseline: float, lines: Sequence[str], size: float, leading: float) -> float:
        """Set lines under each other; return the baseline that would come next."""
        for line in lines:
            self.text(x, baseline, line, size)
            baseline += leading
        return baseline

    def rule(self, x: float, y: float, width: float, weight: float = 0.8, colour: object = INK) -> None:
        """Draw a horizontal line."""
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(weight)
        self.canvas.line(x, self.height - y, x + width, self.height - y)

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        """Draw an empty box with round corners."""
        self.canvas.setStrokeColor(INK)
        self.canvas.setLineWidth(1.4)
        self.canvas.roundRect(x, self.height - y - height, width, height, 6, stroke=1, fill=0)

    def symbol(self, x: float, y: float, side: float, symbol: Symbol) -> None:
        """Draw a code into a square of *side* that includes its quiet zone."""
        module = side / (symbol.modules + 2 * QUIET_ZONE)
        self.canvas.saveState()
        left, bottom = x + QUIET_ZONE * module, self.height - y - side + QUIET_ZONE * module
        self.canvas.transform(module, 0, 0, module, left, bottom)
        self.canvas.addLiteral(symbol_path(symbol))
        self.canvas.restoreState()

    def seal(self, x: float, y: float, side: float, path: str) -> None:
        """Draw a village's seal, whose *path* is that of :func:`commons.seal.seal_path`, into a square of *side*."""
        self.canvas.saveState()
        self.canvas.transform(side / 100, 0, 0, -side / 100, x, self.height - y)
        self.canvas.setFillColor(SEAL_RED)
        self._fill([(7, 3), (93, 2), (98, 8), (97, 93), (92, 98), (8, 97), (3, 92), (2, 7)])
        self.canvas.setFillColor(SEAL_GROUND)
        self._fill(*seal_rings(path))
        self.canvas.restoreState()

    def _fill(self, *rings: Sequence[tuple[int, int]]) -> None:
        drawn = self.canvas.beginPath()
        for ring in rings:
            drawn.moveTo(*ring[0])
            for point in ring[1:]:
                drawn.lineTo(*point)
            drawn.close()
        self.canvas.drawPath(drawn, stroke=0, fill=1, fillMode=FILL_NON_ZERO)

    def colour(self, colour: object) -> None:
        """Fill text and symbols with *colour* from here on."""
        self.canvas.setFillColor(colour)

    def _begin(self) -> None:
        self.canvas.scale(self._zoom, self._zoom)
        self.colour(INK)
