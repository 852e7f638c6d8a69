"""What keepers, sellers and officials fill in."""

from __future__ import annotations

import secrets
from datetime import time

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Length, Regexp

from commons.forms import FenField, Form, LineField, choices, tidy
from marketplace.fulfilment.actions import NewPoint
from marketplace.fulfilment.rules import WEEK_DAYS, Week
from marketplace.orders.rules import CODE_DIGITS

_needed = _l("这一项要填")
_DAYS = [(at, words) for at, words in enumerate(WEEK_DAYS, 1)]


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class PointForm(Form):
    """A pickup point with its weekly round."""

    village = SelectField(_l("哪个村的货"), validators=[InputRequired(_needed)])
    name = LineField(_l("自提点叫什么"), [InputRequired(_needed)], longest=30)
    address = LineField(_l("在哪里"), [InputRequired(_needed)], longest=80)
    cutoff_day = SelectField(_l("每周哪天截单"), choices=choices(_DAYS), coerce=int)
    cutoff_at = TimeField(_l("几点截单"), [InputRequired(_needed)], default=time(20, 0))
    pickup_day = SelectField(_l("每周哪天取货"), choices=choices(_DAYS), coerce=int)
    from_at = TimeField(_l("取货从几点"), [InputRequired(_needed)], default=time(17, 0))
    until_at = TimeField(_l("到几点"), [InputRequired(_needed)], default=time(19, 0))
    form_key = HiddenField(
        default=lambda: secrets.token_urlsafe(18),
        validators=[Length(min=20, max=40), Regexp(r"^[A-Za-z0-9_-]+$")],
    )

    def new_point(self) -> NewPoint:
        """Return what was typed."""
        week = Week(
            self.cutoff_day.data, _minute(self.cutoff_at.data), self.pickup_day.data,
            _minute(self.from_at.data), _minute(self.until_at.data),
        )  # fmt: skip
        return NewPoint(self.village.data, self.name.data, self.address.data, week, self.form_key.data)


class DeliveryForm(Form):
    """Whether and for how much parcels are sent."""

    village = SelectField(_l("哪个村"), validators=[InputRequired(_needed)])
    is_offered = BooleanField(_l("送货上门"))
    fee = FenField(_l("每单运费"), [InputRequired(_needed)])
    free_from = FenField(_l("满多少免运费（不免就空着）"))


class CodeForm(Form):
    """The digits that a buyer says at the counter."""

    code = StringField(
        _l("取货码"),
        [InputRequired(_l("请填 6 位取货码")), Length(max=20, message=_l("请填 6 位取货码"))],
    )

    @property
    def digits(self) -> str:
        """The code without spaces."""
        return tidy(self.code.data).replace(" ", "")[:CODE_DIGITS]


class ParcelForm(Form):
    """Who carries a parcel, and its number there."""

    parcel = LineField(_l("快递公司和单号"), [InputRequired(_needed)], longest=60)
