"""Keep the files of a form, report a matter, take it down for somebody without a phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from commons import audit, clock
from commons.accounts.permissions import current_scope
from commons.accounts.queries import holders_of
from commons.db import db, locked_rows
from commons.errors import NotAllowed
from commons.outbox import enqueue
from commons.security import equal, keyed_hash, seal_text
from commons.uploads import CleanFile, Upload, store
from village.matters.category_rules import CADRES, CATEGORY_OF, Desk, due_day, first_desk
from village.matters.errors import CadreMatterAtTheDesk, FormUsed, NothingSaid, PlaceNeeded, TooManyFiles
from village.matters.models import Matter, MatterFile, MatterReporter, MatterStep
from village.matters.queries import matter_of_form
from village.matters.rules import MOST_PICTURES, Act, Place, State, new_number
from village.papers.numerals import count_in_words
from village.public import DoorRef, door_of, village_ref

VISIBILITY = "matter"


@dataclass(frozen=True, slots=True)
class Where:
    """
    Where a matter is: the village, the grid where one was drawn, the door where one was named, and words for all.

    ``typed`` are the reporter's own words; without them ``words`` name the door, which may be the reporter's home.
    """

    village_code: str
    county_code: str
    grid_area: str
    door_id: int | None
    words: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class NewMatter:
    """
    What a reporter said. ``owner_hash`` ties the form to whoever sends it, ``code`` is the 查询码 they are given.

    ``kept`` names files that this same form keeps.
    """

    category: str
    words: str
    where: Where
    form_key: str
    owner_hash: str
    code: str
    phone: str = ""
    kept: tuple[str, ...] = ()
    person_id: int | None = None
    proxy_id: int | None = None
    for_whom: str = ""


def keep_file(clean: CleanFile, owner_hash: str) -> Upload:
    """Store a recording or photo for the form it came with, whether or not the form is in order yet."""
    upload = store(clean, visibility=VISIBILITY)
    upload.person_id = None  # a file never says who sent it
    db.session.add(MatterFile(upload_id=upload.id, owner_hash=owner_hash, kept_at=clock.now()))
    return upload


def report_matter(new: NewMatter) -> Matter:
    """
    Store a matter on the right desk; the same form sent again returns the first one's.

    Raises:
        NothingSaid, PlaceNeeded, TooManyFiles: the report is not one yet.
        FormUsed: another browser sent this form.
    """
    known = _sent_before(new)
    if known is not None:
        return known
    files = _own_files(new)
    if not new.words and not files:
        raise NothingSaid()
    matter = _new_row(new)
    try:
        with db.session.begin_nested():
            db.session.add(matter)
    except IntegrityError:
        # The same form came twice at once: the other one was first.
        known = _sent_before(new)
        if known is None:
            raise
        return known
    for file in files:
        file.matter_id = matter.id
    _add_reporter(matter.id, new)
    _add_first_step(matter, new)
    enqueue("matter.reported", number=matter.number)
    return matter


def report_for_somebody(new: NewMatter) -> Matter:
    """
    Store what an official took down for a person without a phone.

    Raises:
        CadreMatterAtTheDesk: nobody of the village may take down what is said about the village.
        NotAllowed: the place is not the official's.
    """
    if new.category == CADRES:
        raise CadreMatterAtTheDesk()
    if not current_scope("handle-matters").covers(new.where.grid_area or new.where.village_code):
        raise NotAllowed()
    matter = report_matter(new)
    audit.record("matter.taken_down", subject=f"matter:{matter.number}", area=matter.village_code or "")
    return matter


def hash_of_code(number: str, code: str) -> str:
    """Return what is stored of a 查询码."""
    return keyed_hash("matter-code-hash", f"{number}:{code}")


def _sent_before(new: NewMatter) -> Matter | None:
    known = matter_of_form(new.form_key)
    if known is not None and not equal(known.owner_hash, new.owner_hash):
        raise FormUsed()
    return known


def _own_files(new: NewMatter) -> list[MatterFile]:
    """Lock and return the files of this form that were not sent yet; whatever else is named is left out."""
    mine = (MatterFile.owner_hash == new.owner_hash, MatterFile.matter_id.is_(None))
    named = select(Upload.id).where(Upload.key.in_(new.kept), Upload.removed_at.is_(None))
    statement = select(MatterFile).where(*mine, MatterFile.upload_id.in_(named))
    rows = locked_rows(statement.order_by(MatterFile.upload_id))
    ids = [row.upload_id for row in rows]
    kinds = list(db.session.scalars(select(Upload.kind).where(Upload.id.in_(ids))))
    if kinds.count("picture") > MOST_PICTURES:
        raise TooManyFiles("pictures")
    if kinds.count("voice") > 1:
        raise TooManyFiles("voice")
    return rows


def arrival(category: str, where: Where) -> Place:
    """Return the desk a new matter arrives at, by category and grid."""
    if not where.village_code:
        raise PlaceNeeded()
    has_officer = bool(where.grid_area) and bool(holders_of("officer", where.grid_area))
    desk = first_desk(CATEGORY_OF[category], has_officer=has_officer)
    areas = {
        Desk.officer: where.grid_area,
        Desk.clerk: where.village_code,
        Desk.town: where.village_code[:9],
        Desk.county: where.village_code[:6],
        Desk.discipline: where.village_code[:9],
    }
    return Place(desk, areas[desk])


def door_words(door: DoorRef) -> str:
    """Return how a door reads in one line: 青石湾村三组12号."""
    group = f"{count_in_words(door.group_no)}组" if door.group_no else ""
    return f"{door.village_name}{door.hamlet or group}{door.label}号"


def is_at_its_door(matter: Matter) -> bool:
    """Say whether the place of a matter is only the name of the door at which it was reported."""
    door = door_of(matter.door_id) if matter.door_id is not None else None
    return door is not None and matter.place == door_words(door)


def _new_row(new: NewMatter) -> Matter:
    now, number, at = clock.now(), new_number(), arrival(new.category, new.where)
    category = CATEGORY_OF[new.category]
    matter = Matter(
        number=number, code_hash=hash_of_code(number, new.code), form_key=new.form_key,
        owner_hash=new.owner_hash, county_code=new.where.county_code, category=category.key,
        words=new.words, place=new.where.words, taken_down_by=new.proxy_id, state=State.waiting.value,
        desk=at.desk.value, desk_area=at.area, was_answered=False, reported_at=now, arrived_at=now,
        due_on=due_day(clock.today(), category.days),
    )  # fmt: skip
    if at.desk is Desk.discipline:
        matter.place = new.where.typed or village_name(new.where.village_code)
        seal_away(matter, new.where.village_code)
    else:
        matter.village_code, matter.grid_area = new.where.village_code, new.where.grid_area or None
        matter.door_id, matter.person_id = new.where.door_id, new.person_id
    return matter


def village_name(code: str) -> str:
    """Return the name of a village: the only place of a matter that must not say at whose door it was reported."""
    village = village_ref(code)
    return village.name if village else ""


def seal_away(matter: Matter, village_code: str) -> None:
    """Take out of a matter everything by which a village could find it, or find who reported it."""
    matter.discipline_area, matter.sealed_village_code = village_code[:9], village_code
    matter.village_code = matter.grid_area = None
    matter.door_id = matter.person_id = None


def _add_reporter(matter_id: int, new: NewMatter) -> None:
    if new.phone or new.for_whom:
        db.session.add(
            MatterReporter(
                matter_id=matter_id,
                phone_sealed=seal_text(new.phone) if new.phone else None,
                name_sealed=seal_text(new.for_whom) if new.for_whom else None,
            )
        )


def _add_first_step(matter: Matter, new: NewMatter) -> None:
    add_step(matter, Act.report, matter.reported_at, person_id=new.proxy_id)


def add_step(
    matter: Matter,
    act: Act,
    at: datetime,
    *,
    words: str = "",
    person_id: int | None = None,
    form_key: str | None = None,
) -> MatterStep:
    """Write down one step, on the desk where the matter lies before it."""
    step = MatterStep(
        matter_id=matter.id, act=act.value, at=at, person_id=person_id, desk=matter.desk, desk_area=matter.desk_area,
        words=words, form_key=form_key,
    )  # fmt: skip
    db.session.add(step)
    return step
