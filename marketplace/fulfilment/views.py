"""An order as a line of the farmer's list."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.money import share_of
from marketplace.orders.models import Order, OrderLine, OrderRefund
from marketplace.orders.moves import can_pack
from marketplace.orders.queries import Sight
from marketplace.orders.rules import RefundState
from marketplace.orders.views import is_called_off
from marketplace.payments.queries import share_at


@dataclass(frozen=True, slots=True)
class FarmerRow:
    """What a farmer has to do with one order; never who the buyer is."""

    order: Order
    lines: tuple[OrderLine, ...]
    money_fen: int
    is_packed: bool
    can_pack: bool
    is_called_off: bool
    asked: OrderRefund | None
    refunds: tuple[OrderRefund, ...]


def farmer_rows(sights: list[Sight]) -> list[FarmerRow]:
    """Return the rows of a farmer's list, what is still to be packed first."""
    rows = [_row(sight) for sight in sights]
    return sorted(rows, key=lambda row: (row.is_packed, row.order.ready_from is None))


def _row(sight: Sight) -> FarmerRow:
    order = sight.order
    gross_fen = sum(line.amount_fen - line.refunded_fen for line in sight.lines)
    own = {line.seller_id for line in sight.lines}
    asked = next((back for back in order.refunds if back.state == RefundState.asked), None)
    return FarmerRow(
        order=order,
        lines=sight.lines,
        money_fen=gross_fen - share_of(gross_fen, share_at(order.village_code, order.created_at)),
        is_packed=all(line.packed_at for line in sight.lines),
        can_pack=can_pack(order),
        is_called_off=is_called_off(order),
        asked=asked if asked is not None and concerns_only(asked, own) else None,
        refunds=tuple(back for back in order.refunds if back.is_open and concerns(back, own)),
    )


def concerns(back: OrderRefund, seller_ids: set[int]) -> bool:
    """Say whether a refund concerns any of these sellers' goods."""
    return back.line is None or back.line.seller_id in seller_ids


def concerns_only(back: OrderRefund, seller_ids: set[int]) -> bool:
    """Say whether a refund concerns only these sellers' goods."""
    lines = [back.line] if back.line is not None else back.order.lines
    return all(line.seller_id in seller_ids for line in lines)
