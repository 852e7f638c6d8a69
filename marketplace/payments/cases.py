"""Cases at the desk: what each kind means in a person's words, and closing one."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from commons import clock
from commons.db import db, locked
from commons.errors import Conflict, Missing
from marketplace.payments.queries import attempt_numbered
from marketplace.payments.record_models import PaymentCase
from marketplace.payments.rules import AttemptState, CaseKind

# For each kind: what has happened, and what the operator should do.
CASE_WORDS: dict[str, tuple[LazyString, LazyString]] = {
    CaseKind.amount_differs: (
        _l("金额对不上"),
        _l("支付宝说的金额和订单不一样。没有按已付处理；请在支付宝后台核对这笔交易。"),
    ),
    CaseKind.paid_after_cancel: (
        _l("取消后又付了款"),
        _l("订单已取消，钱已自动原路退回；请确认退款成功。"),
    ),
    CaseKind.paid_twice: (
        _l("重复付款"),
        _l("同一笔款付了两次，多付的已自动原路退回；请确认退款成功。"),
    ),
    CaseKind.unknown_order: (
        _l("收到不认识的付款"),
        _l("支付宝说有一笔付款，本系统没有这个单号；请在支付宝后台核对。"),
    ),
    CaseKind.forged: (
        _l("收到假通知"),
        _l("有人发来签名或商户号不对的付款通知，没有理会；若反复出现，请检查密钥设置。"),
    ),
    CaseKind.refund_failed: (
        _l("退款没有成功"),
        _l("支付宝拒绝了退款，钱还在账上；请和买家商量别的办法。"),
    ),
    CaseKind.refund_stuck: (
        _l("退款迟迟没有结果"),
        _l("多次询问仍没有结果，系统会继续用同一单号办理；请查账户余额和网络。"),
    ),
    CaseKind.refund_not_ours: (
        _l("有不是本系统发起的退款"),
        _l("支付宝那边退的钱比本系统记的多；请查是谁在后台退的。"),
    ),
    CaseKind.gateway_settings: (
        _l("支付宝设置有误"),
        _l("密钥、证书、应用号或地址不对；请按运行手册检查设置。"),
    ),
    CaseKind.no_answer: (
        _l("支付宝迟迟没有答复"),
        _l("过了付款期限仍不知道结果，系统会继续询问；请在支付宝后台核对。"),
    ),
    CaseKind.not_fetched: (
        _l("买家一直没来取货"),
        _l("货已装好并付了款，过了一周还没人取，钱也还没结给卖家；请联系买家来取，或者把钱退回。"),
    ),
    CaseKind.payout_failed: (
        _l("付给卖家的钱没有付成"),
        _l(
            "钱已记回卖家的应付款；请先在支付宝后台或银行里看清这笔钱确实没有出去，和卖家核对收款账号，再付一次。"
        ),
    ),
    CaseKind.payout_returned: (
        _l("付给卖家的钱被退了回来"),
        _l("这笔付款先办成、后被退回，钱已记回卖家的应付款；请和卖家核对收款账号，再付一次。"),
    ),
    CaseKind.payout_stuck: (
        _l("付给卖家的钱迟迟没有结果"),
        _l("系统会继续用同一单号询问和办理，不会付两次；请查账户余额和网络。"),
    ),
    CaseKind.settlement_stuck: (
        _l("确认结算迟迟没有结果"),
        _l("系统会继续用同一单号办理；请在支付宝后台查看这笔交易的结算。"),
    ),
    CaseKind.settlement_refused: (
        _l("支付宝拒绝了结算"),
        _l("买家已收货，但钱没有结给商户；请在支付宝后台查看原因。"),
    ),
    CaseKind.bill_amount: (
        _l("对账：金额不同"),
        _l("支付宝账单上的金额和本系统记的不一样；请核对这笔交易。"),
    ),
    CaseKind.bill_ours_only: (
        _l("对账：只有我们有"),
        _l("本系统记了这笔钱，支付宝账单上没有；请在支付宝后台核对。"),
    ),
    CaseKind.bill_theirs_only: (
        _l("对账：只有支付宝有"),
        _l("支付宝账单上有这笔钱，本系统没有记到；能认出的付款已按正常流程补记，请核对。"),
    ),
    CaseKind.bill_state: (
        _l("对账：状态不同"),
        _l(
            "支付宝账单说已经办成，本系统没有记成；系统已去询问，请核对结果。如果是付给卖家的钱，没核对清楚之前不要再付。"
        ),
    ),
    CaseKind.bill_missing: (
        _l("对账：取不到账单"),
        _l("到了时间仍下载不到支付宝的账单；请检查账单权限和网络，系统会继续取。"),
    ),
    CaseKind.bill_total: (
        _l("对账：总数对不上"),
        _l("账单的收支合计和账上支付宝里的钱的变动不相等；请逐笔核对。"),
    ),
}


def case_numbered(case_id: int) -> PaymentCase:
    """
    Return a case by its number.

    Raises:
        Missing: there is none.
    """
    found = db.session.get(PaymentCase, case_id)
    if found is None:
        raise Missing()
    return found


def can_give_back(case: PaymentCase) -> bool:
    """Whether the case is about money of another amount that still lies there; what only a notification says is not enough."""
    said = case.details
    if case.kind != CaseKind.amount_differs or not case.is_open or said.get("heard_by", "notify") == "notify":
        return False
    attempt = attempt_numbered(said.get("out_trade_no", ""))
    return attempt is not None and attempt.state == AttemptState.open


def count_open_cases() -> int:
    """Return how many cases wait for a person."""
    return db.session.scalar(select(func.count()).select_from(PaymentCase).where(PaymentCase.is_open)) or 0


def close_case(case_id: int, person_id: int, note: str) -> PaymentCase:
    """
    Say that a case is solved, and how.

    Raises:
        Conflict: somebody else has closed it.
    """
    case = locked(PaymentCase, case_id)
    if case is None:
        raise Missing()
    if not case.is_open:
        raise Conflict(_("这件事已经有人办结了"))
    case.is_open, case.closed_at, case.closed_by, case.note = False, clock.now(), person_id, note
    return case
