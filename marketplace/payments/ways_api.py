"""
``/v1/payment_intents/<id>/open_alipay``: Alipay's doors that no browser goes through. An addition of ours to Stripe's interface.

Stripe leads every payer through a page. A shop's own app, a stall's screen and a page inside Alipay need something else of the
gateway; they find it where Stripe's clients look for it, in ``next_action.alipay_handle_redirect``.
"""

from __future__ import annotations

from commons.db import end_read
from commons.security import equal
from marketplace.payments.api.errors import ApiError, bad_parameter, no_such, unauthorised
from marketplace.payments.api.intent_words import intent_shown, unexpected
from marketplace.payments.api.params import OneOf, Params, Text
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import my_intents, the
from marketplace.payments.errors import NotPayable
from marketplace.payments.links import client_secret
from marketplace.payments.models import PaymentIntent
from marketplace.payments.opening import GatewaySilent, app_order, bridge_trade, stall_code
from marketplace.payments.rules import IntentStatus

DOORS = Params(
    client=OneOf(
        required=True, words=("app", "mini_program", "qr"), about="Through which door the payer goes."
    ),
    buyer=Text(
        longest=128, about="For mini_program: the payer's open id for this application, or their user id."
    ),
    client_secret=Text(longest=200),
)


@endpoint(
    "POST",
    "/v1/payment_intents/<id>/open_alipay",
    DOORS,
    answers="payment_intent",
    publishable=True,
    talks=True,
)
def open_alipay(call: Call) -> Answer:
    """
    Open Alipay for a payment that is confirmed.

    ``native_data`` is the order string for an app's kit, or the trade's number (``tradeNO``) inside Alipay; ``native_url``
    is the text of the code that a payer scans.
    """
    row = _the(call)
    if row.status != IntentStatus.requires_action:
        raise unexpected(call, row, "opened", [IntentStatus.requires_action])
    try:
        found = _opened(call)
    except NotPayable as refusal:
        raise unexpected(call, _the(call), "opened", [IntentStatus.requires_action]) from refusal
    except GatewaySilent as silent:
        error = ApiError("Alipay did not answer; nothing was opened twice.", status=503, kind="api_error")
        error.is_kept, error.should_retry = False, True
        raise error from silent
    end_read()
    shown = intent_shown(call, _the(call))
    if shown["next_action"]:
        shown["next_action"]["alipay_handle_redirect"] |= found
    return shown


def _opened(call: Call) -> dict[str, str]:
    client = call.params["client"]
    if client == "app":
        return {"native_data": app_order(call.id)}
    if client == "qr":
        return {"native_url": stall_code(call.id)[0]}
    buyer = call.params.get("buyer", "")
    if not buyer or "|" in buyer:
        raise bad_parameter("buyer", "Missing required param: buyer.", "parameter_missing")
    return {"native_data": bridge_trade(call.id, buyer)}


def _the(call: Call) -> PaymentIntent:
    """Return the payment that the path names; an app with a publishable key knows it by its client secret alone."""
    secret = call.params.get("client_secret", "")
    if call.caller.is_publishable and not secret:
        raise unauthorised(
            "A publishable key needs the client_secret of the PaymentIntent.", code="secret_key_required"
        )
    row: PaymentIntent = the(call, my_intents(call), PaymentIntent, call.id, ("payment_intent", "intent"))
    if secret and not equal(secret, client_secret(row.id)):
        raise no_such("payment_intent", call.id, "intent")
    return row
