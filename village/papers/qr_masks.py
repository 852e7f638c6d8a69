"""
Choosing the mask of a symbol, eight candidates at once.

ISO/IEC 18004 wants the mask with the fewest patterns that confuse a reader. The qrcode library builds the symbol
eight times over to find it, which is nine tenths of its work. Here it builds the symbol once; the other seven
follow from it, because a mask only inverts data modules by a fixed rule, and the rest of a symbol depends on
version, level and mask alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qrcode.constants import ERROR_CORRECT_H
from qrcode.main import QRCode
from qrcode.util import QRData

Modules = NDArray[np.uint8]
"""Dark modules as 1; one symbol, or several along the first axis."""

_MASKS = 8
# Where the centre of the one alignment pattern lies, by version.
_ALIGNMENT = {3: 22, 4: 26}


def best_symbol(text: str, version: int) -> Modules:
    """Return the level H symbol of an alphanumeric text, with the mask that ISO/IEC 18004 prefers."""
    data_area, inversions, functions = _frame(version)
    first = _made(text, version, 0)
    data = (first ^ inversions[0]) & data_area
    candidates = ((data ^ inversions) & data_area) | functions
    best: Modules = candidates[int(np.argmin(penalties(candidates)))]
    return best


def penalties(candidates: Modules) -> NDArray[np.int64]:
    """Score symbols by the four rules of the standard; fewer points are better."""
    across = np.concatenate([candidates, candidates.transpose(0, 2, 1)], axis=1)
    return _long_runs(across) + _blocks(candidates) + _false_finders(across) + _imbalance(candidates)


def _long_runs(lines: Modules) -> NDArray[np.int64]:
    """Three points for five equal modules in a row, one more for each that follows."""
    same = lines[:, :, 1:] == lines[:, :, :-1]
    four = same[:, :, 3:] & same[:, :, 2:-1] & same[:, :, 1:-2] & same[:, :, :-3]
    begins = four.copy()
    begins[:, :, 1:] &= ~four[:, :, :-1]
    scored: NDArray[np.int64] = four.sum(axis=(1, 2)) + 2 * begins.sum(axis=(1, 2))
    return scored


def _blocks(candidates: Modules) -> NDArray[np.int64]:
    """Three points for every two by two block of one colour."""
    sums = candidates[:, 1:, 1:] + candidates[:, 1:, :-1] + candidates[:, :-1, 1:] + candidates[:, :-1, :-1]
    scored: NDArray[np.int64] = 3 * ((sums == 0) | (sums == 4)).sum(axis=(1, 2))
    return scored


def _false_finders(lines: Modules) -> NDArray[np.int64]:
    """Forty points for whatever looks like the profile of a finder beside four light modules."""
    value = np.zeros((*lines.shape[:2], lines.shape[2] - 10), dtype=np.uint16)
    for step in range(11):
        value = (value << 1) | lines[:, :, step : step + value.shape[2]]
    looks = (value == 0b10111010000) | (value == 0b00001011101)
    scored: NDArray[np.int64] = 40 * looks.sum(axis=(1, 2))
    return scored


def _imbalance(candidates: Modules) -> NDArray[np.int64]:
    """Ten points for every five per cent that dark and light are away from half and half."""
    share = candidates.mean(axis=(1, 2)) * 100
    scored: NDArray[np.int64] = 10 * (np.abs(share - 50) // 5).astype(np.int64)
    return scored


@lru_cache(maxsize=4)
def _frame(version: int) -> tuple[Modules, Modules, Modules]:
    """Return where data lies, what each mask inverts, and what else is dark under each mask."""
    side = 17 + 4 * version
    data_area = np.ones((side, side), dtype=np.uint8)
    data_area[:9, :9] = data_area[:9, -8:] = data_area[-8:, :9] = 0  # finders, with the format beside them
    data_area[6, :] = data_area[:, 6] = 0  # timing
    centre = _ALIGNMENT[version]
    data_area[centre - 2 : centre + 3, centre - 2 : centre + 3] = 0
    row, column = np.indices((side, side))
    product = row * column
    rules = (
        row + column & 1,
        row & 1,
        column % 3,
        (row + column) % 3,
        row // 2 + column // 3 & 1,
        product % 2 + product % 3,
        product % 2 + product % 3 & 1,
        row + column + product % 3 & 1,
    )
    inversions = np.stack([(rule == 0).astype(np.uint8) for rule in rules])
    functions = np.stack([_made("A", version, mask) & (1 - data_area) for mask in range(_MASKS)])
    return data_area, inversions, functions


def _made(text: str, version: int, mask: int) -> Modules:
    """Let the qrcode library build one symbol with one mask."""
    maker: QRCode[Any] = QRCode(
        version=version, error_correction=ERROR_CORRECT_H, border=0, mask_pattern=mask
    )
    # Mode 2 is alphanumeric; named by number because the library's constant is typed as any number.
    maker.add_data(QRData(text.encode("ascii"), mode=2), optimize=0)
    maker.make(fit=False)
    return np.array(maker.modules, dtype=np.uint8)
