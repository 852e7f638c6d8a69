"""
Sending a payer to the gateway: requests signed at the moment of the click, and doors that are opened beforehand.

These stand at the edge like a page: they open their own transactions, and may not be called inside one.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from commons.db import end_read, locked, transaction
from commons.errors import Refusal
from marketplace.payments.actions import begin_attempt
from marketplace.payments.closing import ask_to_close
from marketplace.payments.gateways import ListeningGateway, gateways
from marketplace.payments.links import notify_url, pay_url, return_url
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.ops import alarm
from marketplace.payments.port import NoWord, PayRequest
from marketplace.payments.queries import attempt_numbered, open_attempts, the_payment
from marketplace.payments.rules import Product


class GatewaySilent(Refusal):
    """The gateway did not say; the same attempt may be tried again in a moment."""

    code = "gateway_silent"

    def __init__(self) -> None:
        super().__init__(_("支付宝暂时没有答复，请过一会儿再试"))


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that is under way: what its gateway is told, and what it has given for it already."""

    request: PayRequest
    gateway: ListeningGateway
    handle: str


def cashier_address(payment_id: str, product: Product) -> str:
    """
    Return the signed address of the cashier in a browser, through ``wap`` or ``page``.

    Raises:
        NotPayable: the payment is over, or its time is.
    """
    begun = _begin(payment_id, product)
    return begun.gateway.pay_address(begun.request)


def app_order(payment_id: str) -> str:
    """
    Return the signed order that a shop's own app hands to the payer's Alipay.

    Raises:
        NotPayable: the payment is over, or its time is.
    """
    begun = _begin(payment_id, Product.app)
    return begun.gateway.app_order(begun.request)


def stall_code(payment_id: str) -> tuple[str, str]:
    """
    Return the text of the QR code that a buyer scans at a stall, and the attempt's number.

    A lost answer costs nothing: the same attempt is prepared again, under its own number.

    Raises:
        NotPayable: the payment is over, or its time is.
        GatewaySilent: the gateway did not say.
    """
    begun = _begin(payment_id, Product.qr)
    return begun.handle or _open(begun), begun.request.out_trade_no


def bridge_trade(payment_id: str, buyer: str) -> str:
    """
    Return Alipay's number of the trade that *buyer* pays inside Alipay, for its page's bridge (``tradeNO``).

    *buyer* is their open id for our application, or the user id of old applications. Such a trade is for one buyer alone: for
    another one it is closed and a new one opened.

    Raises:
        NotPayable: the payment is over, or its time is.
        GatewaySilent: the gateway did not say.
    """
    with transaction():
        for known in open_attempts(payment_id):
            if known.product == Product.jsapi and known.handle and not known.handle.startswith(f"{buyer}|"):
                ask_to_close(known)
    begun = _begin(payment_id, Product.jsapi)
    return (begun.handle or _open(begun, buyer)).partition("|")[2]


def _begin(payment_id: str, product: Product) -> Begun:
    payment = the_payment(payment_id)
    with transaction():
        attempt = begin_attempt(payment_id, product)
    request = PayRequest(
        out_trade_no=attempt.out_trade_no,
        amount_fen=attempt.amount_fen,
        subject=payment.subject,
        expires_at=attempt.time_expire,
        product=product,
        notify_url=notify_url(),
        return_url=return_url(payment_id),
        quit_url=pay_url(payment_id),
        sub_merchant=attempt.smid,
    )
    return Begun(request, gateways().current(attempt.livemode), attempt.handle or "")


def _open(begun: Begun, buyer: str = "") -> str:
    """Have the gateway prepare an attempt, and keep what it gives; who is first here decides."""
    end_read()
    heard = begun.gateway.open_trade(begun.request, buyer)
    with transaction():
        if isinstance(heard, NoWord):
            if heard.needs_settings:
                alarm(heard.reason)
        else:
            found = attempt_numbered(begun.request.out_trade_no)
            attempt = locked(PaymentAttempt, found.id) if found else None
            assert attempt is not None
            attempt.handle = attempt.handle or (f"{buyer}|{heard.handle}" if buyer else heard.handle)
            return attempt.handle
    raise GatewaySilent()
