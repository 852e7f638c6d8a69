"""What a household may be, how one joins and leaves it, and who may see what of it. Pure."""

from __future__ import annotations

import csv
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from commons.errors import _n
from geocode.door_codes import ALPHABET

MATRIX = Path(__file__).with_name("who_sees_what.csv")

SLIP_LENGTH = 8
SLIP_LIFE = timedelta(days=7)
REQUEST_LIFE = timedelta(days=7)
# How long somebody whose telephone an officer wrote down face to face may say "that is me".
CLAIM_LIFE = timedelta(days=7)
MOST_LIVE_SLIPS = 8
MOST_WAITING_AT_A_DOOR = 5

# A wrong slip is a guess: eight characters of thirty leave no room for guessing, and this leaves none for trying.
SLIP_TRIES = "5/10minute;20/day"
SLIP_TRIES_PER_ADDRESS = "60/hour"
CLAIM_TRIES = "5/hour"
ASKING = "5/hour;20/day"
UNKNOWN_DOORS = "60/hour"

LONGEST_NAME = 30
LONGEST_REASON = 40


class Occupancy(StrEnum):
    """How a household lives there; each has a colour, a word and a pattern."""

    resident = "resident"
    let = "let"
    office = "office"
    vacant = "vacant"


OCCUPANCY_WORDS = {
    Occupancy.resident: _n("自住"),
    Occupancy.let: _n("出租"),
    Occupancy.office: _n("办公"),
    Occupancy.vacant: _n("空置"),
}


class Way(StrEnum):
    """How a member joined. There is no other way, and above all no scan."""

    face = "face"
    slip = "slip"
    agreed = "agreed"


WAY_WORDS = {Way.face: _n("网格员当面确认"), Way.slip: _n("凭入户单"), Way.agreed: _n("家里人同意")}


class LeftReason(StrEnum):
    """Why a member left."""

    moved = "moved"
    divided = "divided"
    tenancy_over = "tenancy_over"
    died = "died"
    account_closed = "account_closed"


LEFT_WORDS = {
    LeftReason.moved: _n("搬走"),
    LeftReason.divided: _n("分户"),
    LeftReason.tenancy_over: _n("租期结束"),
    LeftReason.died: _n("去世"),
    LeftReason.account_closed: _n("本人注销账号"),
}
OWN_REASONS = (LeftReason.moved, LeftReason.divided, LeftReason.tenancy_over)
OFFICIAL_REASONS = (*OWN_REASONS, LeftReason.died)

# Why an official opens a person's record. A list, so that nobody writes a person's data into the record of looking.
LOOK_REASONS = {
    "visit": _n("上门走访"),
    "check": _n("核对住户信息"),
    "benefit": _n("核对补助和保障"),
    "matter": _n("处理报上来的事"),
    "safety": _n("安全隐患、紧急情况"),
    "asked": _n("本人或家里人要求"),
}


class Piece(StrEnum):
    """One piece of information about a door and its people; the rows of who_sees_what.csv."""

    plate_code = "plate_code"
    address = "address"
    village = "village"
    group = "group"
    grid = "grid"
    duty_phone = "duty_phone"
    notices = "notices"
    officer_names = "officer_names"
    address_code = "address_code"
    police_address_code = "police_address_code"
    exact_place = "exact_place"
    beidou_code = "beidou_code"
    plate_history = "plate_history"
    household_count = "household_count"
    occupancy = "occupancy"
    occupancy_history = "occupancy_history"
    member_count = "member_count"
    member_away = "member_away"
    member_names = "member_names"
    member_phones = "member_phones"
    left_members = "left_members"
    join_requests = "join_requests"
    slips = "slips"
    slip_codes = "slip_codes"
    own_matters = "own_matters"
    own_looks = "own_looks"


class Viewer(StrEnum):
    """Who looks, seen from one door; the columns of who_sees_what.csv. Police and courier have no way in yet."""

    stranger = "stranger"
    buyer = "buyer"
    neighbour = "neighbour"
    member = "member"
    member_unconfirmed = "member_unconfirmed"
    officer = "officer"
    other_officer = "other_officer"
    clerk = "clerk"
    other_clerk = "other_clerk"
    town = "town"
    discipline = "discipline"
    county = "county"
    keeper = "keeper"
    operator = "operator"
    police = "police"
    courier = "courier"


class Sight(StrEnum):
    """What a cell says."""

    no = "no"
    with_reason = "with-reason"
    yes = "yes"


_ORDER = (Sight.no, Sight.with_reason, Sight.yes)
_NOT_CODE = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b-\u200f\ufeff]+")
_DIGITS = re.compile(r"[0-9]{5,}")


@cache
def matrix() -> dict[tuple[Viewer, Piece], Sight]:
    """Return every cell of who_sees_what.csv; a file that lacks or repeats a row or column raises ``ValueError``."""
    with MATRIX.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        heads = list(reader.fieldnames or ())
    if heads != ["piece", "words", *Viewer] or [row["piece"] for row in rows] != [*Piece]:
        raise ValueError("who_sees_what.csv has other rows or columns than rules.py names")
    return {(viewer, Piece(row["piece"])): Sight(row[viewer]) for row in rows for viewer in Viewer}


def may_see(viewers: Iterable[Viewer], piece: Piece) -> Sight:
    """Return what the file allows the best placed of *viewers*: one person may be a neighbour here and an officer there."""
    return max((matrix()[viewer, piece] for viewer in viewers), key=_ORDER.index, default=Sight.no)


def new_slip_code() -> str:
    """Return eight random characters, none of which an eye or a hand confuses."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SLIP_LENGTH))


def normal_slip_code(text: str) -> str:
    """
    Return a slip's code as it was printed, however it was typed; empty when it cannot be one.

    >>> normal_slip_code(" abcd-2345 ")
    'ABCD2345'
    >>> normal_slip_code("ABCD-234O")
    ''
    """
    plain = _NOT_CODE.sub("", text.upper())
    is_code = len(plain) == SLIP_LENGTH and all(sign in ALPHABET for sign in plain)
    return plain if is_code else ""


def living_key(household_id: int, person_id: int) -> str:
    """Return what keeps a person from being in one household twice at one time."""
    return f"{household_id}:{person_id}"


def is_telling(words: str, name: str) -> bool:
    """Say whether *words* (why a record was opened) would carry a person's name or a row of digits into the log."""
    return bool(_DIGITS.search(words)) or (len(name) > 1 and name in words)
