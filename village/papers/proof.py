"""
Read every symbol again before a sheet leaves the house.

The reader is zxing-cpp, which shares no code with the maker. What it reads is drawn from the very operators
that are written into the PDF, not from the maker's matrix, so a mistake in our own geometry is found as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from village.papers.errors import ProofError
from village.papers.qr import QUIET_ZONE, Symbol, symbol_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PIXELS_PER_MODULE = 8
_BOX = re.compile(r"(\d+) (\d+) (\d+) (\d+) re")


@dataclass(frozen=True, slots=True)
class Proof:
    """What an independent reader found in a drawn symbol."""

    text: str
    level: str
    version: int
    upright: bool = True


def rasterise(symbol: Symbol, pixels: int = PIXELS_PER_MODULE) -> NDArray[np.uint8]:
    """Carry out the PDF operators of *symbol* in grey values, with its quiet zone, *pixels* to a module."""
    import numpy as np  # only printing needs it

    side = (symbol.modules + 2 * QUIET_ZONE) * pixels
    picture = np.full((side, side), 255, dtype=np.uint8)
    for box in _BOX.findall(symbol_path(symbol)):
        left, bottom, width, height = (int(number) * pixels for number in box)
        x, y = left + QUIET_ZONE * pixels, side - bottom - height - QUIET_ZONE * pixels
        picture[y : y + height, x : x + width] = 0
    return picture


def read_back(picture: NDArray[np.uint8]) -> Proof | None:
    """Return what the reader makes of a grey picture with one symbol, None if it finds nothing whole."""
    import zxingcpp

    only_qr: Any = zxingcpp.BarcodeFormat.QRCode
    found: Any = zxingcpp.read_barcode(picture, formats=only_qr, try_invert=False)
    if found is None or not found.valid:
        return None
    return Proof(found.text, str(found.ec_level), int(found.extra.get("Version", 0)), found.orientation == 0)


def prove(symbols: Iterable[Symbol]) -> Iterator[Proof]:
    """
    Yield the proof of every symbol, in order.

    Raises:
        ProofError: a symbol reads as nothing, as something else, lies turned or mirrored, or has another
            level or version than it should.
    """
    for one in symbols:
        proof = read_back(rasterise(one))
        if proof != Proof(one.url, "H", one.version):
            raise ProofError(f"the symbol of {one.url} reads back as {proof}")
        yield proof
