"""Read a cleaned address from left to right into names, numbers, words and what was not understood."""

from __future__ import annotations

from typing import NamedTuple

from geocode._address_divisions import Division, Divisions, inside
from geocode._address_scope import MOST_CANDIDATES, Mention, Scope
from geocode._address_tail import BARE_NUMBERS, PLAIN_END, TOKEN, Token, tokens_of
from geocode._address_words import UNKNOWN_DIVISION, kind_of_words

_WIDTH_OF_UPPER_ENDING = {"省": 2, "自治区": 2, "市": 4, "州": 4, "自治州": 4}
# Two spellings of one sound and sense that neighbours use for the same hamlet.
_VARIANTS = (("塆", "湾"), ("湾", "塆"), ("咀", "嘴"), ("嘴", "咀"), ("崗", "岗"), ("畈", "阪"), ("阪", "畈"))


class Doubt(NamedTuple):
    """Something a person should look at: a stable code, the text, and the divisions it may mean."""

    code: str
    text: str
    candidates: tuple[Division, ...] = ()


class Reader:
    """One pass over one address."""

    __slots__ = (
        "above",
        "doubts",
        "dropped",
        "hamlet",
        "in_disorder",
        "leftovers",
        "road",
        "scope",
        "table",
        "text",
        "tokens",
        "unclear",
        "unresolved",
    )

    def __init__(self, text: str, table: Divisions) -> None:
        self.text = text
        self.table = table
        self.scope = Scope(table)
        self.tokens: list[Token] = []
        self.above: list[str] = []
        self.unresolved: list[str] = []
        self.unclear: list[str] = []
        self.road = self.hamlet = ""
        self.leftovers: list[str] = []
        self.dropped: tuple[Division, ...] = ()
        self.doubts: list[Doubt] = []
        self.in_disorder = False

    def read(self) -> Reader:
        """Read everything and return itself."""
        text, size, place = self.text, len(self.text), 0
        starts = self.table.lengths
        while place < size:
            if not self.tokens:
                place = self.scope.descend(text, place)
            mention = self.scope.find(text, place) if text[place : place + 2] in starts else None
            if mention is not None:
                self._take_mention(text[place : mention.end], mention)
                place = mention.end
                continue
            end = None if self.tokens or text[place - 1] == " " else PLAIN_END.fullmatch(text, place)
            if end is not None:
                self.tokens = [
                    Token("group", int(end[1]), end[1] + "组"),
                    Token("door", int(end[2]), end[2] + "号"),
                ]
                break
            found = TOKEN.match(text, place)
            if found is None:
                place = self._take_words(place)
                continue
            spaced = text[place - 1] == " " and found.lastgroup != "number"  # stands between numbers alone
            if spaced and (before := self._bare_number_before(place)):
                self._take_token(Token("unclear", None, f"{before} {found[0]}"))
            else:
                for token in tokens_of(found, "-" in text and self._is_group_door()):
                    self._take_token(token)
            place = found.end()
        self._finish()
        return self

    def _take_mention(self, name: str, mention: Mention) -> None:
        self.in_disorder |= bool(self.tokens)
        was_broken = self.scope.is_broken
        if self.scope.narrow(name, mention):
            return
        self._drop_village()
        self.unresolved.append(name)
        if not was_broken:
            self.doubts.append(Doubt("conflicting_levels", name))

    def _drop_village(self) -> None:
        """Give up a village found by its name alone: it is another of that name, as the text itself now says."""
        village = self.scope.drop_village()
        if village is not None:
            self.unresolved.append(village.display)
            self.dropped = (village,)

    def _take_token(self, token: Token) -> None:
        if token.kind == "unclear":
            self.unclear.append(token.text)
            self.doubts.append(Doubt("unclear_number", token.text))
            return
        if self.tokens and token.kind == "group" and self.tokens[-1].kind != "group":
            self.in_disorder = True
        if token.kind == "sub_door" and not any(one.kind == "door" for one in self.tokens):
            self.doubts.append(Doubt("sub_door_without_door", token.text))
        self.tokens.append(token)

    def _bare_number_before(self, place: int) -> str:
        """
        Take back a number without a unit that stands right before the one at *place*, and return it.

        1 2号 may be 12 or a slip, and 三、四组 two groups: neither of the two numbers is sure.
        """
        for kept, code in ((self.unclear, "unclear_number"), (self.leftovers, "not_understood")):
            if kept and BARE_NUMBERS.fullmatch(kept[-1]) and self.text.endswith(kept[-1], 0, place - 1):
                self.doubts.remove(Doubt(code, kept[-1]))
                return kept.pop()
        return ""

    def _take_words(self, start: int) -> int:
        """Take the words up to the next number, and return where they end."""
        following = TOKEN.search(self.text, start + 1)
        end = following.start() if following else len(self.text)
        settled = self.scope.settled
        in_village = settled is not None and len(settled.prefix) == 12
        if in_village and not self.scope.names_a_town:
            end = self._upper_name(start + 1, end)
        words = self.text[start:end].strip()
        after_door = any(token.kind == "door" for token in self.tokens)
        kind = kind_of_words(words, in_village, after_door)
        unknown = None
        if not in_village:
            unknown = UNKNOWN_DIVISION.match(self.text, start)
        elif not self.scope.names_a_town:
            unknown = UNKNOWN_DIVISION.match(self.text, start, end)
        if unknown is not None and (not in_village or self._denies_village(unknown["ending"], kind)):
            self._drop_village()
            self._take_unknown(unknown["name"], unknown["ending"])
            return unknown.end()
        if kind == "road":
            self.road += words
        elif kind:
            self.hamlet += words
        elif words:
            self.leftovers.append(words)
        self._offer_missing_kind(words, in_village, bool(kind))
        return end

    def _denies_village(self, ending: str, kind: str) -> bool:
        """
        Say whether a town or county that the table lacks leaves a village found by its name alone no ground to stand on.

        Hamlets and roads are what such words are otherwise; 某某街道 is a road by its shape and a town by its name.
        """
        if ending.startswith(("村", "社区", "居")) or (kind and not ending.startswith("街道")):
            return False
        width = _WIDTH_OF_UPPER_ENDING.get(ending)
        return width is None or self.scope.knows(width)

    def _upper_name(self, start: int, end: int) -> int:
        """Return where a town or county is named among words that follow a village found by its name alone."""
        for place in range(start, end):
            mention = self.scope.find(self.text, place)
            if mention is not None and any(len(one.prefix) in (6, 9) for one in mention.found):
                return place
        return end

    def _take_unknown(self, name: str, ending: str) -> None:
        """Keep a name of the shape of a division that the table does not have in this place."""
        width = _WIDTH_OF_UPPER_ENDING.get(ending)
        if width is not None and not self.scope.knows(width) and self.scope.possible is None:
            self.above.append(name)  # a county's own table need not hold the province
            return
        bare = self.table.bare
        same = inside(bare.get(name.removesuffix(ending)) or bare.get(name, []), self.scope.possible)
        candidates = same or self._similar(name) or self.dropped
        self.unresolved.append(name)
        code = "kind_differs" if same else "unknown_division"
        self.doubts.append(Doubt(code, name, tuple(candidates[:MOST_CANDIDATES])))
        if not self.scope.is_broken:
            self.scope.break_off(None)

    def _similar(self, name: str) -> list[Division]:
        """Names that differ by one interchangeable character, or that stand at the end of a longer text."""
        explicit, possible = self.table.explicit, self.scope.possible
        for one, other in _VARIANTS:
            found = explicit.get(name.replace(one, other)) if one in name else None
            if found and (fitting := inside(found, possible)):
                return fitting
        for start in range(1, len(name) - 1):
            found = explicit.get(name[start:])
            if found and (fitting := inside(found, possible)):
                return fitting
        return []

    def _offer_missing_kind(self, words: str, in_village: bool, is_understood: bool) -> None:
        """A village's name without 村 or 社区 finds nothing, but it is offered."""
        same: list[Division] = []
        if not in_village and not self.scope.is_broken and self.scope.possible is not None:
            bare = self.table.bare.get(words, [])
            same = inside([one for one in bare if len(one.prefix) == 12], self.scope.possible)
        if same:
            self.doubts.append(Doubt("kind_missing", words, tuple(same[:MOST_CANDIDATES])))
            if not is_understood:
                self.leftovers.remove(words)
                self.unresolved.append(words)
        elif words and not is_understood:
            self.doubts.append(Doubt("not_understood", words))

    def _is_group_door(self) -> bool:
        settled = self.scope.settled
        return settled is not None and settled.code in self.table.group_door_villages

    def _finish(self) -> None:
        scope = self.scope
        if scope.undecided:
            name = scope.undecided[-1]
            self.doubts.insert(
                0, Doubt("ambiguous_division", name, tuple((scope.possible or ())[:MOST_CANDIDATES]))
            )
        if scope.is_broken and scope.other and scope.other != scope.possible:
            offered = (*self.dropped, *scope.other)[:MOST_CANDIDATES]
            for place, doubt in enumerate(self.doubts):
                if doubt.code in ("conflicting_levels", "unknown_division") and not doubt.candidates:
                    self.doubts[place] = doubt._replace(candidates=offered)
                    break
        if self.in_disorder or scope.in_disorder:
            self.doubts.append(Doubt("wrong_order", self.text))
