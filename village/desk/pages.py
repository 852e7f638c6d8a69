"""今日: the first page of the desk."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from commons import clock, slots
from commons.accounts import require_person
from commons.accounts.models import Person
from commons.accounts.permissions import allow, current_scope
from village.desk import queries
from village.desk.rules import bar_pairs, greeting, old_calendar, weeks_until
from village.desk.views import cards
from village.matters.views import desk_row

bp = Blueprint("desk", __name__)


@bp.get("/desk")
@allow("keep-own-desk")
def show_today() -> str:
    """An official sees what waits in the own scope alone; whoever handles no matters sees the ways to their own work."""
    person, today = require_person(), clock.today()
    lunar, term = old_calendar(today)
    hello = _(greeting(clock.to_beijing(clock.now()).hour))
    return render_template(
        "village/desk/today.html",
        heading=_("%(name)s，%(hello)s", name=person.name, hello=hello) if person.name else hello,
        today=today,
        lunar=lunar,
        term=term,
        may_report=bool(current_scope("handle-matters")),
        may_post=bool(current_scope("post-notice")),
        matters=_matters(person) if current_scope("work-on-matters") else None,
        pieces=slots.pieces("desk-today", person),
    )


def _matters(person: Person) -> dict[str, Any]:
    """Return all that the page shows of matters."""
    today, scope = clock.today(), current_scope("handle-matters")
    own, weeks = queries.own_matters(person.id), weeks_until(today)
    came, closed = queries.weekly_counts(weeks)
    is_above_villages = any(len(area) < 12 for area in scope.areas)
    return {
        "cards": cards(queries.figures(today), knows_villages=bool(scope)),
        "rows": [desk_row(line, today) for line in own.rows],
        "total": own.total,
        "is_own": own.is_own,
        "pairs": bar_pairs(weeks, came, closed),
        "villages": queries.villages_with_matters(today) if is_above_villages else [],
    }
