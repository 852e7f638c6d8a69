"""The kinds of matters, each with its time limit and the desk it arrives at; and what counts as late. Pure, and data first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from commons.errors import _n


class Desk(StrEnum):
    """Whose desk a matter lies on; each is also the role of the officials who sit there."""

    officer = "officer"
    clerk = "clerk"
    town = "town"
    county = "county"
    discipline = "discipline"


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of matter: its words, the days promised, and the desk it goes to first."""

    key: str
    words: str
    days: int
    first_desk: Desk = Desk.officer
    is_dangerous: bool = False


CADRES = "cadres"

# The days are calendar days; the last promised day counts whole.
CATEGORIES = (
    Category("roads", _n("道路、桥、路灯"), 5),
    Category("water", _n("用水、水渠、排水"), 2),
    Category("electricity", _n("用电、网络"), 2),
    Category("rubbish", _n("垃圾、厕所、环境"), 3),
    Category("neighbours", _n("邻里纠纷"), 5),
    Category("welfare", _n("低保、救助、看望老人"), 3, Desk.clerk),
    Category("papers", _n("证明、社保、医保"), 3, Desk.clerk),
    Category("land", _n("宅基地、土地、拆建"), 10, Desk.clerk),
    Category("farming", _n("种养、农机、灾害"), 5),
    Category("safety", _n("险情、安全隐患"), 1, is_dangerous=True),
    Category("other", _n("其他"), 5),
    Category(CADRES, _n("反映村干部、网格员"), 15, Desk.discipline),
)
CATEGORY_OF = {category.key: category for category in CATEGORIES}


def due_day(reported_on: date, days: int) -> date:
    """Return the last day by which a matter reported on *reported_on* is promised."""
    return reported_on + timedelta(days=days)


def days_late(due_on: date, today: date) -> int:
    """Return by how many days a promise is broken: 0 until the last promised day has ended."""
    return max(0, (today - due_on).days)


def first_desk(category: Category, *, has_officer: bool) -> Desk:
    """Return the desk a new matter arrives at; without a grid officer the village's clerk takes their place."""
    if category.first_desk is Desk.officer and not has_officer:
        return Desk.clerk
    return category.first_desk
