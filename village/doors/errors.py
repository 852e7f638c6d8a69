"""What an import of doors may be refused for."""

from __future__ import annotations

from commons.errors import Conflict, Refusal, TooLarge, _n


class NoSheet(Refusal):
    """The file is no spreadsheet that can be read."""

    code = "no_sheet"

    def __init__(self, sentence: str = _n("读不出这个文件，请用 Excel（.xlsx 或 .xls）另存后再试")) -> None:
        super().__init__(sentence, field="file")


class SheetTooLarge(TooLarge):
    """The file, or what it unpacks to, is larger than a village."""

    code = "sheet_too_large"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="file")


class ColumnsUnclear(Refusal):
    """A needed column was not found, or one column was chosen twice."""

    code = "columns_unclear"


class NotCheckedAnyMore(Conflict):
    """The import was stored or undone in the meantime."""

    code = "import_moved_on"


class CannotUndo(Conflict):
    """Too late, or something already stands on what the import brought."""

    code = "cannot_undo"
