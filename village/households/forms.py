"""What people and officials are asked around a household."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from commons.accounts.forms import CodeField
from commons.forms import Form, LineField, PhoneField, choices
from village.households.rules import (
    LEFT_WORDS,
    LONGEST_NAME,
    LONGEST_REASON,
    LOOK_REASONS,
    OCCUPANCY_WORDS,
    OFFICIAL_REASONS,
    OWN_REASONS,
)

NEEDED = _l("这一项要填")


class SlipForm(Form):
    """The eight characters of a paper slip, and what the person is called."""

    code = StringField(
        _l("入户码（8 个字符）"),
        [InputRequired(_l("请填纸条上的 8 个字符")), Length(max=40, message=_l("入户码只有 8 个字符"))],
    )
    name = LineField(_l("我的姓名"), [InputRequired(NEEDED)], longest=LONGEST_NAME)


class AskForm(Form):
    """At which door, and who asks."""

    door = StringField(
        _l("门牌上的乡情码"),
        [InputRequired(NEEDED), Length(max=40, message=_l("乡情码只有 10 个字符"))],
    )
    name = LineField(_l("我的姓名"), [InputRequired(NEEDED)], longest=LONGEST_NAME)


class ClaimForm(Form):
    """The name that an officer wrote down face to face."""

    name = LineField(_l("我的姓名"), [InputRequired(NEEDED)], longest=LONGEST_NAME)


class ConfirmForm(Form):
    """The code that proves that the telephone is still mine."""

    code = CodeField(_l("验证码"), [InputRequired(_l("请填 6 位验证码")), Length(max=20)])


class LeaveForm(Form):
    """Why somebody leaves, and a tick that says it is meant."""

    reason = RadioField(
        _l("为什么离开"),
        choices=choices((reason.value, LEFT_WORDS[reason]) for reason in OWN_REASONS),
        validators=[InputRequired(_l("请选一个原因"))],
    )
    is_sure = BooleanField(_l("我知道离开后马上看不到这一户的事"), [InputRequired(_l("请先打勾确认"))])


class OccupancyForm(Form):
    """How a household lives there."""

    occupancy = SelectField(
        _l("居住状态"), choices=choices(OCCUPANCY_WORDS), validators=[InputRequired(NEEDED)]
    )


class MemberForm(Form):
    """Somebody an officer confirms face to face."""

    name = LineField(_l("姓名"), [InputRequired(NEEDED)], longest=LONGEST_NAME)
    phone = PhoneField(_l("手机号（没有可以不填）"), [Optional(), Length(max=30, message=_l("手机号太长了"))])
    is_present = BooleanField(
        _l("本人当面，我核对过是这一户的人"), [InputRequired(_l("要当面核对，才能登记"))]
    )


class LookForm(Form):
    """Why an official opens a person's record."""

    reason = RadioField(
        _l("为什么要看"),
        choices=choices(LOOK_REASONS),
        validators=[InputRequired(_l("请选一个事由，才能打开"))],
    )
    words = LineField(_l("说明（可以不填）"), longest=LONGEST_REASON)


class EndForm(Form):
    """Why an official ends a membership."""

    reason = SelectField(
        _l("为什么离开"),
        choices=choices((reason.value, LEFT_WORDS[reason]) for reason in OFFICIAL_REASONS),
        validators=[InputRequired(NEEDED)],
    )
