"""What may go wrong when somebody signs in or looks after an account."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict, Refusal, SignInNeeded, _n


class WrongCode(Refusal):
    """The one-time code is wrong, spent, too old, or was made for another phone: one sentence for all of them."""

    code = "wrong_code"

    def __init__(self, field: str = "code") -> None:
        super().__init__(_("验证码不对，或者已经过期、用过，请检查后再填，或重新发送"), field=field)


class WrongPassword(Refusal):
    """The sign-in name, the password or the second factor is wrong; never said which name exists."""

    code = "wrong_password"

    def __init__(self, sentence: str = _n("登录名或密码不对"), field: str = "password") -> None:
        super().__init__(sentence, field=field)


class BadPassword(Refusal):
    """A new password or PIN is too weak."""

    code = "bad_password"


class BadSignInName(Refusal):
    """A sign-in name is taken or has the wrong shape."""

    code = "bad_sign_in_name"


class DeskLocked(SignInNeeded):
    """The desk locked itself, or was locked; the person must say the password again."""

    code = "desk_locked"

    def __init__(self) -> None:
        super().__init__(_("工作台已经锁屏，请先解锁；刚才填的内容已替您留着"))


class SecondFactorNeeded(SignInNeeded):
    """The password was right; the second step is still to come, or took too long."""

    code = "second_factor_needed"

    def __init__(self) -> None:
        super().__init__(_("请重新登录"))


class ConsentNeeded(SignInNeeded):
    """Somebody is signed in, and has not agreed to the text of today, or took that back."""

    code = "consent_needed"

    def __init__(self) -> None:
        super().__init__(_("请先看一看怎样使用您的资料，同意后再接着办"))


class StillAppointed(Conflict):
    """An official cannot close an account while holding an appointment."""

    code = "still_appointed"

    def __init__(self) -> None:
        super().__init__(_("您还担任工作职务，请先办好交接，再注销账号"))


class PhoneTaken(Conflict):
    """Another account has this phone already."""

    code = "phone_taken"

    def __init__(self) -> None:
        super().__init__(_("这个手机号不能用，请换一个，或请工作人员帮忙"), field="phone")
