"""What officials do with a matter: take it, answer, hand it on, send it back, refuse, close, open the reporter's telephone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from commons import audit, clock, messaging
from commons.db import db, locked
from commons.errors import Missing
from commons.security import open_text
from village.matters.actions import add_step, is_at_its_door, seal_away, village_name
from village.matters.category_rules import Desk
from village.matters.errors import ActNotPossible, NoPhoneGiven, NotYourDesk, ReasonNeeded
from village.matters.models import Matter, MatterReporter, MatterStep
from village.matters.queries import PHONE_OPENED, may_handle, reached, standing_of
from village.matters.rules import Act, Place, Standing, State, after, shown_number

messaging.register_template(
    "matter-moved", "您报的事有了新进展，编号 {number}。打开村里的网页，用编号和查询码可以查看。"
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One act of an official, as the form sent it. ``form_key`` makes it happen once, however often it is sent."""

    act: Act
    words: str = ""
    target: Place | None = None
    form_key: str | None = None


def handle_matter(person_id: int, number: str, deed: Deed) -> Matter:
    """
    Do *deed* to a matter, if it lies on a desk of the official here and the rules allow it.

    The row is locked before it is looked at: of two who close at once, one does.

    Raises:
        Missing: there is none for this official.
        NotYourDesk: it is handled elsewhere.
        ActNotPossible, StepMissing, ReasonNeeded: see ``rules.after``.
    """
    matter = _locked_here(number)
    if deed.form_key and _was_done(matter.id, deed.form_key):
        return matter
    if not may_handle(matter):
        raise NotYourDesk()
    before = standing_of(matter)
    _check_target(matter, deed)
    now = clock.now()
    standing = after(before, deed.act, deed.words, deed.target)
    step = add_step(matter, deed.act, now, words=deed.words, person_id=person_id, form_key=deed.form_key)
    if deed.act in {Act.hand_on, Act.send_back}:
        step.target_desk, step.target_area = standing.at.desk.value, standing.at.area
    _write(matter, standing, deed, now)
    _record(matter, deed.act)
    _tell_reporter(matter)
    return matter


def _locked_here(number: str) -> Matter:
    found = reached(number)
    matter = None if found is None else locked(Matter, found.id)
    # It may have left this official's reach between the two: handed to the discipline office, for one.
    if matter is None or reached(number) is None:
        raise Missing()
    return matter


def _was_done(matter_id: int, form_key: str) -> bool:
    same = (MatterStep.matter_id == matter_id, MatterStep.form_key == form_key)
    return db.session.scalar(select(MatterStep.id).where(*same)) is not None


def _check_target(matter: Matter, deed: Deed) -> None:
    """A matter stays within its village, town and county; what is about cadres stays where it is."""
    if deed.act is not Act.hand_on or deed.target is None:
        return
    village = matter.village_code
    if village is None or deed.target not in possible_targets(village, deed.target.area):
        raise ActNotPossible("转不到那里")


def possible_targets(village_code: str, grid_area: str = "") -> list[Place]:
    """Return the desks a matter of a village may be handed to; *grid_area* must be a grid of that village."""
    places = [
        Place(Desk.clerk, village_code), Place(Desk.town, village_code[:9]), Place(Desk.county, village_code[:6]),
        Place(Desk.discipline, village_code[:9]),
    ]  # fmt: skip
    if grid_area.startswith(f"{village_code}-"):
        places.insert(0, Place(Desk.officer, grid_area))
    return places


def _write(matter: Matter, standing: Standing, deed: Deed, now: datetime) -> None:
    moved = Place(Desk(matter.desk), matter.desk_area) != standing.at
    matter.state = standing.state.value
    matter.desk, matter.desk_area = standing.at.desk.value, standing.at.area
    matter.was_answered = standing.was_answered
    came_from = standing.came_from
    matter.came_from_desk = came_from.desk.value if came_from else None
    matter.came_from_area = came_from.area if came_from else None
    if moved:
        matter.arrived_at, matter.received_at = now, None
    if deed.act is Act.take:
        matter.received_at = now
        matter.accepted_at = matter.accepted_at or now
    if standing.state is State.refused:
        matter.refused_at = now
    if standing.state is State.closed:
        matter.closed_at = now
    if standing.at.desk is Desk.discipline and matter.village_code is not None:
        _leave_village(matter)


def _leave_village(matter: Matter) -> None:
    """From now on the discipline office alone knows of it; it cannot be sent back into the village."""
    village_code = matter.village_code or ""
    if is_at_its_door(matter):
        matter.place = village_name(village_code)
    seal_away(matter, village_code)
    matter.state = State.working.value if matter.accepted_at else State.waiting.value
    matter.came_from_desk = matter.came_from_area = None


def audit_area(matter: Matter) -> str:
    """Return the area under which acts on a matter are recorded: never the village, where it is about its cadres."""
    return matter.village_code or matter.discipline_area or ""


def _record(matter: Matter, act: Act) -> None:
    audit.record(f"matter.{act.value}", subject=f"matter:{matter.number}", area=audit_area(matter))


def _tell_reporter(matter: Matter) -> None:
    """Send word without saying what about: somebody else may read the telephone."""
    row = db.session.get(MatterReporter, matter.id)
    if row is not None and row.phone_sealed is not None:
        messaging.send(open_text(row.phone_sealed), "matter-moved", {"number": shown_number(matter.number)})


def open_phone(number: str, reason: str) -> str:
    """
    Return the reporter's telephone to the official who handles the matter; who, when and why is recorded, and the reporter can see it.

    Raises:
        Missing, NotYourDesk: it is not theirs to handle.
        ReasonNeeded, NoPhoneGiven: no reason, or nothing to open.
    """
    matter = _locked_here(number)
    if not may_handle(matter):
        raise NotYourDesk()
    if not reason.strip():
        raise ReasonNeeded()
    row = db.session.get(MatterReporter, matter.id)
    if row is None or row.phone_sealed is None:
        raise NoPhoneGiven()
    audit.record(PHONE_OPENED, subject=f"matter:{matter.number}", area=audit_area(matter), reason=reason)
    return open_text(row.phone_sealed)
