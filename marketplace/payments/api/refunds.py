"""``/v1/refunds``: money that goes back, in parts if need be, never more than came."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from commons.db import db, locked
from marketplace.money import yuan
from marketplace.payments.api.errors import ApiError, bad_parameter, no_such
from marketplace.payments.api.expand import expands
from marketplace.payments.api.lists import DATED, page
from marketplace.payments.api.params import Int, Metadata, OneOf, Params, Text, merged
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import lacking, my_charges, my_intents, my_refunds, the
from marketplace.payments.errors import NotPayable, TooMuchToRefund
from marketplace.payments.models import Charge, PaymentIntent, Refund
from marketplace.payments.objects import REFUND_REASONS, refund_object
from marketplace.payments.queries import main_charge
from marketplace.payments.records import record_refund
from marketplace.payments.refunds import cancel_refund, request_refund

URL = "/v1/refunds"
NAMES = ("refund", "id")
CREATE = Params(
    charge=Text(longest=64),
    payment_intent=Text(longest=64),
    amount=Int(least=1),
    reason=OneOf(words=tuple(sorted(REFUND_REASONS))),
    metadata=Metadata(),
)


@endpoint("POST", URL, CREATE, answers="refund")
def create_refund(call: Call) -> Answer:
    """Give money back. The answer is ``pending``: Alipay is asked by a job, and ``refund.updated`` says what became of it."""
    charge = _charge(call)
    left = charge.amount_fen - charge.refunded_fen
    if left == 0 or not charge.is_main:  # a surplus charge goes back by itself
        words = f"Charge {charge.id} has already been refunded."
        raise ApiError(words, code="charge_already_refunded")
    try:
        row = request_refund(
            charge.intent_id,
            call.params.get("amount", left),
            reason=call.params.get("reason", ""),
            metadata=merged({}, call.params),
        )
    except TooMuchToRefund as refusal:
        asked = yuan(call.params["amount"])
        words = f"Refund amount (¥{asked}) is greater than unrefunded amount on charge (¥{yuan(left)})"
        raise ApiError(words, param="amount") from refusal
    return refunds_shown([row])[0]


@endpoint("GET", f"{URL}/<id>", answers="refund")
def retrieve_refund(call: Call) -> Answer:
    """Retrieve a refund."""
    return refunds_shown([the(call, my_refunds(call), Refund, call.id, NAMES)])[0]


@endpoint("POST", f"{URL}/<id>", Params(metadata=Metadata()), answers="refund")
def update_refund(call: Call) -> Answer:
    """Change a refund's metadata."""
    known = the(call, my_refunds(call), Refund, call.id, NAMES)
    intent = locked(PaymentIntent, known.intent_id)
    row = locked(Refund, known.id)
    assert intent and row
    former = refund_object(row)
    row.details = merged(row.details or {}, call.params)
    record_refund("refund.updated", row, intent, former)
    return refunds_shown([row])[0]


LIST = Params(**DATED, charge=Text(longest=64), payment_intent=Text(longest=64))


@endpoint("GET", URL, LIST, answers="list:refund")
def list_refunds(call: Call) -> Answer:
    """List refunds, newest first."""
    wanted = my_refunds(call)
    if "charge" in call.params:
        wanted = wanted.where(Refund.charge_id == call.params["charge"])
    if "payment_intent" in call.params:
        wanted = wanted.where(Refund.intent_id == call.params["payment_intent"])
    return page(call, URL, wanted, Refund, refunds_shown)


@endpoint("POST", f"{URL}/<id>/cancel", answers="refund")
def cancel_one(call: Call) -> Answer:
    """Take back a refund that waits for somebody's hand; one that Alipay was asked for cannot be taken back."""
    known = the(call, my_refunds(call), Refund, call.id, NAMES)
    if known.status != "requires_action":
        words = f"You cannot cancel this refund because it has a status of {known.status}."
        raise ApiError(words, code="refund_cancelation_forbidden")
    return refunds_shown([cancel_refund(known.id)])[0]


def refunds_shown(rows: Sequence[Refund]) -> list[Answer]:
    """Return refunds as objects."""
    return [refund_object(row) for row in rows]


@expands("re", "refund", balance_transaction=("source",))
def find_refunds(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's refunds among *keys*."""
    rows = db.session.scalars(my_refunds(call).where(Refund.id.in_(keys))).all()
    return {shown["id"]: shown for shown in refunds_shown(rows)}


def _charge(call: Call) -> Charge:
    """Return the charge to be refunded, its payment locked, so that what is left stays what is left."""
    by_charge, by_intent = call.params.get("charge"), call.params.get("payment_intent")
    if not by_charge and not by_intent:
        raise bad_parameter("payment_intent", "One of the following params should be provided for this request: "
                            "payment_intent or charge.", "parameter_missing")  # fmt: skip
    if by_charge:
        found = db.session.scalar(my_charges(call).where(Charge.id == by_charge))
        if found is None:
            raise lacking(call, Charge, by_charge, ("charge", "charge"))
        if by_intent and found.intent_id != by_intent:
            raise no_such("payment_intent", by_intent, "payment_intent")
        locked(PaymentIntent, found.intent_id)
        return _fresh(found.id)
    assert by_intent is not None
    intent = db.session.scalar(my_intents(call).where(PaymentIntent.id == by_intent))
    if intent is None:
        raise lacking(call, PaymentIntent, by_intent, ("payment_intent", "payment_intent"))
    locked(PaymentIntent, intent.id)
    charge = main_charge(intent.id)
    if charge is None:
        words = f"This PaymentIntent ({intent.id}) does not have a successful charge to refund."
        raise ApiError(words, code="payment_intent_unexpected_state") from NotPayable()
    return _fresh(charge.id)


def _fresh(key: str) -> Charge:
    return db.session.scalars(
        select(Charge).where(Charge.id == key).execution_options(populate_existing=True)
    ).one()
