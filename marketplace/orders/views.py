"""What the buyer's pages offer to choose from, and an order's way as steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from commons.filters import full_moment, moment, time_of_day, yuan
from commons.forms import choices
from marketplace.cart.queries import VillageBasket
from marketplace.orders.forms import CheckOutForm, RefundForm
from marketplace.orders.models import Order
from marketplace.orders.moves import counts_as_received_at, has_open_refund, money_goes_back
from marketplace.orders.refunds import refundable_fen
from marketplace.orders.rules import Act, Handover, OrderState, Way, next_state
from marketplace.payments.errors import NoOnlinePayment
from marketplace.payments.gateways import gateways
from marketplace.payments.rules import Method


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order's way: *state* is done, now or later."""

    title: str
    note: str
    state: str


def offer_choices(
    form: CheckOutForm, basket: VillageBasket, ways: list[Handover], *, is_wechat: bool
) -> None:
    """Let *form* offer the ways and payments there are; where only one is, it is chosen."""
    form.way.choices = choices(
        (f"{way.key}:{way.fee_for(basket.goods_fen)}", way_words(way, basket.goods_fen)) for way in ways
    )
    methods = {Method.alipay: _("支付宝"), Method.offline: _("自提时付（取货时当面付）")}
    if not pays_online():
        methods.pop(Method.alipay)
    order = sorted(methods, key=lambda each: (each is Method.alipay) == is_wechat)
    form.method.choices = choices((each.value, methods[each]) for each in order)
    if not form.is_submitted():
        if ways and form.way.data is None:
            form.way.data = form.way.choices[0].value
        if form.method.data is None and order:
            form.method.data = order[0].value


def pays_online() -> bool:
    """Say whether a cashier can be opened at all."""
    try:
        gateways().current()
    except NoOnlinePayment:
        return False
    return True


def way_words(way: Handover, goods_fen: int) -> str:
    """Return a way as one line: where, when, and what it costs."""
    if way.way is Way.delivery:
        fee_fen = way.fee_for(goods_fen)
        total = yuan(goods_fen + fee_fen)
        if fee_fen:
            return _("送货上门，运费 %(fee)s 元，一共 %(total)s 元", fee=yuan(fee_fen), total=total)
        return _("送货上门，免运费")
    words = _("自提：%(place)s", place=way.words)
    if way.ready_from and way.ready_until:
        when = window_words(way)
        words = _("%(place)s，%(when)s 取货", place=words, when=when)
    return words


def totals(ways: list[Handover], goods_fen: int) -> list[tuple[str, int]]:
    """Return what it all comes to, for each kind of way that costs something of its own: no sum is shown that will not be charged."""
    found: dict[str, int] = {}
    for way in ways:
        fee_fen = way.fee_for(goods_fen)
        if way.way is Way.pickup:
            found[_("自提一共")] = goods_fen + fee_fen
        elif fee_fen:
            found[_("送货一共（含运费 %(fee)s 元）", fee=yuan(fee_fen))] = goods_fen + fee_fen
        else:
            found[_("送货一共（免运费）")] = goods_fen
    return [(_("一共"), goods_fen)] if set(found.values()) == {goods_fen} else list(found.items())


def window_words(way: Handover | Order) -> str:
    """Return when goods can be fetched: 星期三 11月25日（农历十月十七）17:00 至 19:00."""
    if way.ready_from is None or way.ready_until is None:
        return ""
    return _("%(start)s 至 %(until)s", start=full_moment(way.ready_from), until=time_of_day(way.ready_until))


def offer_lines(form: RefundForm, order: Order) -> None:
    """Let *form* offer the whole order and each line of which money can still go back."""
    lines = [
        (line.id, _("%(name)s，%(yuan)s 元", name=line.name, yuan=yuan(refundable_fen(order, line))))
        for line in order.lines
    ]
    left = [pair for pair, line in zip(lines, order.lines, strict=True) if refundable_fen(order, line) > 0]
    whole = (0, _("全部，%(yuan)s 元", yuan=yuan(refundable_fen(order, None))))
    form.line.choices = choices([whole, *left])


def can_ask_refund(order: Order) -> bool:
    """Say whether the buyer may ask for money back now."""
    if has_open_refund(order) or refundable_fen(order, None) <= 0:
        return False
    return next_state(OrderState(order.state), Act.give_back, is_paid=order.is_paid) is not None


def confirms_at(order: Order) -> datetime | None:
    """Return when the parcel counts as received by itself; None where it is not on its way, or a refund stops the clock."""
    if order.state != OrderState.shipped or has_open_refund(order):
        return None
    return counts_as_received_at(order)


def is_called_off(order: Order) -> bool:
    """Say whether all the money is on its way back before the goods are, so that nobody packs, fetches or sends them."""
    waits = order.state in {OrderState.reserved, OrderState.paid, OrderState.packed}
    return waits and money_goes_back(order)


def steps_of(order: Order) -> list[Step]:
    """Return the way of an order, what is done and what comes next; nothing where nothing comes any more."""
    if order.state in {OrderState.cancelled, OrderState.refunded} or is_called_off(order):
        return []
    by_parcel = order.way == Way.delivery
    by_hand = order.method == Method.offline
    names = [
        (_("下单"), order.created_at),
        *([] if by_hand else [(_("付款"), order.paid_at)]),
        (_("装好"), order.packed_at or order.shipped_at or order.received_at),
        *([(_("寄出"), order.shipped_at or order.received_at)] if by_parcel else []),
        (_("收货") if by_parcel else _("取货时付款") if by_hand else _("取货"), order.received_at),
    ]
    first = next((at for at, (_title, done_at) in enumerate(names) if done_at is None), len(names))
    return [
        Step(
            title,
            moment(done_at) if done_at else "",
            "done" if done_at else "now" if at == first else "later",
        )
        for at, (title, done_at) in enumerate(names)
    ]
