"""What may go wrong around a household. Nothing here says whether anybody lives there."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict, NotAllowed, Refusal


class WrongSlip(Refusal):
    """The slip's code is wrong, spent, too old or withdrawn: one sentence for all of them."""

    code = "wrong_slip"

    def __init__(self) -> None:
        super().__init__(
            _("入户码不对，或者已经过期、用过，请对着纸条再看一遍，或请网格员补一张"), field="code"
        )


class WrongName(Refusal):
    """The name is not the one that was written down with this telephone."""

    code = "wrong_name"

    def __init__(self) -> None:
        super().__init__(_("和当面登记的姓名不一样，请再看一遍，或找网格员核对"), field="name")


class AlreadyMember(Conflict):
    """The person is in this household already."""

    code = "already_member"

    def __init__(self) -> None:
        super().__init__(_("已经在这一户里了"))


class AnsweredAlready(Conflict):
    """Somebody answered the request first, or it has run out."""

    code = "answered_already"

    def __init__(self) -> None:
        super().__init__(_("这份申请已经有人处理了，或者过期了"))


class LeftAlready(Conflict):
    """The member left before."""

    code = "left_already"

    def __init__(self) -> None:
        super().__init__(_("这位成员已经离开这一户了"))


class StillLivedIn(Conflict):
    """A household with members cannot be closed."""

    code = "still_lived_in"

    def __init__(self) -> None:
        super().__init__(_("这一户还有成员，先办好每个人的离开，再撤户"))


class TooManySlips(Refusal):
    """More slips are about than a household needs."""

    code = "too_many_slips"

    def __init__(self) -> None:
        super().__init__(_("这一户没用掉的入户单太多了，先作废几张"))


class NotAReason(Refusal):
    """An official gave no reason for looking, or one that tells of the person."""

    code = "not_a_reason"


class PhoneNotConfirmed(NotAllowed):
    """The telephone was not confirmed for 90 days; it has to be before it opens household data."""

    code = "phone_not_confirmed"

    def __init__(self) -> None:
        super().__init__(_("这个手机号 90 天没有确认过，先确认一次，再看自家的事"))
