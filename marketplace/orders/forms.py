"""What a buyer fills in: how to get it, how to pay, where to; and why money should come back."""

from __future__ import annotations

import secrets

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import HiddenInput

from commons.errors import Refusal
from commons.forms import Form, LineField, PhoneField, ProseField, choices
from marketplace.orders.rules import ASKED_BY_BUYER, Address, RefundReason

REASON_WORDS = {
    RefundReason.not_wanted: _l("不想要了"),
    RefundReason.not_good: _l("东西不好、坏了或少了"),
    RefundReason.not_come: _l("没有收到"),
    RefundReason.cannot_supply: _l("卖家供不上货"),
    RefundReason.not_sent: _l("卖家没有按时寄出"),
    RefundReason.sold_out: _l("付款晚了，货已售完"),
    RefundReason.late_payment: _l("取消后又付了款"),
}


class CheckOutForm(Form):
    """An order on one page. A way's value carries its fee as it was shown, so that a change can be said."""

    way = RadioField(_l("怎么拿到东西"), validators=[InputRequired(_l("请选怎么拿到东西"))])
    method = RadioField(_l("怎么付款"), validators=[InputRequired(_l("请选怎么付款"))])
    name = LineField(_l("收件人"), longest=30)
    phone = PhoneField(_l("收件人手机号"), [Length(max=30)])
    place = LineField(_l("详细地址"), longest=100)
    seen_fen = IntegerField(validators=[InputRequired()], widget=HiddenInput())
    form_key = HiddenField(
        default=lambda: secrets.token_urlsafe(18),
        validators=[Length(min=20, max=40), Regexp(r"^[A-Za-z0-9_-]+$")],
    )

    @property
    def way_key(self) -> str:
        """The chosen way."""
        return str(self.way.data or "").partition(":")[0]

    @property
    def seen_fee_fen(self) -> int:
        """What the buyer saw it to cost."""
        fee = str(self.way.data or "").partition(":")[2]
        return int(fee) if fee.isascii() and fee.isdigit() and len(fee) < 9 else -1

    @property
    def address(self) -> Address:
        """To whom a parcel goes."""
        return Address(self.name.data or "", self.phone.data or "", self.place.data or "")

    @property
    def missing_of_address(self) -> set[str]:
        """The fields without which no parcel can be sent, and that are empty."""
        return {field.short_name for field in (self.name, self.phone, self.place) if not field.data}


class RefundForm(Form):
    """Which line (nought: all of it), why, and in the buyer's own words."""

    line = SelectField(_l("退哪一样"), coerce=int, validators=[InputRequired()])
    reason = SelectField(
        _l("为什么退"), choices=choices((each.value, REASON_WORDS[each]) for each in ASKED_BY_BUYER)
    )
    words = ProseField(_l("说明"), longest=300)


class DecideForm(Form):
    """A seller or official answers a request for money back."""

    refund = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31 - 1)])
    answer = ProseField(_l("不同意的理由"), [Optional()], longest=300)
    agree = BooleanField()
    refuse = BooleanField()

    def refusal(self) -> str:
        """
        Return why money does not go back, empty where it does; a reason without a button pressed is a no.

        Raises:
            Refusal: no is said without a reason, or nothing is said at all.
        """
        reason = self.answer.data or ""
        if self.agree.data:
            return ""
        if not (reason or self.refuse.data):
            raise Refusal(_("请选同意退款还是不同意"), field="agree", code="choice_needed")
        if not reason:
            raise Refusal(_("不同意要写理由，买家看得到"), field="answer", code="answer_needed")
        return reason
