"""What counts as a number, the same for degrees and metres, and a code given as bytes."""

from __future__ import annotations

from numbers import Real
from typing import Any


def as_float(number: Any) -> float:
    """
    Return any real number, of numpy or of the standard library, as a float.

    Raises:
        TypeError: a text, bytes, a truth, a complex number, or anything else that only looks like a number.
        ValueError, OverflowError: a number that no float can hold.
    """
    if type(number) is float:
        return number
    if isinstance(number, bool) or not (isinstance(number, Real) or _is_plain(number)):
        raise TypeError(f"not a number: {number!r:.40}")
    return float(number)


def _is_plain(number: Any) -> bool:
    """Decimals, which are not Real, and numpy's numbers alone or in an array without dimensions."""
    kind = getattr(getattr(number, "dtype", None), "kind", "")
    if kind:
        return kind in "fiu" and not number.shape and not hasattr(number, "mask")
    return hasattr(number, "as_tuple") and hasattr(number, "__float__")


def is_whole(number: Any) -> bool:
    """Say whether a value is one whole number, of Python or of numpy, and no truth."""
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        return False
    return not getattr(number, "shape", ()) and getattr(getattr(number, "dtype", None), "kind", "i") in "iu"
