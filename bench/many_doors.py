"""A county of many doors, each with a plate that opens, put straight into the tables: a thousand doors to a village."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select

from commons.db import db, is_sqlite, transaction
from commons.seal import seal_characters, seal_path
from geocode import address_codes
from geocode.door_codes import new_codes
from tests.make.artisans import make_artisan
from tests.make.notices import make_notice
from tests.make.produce import make_product, make_seller
from village.divisions.models import Division, Village
from village.doors.models import Door
from village.doors.rules import place_codes
from village.plates.models import Plate, PlateBatch
from village.plates.rules import DEMONSTRATION_MARK

COUNTY = "420199"  # a number that no county has
PER_VILLAGE = 1000
SEALED = seal_path(seal_characters("青石湾村"))
MADE_AT = datetime(2026, 11, 1, tzinfo=UTC)
CHUNK = 20_000

DOOR = (
    "id", "village_code", "county_code", "group_no", "hamlet", "door_no", "room_no", "address_code", "label", "address",
    "lat", "lng", "coord_source", "beidou_code", "h3_cell", "h3_near", "created_at", "changed_at",
)  # fmt: skip
PLATE = (
    "id",
    "code",
    "door_id",
    "current_door_id",
    "village_code",
    "county_code",
    "batch_id",
    "state",
    "changed_at",
)


def village_code(number: int) -> str:
    """Return the code of the *number*-th village: a hundred to a town."""
    return f"{COUNTY}{100 + number // 100}{200 + number % 100}"


def fill(doors: int, furnished: int = 10) -> None:
    """Make *doors* doors with plates; the first *furnished* villages also have notices, artisans and produce."""
    villages = -(-doors // PER_VILLAGE)
    with transaction() as session:
        session.execute(insert(Division), [_division(number) for number in range(villages)])
        session.execute(insert(Village), [_village(number) for number in range(villages)])
        session.execute(insert(PlateBatch), [_batch(number) for number in range(villages)])
    _write("door", DOOR, _doors(doors))
    _write("plate", PLATE, _plates(doors))
    for number in range(min(furnished, villages)):
        _furnish(number)


def codes_of(villages: int, most: int, leave_out: int = 0) -> list[str]:
    """Return codes of plates of the first villages, doors of all of them in turn."""
    query = (
        select(Plate.code)
        .join(Door, Door.id == Plate.door_id)
        .where(Plate.village_code < village_code(villages), Plate.county_code == COUNTY)
        .order_by(Door.door_no, Door.village_code)
        .offset(leave_out)
        .limit(most)
    )
    return list(db.session.scalars(query))


def _division(number: int) -> dict[str, Any]:
    code = village_code(number)
    return {"code": code, "name": f"第{number}村民委员会", "level": "village", "kind": "villagers", "as_of": None,
            "parent_code": f"{code[:9]}000"}  # fmt: skip


def _village(number: int) -> dict[str, Any]:
    return {
        "code": village_code(number), "name": f"第{number}村", "town_name": f"第{number // 100}镇", "county_name": "云台县",
        "county_code": COUNTY, "duty_phone": "027-00000000", "seal_path": SEALED, "page_version": 1,
        "enabled_at": MADE_AT,
    }  # fmt: skip


def _batch(number: int) -> dict[str, Any]:
    return {
        "id": number + 1, "village_code": village_code(number), "number": 1, "state": "printed",
        "public_base_url": "https://xq.example.cn", "public_host": "XQ.EXAMPLE.CN", "is_demonstration": False,
        "layout": "a3", "plates": PER_VILLAGE, "faces": [], "made_at": MADE_AT, "printed_at": MADE_AT,
    }  # fmt: skip


def _doors(doors: int) -> Iterator[tuple[Any, ...]]:
    for number in range(doors):
        village, within = divmod(number, PER_VILLAGE)
        code, group, door_no = village_code(village), within // 100 + 1, within + 1
        lat = round(30.0 + village // 40 * 0.03 + within // 40 * 0.0004, 7)
        lng = round(113.0 + village % 40 * 0.03 + within % 40 * 0.0004, 7)
        places = place_codes(lat, lng)
        yield (
            number + 1, code, COUNTY, group, "", door_no, 0, address_codes.make_code(code, group, door_no), str(door_no),
            f"云台县第{village // 100}镇第{village}村{group}组{door_no}号", lat, lng, "wgs84", places.beidou_code,
            places.h3_cell, places.h3_near, MADE_AT, MADE_AT,
        )  # fmt: skip


def _plates(doors: int) -> Iterator[tuple[Any, ...]]:
    for number, code in enumerate(islice(_real_codes(doors), doors)):
        village = number // PER_VILLAGE
        yield (
            number + 1,
            code,
            number + 1,
            number + 1,
            village_code(village),
            COUNTY,
            village + 1,
            "mounted",
            MADE_AT,
        )


def _real_codes(most: int) -> Iterator[str]:
    """Yield at least *most* codes as a printed plate may have them: none that begins like a demonstration's."""
    spare = 100 + most // 100
    return (code for code in new_codes(most + spare) if not code.startswith(DEMONSTRATION_MARK))


def _write(table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    """Write rows in the fastest way each database has; a door's place follows from its numbers."""
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if is_sqlite():
            _write_sqlite(driver, table, columns, rows)
        else:
            _write_postgres(driver, table, columns, rows)
        connection.rollback()


def _write_sqlite(driver: Any, table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]) -> None:
    names, signs = ", ".join(columns), ", ".join("?" * len(columns))
    if table == "door":
        lng, lat = columns.index("lng") + 1, columns.index("lat") + 1
        numbered = ", ".join(f"?{place}" for place in range(1, len(columns) + 1))
        names, signs = f"{names}, place", f"{numbered}, MakePoint(?{lng}, ?{lat}, 4490)"
    driver.execute("ROLLBACK") if driver.in_transaction else None
    while chunk := list(islice(rows, CHUNK)):
        plain = [[str(each)[:19] if isinstance(each, datetime) else each for each in row] for row in chunk]
        driver.execute("BEGIN IMMEDIATE")
        driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({signs})", plain)
        driver.execute("COMMIT")


def _write_postgres(
    driver: Any, table: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]]
) -> None:
    is_door = table == "door"
    lng, lat = (columns.index("lng"), columns.index("lat")) if is_door else (0, 0)
    names = ", ".join([*columns, "place"] if is_door else columns)
    with driver.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, f"SRID=4490;POINT({row[lng]} {row[lat]})") if is_door else row)
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
        cursor.execute(f"ANALYZE {table}")
    driver.commit()


def _furnish(number: int) -> None:
    """Give a village what a living one shows: three notices, four artisans, four things to buy."""
    code = village_code(number)
    with transaction() as session:
        doors = session.scalars(
            select(Door).where(Door.village_code == code).order_by(func.abs(Door.door_no - 500)).limit(4)
        ).all()
        for title in ("三组停水半天，8 点至 12 点", "十月村级收支明细公开", "党员活动日学习安排"):
            make_notice(area=code, title=title)
        for door, name in zip(doors, ("杨师傅", "李师傅", "周师傅", "陈师傅"), strict=False):
            make_artisan(door=door, public_name=name)
        seller = make_seller(village_code=code)
        for name in ("散养鸡蛋", "红薯粉条", "白萝卜", "柑橘"):
            make_product(seller=seller, name=name)
