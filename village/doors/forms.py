"""Forms of an import of doors."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, SubmitField
from wtforms.validators import DataRequired

from commons.forms import Form, choices
from village.doors.place_rules import FRAME_TITLES
from village.doors.sheets import COLUMNS, TITLES, Cells, words_of

FRAME_CHOICES = choices(
    [
        ("wgs84", _l("WGS-84（手机定位、天地图）")),
        ("gcj02", _l("GCJ-02（高德、腾讯）")),
        ("bd09", _l("BD-09（百度）")),
    ]
)


class UploadForm(Form):
    """A sheet, the village it is for, and the frame its coordinates are in where the sheet does not say."""

    village = SelectField(_l("村"), [DataRequired(_l("请选择村"))])
    frame = SelectField(_l("坐标系（表里没写时用）"), choices=FRAME_CHOICES, default="wgs84")
    file = FileField(_l("Excel 表格"), [FileRequired(_l("请选择文件"))])
    send = SubmitField(_l("上传并检查"))


class ColumnsForm(Form):
    """Which column of the sheet means what, to be corrected by hand."""

    frame = SelectField(_l("坐标系（表里没写时用）"), choices=FRAME_CHOICES)
    head_row = SelectField(_l("表头在第几行"), coerce=int)
    address = SelectField(TITLES["address"], coerce=int)
    group = SelectField(TITLES["group"], coerce=int)
    number = SelectField(TITLES["number"], coerce=int)
    lng = SelectField(TITLES["lng"], coerce=int)
    lat = SelectField(TITLES["lat"], coerce=int)
    frame_column = SelectField(TITLES["frame"], coerce=int)
    police_code = SelectField(TITLES["police_code"], coerce=int)
    room = SelectField(TITLES["room"], coerce=int)
    save = SubmitField(_l("按这样重新检查"))

    @classmethod
    def about(cls, cells: Cells, columns: dict[str, int], frame: str) -> ColumnsForm:
        """The form for one sheet, with its own headings to choose among."""
        form = cls(data={"frame": frame, **{cls._field(name): columns.get(name, -1) for name in COLUMNS}})
        form.head_row.choices = choices((row, f"{row}") for row in range(min(len(cells), 10) + 1))
        if not form.is_submitted():
            form.head_row.data = columns.get("head_row", 0)
        heads = cells[columns["head_row"] - 1] if columns.get("head_row") else []
        width = max((len(row) for row in cells), default=0)
        offered: list[tuple[int, Any]] = [(-1, _l("没有这一列"))]
        for index in range(width):
            words = words_of(heads[index])[:20] if index < len(heads) else ""
            offered.append((index, f"{column_letter(index)} {words}".strip()))
        for name in COLUMNS:
            form[cls._field(name)].choices = choices(offered)
        return form

    @staticmethod
    def _field(name: str) -> str:
        return "frame_column" if name == "frame" else name

    @property
    def chosen(self) -> dict[str, int]:
        """What was chosen, as an import keeps it."""
        columns = {name: self[self._field(name)].data for name in COLUMNS}
        return {"head_row": self.head_row.data, **{k: v for k, v in columns.items() if v >= 0}}


def column_letter(index: int) -> str:
    """
    Return the letters a spreadsheet puts above a column.

    >>> column_letter(0), column_letter(25), column_letter(27)
    ('A', 'Z', 'AB')
    """
    first, second = divmod(index, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


__all__ = ["FRAME_TITLES", "ColumnsForm", "UploadForm", "column_letter"]
