"""Matters as frozen values that templates can show: steps for the reporter, rows for the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import url_for
from flask_babel import gettext as _

from commons.accounts.queries import holders_of
from commons.filters import moment, month_day
from village.matters.category_rules import Desk, days_late
from village.matters.models import Matter
from village.matters.queries import MatterLine, StepLine
from village.matters.rules import ACT_WORDS, OPEN_STATES, STATE_WORDS, Act, Place, State

TITLE_LENGTH = 24
TONES = {
    State.waiting: "waiting",
    State.working: "working",
    State.handed: "waiting",
    State.refused: "closed",
    State.closed: "done",
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step, for the component ``steps``."""

    title: str
    note: str
    state: str


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One matter in a table of the desk."""

    url: str
    title: str
    note: str
    place: str
    due: str
    late: str
    state: str
    tone: str


def desk_words(place: Place) -> str:
    """Return how a desk is called before everybody: by its duty, never by a name."""
    if place.desk is Desk.officer:
        return _("第 %(number)s 网格的网格员", number=int(place.area.rsplit("-", 1)[1]))
    return {
        Desk.clerk: _("村委会"),
        Desk.town: _("乡镇"),
        Desk.county: _("县里"),
        Desk.discipline: _("乡镇纪检"),
    }[place.desk]


def shown_steps(steps: list[StepLine], state: State) -> list[ShownStep]:
    """Return the steps as their reporter sees them: what was done, by which desk, when, and what is still to come."""
    shown = [ShownStep(step_title(step), _step_note(step), "done") for step in steps]
    if state is State.waiting:
        shown.append(ShownStep(_("等待受理"), desk_words(_where_now(steps)), "now"))
    elif state is State.handed:
        shown.append(ShownStep(_("等对方接办"), desk_words(_where_now(steps)), "now"))
    elif state is State.working:
        shown.append(ShownStep(_("正在办"), desk_words(_where_now(steps)), "now"))
    if state in OPEN_STATES:
        shown.append(ShownStep(_("办结"), "", "later"))
    return shown


def _where_now(steps: list[StepLine]) -> Place:
    return steps[-1].target or steps[-1].place


def step_title(step: StepLine) -> str:
    """Return what a step was: 第 3 网格的网格员答复."""
    if step.act is Act.report:
        return _("收到了")
    words = _(ACT_WORDS[step.act])
    if step.act is Act.hand_on and step.target is not None:
        words = _("转给%(desk)s", desk=desk_words(step.target))
    return _("%(desk)s：%(act)s", desk=desk_words(step.place), act=words)


def _step_note(step: StepLine) -> str:
    return f"{moment(step.at)}　{step.words}".rstrip("　")


def title_of(words: str, category: str, longest: int = TITLE_LENGTH) -> str:
    """Return the first line of a report, or its kind where nothing was written."""
    first = words.strip().splitlines()[0].rstrip("。") if words.strip() else ""
    if not first:
        return category
    return first if len(first) <= longest else f"{first[: longest - 1]}…"


def desk_row(line: MatterLine, today: date) -> DeskRow:
    """Return a matter as one row of a table."""
    is_open = line.state in OPEN_STATES
    late = days_late(line.due_on, today) if is_open else 0
    note = _("%(day)s 报", day=month_day(line.reported_at))
    if line.is_by_proxy:
        note = _("%(note)s　代报", note=note)
    return DeskRow(
        url=url_for("desk_matters.show_matter", number=line.number),
        title=title_of(line.words, _(line.category.words)),
        note=f"{note}　{_(line.category.words)}",
        place=line.place,
        due=month_day(line.due_on) if is_open else "",
        late=_("超期 %(days)s 天", days=late)
        if late
        else _("今天到期")
        if is_open and line.due_on == today
        else "",
        state=_("超期") if late else _(STATE_WORDS[line.state]),
        tone="late" if late else TONES[line.state],
    )


def place_of(matter: Matter) -> Place:
    """Return the desk a matter lies on."""
    return Place(Desk(matter.desk), matter.desk_area)


def handlers(place: Place) -> str:
    """Return who sits at a desk, for colleagues."""
    names = _("、").join(person.name for person in holders_of(place.desk.value, place.area) if person.name)
    return f"{desk_words(place)}（{names}）" if names else desk_words(place)
