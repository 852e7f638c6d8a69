"""What is posted to a basket: a lot and how many of it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from commons.forms import Form
from marketplace.cart.rules import MOST_PER_LINE

_whole = _l("数量要写 1 到 99 的整数")


class AddForm(Form):
    """Put something into the basket; with ``change`` the number is meant exactly, else it comes on top."""

    lot = IntegerField(_l("批次"), [InputRequired(_whole), NumberRange(1, 2**31 - 1, _whole)])
    quantity = IntegerField(_l("数量"), [InputRequired(_whole), NumberRange(1, MOST_PER_LINE, _whole)])


class ChangeForm(Form):
    """Another number of what lies in the basket; nought takes it out."""

    lot = IntegerField(_l("批次"), [InputRequired(_whole), NumberRange(1, 2**31 - 1, _whole)])
    quantity = IntegerField(_l("数量"), [InputRequired(_whole), NumberRange(0, MOST_PER_LINE, _whole)])
