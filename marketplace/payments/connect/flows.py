"""
Talks with the gateway about sellers' money: sending a payout, and checking who somebody is.

They stand at the edge like a page or a job: they open their own transactions, and may not be called inside one.
"""

from __future__ import annotations

from commons.db import db, end_read, locked, transaction
from marketplace.payments.connect.actions import (
    begin_check,
    check_share,
    keep_check,
    mark_verified,
    payee_in,
    settle_directly,
)
from marketplace.payments.connect.errors import SharingRefused
from marketplace.payments.connect.models import Payout, SellerAccount
from marketplace.payments.connect.payouts import (
    PAYOUT,
    fail_payout,
    finish_payout,
    locked_payout,
    mark_in_transit,
)
from marketplace.payments.connect.rules import alipay_identity_type
from marketplace.payments.gateways import gateways
from marketplace.payments.ops import Sending, end_op, heard_op, send_op, try_again
from marketplace.payments.port import Answer, NoWord, Verdict
from marketplace.payments.port_out import PayoutRequest
from marketplace.payments.rules import OpState


def pay_out_now(payout_id: str) -> None:
    """Have the gateway pay one payout, or find out what became of it."""
    sent = send_op(PAYOUT, payout_id)
    if sent is None:
        return
    gateway, was_unknown = sent.gateway, sent.was_unknown
    request = _request(payout_id)
    answer = gateway.ask_payout(payout_id) if was_unknown else None
    if answer is None or answer.verdict is Verdict.later:
        with transaction():
            mark_in_transit(locked_payout(payout_id))
        answer = gateway.pay_out(request)
        if was_unknown and answer.verdict is Verdict.refused:
            # An earlier sending may have arrived in between; then a refusal of its repetition means nothing.
            asked = gateway.ask_payout(payout_id)
            answer = answer if asked.verdict is Verdict.later else asked
    with transaction():
        _apply(payout_id, sent, answer)


def _request(payout_id: str) -> PayoutRequest:
    payout = db.session.get(Payout, payout_id)
    assert payout is not None and payout.payee_sealed is not None
    payee = payee_in(payout.payee_sealed)
    request = PayoutRequest(
        number=payout.id,
        amount_fen=payout.amount_fen,
        title=payout.shown_to_payee,
        account=payee.account,
        account_type=alipay_identity_type(payee.account),
        holder=payee.holder,
    )
    end_read()
    return request


def _apply(payout_id: str, sent: Sending, heard: Answer) -> None:
    locked_payout(payout_id)
    op = heard_op(PAYOUT, payout_id, heard)
    if op is None:
        return
    answer = sent.judge(op, heard)
    if answer.verdict is Verdict.done:
        end_op(op, OpState.done, answer.words)
        finish_payout(payout_id, trace=answer.words)
    elif answer.verdict is Verdict.refused:
        end_op(op, OpState.failed, answer.words)
        fail_payout(payout_id, answer.words)
    else:
        try_again(op, was_judged=answer.verdict is Verdict.later)


def settle_directly_from_now(account_id: str, smid: str) -> None:
    """
    Have Alipay let us take shares, then let it hold this seller's money as the sub-merchant *smid*.

    Raises:
        ShareAboveCap: our share there is more than can be taken out of a trade.
        SharingRefused: Alipay does not allow it, or does not answer; nothing was changed.
    """
    account = db.session.get(SellerAccount, account_id)
    assert account is not None
    check_share(account)
    livemode = account.livemode
    end_read()
    answer = gateways().current(livemode).allow_sharing(f"{account_id}_bind")
    if answer.verdict is not Verdict.done:
        raise SharingRefused(answer.words)
    with transaction():
        settle_directly(account_id, smid)


# -- who somebody is ---------------------------------------------------------------------------------------


def check_person(account_id: str, name: str, id_number: str, back: str) -> str | NoWord:
    """
    Begin Alipay's check of who *name* is; return the page on which the person proves it.

    The ID number goes to Alipay and nowhere else. Without an answer nothing is lost: the person tries again.
    """
    account = db.session.get(SellerAccount, account_id)
    assert account is not None
    gateway = gateways().current(account.livemode)
    with transaction():
        number = begin_check(account_id)
    check = gateway.begin_check(number, name, id_number, back)
    if isinstance(check, NoWord):
        return check
    with transaction():
        keep_check(account_id, check.certify_id)
    return check.page


def hear_check(account_id: str) -> bool:
    """Ask whether the person proved it, and keep a yes; what a browser brings back is not believed."""
    account = db.session.get(SellerAccount, account_id)
    if account is None or not account.certify_id:
        return False
    if account.is_verified:
        return True
    certify_id, livemode = account.certify_id, account.livemode
    end_read()
    if gateways().current(livemode).ask_check(certify_id) is not True:
        return False
    with transaction():
        fresh = locked(SellerAccount, account_id)
        if fresh is not None and fresh.certify_id == certify_id:
            mark_verified(account_id, "alipay")
    return True
