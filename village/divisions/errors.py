"""What a sheet or a village may be refused for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commons.errors import Conflict, Refusal

SHOWN = 200


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong in a sheet. ``row`` counts from 1 as a spreadsheet does, ``column`` is its heading."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        where = f"第 {self.row} 行" + (f"“{self.column}”列" if self.column else "")
        return f"{where}：{self.sentence}"


class SheetRefused(Refusal):
    """Something in a sheet is wrong; nothing of it was stored. ``faults`` has every place."""

    code = "sheet_refused"

    def __init__(self, faults: Sequence[RowFault], *, field: str = "file") -> None:
        self.faults = tuple(faults)
        first = "；".join(map(str, self.faults[:3]))
        more = f"……共 {len(self.faults)} 处" if len(self.faults) > 3 else ""
        super().__init__(f"{first}{more}。没有存入任何一行", field=field)


class NotAVillage(Refusal):
    """The code is no village of the table, or an invented one in which nobody lives."""

    code = "not_a_village"


class AlreadyEnabled(Conflict):
    """Somebody was quicker."""

    code = "already_enabled"
