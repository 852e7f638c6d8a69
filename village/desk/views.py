"""Which place the desk belongs to, and the first page's cards."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from commons.accounts.models import Appointment, Person
from commons.accounts.queries import appointments_of
from commons.accounts.rules import ROLES
from commons.db import db
from commons.desk import DeskPlace
from commons.settings import current
from village.desk.queries import Figures
from village.divisions.models import Division
from village.public import village_ref

# Whoever holds several offices sees the desk of the one named first here.
ORDER = ("clerk", "officer", "keeper", "town", "discipline", "county", "operator")
VILLAGE_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Card:
    """One figure of the day, for the component ``stat_cards``."""

    number: str
    what: str
    is_urgent: bool = False


def desk_place(person: Person | None) -> DeskPlace | None:
    """Say where the person here is at work, and as what; nothing before anybody signed in."""
    held = [] if person is None else appointments_of(person)
    if not held:
        return None
    held.sort(key=lambda each: ORDER.index(each.role) if each.role in ORDER else len(ORDER))
    duty = _("、").join(dict.fromkeys(duty_words(each) for each in held))
    name, seal_path = _place(held[0].area)
    return DeskPlace(name, duty, seal_path)


def duty_words(appointment: Appointment) -> str:
    """Return what somebody is appointed as: 第 3 网格的网格员, 村文书."""
    words = ROLES.get(appointment.role, appointment.role)
    if appointment.role == "officer" and "-" in appointment.area:
        return _("第 %(number)s 网格的网格员", number=int(appointment.area.rsplit("-", 1)[1]))
    return words


def area_words(area: str) -> str:
    """Return an official's area in words: 示范县, 青石湾村, 青石湾村第 1 网格."""
    name = _place(area)[0]
    if "-" in area:
        return _("%(village)s第 %(number)s 网格", village=name, number=int(area.rsplit("-", 1)[1]))
    return name or area


def _place(area: str) -> tuple[str, str]:
    if len(area) >= VILLAGE_DIGITS:
        village = village_ref(area[:VILLAGE_DIGITS])
        return (village.name, village.seal_path) if village else ("", "")
    if not area:
        return current().site_name, ""
    division = db.session.get(Division, area.ljust(VILLAGE_DIGITS, "0"))
    return (division.name if division else "", "")


def cards(figures: Figures, *, knows_villages: bool) -> list[Card]:
    """Return the figures of the day; a share always says of how many."""
    shown = [
        Card(str(figures.late), _("件超期未办"), is_urgent=figures.late > 0),
        Card(str(figures.due_today), _("件今天到期")),
        Card(
            _("%(days)s 天", days=f"{figures.mean_days:.1f}"),
            _("本月平均办结，共 %(count)s 件", count=figures.closed),
        ),
    ]
    if knows_villages:
        share = f"{100 * figures.closed_in_village / figures.closed:.0f}%" if figures.closed else "—"
        words = _(
            "村内办结，%(all)s 件中 %(inside)s 件", all=figures.closed, inside=figures.closed_in_village
        )
        shown.append(Card(share, words))
    return shown
