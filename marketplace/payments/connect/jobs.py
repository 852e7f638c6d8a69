"""Work on sellers' money, done later."""

from __future__ import annotations

from commons.outbox import job
from marketplace.payments.connect.direct_flows import confirm_now, share_now
from marketplace.payments.connect.flows import pay_out_now


@job("payment.payout")
def send_payout(number: str) -> None:
    """Safe to repeat: the payout's own number goes out every time, and an answer that was lost is asked about first."""
    pay_out_now(number)


@job("payment.confirm")
def confirm_settlement(number: str) -> None:
    """Safe to repeat: Alipay confirms one number once, with the amount that was frozen at the first sending."""
    confirm_now(number)


@job("payment.share")
def take_share(number: str) -> None:
    """Safe to repeat: Alipay shares one number once, with the amount that was frozen at the first sending."""
    share_now(number)
