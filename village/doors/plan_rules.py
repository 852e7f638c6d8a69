"""What storing a checked sheet would do to a village: which doors are new, changed, as before, or in each other's way. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from village.divisions.errors import RowFault
from village.doors.place_rules import rough_metres
from village.doors.row_rules import DoorRow
from village.doors.sheets import TITLES

# A centimetre: less than that is rounding on the way through a spreadsheet, not a move.
SAME_PLACE_M = 0.01


@dataclass(frozen=True, slots=True)
class KnownDoor:
    """A door that the village has, as far as a sheet may change it."""

    id: int
    group_no: int
    hamlet: str
    label: str
    room_no: int
    door_no: int
    address: str
    lat: float
    lng: float
    police_code: str | None

    @property
    def key(self) -> tuple[int, str, str, int]:
        """What names the door in its village."""
        return (self.group_no, self.hamlet, self.label, self.room_no)


@dataclass(frozen=True, slots=True)
class DoorChange:
    """A row that changes a door: the door's id and what is different, in words for the clerk."""

    row: DoorRow
    door_id: int
    differences: tuple[str, ...]


@dataclass(slots=True)
class Plan:
    """What a sheet would do."""

    new: list[DoorRow] = field(default_factory=list)
    changed: list[DoorChange] = field(default_factory=list)
    unchanged: list[DoorRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind; the numbers shown to the clerk and kept with the import."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "faults": len({fault.row for fault in self.faults}),
            "warnings": sum(1 for row in self.rows() if row.warnings),
        }

    def rows(self) -> Iterator[DoorRow]:
        """Every row that is right, in no particular order."""
        yield from self.new
        yield from (change.row for change in self.changed)
        yield from self.unchanged

    def leave_out(self, wrong: Set[int]) -> None:
        """Keep no row that has a fault among those that are right, also if only one of its columns has it."""
        self.new = [row for row in self.new if row.row not in wrong]
        self.changed = [change for change in self.changed if change.row.row not in wrong]
        self.unchanged = [row for row in self.unchanged if row.row not in wrong]


def make_plan(
    rows: Iterable[DoorRow],
    doors: Iterable[KnownDoor],
    *,
    taken_codes: Mapping[str, str],
    faults: Iterable[RowFault] = (),
) -> Plan:
    """
    Match checked rows with the doors of their village.

    A row is a door that we have if its official code is, else if group, hamlet, number and room are. *taken_codes* are
    official codes that doors of other villages carry, with the name of the village. Doors that no row names stay as they are.
    """
    doors, rows = list(doors), list(rows)
    by_key = {door.key: door for door in doors}
    by_code = {door.police_code: door for door in doors if door.police_code}
    plan = Plan(faults=list(faults))
    named = {by_code[row.police_code].id for row in rows if row.police_code in by_code}
    claimed: dict[int, int] = {}
    for row in rows:
        same_key, same_code = by_key.get(row.key), by_code.get(row.police_code or "")
        # A number may go to another door when the one that had it is named by its own code in the same sheet.
        if same_key is not None and same_code is not None and same_key.id in named:
            same_key = None
        fault = _place_row(plan, row, same_key, same_code, claimed)
        if row.police_code and row.police_code in taken_codes:
            sentence = f"{row.police_code} 已经是{taken_codes[row.police_code]}一户的编码"
            fault = RowFault(row.row, TITLES["police_code"], sentence)
        if fault is not None:
            plan.faults.append(fault)
    plan.faults.sort(key=lambda one: one.row)
    plan.leave_out({fault.row for fault in plan.faults})
    return plan


def _place_row(
    plan: Plan, row: DoorRow, same_key: KnownDoor | None, same_code: KnownDoor | None, claimed: dict[int, int]
) -> RowFault | None:
    """Put a row where it belongs in the plan; return a fault if it belongs nowhere."""
    if same_key is not None and same_code is not None and same_key.id != same_code.id:
        return RowFault(row.row, TITLES["police_code"], f"这个编码是 {same_code.address} 的，不是这一户的")
    door = same_code or same_key
    if door is None:
        plan.new.append(row)
        return None
    first = claimed.setdefault(door.id, row.row)
    if first != row.row:
        return RowFault(row.row, TITLES["number"], f"与第 {first} 行是同一户（{door.address}）")
    if row.room_no != door.room_no:
        return RowFault(row.row, TITLES["room"], f"{door.address} 的户室不能改，请另列一行")
    differences = tuple(_differences(row, door))
    if differences:
        plan.changed.append(DoorChange(row, door.id, differences))
    else:
        plan.unchanged.append(row)
    return None


def _differences(row: DoorRow, door: KnownDoor) -> Iterator[str]:
    moved = rough_metres((row.lat, row.lng), (door.lat, door.lng))
    if moved > SAME_PLACE_M:
        yield f"位置移动 {moved:.1f} 米"
    if row.address != door.address or row.key != door.key:
        yield f"地址由 {door.address} 改为 {row.address}"
    # An empty cell says nothing about the code, so it takes none away.
    if row.police_code and row.police_code != door.police_code:
        yield f"标准地址编码由 {door.police_code or '空'} 改为 {row.police_code}"
