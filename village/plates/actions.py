"""Printing plates in batches. Making the file takes seconds, so it stands between two short transactions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import g, has_request_context
from sqlalchemy import delete, insert, select, update

from commons import clock, marks
from commons.audit import record
from commons.db import db, locked
from commons.errors import Conflict, Missing
from commons.settings import current
from geocode.door_codes import check_character, new_code
from village.divisions.models import Village
from village.doors.actions import lock_counter
from village.doors.models import Door
from village.papers.batch import PrintedBatch, print_batch
from village.papers.manifest import digest_of
from village.papers.plate_sheet import Sheet
from village.plates import queries
from village.plates.errors import DutyPhoneNeeded, NothingToPrint
from village.plates.faces import LAYOUTS, freeze, make_face, require_public, thaw
from village.plates.models import Plate, PlateBatch, PlateEvent
from village.plates.rules import DEMONSTRATION_MARK, ENDED, PlateState

MOST_AT_ONCE = 1_000
_CODES_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A file to hand out. ``is_as_first_printed`` compares it with the checksum kept since then."""

    pdf: bytes
    manifest: bytes
    is_as_first_printed: bool


def begin_batch(village_code: str, layout: str, *, most: int = MOST_AT_ONCE) -> PlateBatch:
    """
    Give every door of a village that has no plate one with a fresh code, and freeze what will stand on it.

    Raises:
        Missing: the village is not open.
        AddressNotPublic, DutyPhoneNeeded, NothingToPrint: as their names say.
    """
    village = _printable_village(village_code)
    counter = lock_counter(village_code)
    doors = queries.doors_without_plate(village_code, min(most, MOST_AT_ONCE))
    if not doors:
        raise NothingToPrint("本村每个门都已有门牌；要重印，请到已印的批次里下载")
    counter.last_batch += 1
    return _new_batch(village, doors, layout, counter.last_batch)


def begin_single(door_id: int, layout: str, *, replaces: Plate | None) -> PlateBatch:
    """Do the same for one door, whose earlier plate (if any) is no longer its present one."""
    door = db.session.get(Door, door_id)
    if door is None:
        raise Missing()
    village = _printable_village(door.village_code)
    counter = lock_counter(door.village_code)
    counter.last_batch += 1
    return _new_batch(village, [door], layout, counter.last_batch, replaces)


def _printable_village(village_code: str) -> Village:
    village = db.session.get(Village, village_code)
    if village is None:
        raise Missing("这个村还没有启用")
    if not village.duty_phone:
        raise DutyPhoneNeeded("门牌上要印值班电话，请先在“村”里填写", field="duty_phone")
    return village


def _new_batch(
    village: Village, doors: Sequence[Door], layout: str, number: int, replaces: Plate | None = None
) -> PlateBatch:
    is_demonstration = marks.is_demonstration()
    base_url = current().public_base_url.rstrip("/")
    scheme, host = require_public(base_url, is_demonstration=is_demonstration)
    codes = free_codes(len(doors), for_demonstration=is_demonstration)
    faces = [
        make_face(door, village, code, f"{scheme}://{host}", is_demonstration=is_demonstration)
        for door, code in zip(doors, codes, strict=True)
    ]
    batch = PlateBatch(
        village_code=village.code,
        number=number,
        state="making",
        public_base_url=base_url,
        public_host=host,
        is_demonstration=is_demonstration,
        layout=layout,
        plates=len(doors),
        faces=[freeze(face) for face in faces],
        made_by=_who(),
        made_at=clock.now(),
    )
    db.session.add(batch)
    db.session.flush()  # its plates refer to it
    common = {
        "village_code": village.code,
        "county_code": village.county_code,
        "batch_id": batch.id,
        "state": PlateState.batch.value,
        "replaces_id": replaces.id if replaces is not None else None,
        "changed_at": clock.now(),
    }
    values = [
        {"code": code, "door_id": door.id, "current_door_id": door.id, **common}
        for door, code in zip(doors, codes, strict=True)
    ]
    db.session.execute(insert(Plate), values)
    return batch


def free_codes(count: int, *, for_demonstration: bool = False) -> list[str]:
    """
    Return *count* codes that no plate ever had; the column is unique besides.

    Codes of a demonstration begin with ``DEM`` and real ones never do, so that a scan anywhere can tell a plate of a
    demonstration without asking its database.
    """
    found: dict[str, None] = {}
    while len(found) < count:
        fresh = {_fresh_code(for_demonstration) for _ in range(min(count - len(found), _CODES_AT_ONCE))}
        taken = set(db.session.scalars(select(Plate.code).where(Plate.code.in_(fresh))))
        found.update(dict.fromkeys(fresh - taken))
    return list(found)


def _fresh_code(for_demonstration: bool) -> str:
    while True:
        code = new_code()
        if for_demonstration:
            body = DEMONSTRATION_MARK + code[len(DEMONSTRATION_MARK) : -1]
            return body + check_character(body)
        if not code.startswith(DEMONSTRATION_MARK):
            return code


def make_file(batch: PlateBatch, layout: str | None = None) -> PrintedBatch:
    """
    Draw the file of a batch and read every code in it again. Takes seconds; stands outside any transaction.

    The same batch and layout give the same bytes as long as font and program are the same.
    """
    size, paper = LAYOUTS[layout or batch.layout]
    village = queries.village_name(batch.village_code)
    sheet = Sheet(village=village, batch=batch.number, size=size, paper=paper)
    font = current().plate_font_file
    faces = [thaw(values) for values in batch.faces]
    return print_batch(faces, sheet, batch.made_at, Path(font) if font else None)


def finish_batch(batch_id: int, printed: PrintedBatch) -> PlateBatch:
    """
    Write down that every code was read back, and let the file go: from now on its plates are known.

    Raises:
        Conflict: the batch was given up in the meantime. Finishing twice changes nothing.
    """
    batch = locked(PlateBatch, batch_id)
    if batch is None:
        raise Conflict("这一批已经取消了")
    if batch.state == "printed":
        return batch
    batch.state, batch.printed_at = "printed", clock.now()
    batch.manifest, batch.manifest_digest = printed.manifest, digest_of(printed.manifest)
    batch.pdf_sha256 = hashlib.sha256(printed.pdf).hexdigest()
    _let_go(batch.id)
    record(
        "plates.printed",
        subject=f"plate-batch:{batch.id}",
        area=batch.village_code,
        host=batch.public_host,
        plates=batch.plates,
        digest=batch.manifest_digest,
    )
    return batch


def _let_go(batch_id: int) -> None:
    """Mark every plate of a batch as printed, with a line in its life."""
    mine = (Plate.batch_id == batch_id, Plate.state == PlateState.batch.value)
    ids = list(db.session.scalars(select(Plate.id).where(*mine).order_by(Plate.id)))
    now, who, state = clock.now(), _who(), PlateState.printed.value
    db.session.execute(
        update(Plate).where(*mine).values(state=state, changed_at=now),
        execution_options={"synchronize_session": "fetch"},
    )
    if ids:
        events = [
            {"plate_id": each, "state": state, "words": "", "person_id": who, "at": now} for each in ids
        ]
        db.session.execute(insert(PlateEvent), events)


def give_up_batch(batch_id: int) -> None:
    """Remove a batch whose file could not be made; its codes never left the house. A printed one stays."""
    batch = locked(PlateBatch, batch_id)
    if batch is None or batch.state != "making":
        return
    mine = list(db.session.scalars(select(Plate).where(Plate.batch_id == batch_id)))
    replaced = [plate.replaces_id for plate in mine if plate.replaces_id is not None]
    db.session.execute(delete(Plate).where(Plate.batch_id == batch_id))
    for old_id in replaced:
        old = locked(Plate, old_id)
        if old is not None and PlateState(old.state) not in ENDED:
            old.current_door_id = old.door_id
    db.session.delete(batch)


def file_again(batch: PlateBatch, layout: str | None = None) -> BatchFile:
    """Return the file of a printed batch again, or the same plates in another layout; every code is read again."""
    printed = make_file(batch, layout)
    is_first_layout = (layout or batch.layout) == batch.layout
    same = is_first_layout and hashlib.sha256(printed.pdf).hexdigest() == batch.pdf_sha256
    manifest = batch.manifest if is_first_layout and batch.manifest is not None else printed.manifest
    return BatchFile(printed.pdf, manifest, same)


def _who() -> int | None:
    return g.get("person_id") if has_request_context() else None
