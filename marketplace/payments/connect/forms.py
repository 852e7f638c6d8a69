"""What sellers and the operator of money type about being paid."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Optional

from commons.forms import FenField, Form, LineField, choices, tidy
from marketplace.payments.connect.rules import Means, Payee

MEANS_WORDS = {
    Means.alipay: _l("转到支付宝"),
    Means.bank: _l("转到银行卡"),
    Means.cash: _l("到村里领现金"),
}
ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_id_number(text: str) -> bool:
    """
    Say whether *text* has the shape and the check digit of an ID number (GB 11643).

    >>> is_id_number("999999190001010011"), is_id_number("999999190001010015")
    (False, True)
    """
    if not ID_NUMBER.fullmatch(text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == text[17]


class PayeeForm(Form):
    """Where the money goes."""

    means = RadioField(_l("怎么收钱"), [InputRequired(message=_l("请选一种"))], choices=choices(MEANS_WORDS))
    holder = LineField(_l("收款人真实姓名"), [DataRequired(message=_l("请写收款人的真实姓名"))], longest=30)
    account = LineField(_l("支付宝账号或银行卡号"), [Optional()], longest=60)
    bank = LineField(_l("开户银行（银行卡才填）"), [Optional()], longest=40)

    @property
    def payee(self) -> Payee:
        """What was typed."""
        means = Means(self.means.data)
        account = tidy(self.account.data).replace(" ", "") if means is not Means.cash else ""
        bank = tidy(self.bank.data) if means is Means.bank else ""
        return Payee(means, self.holder.data or "", account, bank)


class SetUpForm(PayeeForm):
    """Where the money goes, and who this is; the ID number is passed to Alipay and kept nowhere."""

    id_number = LineField(_l("身份证号（只用来让支付宝核对，不保存）"), [Optional()], longest=18)

    def validate_id_number(self, field: LineField) -> None:
        """An ID number with a wrong digit would be refused by Alipay a page later."""
        field.data = tidy(field.data).upper()
        if field.data and not is_id_number(field.data):
            raise ValidationError(_l("身份证号不对，请核对 18 位号码"))


class PayForm(Form):
    """How much is paid to a seller."""

    amount = FenField(_l("付多少"), [DataRequired(message=_l("请写金额"))])
    # The page's own word for this payment, so that two clicks make one.
    once = LineField("", [DataRequired()], longest=40)


class PayAllForm(Form):
    """The page's own word for one press."""

    once = LineField("", [DataRequired()], longest=40)


class BlockForm(Form):
    """Why a seller is not paid for now; empty lets payouts go on."""

    reason = LineField(_l("停付原因（空着就是恢复）"), longest=100)


class DirectForm(Form):
    """The sub-merchant's number at Alipay, as its contract for direct pay gives it."""

    smid = LineField(
        _l("二级商户号（直付通签约后支付宝给的）"), [DataRequired(message=_l("请写二级商户号"))], longest=64
    )


class CountForm(Form):
    """What the office counted out of a keeper's box."""

    counted = FenField(_l("点到多少（元）"), [DataRequired(message=_l("请写点到的金额，没有就写 0"))])
    expected = LineField("", [DataRequired()], longest=20)
    once = LineField("", [DataRequired()], longest=40)  # so that two presses of one form are one count
