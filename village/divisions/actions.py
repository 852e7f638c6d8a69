"""Storing a division table, opening villages, and changing what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from commons import clock, marks
from commons.audit import record
from commons.db import db, locked
from commons.errors import Missing, Refusal
from commons.seal import seal_characters, seal_path
from geocode import cells, division_codes
from geocode.errors import GeocodeError
from village.divisions import queries, rules
from village.divisions.errors import AlreadyEnabled, NotAVillage, SheetRefused
from village.divisions.models import CountyOutline, Division, DivisionHistory, Village
from village.divisions.rules import DivisionRow, DivisionSheet


@dataclass(frozen=True, slots=True)
class TableChange:
    """What an import did: rows new, changed, as before, and rows of ours that the file does not name."""

    added: int
    changed: int
    unchanged: int
    kept: int


def import_divisions(sheet: DivisionSheet, *, for_demonstration: bool = False) -> TableChange:
    """
    Store a checked table: new rows are added, names and kinds brought up to date with a line of history each.

    Rows that the file does not name stay, and so do opened villages with the names their people gave them.

    Raises:
        DemonstrationStands: a real table does not belong into a demonstration.
        SheetRefused: a row lies under a division that nobody knows.
    """
    if not for_demonstration:
        marks.refuse_in_demonstration("导入真实的区划表")
    before = {row.code: row for row in db.session.execute(select(*_COLUMNS))}
    faults = rules.orphans(sheet, before)
    if faults:
        raise SheetRefused(faults)
    added = [row for row in sheet.rows if row.code not in before]
    changed = [row for row in sheet.rows if row.code in before and _values(row) != tuple(before[row.code])]
    _add(added)
    _change(changed, before)
    record("divisions.imported", added=len(added), changed=len(changed))
    return TableChange(
        added=len(added),
        changed=len(changed),
        unchanged=len(sheet.rows) - len(added) - len(changed),
        kept=len(before.keys() - sheet.row_of.keys()),
    )


_COLUMNS = (Division.code, Division.name, Division.level, Division.kind, Division.as_of, Division.parent_code)
_NAMES = ("code", "name", "level", "kind", "as_of", "parent_code")


def _values(row: DivisionRow) -> tuple[Any, ...]:
    return (row.code, row.name, row.level, row.kind, row.as_of, row.parent_code)


def _add(rows: list[DivisionRow]) -> None:
    if rows:
        values = [dict(zip(_NAMES, _values(row), strict=True)) for row in rows]
        db.session.execute(insert(Division), values)


def _change(rows: list[DivisionRow], before: dict[str, Any]) -> None:
    if not rows:
        return
    now = clock.now()
    lines = []
    for row in rows:
        old = before[row.code]
        for what, was, now_is in (("renamed", old.name, row.name), ("kind", old.kind, row.kind)):
            if was != now_is:
                lines.append({"code": row.code, "what": what, "old": was, "new": now_is, "at": now})
    if lines:
        db.session.execute(insert(DivisionHistory), lines)
    table = Division.__table__
    change = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.code == bindparam("the_code"))
        .values(name=bindparam("the_name"), kind=bindparam("the_kind"), as_of=bindparam("the_date"))
    )
    values = [
        {"the_code": row.code, "the_name": row.name, "the_kind": row.kind, "the_date": row.as_of}
        for row in rows
    ]
    db.session.connection().execute(change, values)


def enable_village(code: str, *, name: str = "", duty_phone: str = "") -> Village:
    """
    Open a village to the system; without a *name* it is called as the division table calls it, without 村民委员会.

    Raises:
        NotAVillage: no such village in the table, or an invented one in which nobody lives.
        AlreadyEnabled: it is open already.
        Refusal: a name or a telephone that cannot stand on a plate.
    """
    found = db.session.get(Division, code)
    if found is None or found.level != "village":
        raise NotAVillage("区划表里没有这个村，请先导入区划表，或核对代码", field="code")
    if division_codes.is_reserved_village(code):
        raise NotAVillage("这是统计上虚设的村（498、598），不能启用", field="code")
    if db.session.get(Village, code) is not None:
        raise AlreadyEnabled("这个村已经启用了", field="code")
    table = queries.divisions_around(code)
    above = [table.get(code[:width].ljust(12, "0")) for width in (9, 6)]
    here = table.get(code)
    called = name or (here.display if here is not None else found.name)
    village = Village(
        code=code,
        town_name=above[0].display[:30] if above[0] else "",
        county_name=above[1].display[:30] if above[1] else "",
        county_code=code[:6],
        page_version=1,
        enabled_at=clock.now(),
    )
    _describe(village, called, duty_phone)
    db.session.add(village)
    _note(code, "enabled", "", village.name)
    record("village.enabled", subject=f"village:{code}", area=code)
    return village


def change_village(code: str, *, name: str, duty_phone: str) -> Village:
    """
    Change how a village is called and which number rings its duty; every door page shows it at the next request.

    Raises:
        Missing: the village is not open.
        Refusal: a name or a telephone that cannot stand on a plate.
    """
    village = locked(Village, code)
    if village is None:
        raise Missing()
    old = f"{village.name} {village.duty_phone}"
    _describe(village, name, duty_phone)
    village.page_version += 1
    _note(code, "changed", old, f"{village.name} {village.duty_phone}")
    record("village.changed", subject=f"village:{code}", area=code)
    return village


def _describe(village: Village, name: str, duty_phone: str) -> None:
    fault = rules.village_name_fault(name)
    if fault:
        raise Refusal(fault, field="name", code="bad_village_name")
    phone = rules.normal_duty_phone(duty_phone) if duty_phone else ""
    if phone is None:
        raise Refusal("值班电话应是能拨通的号码，例如 027-12345678", field="duty_phone", code="bad_phone")
    village.name, village.duty_phone = name, phone
    village.seal_path = seal_path(seal_characters(name))


def set_county_outline(county_code: str, geojson: object) -> CountyOutline:
    """
    Keep the outline of a county, so that doors outside it are refused.

    Raises:
        Refusal: no such county, or no outline.
    """
    if db.session.get(Division, county_code.ljust(12, "0")) is None or len(county_code) != 6:
        raise Refusal("区划表里没有这个县", field="code", code="no_such_county")
    try:
        touched = cells.polygon_to_cells(geojson, rules.OUTLINE_RESOLUTION, "overlap")
    except GeocodeError as error:
        raise Refusal("文件不是 GeoJSON 面，或者面太大", field="file", code="bad_outline") from error
    if not touched:
        raise Refusal("轮廓里没有面积", field="file", code="bad_outline")
    outline = db.session.get(CountyOutline, county_code) or CountyOutline(county_code=county_code)
    outline.cells, outline.at = touched, clock.now()
    db.session.add(outline)
    record("county.outlined", subject=f"county:{county_code}", area=county_code)
    return outline


def merge_village(code: str, into: str) -> None:
    """
    Write down that a village was merged into another one. Codes on its doors stay; only the table says where it went.

    Raises:
        NotAVillage: either of the two is not in the table.
    """
    for one in (code, into):
        found = db.session.get(Division, one)
        if found is None or found.level != "village":
            raise NotAVillage(f"区划表里没有村 {one}", field="code")
    if code == into:
        raise NotAVillage("一个村不能并入自己", field="into")
    _note(code, "merged", code, into, successor=into)
    record("village.merged", subject=f"village:{code}", area=code, into=into)


def _note(code: str, what: str, old: str, new: str, successor: str | None = None) -> None:
    line = DivisionHistory(code=code, what=what, old=old, new=new, successor_code=successor, at=clock.now())
    db.session.add(line)
