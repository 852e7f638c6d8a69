"""A fictional county with its villages, and a whole fictional province of 30,032 rows with a real table's quirks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from commons import clock
from commons.db import db, in_transaction, transaction
from commons.seal import seal_characters, seal_path
from geocode import division_codes
from village.divisions.models import Division, Village

# 4201 99 was never given out, so no real place can be meant.
COUNTY = "420199"
TOWN = "420199104000"
VILLAGE = "420199104207"
DUTY_PHONE = "027-00000000"

ABOVE = {
    "420000000000": "云泽省",
    "420100000000": "江汉市",
    "420199000000": "云台县",
    "420199104000": "柳河镇",
}


@contextmanager
def written() -> Iterator[None]:
    """Write in the transaction under way, else in one of its own."""
    if in_transaction():
        yield
    else:
        with transaction():
            yield


def make_division(*, code: str, name: str, as_of: date | None = date(2026, 6, 30)) -> Division:
    """A row of the division table; the one already there if there is one."""
    with written():
        found = db.session.get(Division, code)
        if found is None:
            level = division_codes.get_level(code)
            parent = None if level == "province" else division_codes.code_to_parent(code)
            kind = division_codes.get_kind(code)
            found = Division(code=code, name=name, level=level, kind=kind, as_of=as_of, parent_code=parent)
            db.session.add(found)
            db.session.flush()  # others refer to it in this same transaction
        return found


def make_village(*, code: str = VILLAGE, name: str = "青石湾村", duty_phone: str = DUTY_PHONE) -> Village:
    """A village that works with the system, with everything above it; the one already there if there is one."""
    with written():
        found = db.session.get(Village, code)
        if found is not None:
            return found
        names = []
        for width in (2, 4, 6, 9):
            upper = code[:width].ljust(12, "0")
            names.append(make_division(code=upper, name=ABOVE.get(upper, f"{upper[:width]}区")).name)
        make_division(code=code, name=f"{name}民委员会")
        village = Village(
            code=code,
            name=name,
            town_name=names[3],
            county_name=names[2],
            county_code=code[:6],
            duty_phone=duty_phone,
            seal_path=seal_path(seal_characters(name)),
            page_version=1,
            enabled_at=clock.now(),
        )
        db.session.add(village)
        db.session.flush()  # others refer to it in this same transaction
        return village
