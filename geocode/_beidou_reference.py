"""
Reference codes and short codes, clauses 7 and 8 of GB/T 39409-2020.

A reference code names a cell by its steps from another one: ``-20`` is two cells to the east. A digit 0-7
counts east or north, a letter A-G counts one to seven west or south; the first character is east-west, the
second north-south. A short code puts a place name where the base would stand, and reads the same.

A finer cell than the base appends one group for every level below it. The clause shows no worked example
of that in another quadrant than the north-east; we count each group from the child nearest the origin, with
the same letters for west and south, so that in the north-east a group is the plain digits of the code.
"""

import re
from typing import Final

from geocode._beidou_levels import COLUMNS, SPLITS
from geocode._beidou_scalar import (
    Index,
    code_to_index,
    index_to_code,
    normalize_code,
    plain_text,
    wrap_column,
)
from geocode.errors import BadBeidouCodeError

_COARSEST_BASE: Final = 5
_STEPS: Final = {**{str(n): n for n in range(8)}, **{"ABCDEFG"[n - 1]: -n for n in range(1, 8)}}
_LETTERS: Final = {steps: letter for letter, steps in _STEPS.items()}
_GROUPS: Final = re.compile(r"(?:-[0-7A-G]{2}){1,6}")


def _base_index(base: str) -> Index:
    index = code_to_index(base)
    if index.level < _COARSEST_BASE:
        raise BadBeidouCodeError(f"a base has level {_COARSEST_BASE} or finer: {base!r:.40}")
    return index


def _parent(index: Index) -> Index:
    columns, rows = SPLITS[index.level]
    return Index(index.level - 1, index.column // columns, index.row // rows)


def _first_child(index: Index) -> Index:
    """The child nearest the origin."""
    columns, rows = SPLITS[index.level + 1]
    column = index.column * columns + (columns - 1 if index.column < 0 else 0)
    row = index.row * rows + (rows - 1 if index.row < 0 else 0)
    return Index(index.level + 1, column, row)


def to_reference_code(base: str, code: str) -> str:
    """
    Return how to get from a base cell to another cell: the part of a reference code after the base.

    Args:
        base: a code of level 5 or finer, for example that of the village office.
        code: a code of the base's level or finer, at most seven base cells away in each direction.

    Raises:
        BadBeidouCodeError: not codes, the base too coarse, the code coarser than the base or too far away.

    >>> to_reference_code("N50J475491E", "N50J475493E"), to_reference_code("N50J475493E", "N50J475491E")
    ('-20', '-B0')
    >>> to_reference_code("N50J475491E", "N50J475493E2")
    '-20-01'
    """
    start, target = _base_index(base), code_to_index(code)
    if target.level < start.level:
        raise BadBeidouCodeError("the code is coarser than its base")
    chain = [target]
    while chain[-1].level > start.level:
        chain.append(_parent(chain[-1]))
    origin, groups = start, ""
    for index in reversed(chain):
        groups += _group(origin, index)
        if index.level < target.level:
            origin = _first_child(index)
    return groups


def _group(origin: Index, index: Index) -> str:
    east = wrap_column(index.column - origin.column, COLUMNS[index.level])
    north = index.row - origin.row
    if east not in _LETTERS or north not in _LETTERS:
        raise BadBeidouCodeError("the code is more than seven cells from its base")
    return f"-{_LETTERS[east]}{_LETTERS[north]}"


def from_reference_code(base: str, text: str) -> str:
    """
    Return the code a reference code means.

    Args:
        base: the code the steps are counted from, level 5 or finer.
        text: the steps, alone (``-20``), behind the base's own code, or behind a place name that stands for
            it (clause 8). Lower case, spaces and full-width letters are forgiven.

    Raises:
        BadBeidouCodeError: not a reference code, another base, or a cell outside the grid.

    >>> from_reference_code("N50J475491E", "-20")
    'N50J475493E'
    >>> from_reference_code("N50J475491E", "村委会-20")
    'N50J475493E'
    """
    index = _base_index(base)
    name, dash, steps = plain_text(text).partition("-")
    groups = dash + steps
    if not _GROUPS.fullmatch(groups):
        raise BadBeidouCodeError(f"not a reference code: {text!r:.40}")
    if name.isascii() and name and name != normalize_code(base):
        raise BadBeidouCodeError(f"the reference code has another base: {text!r:.40}")
    for place, group in enumerate(groups[1:].split("-")):
        if place:
            parent, index = index, _first_child(_check_deeper(index))
        column = wrap_column(index.column + _STEPS[group[0]], COLUMNS[index.level])
        moved = Index(index.level, column, index.row + _STEPS[group[1]])
        if place and _parent(moved) != parent:
            raise BadBeidouCodeError(f"a step leaves its cell: {text!r:.40}")
        index = moved
    return _inside_grid(index)


def _check_deeper(index: Index) -> Index:
    if index.level == 10:
        raise BadBeidouCodeError("there is no level below 10")
    return index


def _inside_grid(index: Index) -> str:
    try:
        return index_to_code(index)
    except ValueError as error:
        raise BadBeidouCodeError(f"the cell lies outside the grid: {error}") from error
