"""Trades: how one begins, is paid, asked about, closed and cancelled."""

import json
import re
import secrets
from typing import Any

from marketplace.payments.alipay.amounts import LARGEST_FEN, BadAmountError, beijing_moment, fen_of
from marketplace.payments.local_gateway.account import post
from marketplace.payments.local_gateway.gateway import Ask, Gateway, moment_text, money, new_number
from marketplace.payments.local_gateway.keys_on_disk import BUYER_ID, BUYER_LOGON_ID, BUYER_OPEN_ID
from marketplace.payments.local_gateway.notices import announce
from marketplace.payments.local_gateway.refunds import give_back
from marketplace.payments.local_gateway.rules import DEFAULT_LIFE_S, RejectionError, fee_of
from marketplace.payments.local_gateway.trade_rows import (
    CLOSED,
    FINISHED,
    SUCCESS,
    WAITING,
    Trade,
    changed,
    the_trade,
    trade_by,
)

_NUMBER = re.compile(r"[A-Za-z0-9_]{1,64}")
_ALREADY = {
    SUCCESS: ("ACQ.TRADE_HAS_SUCCESS", "交易已被支付"),
    FINISHED: ("ACQ.TRADE_HAS_FINISHED", "交易已经完结"),
    CLOSED: ("ACQ.TRADE_HAS_CLOSE", "交易已经关闭"),
}


def begin(gateway: Gateway, ask: Ask) -> Trade:
    """Open the trade that a payer's browser, scan or app asks for, or return the one that is open."""
    wanted = _wanted(gateway, ask)
    known = trade_by(gateway.store, "out_trade_no", wanted["out_trade_no"])
    if known is not None:
        return _still_payable(expire_if_due(gateway, known), wanted)
    if wanted["expires_at"] <= gateway.now():
        raise RejectionError("ACQ.TRADE_HAS_CLOSE", "订单已超过最晚付款时间")
    number = new_number(gateway.now())
    gateway.store.insert("trade", trade_no=number, token=secrets.token_urlsafe(18), **wanted)
    made = trade_by(gateway.store, "trade_no", number)
    assert made is not None
    gateway.wake()  # the courier's next duty may now be this trade's expiry
    return made


def precreate(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Give a QR text. The trade begins when somebody scans it (payments.md 0.4)."""
    wanted = _wanted(gateway, ask)
    known = trade_by(gateway.store, "out_trade_no", wanted["out_trade_no"])
    if known is not None:
        _still_payable(expire_if_due(gateway, known), wanted)
    code = f"bax{secrets.token_hex(10)}"
    kept = json.dumps(ask.params, ensure_ascii=False)
    gateway.store.insert("qr", code=code, params=kept, out_trade_no=wanted["out_trade_no"])
    return {"out_trade_no": wanted["out_trade_no"], "qr_code": f"{gateway.base_url}/qr/{code}"}


def create(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Begin a trade inside Alipay (JSAPI): unlike the others it exists at once."""
    if not (ask.text("buyer_id") or ask.text("buyer_open_id")):
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：买家不能为空")
    trade = begin(gateway, ask)
    return {"out_trade_no": trade.out_trade_no, "trade_no": trade.trade_no}


def pay(gateway: Gateway, trade: Trade, *, is_forced: bool = False) -> Trade:
    """
    The buyer presses pay.

    *is_forced* plays the race in which the payment was under way while the merchant closed the trade.
    """
    trade = expire_if_due(gateway, trade)
    if trade.status != WAITING and not (is_forced and trade.status == CLOSED and trade.paid_at is None):
        raise RejectionError(*_ALREADY[trade.status])
    paid = changed(gateway.store, trade, status=SUCCESS, paid_at=gateway.now(), closed_at=None)
    post(gateway, paid, "交易付款", paid.total_fen)
    if fee_of(paid.total_fen):
        post(gateway, paid, "收费", -fee_of(paid.total_fen))
    announce(gateway, paid)
    return paid


def finish(gateway: Gateway, trade: Trade) -> Trade:
    """Let the refund period end: TRADE_FINISHED can no longer be refunded (payments.md 1.4)."""
    if trade.status != SUCCESS:
        raise RejectionError("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    done = changed(gateway.store, trade, status=FINISHED)
    announce(gateway, done)
    return done


def query(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Say what a trade is. Unpaid ones that are due expire first."""
    trade = expire_if_due(gateway, the_trade(gateway.store, ask))
    told: dict[str, Any] = {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "trade_status": trade.status,
        "total_amount": money(trade.total_fen),
        "buyer_pay_amount": "0.00",
        "receipt_amount": "0.00",
        "point_amount": "0.00",
        "invoice_amount": "0.00",
        "subject": trade.subject,
    }
    if trade.paid_at is not None:
        paid = money(trade.total_fen)
        told |= {
            "buyer_user_id": BUYER_ID,
            "buyer_open_id": BUYER_OPEN_ID,
            "buyer_logon_id": BUYER_LOGON_ID,
            "send_pay_date": moment_text(trade.paid_at),
            "buyer_pay_amount": paid,
            "receipt_amount": paid,
            "invoice_amount": paid,
            "fund_bill_list": [{"amount": paid, "fund_channel": "ALIPAYACCOUNT"}],
        }
    return told


def close(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Close an unpaid trade; a paid or closed one is a state error."""
    trade = expire_if_due(gateway, the_trade(gateway.store, ask))
    if trade.status != WAITING:
        raise RejectionError("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    _close(gateway, trade)
    return {"trade_no": trade.trade_no, "out_trade_no": trade.out_trade_no}


def cancel(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Undo: close what is unpaid, refund what is paid. Without a trade it succeeds with no action [K]."""
    told: dict[str, Any] = {"out_trade_no": ask.text("out_trade_no"), "retry_flag": "N"}
    try:
        trade = expire_if_due(gateway, the_trade(gateway.store, ask))
    except RejectionError as rejection:
        if rejection.sub_code != "ACQ.TRADE_NOT_EXIST":
            raise
        return told
    if trade.status == WAITING:
        _close(gateway, trade)
        return told | {"trade_no": trade.trade_no, "action": "close"}
    if trade.status == SUCCESS:
        give_back(gateway, trade, trade.out_trade_no, trade.total_fen - trade.refunded_fen)
        return told | {"trade_no": trade.trade_no, "action": "refund"}
    if trade.status == FINISHED:
        raise RejectionError("ACQ.TRADE_HAS_FINISHED", "交易已经完结")
    return told | {"trade_no": trade.trade_no}


def note_shipping(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Take shipping information about a trade; here it only has to name one that is paid."""
    trade = the_trade(gateway.store, ask)
    if trade.paid_at is None:
        raise RejectionError("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    return {"trade_no": trade.trade_no, "buyer_user_id": BUYER_ID}


def expire_if_due(gateway: Gateway, trade: Trade) -> Trade:
    """Close an unpaid trade whose time_expire has come."""
    if trade.status == WAITING and trade.expires_at <= gateway.now():
        return _close(gateway, trade)
    return trade


def expire_all_due(gateway: Gateway) -> None:
    """Close every unpaid trade that is due; the courier calls this."""
    with gateway.store.writing():
        for row in gateway.store.rows(
            "SELECT trade_no FROM trade WHERE status = ? AND expires_at <= ?", WAITING, gateway.now()
        ):
            trade = trade_by(gateway.store, "trade_no", row["trade_no"])
            if trade is not None:
                expire_if_due(gateway, trade)


def _close(gateway: Gateway, trade: Trade) -> Trade:
    closed = changed(gateway.store, trade, status=CLOSED, closed_at=gateway.now())
    announce(gateway, closed)
    return closed


def _still_payable(trade: Trade, wanted: dict[str, Any]) -> Trade:
    if trade.status != WAITING:
        raise RejectionError(*_ALREADY[trade.status])
    if trade.total_fen != wanted["total_fen"]:
        raise RejectionError("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改：金额与首次请求不一致")
    return trade


def _wanted(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Check a payment request and return its columns."""
    now = gateway.now()
    if not _NUMBER.fullmatch(ask.text("out_trade_no")) or not 0 < len(ask.text("subject")) <= 256:
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：商户订单号或标题")
    return {
        "app_id": gateway.keys.app_id,
        "out_trade_no": ask.text("out_trade_no"),
        "method": ask.method,
        "subject": ask.text("subject"),
        "total_fen": _total_fen(ask.text("total_amount")),
        "status": WAITING,
        "notify_url": ask.params.get("notify_url", ""),
        "return_url": ask.params.get("return_url", ""),
        "quit_url": ask.text("quit_url"),
        "passback": ask.text("passback_params"),
        "expires_at": _expiry(ask.text("time_expire"), now),
        "created_at": now,
        "is_direct_pay": int("sub_merchant" in ask.biz or "settle_info" in ask.biz),
    }


def _total_fen(text: str) -> int:
    try:
        total_fen = fen_of(text)
    except BadAmountError as error:
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：金额") from error
    if not 0 < total_fen <= LARGEST_FEN:
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：金额超出范围")
    return total_fen


def _expiry(text: str, now: float) -> float:
    if not text:
        return now + DEFAULT_LIFE_S
    try:
        return beijing_moment(text).timestamp()
    except ValueError as error:
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：最晚付款时间") from error
