"""What a checked sheet would do to the doors that a village has."""

from __future__ import annotations

from typing import Any

from tests.make.door_sheets import door_row
from tests.village.doors.test_row_rules import check
from village.doors.plan_rules import KnownDoor, Plan, make_plan


def known(door_id: int, number: int, **changes: Any) -> KnownDoor:
    """The door that ``door_row(number)`` describes, as it is stored."""
    (row,) = check(door_row(number)).rows
    values = {
        "id": door_id,
        "group_no": row.group_no,
        "hamlet": row.hamlet,
        "label": row.label,
        "room_no": row.room_no,
        "door_no": number,
        "address": row.address,
        "lat": row.lat,
        "lng": row.lng,
        "police_code": row.police_code,
        **changes,
    }
    return KnownDoor(**values)


def plan(*rows: list[Any], doors: list[KnownDoor], taken: dict[str, str] | None = None) -> Plan:
    checked = check(*rows)
    return make_plan(checked.rows, doors, taken_codes=taken or {}, faults=checked.faults)


def test_rows_are_new_changed_or_as_before() -> None:
    moved = door_row(2, 纬度=30.8715)

    found = plan(door_row(1), moved, door_row(3), doors=[known(1, 1), known(2, 2)])

    assert [row.row for row in found.unchanged] == [2]
    assert [(change.door_id, change.row.row) for change in found.changed] == [(2, 3)]
    assert found.changed[0].differences[0].startswith("位置移动")
    assert [row.row for row in found.new] == [4]
    assert found.counts == {"new": 1, "changed": 1, "unchanged": 1, "faults": 0, "warnings": 0}


def test_a_door_is_known_by_its_official_code_when_its_number_changed() -> None:
    renumbered = door_row(1, 地址=None, 门牌号="101")

    found = plan(renumbered, doors=[known(1, 1)])

    assert [change.door_id for change in found.changed] == [1]
    assert "101号" in found.changed[0].differences[0]


def test_an_empty_code_takes_none_away_and_a_first_code_is_added() -> None:
    without = plan(door_row(1, 标准地址编码=None), doors=[known(1, 1)])
    first = plan(door_row(1), doors=[known(1, 1, police_code=None)])

    assert (len(without.unchanged), len(first.changed)) == (1, 1)


def test_a_code_of_another_door_of_the_village_is_refused() -> None:
    found = plan(door_row(1, 标准地址编码="4201991042070000000002"), doors=[known(1, 1), known(2, 2)])

    assert [(fault.row, fault.column) for fault in found.faults] == [(2, "标准地址编码")]


def test_a_code_of_another_village_is_refused_with_its_name() -> None:
    found = plan(door_row(1), doors=[], taken={"4201991042070000000001": "柏泉村"})

    assert [fault.column for fault in found.faults] == ["标准地址编码"]
    assert "柏泉村" in found.faults[0].sentence


def test_two_rows_for_one_stored_door_are_refused() -> None:
    by_code = door_row(1, 地址=None, 门牌号="101")
    by_number = door_row(1, 标准地址编码=None)

    found = plan(by_code, by_number, doors=[known(1, 1)])

    assert [(fault.row, fault.column) for fault in found.faults] == [(3, "门牌号")]


def test_the_room_of_a_stored_door_does_not_change() -> None:
    found = plan(door_row(1, 户室=2), doors=[known(1, 1)])

    assert [(fault.row, fault.column) for fault in found.faults] == [(2, "户室")]


def test_a_row_with_a_fault_is_counted_as_wrong_alone() -> None:
    twice = door_row(2, 标准地址编码=door_row(1)[6])
    elsewhere = door_row(3)

    found = plan(door_row(1), twice, elsewhere, doors=[], taken={elsewhere[6]: "竹林冲村"})

    assert [row.row for row in found.rows()] == [2]
    assert found.counts == {"new": 1, "changed": 0, "unchanged": 0, "faults": 2, "warnings": 0}
