"""Storing doors from a sheet, all of it or nothing, and taking an import back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import g, has_request_context
from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from commons import clock, marks
from commons.audit import record
from commons.columns import point
from commons.db import db, locked
from commons.errors import Missing
from geocode import address_codes
from village.divisions.errors import RowFault, SheetRefused
from village.divisions.models import Village
from village.doors import queries, sheets
from village.doors.errors import CannotUndo, ColumnsUnclear, NotCheckedAnyMore
from village.doors.models import Door, DoorCounter, DoorImport
from village.doors.plan_rules import DoorChange, Plan, make_plan
from village.doors.row_rules import Checked, DoorRow, check_rows
from village.doors.sheets import NEEDED, TITLES, Cells
from village.grids.queries import belonging_in
from village.grids.rules import Belonging

UNDO_FOR = timedelta(hours=24)
MOST_DOORS = 99_999
_AT_ONCE = 400
_KEPT = (
    "group_no",
    "hamlet",
    "label",
    "address",
    "lat",
    "lng",
    "coord_source",
    "beidou_code",
    "h3_cell",
    "h3_near",
    "police_address_code",
    "police_code_scheme",
    "grid_id",
)


def begin_import(
    village_code: str, file_name: str, data: bytes, cells: Cells, default_frame: str
) -> DoorImport:
    """
    Keep a sheet for its preview; nothing of it is a door yet.

    Raises:
        DemonstrationStands: real doors do not belong into a demonstration.
        Missing: the village is not open.
    """
    marks.refuse_in_demonstration("导入真实的门")
    if db.session.get(Village, village_code) is None:
        raise Missing()
    guess = sheets.guess_columns(cells)
    started = DoorImport(
        village_code=village_code,
        file_name=file_name[-100:],
        sha256=hashlib.sha256(data).hexdigest(),
        state="checked",
        sheet=sheets.pack(cells),
        columns={"head_row": guess.head_row, **guess.columns},
        default_frame=default_frame,
        counts={},
        before=[],
        made_by=_who(),
        made_at=clock.now(),
    )
    db.session.add(started)
    db.session.flush()  # the page goes on to its number
    return started


def choose_columns(import_id: int, columns: dict[str, int], default_frame: str) -> DoorImport:
    """Say again which column means what, after the guess was looked at."""
    row = _waiting(import_id)
    row.columns, row.default_frame = columns, default_frame
    return row


def check_sheet(cells: Cells, columns: dict[str, int], village_code: str, default_frame: str) -> Checked:
    """
    Check every row of a sheet against its village; reads only.

    Raises:
        ColumnsUnclear: a needed column is missing, or one column means two things.
        Missing: the village is not open.
    """
    meanings = {name: index for name, index in columns.items() if name != "head_row"}
    missing = [TITLES[name] for name in NEEDED if name not in meanings]
    if "address" not in meanings and "number" not in meanings:
        missing.append(f"{TITLES['address']}或{TITLES['number']}")
    if missing:
        raise ColumnsUnclear(f"还没有指明哪一列是{'、'.join(missing)}", field="columns")
    if len(set(meanings.values())) < len(meanings):
        raise ColumnsUnclear("同一列选了两次，请核对", field="columns")
    if db.session.get(Village, village_code) is None:
        raise Missing("没有这个村，或者它还没有启用")
    context = queries.row_context(village_code, default_frame)
    checked = check_rows(cells, columns["head_row"], meanings, context)
    if not checked.rows and not checked.faults:
        checked.faults.append(RowFault(columns["head_row"] + 1, "", "表里没有数据"))
    return checked


def plan_import(checked: Checked, village_code: str) -> Plan:
    """Return what storing the checked rows would do to the village as it is now; reads only."""
    codes = [row.police_code for row in checked.rows if row.police_code]
    return make_plan(
        checked.rows,
        queries.known_doors(village_code),
        taken_codes=queries.codes_taken_elsewhere(codes, village_code),
        faults=checked.faults,
    )


def confirm_import(import_id: int, checked: Checked) -> DoorImport:
    """
    Store what a preview showed. *checked* was made from the kept sheet just before, outside the transaction.

    Raises:
        NotCheckedAnyMore: somebody, or the same press of a button, was quicker.
        SheetRefused: a row is wrong, or in the way of what was stored since.
    """
    row = _waiting(import_id)
    _store(row, checked)
    row.sheet = None
    return row


def import_doors(
    village_code: str, file_name: str, data: bytes, checked: Checked, *, for_demonstration: bool = False
) -> DoorImport:
    """
    Check against the village and store in one go: the command's and the demonstration's way.

    Raises:
        DemonstrationStands, Missing: as :func:`begin_import`.
        SheetRefused: at least one row is wrong; nothing was stored.
    """
    if not for_demonstration:
        marks.refuse_in_demonstration("导入真实的门")
    if db.session.get(Village, village_code) is None:
        raise Missing("这个村还没有启用")
    row = DoorImport(
        village_code=village_code,
        file_name=file_name[-100:],
        sha256=hashlib.sha256(data).hexdigest(),
        state="checked",
        columns={},
        default_frame="wgs84",
        counts={},
        before=[],
        made_by=_who(),
        made_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()  # its doors refer to it
    _store(row, checked)
    return row


def _store(row: DoorImport, checked: Checked) -> None:
    counter = lock_counter(row.village_code)
    plan = plan_import(checked, row.village_code)
    if plan.faults:
        raise SheetRefused(plan.faults)
    village = db.session.get_one(Village, row.village_code)
    _add(plan.new, row, counter, village)
    row.before = _change(plan.changed, row.village_code)
    row.state, row.stored_at, row.counts = "stored", clock.now(), plan.counts
    _bump(row.village_code)
    subject = f"door-import:{row.id}"
    record("doors.imported", subject=subject, area=row.village_code, sha256=row.sha256, counts=plan.counts)


def _bump(village_code: str) -> None:
    """Raise the pages' version in the database itself: another transaction may be raising it just now."""
    bump = update(Village).where(Village.code == village_code)
    db.session.execute(bump.values(page_version=Village.page_version + 1))


def lock_counter(village_code: str) -> DoorCounter:
    """Lock what numbers the doors and batches of a village; made at first need, also when two ask at once."""
    found = locked(DoorCounter, village_code)
    if found is not None:
        return found
    try:
        with db.session.begin_nested():
            db.session.add(DoorCounter(village_code=village_code, last_no=0, last_batch=0))
    except IntegrityError:
        pass  # the other one made it
    found = locked(DoorCounter, village_code)
    assert found is not None
    return found


def _add(rows: list[DoorRow], made_by: DoorImport, counter: DoorCounter, village: Village) -> None:
    if not rows:
        return
    belonging = belonging_in(village.code)
    houses = {door.key[:3]: door.door_no for door in queries.known_doors(village.code)}
    now, values = clock.now(), []
    for row in rows:
        number = houses.get(row.house)
        if number is None:
            counter.last_no += 1
            number = houses[row.house] = counter.last_no
        if number > MOST_DOORS:
            raise SheetRefused([RowFault(row.row, "", f"一个村最多编 {MOST_DOORS} 个门号，已经用完")])
        grid_id = belonging.grid_of(row.lat, row.lng, row.group_no)
        values.append(
            {
                "village_code": village.code,
                "county_code": village.county_code,
                "door_no": number,
                "room_no": row.room_no,
                "address_code": address_codes.make_code(village.code, row.group_no, number, row.room_no),
                "grid_id": grid_id,
                "import_id": made_by.id,
                "created_at": now,
                "changed_at": now,
                **_said(row),
            }
        )
    db.session.execute(insert(Door), values)


def _said(row: DoorRow) -> dict[str, Any]:
    """What the sheet itself says of a door, as columns."""
    return {
        "group_no": row.group_no,
        "hamlet": row.hamlet,
        "label": row.label,
        "address": row.address,
        "place": point(row.lng, row.lat),
        "lat": row.lat,
        "lng": row.lng,
        "coord_source": row.coord_source,
        "beidou_code": row.codes.beidou_code,
        "h3_cell": row.codes.h3_cell,
        "h3_near": row.codes.h3_near,
        "police_address_code": row.police_code,
        "police_code_scheme": "free" if row.police_code else None,
    }


def _change(changes: list[DoorChange], village_code: str) -> list[dict[str, Any]]:
    """Bring doors up to date and return what they were like before."""
    if not changes:
        return []
    belonging = belonging_in(village_code)
    ids = [change.door_id for change in changes]
    doors: dict[int, Door] = {}
    for start in range(0, len(ids), _AT_ONCE):
        query = select(Door).where(Door.id.in_(ids[start : start + _AT_ONCE]))
        doors.update({door.id: door for door in db.session.scalars(query)})
    before = [{"id": door.id, **{name: getattr(door, name) for name in _KEPT}} for door in doors.values()]
    _step_aside(changes, doors)
    for change in changes:
        door, said = doors[change.door_id], _said(change.row)
        if change.row.police_code is None:
            said.pop("police_address_code"), said.pop("police_code_scheme")
        for name, value in said.items():
            setattr(door, name, value)
        door.grid_id = belonging.grid_of(door.lat, door.lng, door.group_no)
        door.changed_at = clock.now()
    _flush_or_refuse(changes)
    return before


def _step_aside(changes: list[DoorChange], doors: dict[int, Door]) -> None:
    """Two doors may exchange their numbers or codes: take both away first, since they are unique at every moment."""
    for change in changes:
        door = doors[change.door_id]
        if (door.group_no, door.hamlet, door.label) != change.row.house:
            door.hamlet = f"~{door.id}"
        if change.row.police_code and door.police_address_code != change.row.police_code:
            door.police_address_code = None
    db.session.flush()  # before the new names come


def _flush_or_refuse(changes: list[DoorChange]) -> None:
    try:
        db.session.flush()  # a clash must be told as a refusal, not found at the commit
    except IntegrityError as error:
        rows = "、".join(str(change.row.row) for change in changes[:10])
        sentence = f"第 {rows} 行改后的门牌与表外已有的门重复，请把那些门也列进表里"
        raise SheetRefused([RowFault(changes[0].row.row, TITLES["number"], sentence)]) from error


def undo_import(import_id: int) -> DoorImport:
    """
    Take an import back within a day: new doors go, changed ones are as before. Their numbers are never given again.

    Raises:
        CannotUndo: too late, or a plate was printed, or a door changed since, or somebody already lives there.
    """
    row = locked(DoorImport, import_id)
    if row is None:
        raise Missing()
    if row.state != "stored" or row.stored_at is None:
        raise CannotUndo("这次导入已经撤销了" if row.state == "undone" else "这次导入还没有存入")
    if clock.now() - row.stored_at > UNDO_FOR:
        raise CannotUndo("超过 24 小时，不能撤销了")
    lock_counter(row.village_code)
    changed = [one["id"] for one in row.before]
    _refuse_if_built_upon(row, changed)
    try:
        db.session.execute(delete(Door).where(Door.import_id == row.id))
        _put_back(row.before, belonging_in(row.village_code))
        db.session.flush()  # what refers to a door must be told as a refusal, not found at the commit
    except IntegrityError as error:
        raise CannotUndo("有的门已经有住户或事项登记，不能撤销") from error
    row.state, row.undone_at, row.before = "undone", clock.now(), []
    _bump(row.village_code)
    record("doors.import-undone", subject=f"door-import:{row.id}", area=row.village_code)
    return row


def _refuse_if_built_upon(row: DoorImport, changed: list[int]) -> None:
    mine = or_(Door.import_id == row.id, Door.id.in_(changed))
    later = select(func.count()).select_from(Door).where(mine, Door.changed_at > row.stored_at)
    if db.session.scalar(later):
        raise CannotUndo("有的门后来又改过，不能整批撤销")
    for refuse in _undo_guards:
        sentence = refuse(row, changed)
        if sentence:
            raise CannotUndo(sentence)


UndoGuard = Callable[[DoorImport, list[int]], str]
_undo_guards: list[UndoGuard] = []


def guard_undo(refuse: UndoGuard) -> UndoGuard:
    """Register a question of a feature above: given the import and the changed doors' ids, why it cannot be undone, or ""."""
    _undo_guards.append(refuse)
    return refuse


def _put_back(before: list[dict[str, Any]], belonging: Belonging) -> None:
    now = clock.now()
    for start in range(0, len(before), _AT_ONCE):
        part = {one["id"]: one for one in before[start : start + _AT_ONCE]}
        doors = list(db.session.scalars(select(Door).where(Door.id.in_(part))))
        for door in doors:
            door.hamlet, door.police_address_code = f"~{door.id}", None
        db.session.flush()  # as in _step_aside: names are unique at every moment
        for door in doors:
            for name in _KEPT:
                setattr(door, name, part[door.id][name])
            door.place, door.changed_at = point(door.lng, door.lat), now
            # Grids may have been drawn since: where the door belongs is asked anew.
            door.grid_id = belonging.grid_of(door.lat, door.lng, door.group_no)


def forget_previews(older_than: timedelta = timedelta(days=1)) -> int:
    """Remove sheets that were previewed and never confirmed; return how many."""
    old = delete(DoorImport).where(
        DoorImport.state == "checked", DoorImport.made_at < clock.now() - older_than
    )
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]


def _waiting(import_id: int) -> DoorImport:
    row = locked(DoorImport, import_id)
    if row is None:
        raise Missing()
    if row.state != "checked":
        raise NotCheckedAnyMore("这张表已经存入或撤销了")
    return row


def _who() -> int | None:
    return g.get("person_id") if has_request_context() else None
