"""Work on sellers' money, done later."""

from __future__ import annotations

from datetime import timedelta

from commons import clock
from commons.db import transaction
from commons.outbox import job
from marketplace.payments.connect.direct_flows import confirm_now, share_now
from marketplace.payments.connect.flows import pay_out_now
from marketplace.payments.connect.leaving import forget_payee, payees_of_who_left


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


@job("payment.forget_payees", every=timedelta(days=1))
def forget_payees() -> None:
    """Safe to repeat: what is forgotten stays forgotten, and what is owed keeps its payee until the next day."""
    for account_id in payees_of_who_left(clock.now()):
        with transaction():
            forget_payee(account_id)
