"""Refunds: in parts, each under its own number, never above what was paid."""

from typing import Any

from marketplace.payments.alipay.amounts import BadAmountError, fen_of
from marketplace.payments.local_gateway.account import balance_fen, post
from marketplace.payments.local_gateway.gateway import Ask, Gateway, moment_text, money
from marketplace.payments.local_gateway.keys_on_disk import BUYER_LOGON_ID, BUYER_OPEN_ID
from marketplace.payments.local_gateway.notices import announce
from marketplace.payments.local_gateway.rules import RejectionError, fee_returned
from marketplace.payments.local_gateway.settlement import take_back_shares
from marketplace.payments.local_gateway.trade_rows import CLOSED, FINISHED, SUCCESS, Trade, changed, the_trade


def refund(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """Refund once per out_request_no; a repetition succeeds with fund_change N (payments.md 1.5)."""
    trade = the_trade(gateway.store, ask)
    amount_fen = _amount(ask)
    # [K] Without its own number a refund carries the trade's.
    request_no = ask.text("out_request_no") or trade.out_trade_no
    earlier = gateway.store.row(
        "SELECT * FROM refund WHERE trade_no = ? AND out_request_no = ?", trade.trade_no, request_no
    )
    if earlier is not None:
        if earlier["amount_fen"] != amount_fen:
            raise RejectionError("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
        return _told(trade, amount_fen, "N")
    _check(gateway, trade, amount_fen)
    trade = take_back_shares(gateway, ask, trade)
    return _told(give_back(gateway, trade, request_no, amount_fen), amount_fen, "Y")


def refund_query(gateway: Gateway, ask: Ask) -> dict[str, Any]:
    """An empty success means: not refunded (payments.md 1.3)."""
    trade = the_trade(gateway.store, ask)
    if not ask.text("out_request_no"):
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：退款请求号")
    found = gateway.store.row(
        "SELECT * FROM refund WHERE trade_no = ? AND out_request_no = ?",
        trade.trade_no,
        ask.text("out_request_no"),
    )
    if found is None:
        return {}
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "out_request_no": found["out_request_no"],
        "refund_status": "REFUND_SUCCESS",
        "total_amount": money(trade.total_fen),
        "refund_amount": money(found["amount_fen"]),
        "gmt_refund_pay": moment_text(found["at"]),
    }


def give_back(gateway: Gateway, trade: Trade, request_no: str, amount_fen: int) -> Trade:
    """Move the money and tell: TRADE_SUCCESS again while a part remains, TRADE_CLOSED when none does."""
    now = gateway.now()
    returned_fee = fee_returned(trade.total_fen, trade.refunded_fen, amount_fen)
    total_refunded = trade.refunded_fen + amount_fen
    is_whole = total_refunded == trade.total_fen
    fresh = changed(
        gateway.store,
        trade,
        refunded_fen=total_refunded,
        refunded_at=now,
        status=CLOSED if is_whole else SUCCESS,
        closed_at=now if is_whole else None,
    )
    gateway.store.insert(
        "refund", trade_no=trade.trade_no, out_request_no=request_no, amount_fen=amount_fen, at=now
    )
    post(gateway, fresh, "交易退款", -amount_fen, request_no)
    if returned_fee:
        post(gateway, fresh, "退费", returned_fee, request_no)
    announce(gateway, fresh, request_no)
    return fresh


def _check(gateway: Gateway, trade: Trade, amount_fen: int) -> None:
    if trade.status == FINISHED:
        raise RejectionError("ACQ.TRADE_HAS_FINISHED", "交易已完结，不可退款")
    if trade.status != SUCCESS:
        raise RejectionError("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
    if trade.refunded_fen + amount_fen > trade.total_fen:
        raise RejectionError("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
    if not trade.is_direct_pay and balance_fen(gateway) < amount_fen:
        raise RejectionError("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")


def _amount(ask: Ask) -> int:
    try:
        amount_fen = fen_of(ask.text("refund_amount"))
    except BadAmountError as error:
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：退款金额") from error
    if amount_fen <= 0:
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：退款金额")
    return amount_fen


def _told(trade: Trade, amount_fen: int, fund_change: str) -> dict[str, Any]:
    """``refund_fee`` is the sum of all refunds, ``send_back_fee`` this one's money (payments.md 4)."""
    return {
        "trade_no": trade.trade_no,
        "out_trade_no": trade.out_trade_no,
        "buyer_logon_id": BUYER_LOGON_ID,
        "buyer_open_id": BUYER_OPEN_ID,
        "fund_change": fund_change,
        "refund_fee": money(trade.refunded_fen),
        "send_back_fee": money(amount_fen) if fund_change == "Y" else "0.00",
        "gmt_refund_pay": moment_text(trade.refunded_at),
    }
