"""Which divisions the names read so far leave possible. It narrows and never chooses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from geocode._address_divisions import Division, Divisions, around, inside
from geocode._address_names import COMMITTEE

MOST_CANDIDATES = 50

# Behind 大村村: the rest of 委会 or 民委员会, whose 村 the name may have swallowed.
_SHARED_VILLAGE = re.compile("民委员?会|委会")


class Mention(NamedTuple):
    """A division named at a place of the text, and which of its namesakes lie inside what is possible."""

    end: int
    found: list[Division]
    fitting: list[Division]


class Scope:
    """The divisions that all names so far agree on."""

    __slots__ = (
        "_mentioned",
        "in_disorder",
        "is_broken",
        "other",
        "possible",
        "settled",
        "table",
        "undecided",
    )

    def __init__(self, table: Divisions) -> None:
        self.table = table
        self.settled: Division | None = None
        self.possible: list[Division] | None = None
        self.undecided: list[str] = []
        self.in_disorder = False
        self.other: list[Division] | None = None
        self.is_broken = False
        self._mentioned = 0  # one bit for each width of prefix

    def find(self, text: str, start: int) -> Mention | None:
        """
        Return the longest name at *start* that fits, else the longest that the table knows at all.

        A name without its kind (襄阳 for 襄阳市) counts only above the village and only before a further name.
        """
        lengths = self.table.lengths.get(text[start : start + 2])
        if lengths is None:
            return None
        return self._find_anywhere(text, start, lengths)

    def descend(self, text: str, start: int) -> int:
        """
        Read names one right below the other, as a well-written address has them, and return where they end.

        This is what :meth:`find` and :meth:`narrow` would do, in one tight loop: most addresses are read here.
        """
        if self.is_broken or (self.possible is not None and len(self.possible) > 1):
            return start
        settled = None
        near = self.table.children(self.possible[0].prefix if self.possible else "")
        while names := near.get(text[start : start + 2]):
            for child in names:
                if text.startswith(child.name, start):
                    break
            else:
                break
            if child.division is None:
                break
            settled = child.division
            start += len(child.name)
            self._mentioned |= 1 << len(settled.prefix)
            if child.near is None:
                child.near = self.table.children(settled.prefix)
            near = child.near
        if settled is not None:
            self.settled, self.possible = settled, [settled]
            self.undecided.clear()
            start = _end(text, start, settled)
        return start

    def _find_anywhere(self, text: str, start: int, lengths: tuple[int, ...]) -> Mention | None:
        explicit = self.table.explicit
        possible = self.other if self.is_broken else self.possible
        outside: Mention | None = None
        for length in lengths:
            name = text[start : start + length]
            found = explicit.get(name)
            if found is None:
                continue
            end = _end(text, start + length, found[0])
            shorter = self._read_shorter(text, name, start + length)
            if shorter:
                found = found + shorter
            fitting = inside(found, possible)
            if fitting or around(found, possible):
                # Most names are unique; a namesake is preferred only when its own name is written.
                if len(fitting) > 1 and not shorter:
                    fitting = _exact(name, fitting)
                return Mention(end, found, fitting)
            outside = outside or Mention(end, found, fitting)
        return self._find_bare(text, start, lengths) or outside

    def _read_shorter(self, text: str, name: str, end: int) -> list[Division]:
        """大村村委会 is the committee of 大村村 or of 大村: return what the other reading finds."""
        if not name.endswith("村") or _SHARED_VILLAGE.match(text, end) is None:
            return []
        return self.table.explicit.get(name[:-1], [])

    def _find_bare(self, text: str, start: int, lengths: Sequence[int]) -> Mention | None:
        possible = self.other if self.is_broken else self.possible
        for length in lengths:
            found = self.table.bare.get(text[start : start + length])
            if found is None:
                continue
            upper = inside([one for one in found if len(one.prefix) < 12], possible)
            if upper and self._leads_on(text, start + length, upper):
                return Mention(min(start + length, len(text)), upper, upper)
        return None

    def _leads_on(self, text: str, end: int, upper: list[Division], depth: int = 0) -> bool:
        """Say whether the text ends here, or goes on with a name that lies inside."""
        if end >= len(text):
            return True
        for length in self.table.lengths.get(text[end : end + 2], ()):
            name = text[end : end + length]
            if inside(self.table.explicit.get(name, []), upper):
                return True
            deeper = inside([one for one in self.table.bare.get(name, []) if len(one.prefix) < 12], upper)
            if deeper and depth < 3 and self._leads_on(text, end + length, deeper, depth + 1):
                return True
        return False

    def narrow(self, name: str, mention: Mention) -> bool:
        """Take a known name into account; False when it contradicts what was read before."""
        found, deeper = mention.found, mention.fitting
        if self.is_broken:
            self.other = deeper or found
            return False
        if deeper:
            self.possible = deeper
        else:
            remaining = around(found, self.possible)
            if not remaining:
                self.break_off(found)
                return False
            self.in_disorder |= not any(self._mentioned >> len(one.prefix) & 1 for one in found)
            self.possible = remaining
        for one in deeper or found:
            self._mentioned |= 1 << len(one.prefix)
        if len(self.possible) == 1:
            self.settled = self.possible[0]
            self.undecided.clear()
        else:
            self.undecided.append(name)
        return True

    def drop_village(self) -> Division | None:
        """Give up a village that rests on its name alone, and fall back on what the text names above it."""
        village = self.settled
        if village is None or len(village.prefix) != 12 or self.names_a_town:
            return None
        above = [width for width in (2, 4, 6) if self._mentioned >> width & 1]
        self.settled = self.table.by_prefix.get(village.prefix[: above[-1]]) if above else None
        return village

    def break_off(self, found: list[Division] | None) -> None:
        """From here on nothing is chosen any more; what further names find is only offered."""
        self.is_broken = True
        self.other = found if found is not None else self.possible

    @property
    def names_a_town(self) -> bool:
        """Say whether the text itself names the town, so that the village does not rest on its name alone."""
        return bool(self._mentioned >> 9 & 1)

    def knows(self, width: int) -> bool:
        """Say whether the table has rows at the level of *width* digits at all."""
        return width in self.table.widths


def _end(text: str, end: int, found: Division) -> int:
    """Take 委会 or 民委员会 behind 太平村 as part of its name."""
    end = min(end, len(text))
    if len(found.prefix) == 12:
        more = COMMITTEE.match(text, end)
        if more is not None:
            return more.end()
    return end


def _exact(name: str, found: list[Division]) -> list[Division]:
    """Prefer the one whose own name is written over one that may also be called so."""
    same = [one for one in found if name in (one.name, one.display)]
    return same if len(same) == 1 else found
