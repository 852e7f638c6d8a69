"""
The three sizes of plates and how they lie on paper, all in millimetres.

Sizes are those of the public-security template for address plates read in Tianjin's
津公人口函[2021]484号: the symbol's side is without its quiet zone, which the white patch adds around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from village.papers.errors import UnfitPaper
from village.papers.qr import QUIET_ZONE


class Paper(StrEnum):
    """What lies in the printer. ``plate`` is a roll or sheet cut to one plate, for sizes that no A3 takes."""

    a3 = "a3"
    a4 = "a4"
    plate = "plate"


@dataclass(frozen=True, slots=True)
class PlateSize:
    """One size of plate; a sticker has the same fields."""

    name: str
    width: float
    height: float
    symbol: float

    @property
    def scale(self) -> float:
        """How much larger than the small plate; the layout grows with the height."""
        return self.height / 90

    def patch(self, modules: int) -> float:
        """The side of the white patch: the symbol and its quiet zone."""
        return self.symbol * (modules + 2 * QUIET_ZONE) / modules


SMALL = PlateSize("small", 150, 90, 40)
MEDIUM = PlateSize("medium", 270, 170, 75)
LARGE = PlateSize("large", 570, 370, 120)
STICKER = PlateSize("sticker", 60, 60, 40)
SIZES = {size.name: size for size in (SMALL, MEDIUM, LARGE, STICKER)}


@dataclass(frozen=True, slots=True)
class Grid:
    """
    How plates lie on one sheet. ``ruler_at_side`` puts ruler and batch line upright into the left margin.
    """

    page: tuple[float, float]
    columns: int
    rows: int
    gap: tuple[float, float]
    ruler_at_side: bool = False
    top: float = 0

    @property
    def capacity(self) -> int:
        """Plates on a sheet."""
        return self.columns * self.rows


GRIDS: dict[tuple[str, Paper], Grid] = {
    ("small", Paper.a3): Grid((420, 297), 2, 3, (16, 5.5), ruler_at_side=True, top=8),
    ("small", Paper.a4): Grid((210, 297), 1, 2, (0, 14), top=24),
    ("medium", Paper.a3): Grid((297, 420), 1, 2, (0, 12), top=14),
    ("large", Paper.plate): Grid((630, 430), 1, 1, (0, 0), top=14),
    ("medium", Paper.plate): Grid((330, 230), 1, 1, (0, 0), top=14),
    ("sticker", Paper.a3): Grid((420, 297), 6, 4, (5, 5), top=8),
    ("sticker", Paper.a4): Grid((210, 297), 3, 4, (5, 5), top=8),
}


def grid_for(size: PlateSize, paper: Paper) -> Grid:
    """
    Return how *size* lies on *paper* at full scale.

    Raises:
        UnfitPaper: it would have to be scaled, and then neither the 100 mm ruler nor the symbol would be
            true.
    """
    grid = GRIDS.get((size.name, paper))
    if grid is None:
        raise UnfitPaper(f"{size.width:g}×{size.height:g} 毫米的牌不能原大印在这种纸上", field="paper")
    return grid


def place_of(grid: Grid, size: PlateSize, index: int) -> tuple[float, float]:
    """
    Return the upper left corner of the plate at *index* on its sheet, counted from the sheet's upper
    left.
    """
    row, column = divmod(index, grid.columns)
    across = grid.columns * size.width + (grid.columns - 1) * grid.gap[0]
    left = (grid.page[0] - across) / 2
    return left + column * (size.width + grid.gap[0]), grid.top + row * (size.height + grid.gap[1])
