"""Who may see which matter, and what they see of it. Every question of the desk goes through :func:`in_reach`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select

from commons import clock
from commons.accounts.models import Appointment, Official, Person
from commons.accounts.permissions import Scope, current_scope
from commons.accounts.queries import in_force
from commons.audit import lines_about
from commons.db import db, prefix_range
from commons.paging import Page
from commons.security import open_text
from commons.uploads import Upload
from village.matters.category_rules import CATEGORY_OF, Category, Desk
from village.matters.models import Matter, MatterFile, MatterReporter, MatterStep
from village.matters.rules import OPEN_STATES, Act, Balance, Place, Standing, State, normal_number

IN_A_LIST = 20
OPEN = [state.value for state in OPEN_STATES]
PHONE_OPENED = "matter.phone_opened"
# Whose desk a matter waits for where nobody sits at its own, and how many digits of its code that desk has.
STEPS_IN = ((Desk.officer, Desk.clerk, 12), (Desk.clerk, Desk.town, 9))


@dataclass(frozen=True, slots=True)
class MatterLine:
    """A matter in a list of the desk; nothing in it says who reported it."""

    number: str
    category: Category
    words: str
    place: str
    state: State
    desk: Desk
    desk_area: str
    reported_at: datetime
    due_on: date
    is_by_proxy: bool


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step as both sides see it; ``who`` is shown at the desk alone."""

    act: Act
    at: datetime
    words: str
    place: Place
    target: Place | None
    who: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """A recording or photo of a matter."""

    kind: str
    url: str
    key: str
    seconds: float | None


def in_reach() -> ColumnElement[bool]:
    """
    Return the condition that a matter is for the official here.

    Matters about cadres have no village; they answer to ``handle-discipline-matters`` alone, and not even to that where the same
    person also holds an office of the village they are about.
    """
    ordinary, discipline = current_scope("handle-matters"), current_scope("handle-discipline-matters")
    return or_(_ordinary(ordinary), _about_cadres(discipline, ordinary))


def _ordinary(scope: Scope) -> ColumnElement[bool]:
    by_place = scope.condition(Matter.village_code, grid=Matter.grid_area)  # type: ignore[arg-type]
    by_desk = scope.condition(Matter.village_code, grid=Matter.desk_area)  # type: ignore[arg-type]
    return and_(Matter.village_code.is_not(None), or_(by_place, by_desk))


def _about_cadres(scope: Scope, ordinary: Scope) -> ColumnElement[bool]:
    area = scope.condition(Matter.discipline_area)  # type: ignore[arg-type]
    own = [prefix_range(Matter.sealed_village_code, held[:12]) for held in ordinary.areas if len(held) >= 12]  # type: ignore[arg-type]
    return and_(Matter.discipline_area.is_not(None), area, *(not_(condition) for condition in own))


def at_own_desk(person_id: int) -> ColumnElement[bool]:
    """
    Return the condition that a matter lies on a desk at which the person sits, or on one beneath it that nobody sits at.

    An officer who left, or whose account was shut, leaves open matters behind: they wait for the clerk, and a clerk's for the town.
    """
    held = _seats().where(Appointment.person_id == person_id)
    own = held.where(Appointment.role == Matter.desk, Appointment.area == Matter.desk_area)
    seated = _seats().where(Appointment.role == Matter.desk, Appointment.area == Matter.desk_area)
    beneath = [
        and_(Matter.desk == below.value, _above(held, above, digits).exists())
        for below, above, digits in STEPS_IN
    ]
    return and_(in_reach(), or_(own.exists(), and_(or_(*beneath), not_(seated.exists()))))


def _above(held: Select[int], desk: Desk, digits: int) -> Select[int]:
    return held.where(
        Appointment.role == desk.value, Appointment.area == func.substr(Matter.desk_area, 1, digits)
    )


def _seats() -> Select[int]:
    """Return the appointments in force of whoever can work: an account that was shut fills no seat."""
    shut = select(Official.person_id).where(
        Official.person_id == Appointment.person_id, Official.disabled_at.is_not(None)
    )
    return select(Appointment.id).where(in_force(clock.now()), not_(shut.exists()))


def may_handle(matter: Matter) -> bool:
    """Say whether the official here sits at the desk where the matter lies, or above it."""
    if matter.discipline_area is not None:
        return current_scope("handle-discipline-matters").covers(matter.discipline_area)
    return current_scope("handle-matters").covers(matter.desk_area)


def reached(number: str) -> Matter | None:
    """Return a matter if it is for the official here; None looks the same whether there is none or it is not for them."""
    plain = normal_number(number)
    return db.session.scalar(select(Matter).where(Matter.number == plain, in_reach())) if plain else None


def matter_of_number(number: str) -> Matter | None:
    """Return the matter of a number, for whoever has proved that it is theirs."""
    plain = normal_number(number)
    return db.session.scalar(select(Matter).where(Matter.number == plain)) if plain else None


def matter_of_form(form_key: str) -> Matter | None:
    """Return the matter that a form made before."""
    return db.session.scalar(select(Matter).where(Matter.form_key == form_key))


def standing_of(matter: Matter) -> Standing:
    """Return what the rules need to know of a matter."""
    came_from = None
    if matter.came_from_desk and matter.came_from_area:
        came_from = Place(Desk(matter.came_from_desk), matter.came_from_area)
    at = Place(Desk(matter.desk), matter.desk_area)
    return Standing(State(matter.state), at, matter.accepted_at is not None, matter.was_answered, came_from)


def steps_of(matter_id: int) -> list[StepLine]:
    """Return every step of a matter, the first one first."""
    statement = select(MatterStep, Person.name).outerjoin(Person, Person.id == MatterStep.person_id)
    rows = db.session.execute(statement.where(MatterStep.matter_id == matter_id).order_by(MatterStep.id))
    return [_step(step, name or "") for step, name in rows]


def _step(step: MatterStep, who: str) -> StepLine:
    target = Place(Desk(step.target_desk), step.target_area or "") if step.target_desk else None
    return StepLine(Act(step.act), step.at, step.words, Place(Desk(step.desk), step.desk_area), target, who)


def files_of(matter_id: int) -> list[FileLine]:
    """Return the recording and the photos of a matter."""
    return _files(MatterFile.matter_id == matter_id)


def kept_files(keys: list[str], owner: str) -> list[FileLine]:
    """Return those of *keys* that this form keeps and has not sent: another form's, or another's, are not among them."""
    return _files(Upload.key.in_(keys), MatterFile.owner_hash == owner, MatterFile.matter_id.is_(None))


def _files(*where: ColumnElement[bool]) -> list[FileLine]:
    statement = select(Upload).join(MatterFile, MatterFile.upload_id == Upload.id).where(*where)
    rows = db.session.scalars(statement.where(Upload.removed_at.is_(None)).order_by(Upload.id))
    return [FileLine(row.kind, row.url, row.key, row.seconds) for row in rows]


def file_row(upload_id: int) -> tuple[MatterFile, str | None] | None:
    """Return what a file belongs to, and the number of its matter if it has one."""
    statement = select(MatterFile, Matter.number).outerjoin(Matter, Matter.id == MatterFile.matter_id)
    row = db.session.execute(statement.where(MatterFile.upload_id == upload_id)).first()
    return None if row is None else (row[0], row[1])


def for_whom(matter_id: int) -> str:
    """Return the name of the person for whom an official reported, or nothing."""
    row = db.session.get(MatterReporter, matter_id)
    return open_text(row.name_sealed) if row is not None and row.name_sealed else ""


def has_phone(matter_id: int) -> bool:
    """Say whether the reporter left a telephone."""
    row = db.session.get(MatterReporter, matter_id)
    return row is not None and row.phone_sealed is not None


def phone_openings(number: str) -> list[tuple[datetime, str]]:
    """Return when officials opened the reporter's telephone, and the reasons they gave, for the reporter to see."""
    lines = lines_about(f"matter:{number}")
    return [(line.at, line.reason) for line in lines if line.action == PHONE_OPENED]


def own_numbers(person_id: int) -> list[str]:
    """Return the matters that a signed-in person reported, the latest first."""
    statement = select(Matter.number).where(Matter.person_id == person_id).order_by(Matter.id.desc())
    return list(db.session.scalars(statement.limit(100)))


def is_of_person(number: str, person_id: int) -> bool:
    """Say whether a person reported the matter while signed in."""
    own = select(Matter.id).where(Matter.number == number, Matter.person_id == person_id)
    return db.session.scalar(own) is not None


def lines_of_numbers(numbers: list[str]) -> list[MatterLine]:
    """Return the matters of *numbers*, the latest first, for whoever may open them."""
    if not numbers:
        return []
    return lines(select(Matter).where(Matter.number.in_(numbers)).order_by(Matter.id.desc()))


def lines(statement: Select[Matter]) -> list[MatterLine]:
    """Return the rows of *statement* as lines of a list."""
    return [_line(row) for row in db.session.scalars(statement)]


def _line(row: Matter) -> MatterLine:
    return MatterLine(
        row.number, CATEGORY_OF.get(row.category, CATEGORY_OF["other"]), row.words, row.place, State(row.state),
        Desk(row.desk), row.desk_area, row.reported_at, row.due_on, row.taken_down_by is not None,
    )  # fmt: skip


def desk_matters(which: str, words: str, person_id: int, number: int) -> Page[MatterLine]:
    """
    Return one page of the matters of the official here.

    *which* is ``mine`` (open, on the own desk), ``open``, ``late``, ``done`` or ``all``; *words* looks for a number, or words in
    the report or the place.
    """
    where = [in_reach(), *_chosen(which, person_id)]
    if words:
        where.append(_says(words))
    total = db.session.scalar(select(func.count()).select_from(Matter).where(*where)) or 0
    order = (Matter.id.desc(),) if which in {"all", "done"} else (Matter.due_on, Matter.id)
    found = select(Matter).where(*where).order_by(*order).limit(IN_A_LIST).offset((number - 1) * IN_A_LIST)
    return Page(lines(found), number, IN_A_LIST, total)


def _chosen(which: str, person_id: int) -> list[ColumnElement[bool]]:
    is_open = Matter.state.in_(OPEN)
    if which == "mine":
        return [is_open, at_own_desk(person_id)]
    if which == "late":
        return [is_open, Matter.due_on < clock.today()]
    if which == "open":
        return [is_open]
    return [Matter.state.not_in(OPEN)] if which == "done" else []


def _says(words: str) -> ColumnElement[bool]:
    if plain := normal_number(words):
        return Matter.number == plain
    return or_(Matter.words.contains(words, autoescape=True), Matter.place.contains(words, autoescape=True))


def waiting_here(person_id: int) -> int:
    """Return how many open matters lie on the person's own desk."""
    waiting = select(func.count()).select_from(Matter).where(Matter.state.in_(OPEN), at_own_desk(person_id))
    return db.session.scalar(waiting) or 0


def balance() -> Balance:
    """Return C23 for all that the official here may see."""
    accepted, refused = Matter.accepted_at.is_not(None), Matter.refused_at.is_not(None)
    counts = [func.count().filter(condition) for condition in (accepted, refused, not_(accepted | refused))]
    row = db.session.execute(select(func.count(), *counts).select_from(Matter).where(in_reach())).one()
    return Balance(reports=row[0], accepted=row[1], refused=row[2], waiting=row[3])
