"""Work on sellers' money, done later."""

from __future__ import annotations

from commons.outbox import job
from marketplace.payments.connect.flows import pay_out_now


@job("payment.payout")
def send_payout(number: str) -> None:
    """Safe to repeat: the payout's own number goes out every time, and an answer that was lost is asked about first."""
    pay_out_now(number)
