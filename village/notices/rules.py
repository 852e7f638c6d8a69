"""What a notice may be and when it is shown. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from commons.errors import _n


class Affair(StrEnum):
    """The four affairs that a scan opens."""

    party = "party"
    government = "government"
    village = "village"
    commerce = "commerce"


AFFAIR_WORDS = {
    Affair.party: _n("党务"),
    Affair.government: _n("政务"),
    Affair.village: _n("村务"),
    Affair.commerce: _n("商务"),
}

# What the date beside a notice is; the clerk picks one or writes another of at most four characters.
PUBLISHED = _n("公布")
LEAF_MEANINGS = (
    PUBLISHED,
    _n("截止"),
    _n("停水"),
    _n("停电"),
    _n("开会"),
    _n("活动"),
    _n("体检"),
    _n("发放"),
)
# On a door what happens within so many days comes before the news, and an urgent word that names no day stays on top for as long.
NEAR = timedelta(days=7)
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
