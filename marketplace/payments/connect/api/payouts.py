"""``/v1/payouts``: paying a seller, in the name of the account that ``Stripe-Account`` names."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from commons.db import db
from commons.errors import Refusal
from marketplace.payments.api.errors import ApiError, no_such
from marketplace.payments.api.expand import expands
from marketplace.payments.api.lists import DATED, page, within
from marketplace.payments.api.params import SPAN, Amount, Metadata, OneOf, Params, Text, merged
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.connect.errors import BalanceTooSmall, NotSetUp, PayoutsBlocked, TooSmall
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.objects import payout_object
from marketplace.payments.connect.payouts import (
    PayoutAsk,
    cancel_payout,
    locked_payout,
    record_payout,
    request_payout,
)
from marketplace.payments.connect.rules import PayoutStatus

URL = "/v1/payouts"
CREATE = Params(
    amount=Amount(required=True),
    currency=OneOf(words=("cny",), required=True),
    description=Text(longest=120),
    destination=Text(longest=64, about="The account's own external account; there is only one."),
    metadata=Metadata(),
    method=OneOf(words=("standard",)),
    source_type=OneOf(words=("bank_account", "card")),
    statement_descriptor=Text(
        longest=22,
        about="What the payee reads: the transfer's title at Alipay, the purpose in the bank's list.",
    ),
)
REFUSED = {
    BalanceTooSmall: ("balance_insufficient", "You have insufficient funds in this account for this payout."),
    NotSetUp: ("payouts_not_allowed", "Payouts are not enabled for this account: see its requirements."),
    PayoutsBlocked: ("payouts_not_allowed", "Payouts are stopped for this account."),
    TooSmall: ("amount_too_small", "The amount is below the least that can be paid out."),
}


@endpoint("POST", URL, CREATE, answers="payout")
def create_payout(call: Call) -> Answer:
    """Pay out what an account is owed, by its own means: Alipay transfer, bank list, or cash against a slip."""
    if not call.account:
        words = "Payouts are made for an account: name it with Stripe-Account. The platform's own money leaves Alipay by its own withdrawal."
        raise ApiError(words, code="account_invalid")
    destination = call.params.get("destination")
    if destination and destination != _external(call.account):
        raise no_such("external account", destination, "destination")
    ask = PayoutAsk(
        call.account,
        call.params["amount"],
        description=call.params.get("description", ""),
        statement_descriptor=call.params.get("statement_descriptor"),
        metadata=merged({}, call.params),
    )
    try:
        return payout_object(request_payout(ask))
    except (BalanceTooSmall, NotSetUp, PayoutsBlocked, TooSmall) as refusal:
        raise _told(refusal) from refusal


def _told(refusal: Refusal) -> ApiError:
    code, words = REFUSED[type(refusal)]
    return ApiError(words, code=code, param="amount" if "amount" in code or "balance" in code else None)


def _external(account_id: str) -> str:
    return f"ba_{account_id.removeprefix('acct_')}"


@endpoint("GET", f"{URL}/<id>", answers="payout")
def retrieve_payout(call: Call) -> Answer:
    """Retrieve a payout."""
    return payout_object(_the(call))


@endpoint("POST", f"{URL}/<id>", Params(metadata=Metadata()), answers="payout")
def update_payout(call: Call) -> Answer:
    """Change a payout's metadata."""
    payout = locked_payout(_the(call).id)
    former = payout_object(payout)
    payout.details = merged(payout.details, call.params)
    record_payout("payout.updated", payout, former)
    return payout_object(payout)


LIST = Params(
    **DATED,
    status=OneOf(words=tuple(PayoutStatus)),
    destination=Text(longest=64),
    arrival_date=SPAN,
)


@endpoint("GET", URL, LIST, answers="list:payout")
def list_payouts(call: Call) -> Answer:
    """List payouts, newest first: an account's own, or all for the platform."""
    arrives = func.coalesce(Payout.done_at, Payout.created_at)  # as the object shows it
    wanted = within(select(Payout).where(_mine(call)), arrives, call.params.get("arrival_date"))
    if "status" in call.params:
        wanted = wanted.where(Payout.status == call.params["status"])
    if "destination" in call.params:
        wanted = wanted.where(Payout.account_id == f"acct_{call.params['destination'].removeprefix('ba_')}")
    return page(call, URL, wanted, Payout, lambda rows: [payout_object(row) for row in rows])


@endpoint("POST", f"{URL}/<id>/cancel", answers="payout")
def cancel_one(call: Call) -> Answer:
    """Take back a payout that has not left yet."""
    payout = _the(call)
    if payout.status != PayoutStatus.pending:
        words = f"Payouts can only be canceled while they are pending; this one is {payout.status}."
        raise ApiError(words, code="payout_unexpected_state")
    return payout_object(cancel_payout(payout.id))


def _mine(call: Call) -> ColumnElement[bool]:
    mine = Payout.livemode == call.livemode
    return mine & (Payout.account_id == call.account) if call.account else mine


def _the(call: Call) -> Payout:
    found = db.session.scalar(select(Payout).where(_mine(call), Payout.id == call.id))
    if found is None:
        raise no_such("payout", call.id)
    return found


@expands("po", "payout", balance_transaction=("source",))
def find_payouts(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's payouts among *keys*."""
    rows = db.session.scalars(select(Payout).where(_mine(call), Payout.id.in_(keys))).all()
    return {row.id: payout_object(row) for row in rows}
