"""What may happen to a matter, in which order, and the numbers by which its reporter finds it again. Pure."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from stdnum import verhoeff

from commons.errors import _n
from village.matters.category_rules import Desk
from village.matters.errors import ActNotPossible, ReasonNeeded, StepMissing

LONGEST_WORDS = 2000
LONGEST_PLACE = 60
LONGEST_STEP = 1000
LONGEST_REASON = 200
MOST_PICTURES = 3


class State(StrEnum):
    """Where a matter stands."""

    waiting = "waiting"
    working = "working"
    handed = "handed"
    refused = "refused"
    closed = "closed"


STATE_WORDS = {
    State.waiting: _n("待受理"),
    State.working: _n("办理中"),
    State.handed: _n("转办中"),
    State.refused: _n("不予受理"),
    State.closed: _n("已办结"),
}
OPEN_STATES = (State.waiting, State.working, State.handed)


class Act(StrEnum):
    """What somebody did; each is one step that the reporter sees."""

    report = "report"
    take = "take"
    answer = "answer"
    hand_on = "hand_on"
    send_back = "send_back"
    refuse = "refuse"
    close = "close"


ACT_WORDS = {
    Act.report: _n("报上来了"),
    Act.take: _n("已受理"),
    Act.answer: _n("答复"),
    Act.hand_on: _n("转给别处办"),
    Act.send_back: _n("退回"),
    Act.refuse: _n("不予受理"),
    Act.close: _n("办结"),
}
# These say something to the reporter, so they cannot be empty.
WORDS_NEEDED = {Act.answer, Act.hand_on, Act.send_back, Act.refuse, Act.close}
# C22: none of these may be missing when a matter is closed.
STEPS_BEFORE_CLOSING = (Act.report, Act.take, Act.answer)


@dataclass(frozen=True, slots=True)
class Place:
    """A desk of one area: the matter lies there, and its officials are its handlers."""

    desk: Desk
    area: str


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the rules need to know of a matter. ``came_from`` is the desk that handed it on, while nobody took it there."""

    state: State
    at: Place
    was_taken: bool = False
    was_answered: bool = False
    came_from: Place | None = None


def begun(at: Place) -> Standing:
    """Return how a matter stands when it has just been reported."""
    return Standing(State.waiting, at)


def may(standing: Standing, act: Act) -> bool:
    """Say whether *act* is possible now; a close only when no step is missing."""
    if standing.state not in OPEN_STATES or act is Act.report:
        return False
    if standing.state is State.handed:
        return act in {Act.take, Act.send_back}
    if standing.state is State.waiting:
        return act in {Act.take, Act.hand_on} or (act is Act.refuse and not standing.was_taken)
    return act in {Act.answer, Act.hand_on} or (act is Act.close and standing.was_answered)


def after(standing: Standing, act: Act, words: str = "", target: Place | None = None) -> Standing:
    """
    Return how a matter stands after *act*.

    Raises:
        StepMissing: it would be closed although a step is missing.
        ActNotPossible: it does not stand so that this can be done, or is handed to where it lies.
        ReasonNeeded: the act says nothing.
    """
    if act is Act.close and standing.state is State.working and not standing.was_answered:
        raise StepMissing()
    if not may(standing, act):
        raise ActNotPossible(STATE_WORDS[standing.state])
    if act in WORDS_NEEDED and not words.strip():
        raise ReasonNeeded()
    if act is Act.take:
        return replace(standing, state=State.working, was_taken=True, came_from=None)
    if act is Act.answer:
        return replace(standing, was_answered=True)
    if act is Act.hand_on:
        return _handed(standing, target)
    if act is Act.send_back and standing.came_from is not None:
        return replace(standing, state=State.waiting, at=standing.came_from, came_from=None)
    return replace(standing, state=State.refused if act is Act.refuse else State.closed)


def _handed(standing: Standing, target: Place | None) -> Standing:
    if target is None or target == standing.at:
        raise ActNotPossible("就在这里办")
    return replace(standing, state=State.handed, at=target, came_from=standing.at)


def missing_steps(acts: Iterable[Act]) -> list[Act]:
    """Return which of the steps before closing are not among *acts*, in their order."""
    done = set(acts)
    return [act for act in STEPS_BEFORE_CLOSING if act not in done]


@dataclass(frozen=True, slots=True)
class Balance:
    """C23: every report is accepted, refused with a reason, or still waiting to be taken."""

    reports: int
    accepted: int
    refused: int
    waiting: int

    @property
    def adds_up(self) -> bool:
        """Say whether nothing was lost."""
        return self.reports == self.accepted + self.refused + self.waiting


# Twelve digits, because they are copied by hand and typed on a number pad: eleven random ones and a check.
NUMBER_LENGTH = 12
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b-\u200f\ufeff]+")


def new_number() -> str:
    """Return a fresh random number; it says nothing about when, where or how many."""
    body = str(10 ** (NUMBER_LENGTH - 2) + secrets.randbelow(9 * 10 ** (NUMBER_LENGTH - 2)))
    return body + str(verhoeff.calc_check_digit(body))


def normal_number(text: str) -> str:
    """Return the twelve digits of a number as typed, or nothing if it is none: wrong length, sign or check digit."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text or "")[:64])
    is_number = len(digits) == NUMBER_LENGTH and digits.isascii() and digits.isdigit()
    return digits if is_number and verhoeff.is_valid(digits) else ""


def shown_number(number: str) -> str:
    """
    Return a number as it is copied by hand.

    >>> shown_number("384751290663")
    '3847 5129 0663'
    """
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def normal_code(text: str) -> str:
    """Return the four digits of a 查询码 as typed, or nothing if it is none."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text or "")[:20])
    return digits if len(digits) == 4 and digits.isascii() and digits.isdigit() else ""
