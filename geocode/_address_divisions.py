"""The division table in memory, indexed for finding names at a place in a text."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import NamedTuple

from geocode._address_names import STAND_INS, forms_of
from geocode.division_codes import Level, get_level
from geocode.errors import BadDivisionCodeError

WIDTHS: Mapping[Level, int] = {"province": 2, "prefecture": 4, "county": 6, "town": 9, "village": 12}
_LEVEL_OF_WIDTH: Mapping[int, Level] = {width: level for level, width in WIDTHS.items()}
_LONG_VILLAGE_NAME = 9


class Division(NamedTuple):
    """One row of the table: a province, prefecture, county, town or village."""

    code: str
    name: str
    display: str
    prefix: str
    stand_in: bool

    @property
    def level(self) -> Level:
        """Province, prefecture, county, town or village."""
        return _LEVEL_OF_WIDTH[len(self.prefix)]


class Place(NamedTuple):
    """A division with those above it, and their names as printed."""

    path: tuple[Division, ...]
    full_name: str
    names: Mapping[Level, str]


class Child:
    """A name right below a division: whose it is, or None when that takes a closer look, and the names below that one."""

    __slots__ = ("division", "name", "near")

    def __init__(self, name: str, division: Division | None) -> None:
        self.name = name
        self.division = division
        self.near: Children | None = None


Children = dict[str, list[Child]]


class Divisions:
    """
    The divisions a deployment owns, ready for reading addresses.

    Village codes are no longer published, so nothing is shipped: load your own table once and keep it.

    >>> table = Divisions.load([
    ...     {"code": "420624000000", "name": "南漳县"},
    ...     {"code": "420624190000", "name": "云溪镇"},
    ...     {"code": "420624190201", "name": "石鼓村村民委员会"},
    ... ])
    >>> table.full_name(table.get("420624190201"))
    '南漳县云溪镇石鼓村'
    """

    def __init__(self, group_door_villages: Collection[str] = ()) -> None:
        self.group_door_villages = frozenset(group_door_villages)
        self.by_prefix: dict[str, Division] = {}
        self.explicit: dict[str, list[Division]] = {}
        self.bare: dict[str, list[Division]] = {}
        self.lengths: dict[str, tuple[int, ...]] = {}
        self._forms_below: dict[str, list[tuple[str, Division]]] = {}
        self._children: dict[str, Children] = {}
        self._places: dict[str, Place] = {}
        self.widths: frozenset[int] = frozenset()

    @classmethod
    def load(cls, rows: Iterable[Mapping[str, str]], group_door_villages: Collection[str] = ()) -> Divisions:
        """
        Read rows that have at least ``code`` (twelve digits) and ``name``.

        Args:
            rows: in any order; an address needs the rows of the levels above only to print them.
            group_door_villages: codes of the villages where 3-12 means group 3, door 12.

        Raises:
            BadDivisionCodeError: a row without a name or with a code that is wrong or already taken.
        """
        if not isinstance(rows, Iterable) or not isinstance(group_door_villages, Collection):
            raise BadDivisionCodeError("区划表应是若干行，每行有 code 和 name")
        with _collector_at_rest():
            return cls._load(rows, group_door_villages)

    @classmethod
    def _load(cls, rows: Iterable[Mapping[str, str]], group_door_villages: Collection[str]) -> Divisions:
        names: dict[str, tuple[str, str]] = {}
        for number, row in enumerate(rows, start=1):
            prefix, code, name = _checked(row, number)
            if prefix in names:
                raise BadDivisionCodeError(f"第 {number} 行的区划代码重复：{code}")
            names[prefix] = code, name
        table = cls(group_door_villages)
        for prefix, (code, name) in names.items():
            above = ""
            width = len(prefix)
            if width == 12 and len(name) >= _LONG_VILLAGE_NAME:
                above = " ".join(names[prefix[:width]][1] for width in (2, 4, 6) if prefix[:width] in names)
            below = next(
                (up for up in _prefixes_above(prefix) if up in names and names[up][1] not in STAND_INS), ""
            )
            table._add(
                Division(code, name, name, prefix, width in (4, 6) and name in STAND_INS), above, below
            )
        table._measure()
        return table

    def __len__(self) -> int:
        return len(self.by_prefix)

    def get(self, code: str) -> Division | None:
        """Return the division with a code of twelve digits, or None."""
        found = (self.by_prefix.get(code[:width]) for width in (2, 4, 6, 9, 12))
        return next((one for one in found if one is not None and one.code == code), None)

    def path(self, division: Division) -> tuple[Division, ...]:
        """Return the divisions from the province down to *division*, without stand-ins."""
        return self.place(division).path

    def full_name(self, division: Division) -> str:
        """Return the names from the province down in one string."""
        return self.place(division).full_name

    def place(self, division: Division) -> Place:
        """Return what an address prints of a division; worked out once, since many doors lie in one village."""
        known = self._places.get(division.prefix)
        if known is None:
            above = (self.by_prefix.get(prefix) for prefix in _prefixes_above(division.prefix))
            uppers = [upper for upper in above if upper is not None and not upper.stand_in]
            path = (*reversed(uppers), division)
            names = {one.level: one.display for one in path}
            known = Place(path, "".join(names.values()), names)
            self._places[division.prefix] = known
        return known

    def children(self, prefix: str) -> Children:
        """Return the names right below a division, by their first two characters and longest first."""
        known = self._children.get(prefix)
        if known is None:
            # Grouped when first asked for: an import rarely touches every town of a province.
            named: dict[str, list[Division]] = {}
            for form, division in self._forms_below.get(prefix, ()):
                _append(named, form, division)
            known = self._children[prefix] = {}
            for form in sorted(named, key=len, reverse=True):
                only = named[form][0] if len(named[form]) == 1 else None
                if form.endswith("村村"):
                    only = None  # 大村村委会 may be 大村's committee as well: not for the quick way
                known.setdefault(form[:2], []).append(Child(form, only))
        return known

    def _add(self, division: Division, above: str, below: str) -> None:
        """Index a division; *below* is the prefix of the nearest one above it that an address names."""
        if not division.stand_in:
            forms = forms_of(division.name, len(division.prefix), above)
            if forms.display != division.name:
                division = division._replace(display=forms.display)
            siblings = self._forms_below.setdefault(below, [])
            for form in forms.explicit:
                _append(self.explicit, form, division)
                siblings.append((form, division))
            for form in forms.bare:
                _append(self.bare, form, division)
        self.by_prefix[division.prefix] = division

    def _measure(self) -> None:
        """Note how long the names are that begin with the same two characters, longest first."""
        lengths: dict[str, set[int]] = {}
        for form in chain(self.explicit, self.bare):
            start = form[:2]
            known = lengths.get(start)
            if known is None:
                lengths[start] = {len(form)}
            else:
                known.add(len(form))
        self.lengths = {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}
        self.widths = frozenset(map(len, self.by_prefix))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Everything made here stays; the collector would walk it again and again and find nothing."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


def _prefixes_above(prefix: str) -> Iterator[str]:
    return (prefix[:width] for width in (9, 6, 4, 2) if width < len(prefix))


def _append(index: dict[str, list[Division]], form: str, division: Division) -> None:
    known = index.get(form)
    if known is None:
        index[form] = [division]
    else:
        known.append(division)


def _checked(row: Mapping[str, str], number: int) -> tuple[str, str, str]:
    """Return the digits that matter, all digits, and the name."""
    code, name = (row.get("code"), row.get("name")) if isinstance(row, Mapping) else (None, None)
    if not isinstance(code, str) or not isinstance(name, str):
        raise BadDivisionCodeError(f"第 {number} 行缺 code 或 name")
    name = name.strip()
    try:
        level = get_level(code)
    except BadDivisionCodeError:
        raise BadDivisionCodeError(f"第 {number} 行的区划代码不对：{code!r}") from None
    if not name:
        raise BadDivisionCodeError(f"第 {number} 行没有名称：{code}")
    return code[: WIDTHS[level]], code[:12], name


def inside(found: list[Division], scope: list[Division] | None) -> list[Division]:
    """Return those of *found* that lie below a division of *scope*."""
    if scope is None:
        return found
    if len(scope) == 1:
        prefix = scope[0].prefix
        if len(found) == 1:  # by far the most frequent case, and this is the innermost loop
            only = found[0].prefix
            return found if only.startswith(prefix) and only != prefix else []
        return [one for one in found if one.prefix.startswith(prefix) and one.prefix != prefix]
    prefixes = {one.prefix for one in scope}
    return [
        one
        for one in found
        if any(one.prefix[:width] in prefixes for width in (2, 4, 6, 9) if width < len(one.prefix))
    ]


def around(found: list[Division], scope: list[Division] | None) -> list[Division]:
    """Return those of *scope* that lie below or are a division of *found*."""
    if scope is None:
        return []
    prefixes = {one.prefix for one in found}
    return [one for one in scope if any(one.prefix[:width] in prefixes for width in (2, 4, 6, 9, 12))]
