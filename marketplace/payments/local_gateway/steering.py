"""What a person at the operator page, or a test through the control API, may make happen."""

from typing import Any

from marketplace.payments.local_gateway.gateway import Gateway
from marketplace.payments.local_gateway.notices import Forgery, forge
from marketplace.payments.local_gateway.rules import RejectionError
from marketplace.payments.local_gateway.trade_rows import WAITING, Trade, changed, trade_by
from marketplace.payments.local_gateway.trades import expire_if_due, finish, pay
from marketplace.payments.local_gateway.transfers import decide, send_back


class NothingThereError(LookupError):
    """The trade or notification named does not exist."""


def trade_named(gateway: Gateway, out_trade_no: str) -> Trade:
    """Return the trade of the merchant's number."""
    trade = trade_by(gateway.store, "out_trade_no", out_trade_no)
    if trade is None:
        raise NothingThereError(out_trade_no)
    return trade


def pay_trade(gateway: Gateway, out_trade_no: str, *, is_forced: bool = False) -> Trade:
    """Pay in the buyer's place; forced, also a trade that the merchant has just closed."""
    with gateway.store.writing():
        return pay(gateway, trade_named(gateway, out_trade_no), is_forced=is_forced)


def expire_trade(gateway: Gateway, out_trade_no: str) -> Trade:
    """Let an unpaid trade's time run out now."""
    with gateway.store.writing():
        trade = trade_named(gateway, out_trade_no)
        if trade.status != WAITING:
            raise RejectionError("ACQ.TRADE_STATUS_ERROR", "交易不在等待付款")
        return expire_if_due(gateway, changed(gateway.store, trade, expires_at=gateway.now()))


def finish_trade(gateway: Gateway, out_trade_no: str) -> Trade:
    """Let a paid trade become TRADE_FINISHED."""
    with gateway.store.writing():
        return finish(gateway, trade_named(gateway, out_trade_no))


def pay_out(gateway: Gateway, out_biz_no: str) -> None:
    """Let a waiting transfer arrive."""
    with gateway.store.writing():
        decide(gateway, out_biz_no, is_paid=True)


def fail_transfer(gateway: Gateway, out_biz_no: str) -> None:
    """Let a waiting transfer fail: its money comes back at once."""
    with gateway.store.writing():
        decide(gateway, out_biz_no, is_paid=False)


def return_transfer(gateway: Gateway, out_biz_no: str) -> None:
    """Let a transfer that had arrived come back, as it may days later."""
    with gateway.store.writing():
        send_back(gateway, out_biz_no)


OF_TRANSFERS = {"succeed": pay_out, "fail": fail_transfer, "return": return_transfer}


def forge_notification(gateway: Gateway, out_trade_no: str, forgery: Forgery) -> int:
    """Send one notification that is wrong in one way."""
    trade = trade_named(gateway, out_trade_no)
    if not trade.notify_url:
        raise RejectionError("ACQ.INVALID_PARAMETER", "这笔交易没有通知地址")
    return forge(gateway, trade, forgery)


def send_now(gateway: Gateway, number: int) -> None:
    """Deliver a notification now: the first time, once more, or out of its turn."""
    _plan(gateway, number, state="waiting", due_at=gateway.now())


def delay(gateway: Gateway, number: int, seconds: float) -> None:
    """Deliver a notification only after *seconds*."""
    _plan(gateway, number, state="waiting", due_at=gateway.now() + seconds)


def hold(gateway: Gateway, number: int) -> None:
    """Keep a notification back until it is sent by hand."""
    _plan(gateway, number, state="held")


def reorder(gateway: Gateway, numbers: list[int]) -> None:
    """Deliver these notifications now, in this order."""
    with gateway.store.writing():
        for place, number in enumerate(numbers):
            # A microsecond apart is enough: the courier goes by due time.
            _plan(gateway, number, state="waiting", due_at=gateway.now() + place * 1e-6)


def advance_clock(gateway: Gateway, seconds: float) -> None:
    """Move the gateway's clock; what has become due happens at once."""
    gateway.store.move_clock(seconds)
    gateway.wake()


def picture(gateway: Gateway) -> dict[str, Any]:
    """Return everything there is to see, newest first, keys left out."""
    store = gateway.store
    notifications = [dict(row) for row in store.rows("SELECT * FROM notification ORDER BY id DESC LIMIT 200")]
    for one in notifications:
        one["deliveries"] = [
            dict(row)
            for row in store.rows(
                "SELECT at, status, answer FROM delivery WHERE notification_id = ?", one["id"]
            )
        ]
    return {
        "now": gateway.now(),
        "trades": [
            {name: row[name] for name in row.keys() if name != "token"}  # noqa: SIM118 - a Row gives values
            for row in store.rows("SELECT * FROM trade ORDER BY created_at DESC LIMIT 200")
        ],
        "notifications": notifications,
        "faults": [dict(row) for row in store.rows("SELECT * FROM fault WHERE times_left > 0 ORDER BY id")],
        "requests": [dict(row) for row in store.rows("SELECT * FROM request ORDER BY id DESC LIMIT 100")],
        "transfers": [dict(row) for row in store.rows("SELECT * FROM transfer ORDER BY at DESC LIMIT 100")],
    }


def _plan(gateway: Gateway, number: int, **changes: object) -> None:
    if gateway.store.row("SELECT 1 FROM notification WHERE id = ?", number) is None:
        raise NothingThereError(str(number))
    gateway.store.update("notification", "id", number, **changes)
    gateway.wake()
