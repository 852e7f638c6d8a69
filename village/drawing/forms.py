"""Forms of drawing a grid and naming its officer."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField
from wtforms.validators import Length

from commons.forms import ChoicesField, Form, LineField, PhoneField, choices
from village.drawing.officer_actions import Naming
from village.drawing.outline_rules import LARGEST_FILE, read_outline
from village.drawing.queries import Canvas
from village.drawing.rules import Drawing
from village.grids.models import Grid

# Groups are offered whether or not a door of theirs is known: doors come later, and belong to the grid of their group at once.
_FIRST_GROUPS = 20
_BEYOND_KNOWN = 5


class GridForm(Form):
    """The name of a grid, its groups, its cells, or a file that says them."""

    name = LineField(_l("网格名称（可以不填）"), longest=30)
    groups = ChoicesField(_l("按组划"), coerce=int)
    cells = ChoicesField(_l("按格划"))
    outline = FileField(_l("范围文件（GeoJSON）"))
    seen = HiddenField(validators=[Length(max=40)])
    listed = HiddenField(validators=[Length(max=1)])

    @classmethod
    def about(cls, canvas: Canvas, grid: Grid | None) -> GridForm:
        """The form on one canvas, filled with what *grid* is now."""
        held = {"name": grid.name, "groups": grid.groups, "cells": grid.cells} if grid else {}
        form = cls(data={**held, "seen": canvas.mark, "listed": "1" if canvas.map else ""})
        known = {*canvas.doors_of_group, *(number for shape in canvas.shapes for number in shape.groups)}
        offered = known | set(range(1, max(_FIRST_GROUPS, max(known, default=0) + _BEYOND_KNOWN) + 1))
        form.groups.choices = choices(
            (number, _("%(number)d 组", number=number)) for number in sorted(offered)
        )
        listed = canvas.map.cells if canvas.map else ()
        form.cells.choices = choices((cell.id, _("第 %(number)d 格", number=cell.number)) for cell in listed)
        return form

    def drawing(self, grid: Grid | None) -> Drawing:
        """
        Return what was drawn; a file stands in place of ticked cells, and cells that the form did not offer stay.

        Raises:
            BadOutline, OutlineTooLarge, TooManyCells: the file will not do.
        """
        if self.outline.data:
            held = read_outline(self.outline.data.read(LARGEST_FILE + 1))
        elif self.listed.data:
            held = self.cells.data or []
        else:
            held = grid.cells if grid else []
        return Drawing(self.name.data or "", tuple(held), tuple(self.groups.data or ()), self.seen.data or "")


class OfficerForm(Form):
    """One of the officials known here, or somebody by telephone."""

    person = SelectField(_l("从村里的工作人员中选"), validators=[])
    phone = PhoneField(_l("手机号"), [Length(max=30)])
    name = LineField(_l("姓名"), longest=30)
    sign_in_name = LineField(_l("登录名（小写字母、数字，以字母开头）"), longest=30)

    def naming(self) -> Naming:
        """Return who was named; a telephone counts before the list."""
        if self.phone.data:
            return Naming(None, self.phone.data, self.name.data or "", self.sign_in_name.data or "")
        return Naming(int(self.person.data) if self.person.data else None)
