"""Payments for tests: asked for, paid at a gateway that does what it is told."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from commons import clock
from marketplace.payments.actions import PaymentAsk, begin_attempt, confirm_offline, open_intent
from marketplace.payments.flows import ask_now
from marketplace.payments.models import PaymentAttempt, PaymentIntent
from marketplace.payments.rules import Product
from tests.make.divisions import written
from tests.make.fake_gateway import FakeGateway


def use_fake_gateway() -> FakeGateway:
    """Let the application under test pay at a fake gateway, and return it."""
    gateway = FakeGateway()
    current_app.extensions["payment_gateways"].fixed[:] = [gateway]
    return gateway


def make_payment(
    *,
    amount_fen: int = 1230,
    method: str = "alipay",
    reference: str = "order:1",
    minutes: int = 15,
    area: str = "420923105207",
    return_url: str = "/orders/1",
) -> PaymentIntent:
    """A payment that waits for its buyer."""
    with written():
        return open_intent(
            PaymentAsk(
                amount_fen=amount_fen,
                method=method,
                subject="乡情码订单 1",
                reference=reference,
                area=area,
                return_url=return_url,
                expires_at=clock.now() + timedelta(minutes=minutes),
            )
        )


def make_attempt(payment: PaymentIntent, *, product: Product = Product.wap) -> PaymentAttempt:
    """The buyer has clicked on the way to the cashier."""
    with written():
        return begin_attempt(payment.id, product)


def pay(payment: PaymentIntent, gateway: FakeGateway) -> PaymentAttempt:
    """The buyer pays at the fake gateway, and we have asked it."""
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, attempt.amount_fen)
    ask_now(attempt.out_trade_no)
    return attempt


def make_paid_payment(
    *, gateway: FakeGateway, amount_fen: int = 1230, reference: str = "order:1"
) -> PaymentIntent:
    """A payment whose money has come through the fake gateway."""
    payment = make_payment(amount_fen=amount_fen, reference=reference)
    pay(payment, gateway)
    return payment


def make_offline_paid_payment(*, amount_fen: int = 1230, keeper: str = "7") -> PaymentIntent:
    """A payment whose money a keeper has taken by hand."""
    payment = make_payment(amount_fen=amount_fen, method="offline")
    with written():
        confirm_offline(payment.id, keeper)
    return payment
