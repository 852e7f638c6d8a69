"""Why something about an order cannot be done."""

from __future__ import annotations

from flask_babel import gettext as _

from commons.errors import Conflict, Refusal


class EmptyBasket(Refusal):
    """There is nothing to order."""

    code = "empty_basket"

    def __init__(self) -> None:
        super().__init__(_("篮子是空的，先去集市挑几样"))


class PriceChanged(Refusal):
    """What the buyer saw is not what it costs now."""

    code = "price_changed"

    def __init__(self) -> None:
        super().__init__(_("价钱刚刚变了，下面是新的价钱，看过没问题再下单"))


class GoneFromShop(Refusal):
    """A lot was taken out of the shop between the basket and the order."""

    code = "gone_from_shop"

    def __init__(self) -> None:
        super().__init__(_("篮子里有东西已经下架，已替您拿出来，请再看一遍"))


class TooManyUnpaid(Refusal):
    """Two orders of this person wait for their money already."""

    code = "too_many_unpaid"

    def __init__(self) -> None:
        super().__init__(_("您有两单还没付款。先付款或取消一单，再下新单"))


class NoSuchWay(Refusal):
    """The pickup point or the delivery is not offered."""

    code = "no_such_way"

    def __init__(self) -> None:
        super().__init__(_("请选怎么拿到东西"), field="way")


class AddressNeeded(Refusal):
    """A parcel needs an address."""

    code = "address_needed"

    def __init__(self, field: str) -> None:
        super().__init__(_("送货上门要填这一项"), field=field)


class PickupOnly(Refusal):
    """Who pays by hand comes to the pickup point."""

    code = "pickup_only"

    def __init__(self) -> None:
        super().__init__(_("送货上门不能自提时付，请选支付宝"), field="method")


class WrongState(Conflict):
    """The order has moved on."""

    code = "order_wrong_state"

    def __init__(self) -> None:
        super().__init__(_("这一单已经变了，请刷新再看"))


class NotPacked(Conflict):
    """Something of the order is not in the box yet."""

    code = "order_not_packed"

    def __init__(self) -> None:
        super().__init__(_("还有东西没装好"))


class WrongPickupCode(Refusal):
    """The digits are not this order's."""

    code = "wrong_pickup_code"

    def __init__(self) -> None:
        super().__init__(_("取货码不对，请买家再报一遍"), field="code")


class RefundTooLate(Refusal):
    """The time for asking is over."""

    code = "refund_too_late"

    def __init__(self) -> None:
        super().__init__(_("收货超过 7 天，不能在这里申请退款，请打村里值班电话"))


class RefundOpen(Conflict):
    """One refund of the order is under way already."""

    code = "refund_open"

    def __init__(self) -> None:
        super().__init__(_("这一单已有退款在办，办完才能再申请"))


class NothingToRefund(Refusal):
    """All of it went back already."""

    code = "nothing_to_refund"

    def __init__(self) -> None:
        super().__init__(_("这一样已经退过了"), field="line")
