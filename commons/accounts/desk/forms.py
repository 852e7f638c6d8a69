"""What officials are asked when they sign in and look after their desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from commons.accounts.desk.rules import DISABLE_REASONS
from commons.accounts.forms import CodeField
from commons.accounts.rules import LONGEST_PASSWORD, ROLES
from commons.forms import Form, LineField, PhoneField, choices, tidy

_long = Length(max=LONGEST_PASSWORD, message=_l("密码太长了"))


class PasswordForm(Form):
    """Name and password."""

    sign_in_name = LineField(_l("登录名"), [InputRequired(_l("请填登录名"))], longest=30)
    password = PasswordField(_l("密码"), [InputRequired(_l("请填密码")), _long])
    next = HiddenField(validators=[Length(max=2000)])


class SecondForm(Form):
    """The second factor: six digits from an app or a message."""

    code = CodeField(_l("验证码"), [InputRequired(_l("请填 6 位验证码")), Length(max=20)])


class EnrolAppForm(SecondForm):
    """The first code of an app, and the one that shows whose telephone it is; whoever has no telephone is not asked for that."""

    sms = CodeField(_l("短信验证码"), [InputRequired(_l("请填短信里的 6 位验证码")), Length(max=20)])


class RecoveryForm(Form):
    """A paper code instead of the second factor."""

    code = LineField(_l("恢复码"), [InputRequired(_l("请填恢复码"))], longest=20)


class NewPasswordForm(Form):
    """A new password, twice."""

    new_password = PasswordField(_l("新密码"), [InputRequired(_l("请填新密码")), _long])
    new_password_again = PasswordField(_l("再填一遍新密码"), [InputRequired(_l("请再填一遍")), _long])

    def validate_new_password_again(self, field: PasswordField) -> None:
        if field.data != self.new_password.data:
            raise ValidationError(_l("两遍填的不一样"))


class ChangePasswordForm(NewPasswordForm):
    """The password of today and the one of tomorrow."""

    password = PasswordField(_l("现在的密码"), [InputRequired(_l("请填现在的密码")), _long])


class PinForm(Form):
    """A PIN for unlocking; it is given with the password, and taken away by leaving it empty."""

    password = PasswordField(_l("现在的密码"), [InputRequired(_l("请填现在的密码")), _long])
    pin = PasswordField(_l("解锁码（4 到 8 位数字，留空就是不用）"), [Optional(), Length(max=8)])


class UnlockForm(Form):
    """Password or PIN of whoever locked the desk."""

    password = PasswordField(_l("密码或解锁码"), [InputRequired(_l("请填密码或解锁码")), _long])
    next = HiddenField(validators=[Length(max=2000)])


class ChangePersonForm(Form):
    """Everything that lets another official in, in one step."""

    sign_in_name = LineField(_l("登录名"), [InputRequired(_l("请填登录名"))], longest=30)
    password = PasswordField(_l("密码"), [InputRequired(_l("请填密码")), _long])
    code = StringField(_l("验证码（用短信收的，可先不填）"), [Optional(), Length(max=20)], filters=[tidy])
    next = HiddenField(validators=[Length(max=2000)])


class ReadOutForm(Form):
    """The telephone of somebody who stands before the desk."""

    phone = PhoneField(_l("对方的手机号"), [InputRequired(_l("请填手机号")), Length(max=30)])


class DisableForm(Form):
    """Why an official's account is shut."""

    reason = RadioField(
        _l("为什么停用"), choices=choices(DISABLE_REASONS), validators=[InputRequired(_l("请选一个原因"))]
    )


class AppointForm(Form):
    """Who is appointed to what."""

    phone = PhoneField(_l("手机号"), [InputRequired(_l("请填手机号")), Length(max=30)])
    name = LineField(_l("姓名"), [InputRequired(_l("请填姓名"))], longest=30)
    sign_in_name = LineField(
        _l("登录名（小写字母、数字，以字母开头）"), [InputRequired(_l("请填登录名"))], longest=30
    )
    organisation = LineField(_l("单位"), longest=60)
    role = SelectField(_l("职务"), choices=choices(ROLES))
    area = LineField(_l("范围代码"), longest=20)
