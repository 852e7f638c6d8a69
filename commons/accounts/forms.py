"""What people are asked when they sign in and look after their account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from commons.accounts.rules import normal_code
from commons.forms import Form, LineField, PhoneField

_code_words = _l("请填 6 位验证码")


class CodeField(StringField):
    """A six-digit code, however it was spaced; ``data`` is its digits."""

    def post_validate(self, form: object, validation_stopped: bool) -> None:
        if self.data is None or validation_stopped:
            return
        self.data = normal_code(self.data)
        if len(self.data) != 6 or not self.data.isascii() or not self.data.isdigit():
            raise ValidationError(_code_words)


class PhoneForm(Form):
    """First step: which telephone."""

    phone = PhoneField(
        _l("手机号"), [InputRequired(_l("请填手机号")), Length(max=30, message=_l("手机号太长了"))]
    )
    is_shared = BooleanField(_l("公用手机，用完就退出"))
    next = HiddenField(validators=[Length(max=2000)])


class CodeForm(Form):
    """Second step: the code that came."""

    code = CodeField(_l("验证码"), [InputRequired(_code_words), Length(max=20, message=_code_words)])


class TermsForm(Form):
    """Agreeing to the terms, by a tick that nobody set beforehand."""

    agree = BooleanField(
        _l("我看过了，同意这样使用我的手机号"), [InputRequired(_l("要先打勾同意，才能往下走"))]
    )
    next = HiddenField(validators=[Length(max=2000)])


class WithdrawForm(Form):
    """Taking the consent back: a tick that says it is meant, and nothing else."""

    is_sure = BooleanField(_l("我看过了，要撤回同意"), [InputRequired(_l("请先打勾确认"))])


class NameForm(Form):
    """How a person wants to be called."""

    name = LineField(_l("姓名"), [InputRequired(_l("请填姓名"))], longest=30)


class NewPhoneForm(Form):
    """The new telephone of an account."""

    phone = PhoneField(
        _l("新手机号"), [InputRequired(_l("请填手机号")), Length(max=30, message=_l("手机号太长了"))]
    )


class CloseForm(Form):
    """Closing an account: the code, and a tick that says it is meant."""

    code = CodeField(_l("验证码"), [InputRequired(_code_words), Length(max=20, message=_code_words)])
    is_sure = BooleanField(_l("我知道注销后资料不能恢复"), [InputRequired(_l("请先打勾确认"))])
