"""What counts as a list of numbers, the same for codes and for frames of coordinates."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from geocode._numbers import as_float


def as_floats(values: Any) -> NDArray[np.float64]:
    """
    Return a one-dimensional sequence of numbers as float64, copied only when it is something else.

    Raises:
        TypeError: a table, a masked array, or something in it that is no number; see `as_float`.
        ValueError, OverflowError: a number that no float can hold.
    """
    if hasattr(values, "mask") and hasattr(values, "filled"):
        raise TypeError("a masked array hides values: fill or drop them first")
    array = np.asarray(values)
    if array.dtype.kind not in "fiuO" or array.ndim != 1:
        raise TypeError("give one-dimensional sequences of numbers")
    if array.dtype.kind == "O":
        return np.array([as_float(number) for number in array.tolist()], dtype=np.float64)
    return array.astype(np.float64, copy=False)
