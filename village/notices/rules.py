"""What a notice may be and when it is shown. Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class Affair(StrEnum):
    """The four affairs that a scan opens."""

    party = "party"
    government = "government"
    village = "village"
    commerce = "commerce"


AFFAIR_WORDS = {
    Affair.party: "党务",
    Affair.government: "政务",
    Affair.village: "村务",
    Affair.commerce: "商务",
}

# What the date beside a notice is; the clerk picks one or writes another of at most four characters.
LEAF_MEANINGS = ("公布", "截止", "停水", "停电", "开会", "活动", "体检", "发放")
LONGEST_MEANING = 4
LONGEST_TITLE = 40
LONGEST_TEXT = 3000


def is_shown(
    from_at: datetime, until_at: datetime | None, withdrawn_at: datetime | None, now: datetime
) -> bool:
    """Say whether a notice is up at *now*: from its beginning on, no longer at its end."""
    return from_at <= now and (until_at is None or now < until_at) and withdrawn_at is None


def covering_areas(village_code: str) -> tuple[str, str, str]:
    """Return the areas whose notices a village shows: its own, its town's, its county's."""
    return village_code, village_code[:9], village_code[:6]
