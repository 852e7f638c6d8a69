"""The forms of matters: report one, find one again, and what an official does with one."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from commons.forms import Form, LineField, PhoneField, ProseField, choices
from village.matters.category_rules import CADRES, CATEGORIES
from village.matters.rules import LONGEST_PLACE, LONGEST_REASON, LONGEST_STEP, LONGEST_WORDS

NEEDED = _l("这一项要填")
FORM_KEY = re.compile(r"^[A-Za-z0-9_-]+$")
MOST_KEYS = 12


def form_key_field() -> HiddenField:
    """Return the hidden key that makes a form count once."""
    return HiddenField(
        default=lambda: secrets.token_urlsafe(18),
        validators=[Length(min=20, max=40), Regexp(FORM_KEY)],
    )


class KeptField(SelectMultipleField):
    """Files that this form has sent before and that stay; which of them are really its own the actions find out."""

    def pre_validate(self, form: Any) -> None:
        self.data = [key for key in self.data or () if FORM_KEY.match(key) and len(key) <= 32][:MOST_KEYS]


class _ReportFields(Form):
    words = ProseField(_l("什么事"), longest=LONGEST_WORDS)
    voice = FileField(_l("录音"))
    pictures = MultipleFileField(_l("照片"))
    kept = KeptField(_l("已经收下的"), choices=[], validate_choice=False)
    door = LineField(_l("门牌上的码"), longest=40)
    place = LineField(_l("在哪里"), longest=LONGEST_PLACE)
    phone = PhoneField(_l("手机号（可以不填）"), [Length(max=40, message=_l("最多 %(max)d 个字"))])
    form_key = form_key_field()


class ReportForm(_ReportFields):
    """我要报事: what, of which kind, where; the telephone last and only if one likes."""

    category = RadioField(
        _l("哪一类"),
        choices=choices((category.key, _l(category.words)) for category in CATEGORIES),
        validators=[InputRequired(_l("请选一类，说不清就选“其他”"))],
    )
    # Empty, or what was answered on the page between: "go" on as it is, or to the discipline office ("cadres").
    answer = HiddenField()


class ProxyForm(_ReportFields):
    """代办: an official reports for a person without a phone."""

    for_whom = LineField(_l("替谁报"), [DataRequired(NEEDED)], longest=20)
    category = RadioField(
        _l("哪一类"),
        choices=choices(
            (category.key, _l(category.words)) for category in CATEGORIES if category.key != CADRES
        ),
        validators=[InputRequired(_l("请选一类，说不清就选“其他”"))],
    )


class FindForm(Form):
    """The two numbers of a receipt."""

    number = StringField(_l("编号"), [DataRequired(NEEDED), Length(max=60, message=_l("最多 %(max)d 个字"))])
    code = StringField(_l("查询码"), [DataRequired(NEEDED), Length(max=20, message=_l("最多 %(max)d 个字"))])


class StepForm(Form):
    """Words of an official that the reporter sees: an answer, a result, a reason."""

    words = ProseField(
        _l("写给报事人的话"), [DataRequired(_l("这里要写清楚，报事人看得到"))], longest=LONGEST_STEP
    )
    form_key = form_key_field()


class TakeForm(Form):
    """Taking needs no words."""

    form_key = form_key_field()


class HandOnForm(Form):
    """Where to, and why."""

    target = SelectField(_l("转给"), validators=[InputRequired(_l("请选转给谁"))])
    words = ProseField(
        _l("为什么转"), [DataRequired(_l("转办要写原因，报事人看得到"))], longest=LONGEST_REASON
    )
    form_key = form_key_field()


class ReasonForm(Form):
    """Why the reporter's telephone must be opened."""

    reason = LineField(_l("为什么要看"), [DataRequired(_l("看电话要写原因"))], longest=100)
