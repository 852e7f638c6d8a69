"""The merchant's account at the gateway: every movement, with the balance after it."""

from marketplace.payments.local_gateway.gateway import Gateway
from marketplace.payments.local_gateway.rules import OPENING_BALANCE_FEN
from marketplace.payments.local_gateway.trade_rows import Trade


def balance_fen(gateway: Gateway) -> int:
    """Return what the merchant could take out now."""
    last = gateway.store.row("SELECT balance_fen FROM entry ORDER BY id DESC LIMIT 1")
    return int(last["balance_fen"]) if last else OPENING_BALANCE_FEN


def post(gateway: Gateway, trade: Trade, kind: str, amount_fen: int, request_no: str = "") -> None:
    """
    Write one movement that belongs to a trade.

    A direct-pay trade's money is the sub-merchant's; of it only a share that we receive passes here.
    """
    if trade.is_direct_pay and kind not in ("分账收入", "分账退回"):
        return
    post_movement(
        gateway,
        kind,
        amount_fen,
        trade_no=trade.trade_no,
        out_no=trade.out_trade_no,
        request_no=request_no,
        subject=trade.subject,
    )


def post_movement(gateway: Gateway, kind: str, amount_fen: int, **named: str) -> None:
    """Write one movement: *named* gives trade_no, out_no, request_no and subject."""
    gateway.store.insert(
        "entry",
        at=gateway.now(),
        kind=kind,
        amount_fen=amount_fen,
        balance_fen=balance_fen(gateway) + amount_fen,
        **named,
    )
