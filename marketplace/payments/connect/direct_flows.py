"""
Mode A's talks with the gateway: confirm a settlement, then take our share out of it.

What is asked for is frozen with the first sending, since the same number with another amount is refused. A definite refusal
thaws it: a refund may have come in between, and the amounts are worked out anew. Neither freezes while a refund is under
way, and a refund is not sent while something frozen has no last word. Both stand at the edge and open their own
transactions.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from commons.db import db, locked, transaction
from marketplace.ledger.actions import World
from marketplace.payments.connect.settlement import CONFIRM, SHARE
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, Refund, SellerTransfer
from marketplace.payments.ops import Sending, end_op, heard_op, plan_op, send_op, try_again
from marketplace.payments.port import Answer, Verdict
from marketplace.payments.record_models import GatewayOp
from marketplace.payments.records import open_case
from marketplace.payments.rules import OP_TRIES_BEFORE_CASE, CaseKind, OpState, RefundStatus
from marketplace.payments.settle import ask_about_refund

Frozen = dict[str, int]


def confirm_now(transfer_id: str) -> None:
    """Let the sub-merchant have the money of a trade, or find out what became of it."""
    sent = send_op(CONFIRM, transfer_id)
    if sent is None:
        return
    with transaction():
        amounts = _freeze_confirmation(transfer_id)
        trade_no = _trade_no(sent.out_trade_no)
    if amounts is None:  # a refund is under way: its end decides how much is left
        answer = Answer(Verdict.later, "a refund is under way")
    elif amounts["gross"] == 0:  # all of it went back to the buyer
        answer = Answer(Verdict.done)
    else:
        answer = sent.gateway.confirm(transfer_id, trade_no, amounts["gross"])
    with transaction():
        _apply(CONFIRM, transfer_id, sent, answer)


def share_now(transfer_id: str) -> None:
    """Take our share out of a settled trade, or find out what became of it."""
    sent = send_op(SHARE, transfer_id)
    if sent is None:
        return
    with transaction():
        share = _freeze_share(transfer_id)
        trade_no = _trade_no(sent.out_trade_no)
    if share is None:
        answer = Answer(Verdict.later, "a refund is under way")
    else:
        answer = sent.gateway.share(f"{transfer_id}_fee", trade_no, share) if share else Answer(Verdict.done)
    with transaction():
        _apply(SHARE, transfer_id, sent, answer)


def _freeze_confirmation(transfer_id: str) -> Frozen | None:
    transfer = _locked(transfer_id)
    said = dict(transfer.said or {})
    known: Frozen | None = said.get(CONFIRM)
    if known is not None:
        return known
    if _refunds_under_way(transfer.intent_id):
        return None
    amounts = {
        "gross": transfer.gross_fen - transfer.taken_back_fen,
        "net": transfer.net_fen - transfer.seller_back_fen,
    }
    transfer.said = said | {CONFIRM: amounts}
    return amounts


def _freeze_share(transfer_id: str) -> int | None:
    transfer = _locked(transfer_id)
    said = dict(transfer.said or {})
    if SHARE in said:
        return int(said[SHARE])
    if _refunds_under_way(transfer.intent_id):
        return None
    left = transfer.gross_fen - transfer.taken_back_fen - (transfer.net_fen - transfer.seller_back_fen)
    transfer.said = said | {SHARE: left}
    return left


def _refunds_under_way(intent_id: str) -> bool:
    return bool(db.session.scalar(select(func.count()).select_from(Refund).where(*_pending(intent_id))))


def _pending(intent_id: str) -> tuple[ColumnElement[bool], ...]:
    return Refund.intent_id == intent_id, Refund.status == RefundStatus.pending


def _locked(transfer_id: str) -> SellerTransfer:
    """Lock payment and release in the order that everybody keeps."""
    known = db.session.get(SellerTransfer, transfer_id)
    assert known is not None
    locked(PaymentIntent, known.intent_id)
    transfer = locked(SellerTransfer, transfer_id)
    assert transfer is not None
    return transfer


def _trade_no(out_trade_no: str) -> str:
    wanted = select(Charge.trade_no).join(PaymentAttempt, PaymentAttempt.id == Charge.attempt_id)
    return db.session.scalar(wanted.where(PaymentAttempt.out_trade_no == out_trade_no)) or ""


def _apply(kind: str, transfer_id: str, sent: Sending, heard: Answer) -> None:
    transfer = _locked(transfer_id)
    op = heard_op(kind, transfer_id, heard)
    if op is None:
        return
    answer = sent.judge(op, heard)
    if answer.verdict is Verdict.done:
        end_op(op, OpState.done, answer.words)
        _finish(kind, transfer, op)
        return
    # "Not now" says nothing of an earlier sending whose answer was lost; only a refusal of the same number does.
    was_judged = answer.verdict is Verdict.refused or (
        answer.verdict is Verdict.later and not sent.was_unknown
    )
    if was_judged:
        transfer.said = {name: value for name, value in (transfer.said or {}).items() if name != kind}
    if answer.verdict is Verdict.refused and op.attempts >= OP_TRIES_BEFORE_CASE:
        open_case(
            CaseKind.settlement_refused, f"{kind}:{transfer.id}", transfer.intent_id, words=answer.words
        )
    try_again(op, was_judged=was_judged)


def _finish(kind: str, transfer: SellerTransfer, op: GatewayOp) -> None:
    said = transfer.said or {}
    for refund_id in db.session.scalars(select(Refund.id).where(*_pending(transfer.intent_id))).all():
        ask_about_refund(refund_id)  # it has waited for this
    world = World(transfer.livemode)
    if kind == CONFIRM:
        world.settled_directly(transfer.id, transfer.seller, said[CONFIRM]["net"])
        plan_op(SHARE, transfer.id, op.out_trade_no, app_id=op.app_id, livemode=op.livemode)
    elif said[SHARE]:
        world.shared(transfer.id, said[SHARE])
