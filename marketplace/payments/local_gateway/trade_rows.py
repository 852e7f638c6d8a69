"""A trade as the gateway keeps it, and how one is found."""

from dataclasses import dataclass

from marketplace.payments.local_gateway.gateway import Ask
from marketplace.payments.local_gateway.rules import RejectionError
from marketplace.payments.local_gateway.store import Store, as_dict

WAITING = "WAIT_BUYER_PAY"
SUCCESS = "TRADE_SUCCESS"
FINISHED = "TRADE_FINISHED"
CLOSED = "TRADE_CLOSED"


@dataclass(frozen=True, slots=True)
class Trade:
    """One row of the trade table. *token* is the secret part of its cashier's address."""

    trade_no: str
    app_id: str
    out_trade_no: str
    method: str
    subject: str
    total_fen: int
    status: str
    notify_url: str
    return_url: str
    quit_url: str
    passback: str
    token: str
    expires_at: float
    created_at: float
    paid_at: float | None
    closed_at: float | None
    refunded_at: float | None
    refunded_fen: int
    shared_fen: int
    settled_fen: int
    is_direct_pay: int
    is_finished_sharing: int


def trade_by(store: Store, column: str, value: str) -> Trade | None:
    """Return the trade whose *column* (one of ours) has *value*."""
    found = store.row(f"SELECT * FROM trade WHERE {column} = ?", value)  # noqa: S608
    return Trade(**as_dict(found)) if found else None


def the_trade(store: Store, ask: Ask) -> Trade:
    """Return the trade that a request names; trade_no goes before out_trade_no [S docs.open.alipay.com]."""
    trade_no, out_trade_no = ask.text("trade_no"), ask.text("out_trade_no")
    if not (trade_no or out_trade_no):
        raise RejectionError("ACQ.INVALID_PARAMETER", "参数无效：交易号与商户订单号不能同时为空")
    trade = (
        trade_by(store, "trade_no", trade_no) if trade_no else trade_by(store, "out_trade_no", out_trade_no)
    )
    if trade is None:
        raise RejectionError("ACQ.TRADE_NOT_EXIST", "交易不存在")
    return trade


def changed(store: Store, trade: Trade, **changes: object) -> Trade:
    """Store changes to a trade and return it as it now is."""
    store.update("trade", "trade_no", trade.trade_no, **changes)
    fresh = trade_by(store, "trade_no", trade.trade_no)
    assert fresh is not None
    return fresh
