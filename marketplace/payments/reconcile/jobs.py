"""The daily reconciliation, asked for by the clock a little after ten in China."""

from __future__ import annotations

from datetime import date, timedelta

from commons import clock
from commons.db import end_read, transaction
from commons.outbox import enqueue, job
from marketplace.payments.gateways import gateways
from marketplace.payments.reconcile.flows import reconcile
from marketplace.payments.reconcile.queries import the_bill
from marketplace.payments.reconcile.rules import BillState, last_ready_day

DAYS_BACK = 7


@job("payment.reconcile_daily", every=timedelta(days=1), offset=timedelta(hours=2, minutes=10))
def plan_reconciliation() -> None:
    """Safe to repeat: one job per application and day; days that a standing worker missed are caught up."""
    newest = last_ready_day(clock.now())
    missing = [
        (gateway.app_id, gateway.livemode, newest - timedelta(days=back))
        for gateway in gateways().all()
        for back in reversed(range(DAYS_BACK))
    ]
    wanted = [each for each in missing if _is_wanted(*each)]
    end_read()
    with transaction():
        for app_id, livemode, day in wanted:
            enqueue(
                "payment.reconcile",
                unique_key=f"payment.reconcile:{app_id}:{livemode}:{day}",
                app_id=app_id,
                livemode=livemode,
                day=day.isoformat(),
            )


def _is_wanted(app_id: str, livemode: bool, day: date) -> bool:
    bill = the_bill(app_id, livemode, day)
    return bill is None or not BillState(bill.state).is_over


@job("payment.reconcile")
def reconcile_day(app_id: str, livemode: bool, day: str) -> None:
    """Safe to repeat: lines are replaced, postings and cases exist once, and a day that is done stays done."""
    reconcile(app_id, livemode, date.fromisoformat(day))
