"""
Sheets of plates as PDF: six small plates on A3, two on an A4 proof, stickers, and the larger sizes one by
one.

A sheet is printed at 100 % or not at all, so each carries crop marks, a ruler of exactly 100 mm, and a
line that names batch, sheet and sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.colors import CMYKColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from village.papers.fonts import PaperFont
from village.papers.plate_drawing import Pen, draw_plate, draw_sticker
from village.papers.plate_face import PlateFace
from village.papers.plate_sizes import SMALL, STICKER, Grid, Paper, PlateSize, grid_for, place_of
from village.papers.qr import Symbol

RULER_MM = 100
_GREY = CMYKColor(0, 0, 0, 0.35)
_DARK = CMYKColor(0, 0, 0, 0.75)


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    What is printed on what. The village and the batch number stand in the batch line and the file's
    title.
    """

    village: str
    batch: int
    size: PlateSize = SMALL
    paper: Paper = Paper.a3


def draw_sheets(plates: Sequence[tuple[PlateFace, Symbol]], sheet: Sheet, font: PaperFont) -> bytes:
    """
    Return the PDF of a batch, plates in the order given, row by row.

    The same batch always gives the same bytes, so a reprint can be compared with the manifest of the
    first print. Faces and symbols must have been checked and proved before; ``batch.print_batch`` does
    all of it.

    Raises:
        UnfitPaper: the size does not fit the paper at full scale.
    """
    grid = grid_for(sheet.size, sheet.paper)
    output = BytesIO()
    page = (grid.page[0] * mm, grid.page[1] * mm)
    # Without a first font of our own reportlab names Helvetica in every page and embeds nothing for it.
    canvas = Canvas(
        output, pagesize=page, invariant=1, pageCompression=1, lang="zh-CN", initialFontName=font.name
    )
    canvas.setTitle(f"{sheet.village} 门牌第 {sheet.batch} 批")
    canvas.setSubject("门牌印张，按 100% 打印")
    starts = range(0, len(plates), grid.capacity)
    for number, start in enumerate(starts, start=1):
        on_sheet = plates[start : start + grid.capacity]
        _draw_one(canvas, on_sheet, grid, sheet, font)
        line = _batch_line(sheet, on_sheet[0], number, len(starts))
        _draw_ruler(Pen(canvas, font, 0, 0, grid.page[1]), grid, line)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def _draw_one(
    canvas: Canvas, on_sheet: Sequence[tuple[PlateFace, Symbol]], grid: Grid, sheet: Sheet, font: PaperFont
) -> None:
    draw = draw_sticker if sheet.size.name == STICKER.name else draw_plate
    for index, (face, symbol) in enumerate(on_sheet):
        left, top = place_of(grid, sheet.size, index)
        _draw_crop_marks(canvas, grid, sheet.size, left, top)
        draw(Pen(canvas, font, left, top, grid.page[1]), face, symbol, sheet.size)


def _draw_crop_marks(canvas: Canvas, grid: Grid, size: PlateSize, left: float, top: float) -> None:
    """
    Two short hairlines at each corner, outside the plate, short enough not to meet those of the next one.
    """
    canvas.setStrokeColor(_GREY)
    canvas.setLineWidth(0.25)
    off, length = 0.6, 1.9
    for x, outward in ((left, -1), (left + size.width, 1)):
        for y, downward in ((top, -1), (top + size.height, 1)):
            up = grid.page[1] - y
            canvas.line((x + outward * off) * mm, up * mm, (x + outward * (off + length)) * mm, up * mm)
            canvas.line(x * mm, (up - downward * off) * mm, x * mm, (up - downward * (off + length)) * mm)


def _batch_line(sheet: Sheet, first: tuple[PlateFace, Symbol], number: int, count: int) -> str:
    """What the printer and the clerk must know, in one line."""
    face, symbol = first
    size = sheet.size
    parts = [
        sheet.village,
        f"第 {sheet.batch} 批",
        f"第 {number} 张，共 {count} 张",
        f"{size.width:g}×{size.height:g} 毫米",
        f"二维码 {size.symbol:g} 毫米，白底 {size.patch(symbol.modules):.0f} 毫米，H 级",
        "按 100% 打印，勿缩放",
    ]
    if sheet.paper is Paper.a4 and size.name == SMALL.name:
        parts.insert(2, "纸样")
    if face.demo:
        parts.append("演示，不可安装")
    return "·".join(parts)


def _draw_ruler(pen: Pen, grid: Grid, line: str) -> None:
    """Ruler and batch line: upright in the left margin, or along the lower edge."""
    canvas = pen.canvas
    canvas.saveState()
    if grid.ruler_at_side:
        # Turned a quarter to the left, so that the lines below read from bottom to top beside the plates.
        canvas.translate(22 * mm, 20 * mm)
        canvas.rotate(90)
    else:
        canvas.translate(12 * mm, 14 * mm)
    canvas.setStrokeColor(_DARK)
    canvas.setFillColor(_DARK)
    canvas.setLineWidth(0.35)
    canvas.line(0, 0, RULER_MM * mm, 0)
    for step in range(0, RULER_MM + 1, 10):
        canvas.line(step * mm, 0, step * mm, (2.4 if step % 50 == 0 else 1.4) * mm)
    canvas.setFont(pen.font.name, 3.2 * mm)
    canvas.drawString((RULER_MM + 2) * mm, -0.4 * mm, f"{RULER_MM} 毫米")
    available = (grid.page[1] - 40 if grid.ruler_at_side else grid.page[0] - 24) * mm
    natural = pen.font.width(line, 3.2 * mm)
    canvas.setFont(pen.font.name, 3.2 * mm * min(1.0, available / natural))
    canvas.drawString(0, -7 * mm, line)
    canvas.restoreState()
