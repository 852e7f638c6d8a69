"""What a sheet or a village may be refused for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from commons.errors import Conflict, Refusal

SHOWN = 200


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong in a sheet. ``row`` counts from 1 as a spreadsheet does, ``column`` is its heading."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        if not self.column:
            return _("第 %(row)s 行：%(words)s", row=self.row, words=_(self.sentence))
        return _(
            "第 %(row)s 行“%(column)s”列：%(words)s", row=self.row, column=self.column, words=_(self.sentence)
        )


class SheetRefused(Refusal):
    """Something in a sheet is wrong; nothing of it was stored. ``faults`` has every place."""

    code = "sheet_refused"

    def __init__(self, faults: Sequence[RowFault], *, field: str = "file") -> None:
        self.faults = tuple(faults)
        first = "；".join(map(str, self.faults[:3]))
        if len(self.faults) > 3:
            first = _("%(first)s……共 %(count)s 处", first=first, count=len(self.faults))
        super().__init__(_("%(faults)s。没有存入任何一行", faults=first), field=field)


class NotAVillage(Refusal):
    """The code is no village of the table, or an invented one in which nobody lives."""

    code = "not_a_village"


class AlreadyEnabled(Conflict):
    """Somebody was quicker."""

    code = "already_enabled"
