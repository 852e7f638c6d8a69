"""Why a report is not taken, or an act on a matter not done."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict, NotAllowed, Refusal


class NothingSaid(Refusal):
    """No text, no recording and no photo."""

    code = "nothing_said"

    def __init__(self) -> None:
        super().__init__(_("请写几个字，或者录一段音、拍一张照片"), field="words")


class UnknownDoor(Refusal):
    """No plate of ours that opens carries this code."""

    code = "unknown_door"

    def __init__(self) -> None:
        super().__init__(_("没有这块门牌，请对着门牌上的 10 位码再看一遍"), field="door")


class PlaceNeeded(Refusal):
    """Neither a door nor words say where it is."""

    code = "place_needed"

    def __init__(self) -> None:
        super().__init__(_("请写门牌码，或者写清楚在哪里"), field="place")


class TooManyFiles(Refusal):
    """More photos or recordings than a report holds."""

    code = "too_many_files"

    def __init__(self, field: str = "pictures") -> None:
        words = _("照片最多 3 张，请去掉多的") if field == "pictures" else _("录音只收一段，请去掉多的")
        super().__init__(words, field=field)


class FormUsed(Conflict):
    """The form was sent from another browser before."""

    code = "form_used"

    def __init__(self) -> None:
        super().__init__(_("这张表已经用过了，内容还在，请再按一次“送出”"))


class WrongMatterCode(Refusal):
    """The number or the 查询码 is wrong; never said which."""

    code = "wrong_matter_code"

    def __init__(self) -> None:
        super().__init__(_("编号或查询码不对，请对着收据再看一遍"), field="code")


class BadNumber(Refusal):
    """The check digit says that the number was copied wrongly; no query is needed to know."""

    code = "bad_number"

    def __init__(self) -> None:
        super().__init__(_("编号抄错了：应是 12 位数字，请对着收据再看一遍"), field="number")


class CadreMatterAtTheDesk(NotAllowed):
    """A village's official would take down a complaint about the village's own cadres."""

    code = "cadre_matter_at_the_desk"

    def __init__(self) -> None:
        super().__init__(_("反映村干部、网格员的事不能由村里代报，请本人扫门牌自己报，直接送乡镇纪检"))


class ActNotPossible(Conflict):
    """The matter does not stand so that this can be done; somebody else may have been faster."""

    code = "act_not_possible"

    def __init__(self, standing: str) -> None:
        super().__init__(_("这件事现在%(standing)s，不能这样办，请看最新的进展", standing=_(standing)))


class StepMissing(Conflict):
    """It cannot be closed: a step is missing."""

    code = "step_missing"

    def __init__(self) -> None:
        super().__init__(_("还没有给报事人答复过，先答复才能办结"), field=None)


class ReasonNeeded(Refusal):
    """The act needs words: a reason, an answer, a result."""

    code = "reason_needed"

    def __init__(self) -> None:
        super().__init__(_("这里要写清楚，报事人看得到"), field="words")


class NotYourDesk(NotAllowed):
    """The matter lies on another desk; it can be read here, and is handled there."""

    code = "not_your_desk"

    def __init__(self) -> None:
        super().__init__(_("这件事现在不在您这里办"))


class NoPhoneGiven(Conflict):
    """The reporter left no telephone."""

    code = "no_phone_given"

    def __init__(self) -> None:
        super().__init__(_("报事人没有留电话"))
