"""Why a seller cannot be paid, or not like this. Sentences are for people, codes for programs."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from commons.errors import Conflict, Refusal
from marketplace.money import yuan


class NotSetUp(Refusal):
    """The account is not verified, or we do not know where its money is to go."""

    code = "payouts_not_allowed"

    def __init__(self) -> None:
        super().__init__(_("这位卖家还没有核实身份，或者没有登记收款方式"), field="account")


class PayoutsBlocked(Refusal):
    """A person has stopped payouts to this account, or it owes us money."""

    code = "payouts_blocked"

    def __init__(self, reason: str) -> None:
        super().__init__(_("现在不能付给这位卖家：%(reason)s", reason=reason), field="account")


class BalanceTooSmall(Refusal):
    """More is to be paid out than is owed."""

    code = "balance_insufficient"

    def __init__(self, left_fen: int) -> None:
        words = _("这位卖家的应付款只有 %(left)s 元", left=yuan(left_fen))
        super().__init__(words, field="amount")


class TooSmall(Refusal):
    """Alipay transfers nothing so small."""

    code = "amount_too_small"

    def __init__(self, least_fen: int) -> None:
        super().__init__(_("一次最少付 %(least)s 元", least=yuan(least_fen)), field="amount")


class WrongPayoutState(Conflict):
    """The payout is over, or has left already."""

    code = "payout_unexpected_state"

    def __init__(self) -> None:
        super().__init__(_("这笔付款已经办完，或者已经发出，不能再改"))


class CashShort(Refusal):
    """The office has less cash by the books than is to be paid."""

    code = "cash_insufficient"

    def __init__(self, left_fen: int) -> None:
        super().__init__(_("账上办公室的现金只有 %(left)s 元", left=yuan(left_fen)), field="amount")


class NothingToList(Refusal):
    """No payout waits for the bank."""

    code = "nothing_to_list"

    def __init__(self) -> None:
        super().__init__(_("没有等银行付的款"))


class BadResults(Refusal):
    """The sheet with the bank's results cannot be read, or says something that cannot be."""

    code = "bad_results"


class ShareAboveCap(Refusal):
    """The platform's share is more than Alipay lets anybody take out of a sub-merchant's trade."""

    code = "share_above_cap"

    def __init__(self, share_points: int, cap_points: int, names: Sequence[str] = ()) -> None:
        words = _(
            "平台服务费 %(share)s%% 超过了支付宝分账上限 %(cap)s%%，这样设置分不了账",
            share=share_points / 100,
            cap=cap_points / 100,
        )
        if names:
            words = _("%(words)s。直付通的卖家：%(names)s", words=words, names="、".join(names))
        super().__init__(words, field="share")


class BadPayee(Refusal):
    """What was told about where the money goes is incomplete."""

    code = "bad_payee"


class SharingRefused(Refusal):
    """Alipay does not let us take shares, so nothing could be settled directly."""

    code = "sharing_refused"

    def __init__(self, words: str) -> None:
        super().__init__(_("支付宝没有同意分账，不能改成直付通：%(words)s", words=words), field="smid")


class DirectIsWhole(Refusal):
    """Alipay settles a sub-merchant's trade once and as a whole, with the sub-merchant it was made for."""

    code = "direct_is_whole"

    def __init__(self) -> None:
        super().__init__(_("直付通的交易只能一次全部结给付款时的那个商户"), field="amount")


class TooMuchToReverse(Refusal):
    """More is to be taken back from a release than the seller still has of it."""

    code = "balance_insufficient"

    def __init__(self, left_fen: int) -> None:
        super().__init__(_("这笔结算里最多还能收回 %(left)s 元", left=yuan(left_fen)), field="amount")


class LinkOver(Refusal):
    """The link by which an account is set up is too old."""

    code = "link_expired"

    def __init__(self, refresh_url: str = "") -> None:
        super().__init__(_("这个链接已过期，请重新打开"))
        self.refresh_url = refresh_url


class NotCertified(Refusal):
    """Alipay did not confirm who this is."""

    code = "not_certified"

    def __init__(self) -> None:
        super().__init__(_("支付宝没有确认身份，请核对姓名和身份证号再试"), field="holder")
