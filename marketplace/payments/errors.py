"""Why something about a payment cannot be done. Sentences are for people, codes for programs."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict, Refusal
from marketplace.money import yuan


class BadTerms(Refusal):
    """What an area is to decide about money names no area, or is no share."""

    code = "bad_terms"


class BadAmount(Refusal):
    """The amount is not whole fen within what a payment may be."""

    code = "amount_invalid"

    def __init__(self) -> None:
        super().__init__(_("金额不对，请返回重新下单"), field="amount")


class OfflineLimit(Refusal):
    """Too much to be paid by hand at this pickup place."""

    code = "offline_limit"

    def __init__(self, limit_fen: int) -> None:
        words = _("自提时付每单最多 %(limit)s 元，请改用支付宝", limit=yuan(limit_fen))
        super().__init__(words, field="method")


class NoOnlinePayment(Refusal):
    """No gateway is set up, or it cannot be reached by these settings."""

    code = "no_online_payment"

    def __init__(self) -> None:
        super().__init__(_("现在不能用支付宝付款，请选自提时付，或稍后再试"), field="method")


class NotPayable(Conflict):
    """The payment is over: paid, canceled, or past its time."""

    code = "payment_intent_unexpected_state"

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or _("这笔付款已经结束，不能再付"))


class AlreadyPaid(Conflict):
    """It cannot be canceled any more: the money has come."""

    code = "payment_intent_unexpected_state"

    def __init__(self) -> None:
        super().__init__(_("这笔款已经付了，不能取消；要退钱请申请退款"))


class TooMuchToRefund(Refusal):
    """All refunds together, those under way included, would be more than was paid."""

    code = "charge_already_refunded"

    def __init__(self, left_fen: int) -> None:
        super().__init__(_("最多还能退 %(left)s 元", left=yuan(left_fen)), field="amount")


class NotRefundable(Refusal):
    """Alipay has closed the books on this payment; money can only be sent as a transfer of its own."""

    code = "charge_not_refundable"

    def __init__(self) -> None:
        super().__init__(_("这笔款已过支付宝的退款期，请联系村里另行退款"))


class TooMuchToRelease(Refusal):
    """More is to be released to sellers than the buyer's payment still holds."""

    code = "release_too_large"

    def __init__(self, left_fen: int) -> None:
        super().__init__(_("这笔款里只剩 %(left)s 元可以结给卖家", left=yuan(left_fen)), field="amount")
