"""The quick choice of a mask gives the library's own symbols, module by module."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode.constants import ERROR_CORRECT_H
from qrcode.main import QRCode
from qrcode.util import QRData

from village.papers.qr_masks import Modules, best_symbol, penalties


def made_by_library(text: str, version: int, mask: int) -> Modules:
    maker = QRCode(version=version, error_correction=ERROR_CORRECT_H, border=0, mask_pattern=mask)
    maker.add_data(QRData(text.encode(), mode=2), optimize=0)
    maker.make(fit=False)
    return np.array(maker.modules, dtype=np.uint8)


def points_by_hand(symbol: Modules) -> int:
    """The four rules once more, written as the standard words them and not as arrays."""
    size, points = len(symbol), 0
    for grid in (symbol.tolist(), symbol.T.tolist()):
        for line in grid:
            text = "".join(map(str, line))
            for run in text.replace("01", "0 1").replace("10", "1 0").split():
                points += len(run) - 2 if len(run) >= 5 else 0
            for at in range(size - 10):
                points += 40 * (text[at : at + 11] in ("10111010000", "00001011101"))
    for y in range(size - 1):
        for x in range(size - 1):
            points += 3 * (len({int(m) for m in symbol[y : y + 2, x : x + 2].ravel()}) == 1)
    percent = int(symbol.sum()) * 100 / size**2
    return points + 10 * int(abs(percent - 50) // 5)


@pytest.mark.parametrize(("version", "longest"), [(3, 35), (4, 50)])
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_the_symbol_is_the_librarys_with_the_fewest_points(
    version: int, longest: int, data: st.DataObject
) -> None:
    text = data.draw(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$%*+-./:", min_size=1, max_size=longest))
    candidates = [made_by_library(text, version, mask) for mask in range(8)]
    points = [points_by_hand(candidate) for candidate in candidates]

    chosen = best_symbol(text, version)

    assert penalties(np.stack(candidates)).tolist() == points
    assert np.array_equal(chosen, candidates[points.index(min(points))])
