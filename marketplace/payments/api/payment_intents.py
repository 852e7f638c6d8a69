"""``/v1/payment_intents``: money asked for, handed to its payer, given up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from commons import clock
from commons.db import end_read, locked, transaction
from commons.rows import write_changes
from commons.security import equal
from marketplace.payments.actions import PaymentAsk, ProgramWords, cancel_payment, open_intent
from marketplace.payments.api.customers import check_customer
from marketplace.payments.api.errors import ApiError, bad_parameter, no_such, unauthorised
from marketplace.payments.api.intent_words import (
    CONFIRM,
    CREATE,
    LONGEST_SUBJECT,
    SAID,
    UPDATE,
    described,
    intent_shown,
    intents_shown,
    unexpected,
)
from marketplace.payments.api.lists import DATED, page
from marketplace.payments.api.params import OneOf, Params, Text, merged
from marketplace.payments.api.payment_methods import check_method, name_method
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import is_named, lacking, my_intents, the
from marketplace.payments.api.sealing import opened, sealed
from marketplace.payments.asking import BEFORE_PAYER, HandOver, change_amount, hand_to_payer
from marketplace.payments.errors import AlreadyPaid, NotPayable
from marketplace.payments.flows import close_now
from marketplace.payments.links import client_secret
from marketplace.payments.models import PaymentIntent
from marketplace.payments.queries import open_attempts
from marketplace.payments.rules import IntentStatus, Method

URL = "/v1/payment_intents"
NAMES = ("payment_intent", "intent")
# Stripe's payments wait for ever; Alipay wants to be told an end, so ours has one.
LIFE = timedelta(hours=24)
PERSONAL = ("receipt_email", "shipping")
REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")


@endpoint("POST", URL, Params(**CREATE), answers="payment_intent")
def create_intent(call: Call) -> Answer:
    """Ask for money; with ``confirm`` hand it to its payer at once."""
    given = call.params
    types = _types(given)
    chosen = _chosen_method(call)
    said = {name: given[name] for name in SAID if given.get(name)}
    said |= {"types": types, "api": True} | ({"automatic": True} if _is_automatic(given) else {})
    said |= described(given.get("description") or "")
    program = ProgramWords(
        livemode=call.livemode,
        customer=check_customer(call, given["customer"]) if given.get("customer") else "",
        payment_method=chosen,
        has_method=bool(chosen),
        said=said,
        sealed=sealed({name: given.get(name) for name in PERSONAL}),
    )
    row = open_intent(
        PaymentAsk(
            amount_fen=given["amount"],
            method=_method(types, chosen),
            subject=given.get("description") or "",
            expires_at=clock.now() + LIFE,
            return_url=given.get("return_url", ""),
            account=call.account,
            metadata=merged({}, given),
            program=program,
        )
    )
    if given.get("confirm"):
        _hand_over(call, row, chosen)
    elif "return_url" in given:
        raise bad_parameter("return_url", "return_url can only be used when confirm=true.")
    return intent_shown(call, row)


@endpoint(
    "GET", f"{URL}/<id>", Params(client_secret=Text(longest=200)), answers="payment_intent", publishable=True
)
def retrieve_intent(call: Call) -> Answer:
    """Retrieve a payment; with a publishable key by its client secret."""
    return intent_shown(call, _the(call))


@endpoint("POST", f"{URL}/<id>", Params(**UPDATE), answers="payment_intent")
def update_intent(call: Call) -> Answer:
    """Say more or something else of a payment; the amount only before a payer is at the cashier."""
    row, given = _the(call, lock=True), call.params
    if given.keys() - {"metadata", "description", "receipt_email", "shipping"}:
        _require(call, row, "updated")
    if "amount" in given and given["amount"] != row.amount_fen:
        try:
            change_amount(row, given["amount"])
        except NotPayable as refusal:
            raise unexpected(call, row, "updated", BEFORE_PAYER[:2]) from refusal
    if "customer" in given:
        row.customer = check_customer(call, given["customer"]) if given["customer"] else ""
    if "description" in given:
        _describe(row, given["description"] or "")
    _say(row, given)
    chosen = _chosen_method(call)
    if chosen or given.get("payment_method", "") is None:
        _choose(row, chosen)
    return intent_shown(call, row)


@endpoint("POST", f"{URL}/<id>/confirm", Params(**CONFIRM), answers="payment_intent", publishable=True)
def confirm_intent(call: Call) -> Answer:
    """Hand a payment to its payer: ``next_action`` says where."""
    row = _the(call, lock=True)
    _require(call, row, "confirmed")
    _say(row, call.params)
    chosen = _chosen_method(call) or row.payment_method
    _hand_over(call, row, chosen)
    write_changes(row)
    return intent_shown(call, row)


CANCEL = Params(cancellation_reason=OneOf(words=REASONS))


@endpoint("POST", f"{URL}/<id>/cancel", CANCEL, answers="payment_intent", talks=True)
def cancel_intent(call: Call) -> Answer:
    """Give a payment up; where the cashier may be open, Alipay is asked to close it first."""
    with transaction():
        row = _the(call, lock=True)
        if row.status == IntentStatus.canceled and call.is_resumed:
            return intent_shown(call, row)
        _require(call, row, "canceled", (*BEFORE_PAYER, IntentStatus.processing))
        cancel_payment(row.id, call.params.get("cancellation_reason", ""))
        numbers = [each.out_trade_no for each in open_attempts(row.id)]
    for number in numbers:
        close_now(number)
    end_read()
    row = _the(call)
    if row.status == IntentStatus.succeeded:
        raise unexpected(call, row, "canceled", BEFORE_PAYER)
    return intent_shown(call, row)


@endpoint("POST", f"{URL}/<id>/capture", Params(amount_to_capture=Text(longest=20)), answers="payment_intent")
def capture_intent(call: Call) -> Answer:
    """Refuse: Alipay takes the money when the payer pays, there is nothing to capture."""
    row = _the(call)
    words = (
        f"This PaymentIntent could not be captured because it has a status of {row.status}. "
        "Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
    )
    raise ApiError(words, code="payment_intent_unexpected_state", payment_intent=intent_shown(call, row))


@endpoint("GET", URL, Params(**DATED, customer=Text(longest=64)), answers="list:payment_intent")
def list_intents(call: Call) -> Answer:
    """List payments, newest first."""
    wanted = my_intents(call)
    if "customer" in call.params:
        wanted = wanted.where(
            PaymentIntent.customer == call.params["customer"], is_named(PaymentIntent.customer)
        )
    return page(call, URL, wanted, PaymentIntent, lambda rows: intents_shown(call, rows))


# -- what the handlers have in common --------------------------------------------------------------------


def _the(call: Call, *, lock: bool = False) -> PaymentIntent:
    """Return the payment that the path names, if the caller may know it; for a browser only with its client secret."""
    row: PaymentIntent
    if lock:
        found = locked(PaymentIntent, call.id)
        if found is None or (found.livemode, found.account) != (call.livemode, call.account):
            raise lacking(call, PaymentIntent, call.id, NAMES)
        row = found
    else:
        row = the(call, my_intents(call), PaymentIntent, call.id, NAMES)
    secret = call.params.get("client_secret", "")
    if call.caller.is_publishable and not secret:
        raise unauthorised(
            "A publishable key needs the client_secret of the PaymentIntent.", code="secret_key_required"
        )
    if secret and not equal(secret, client_secret(row.id)):
        raise no_such("payment_intent", call.id, "intent")
    return row


def _require(
    call: Call, row: PaymentIntent, what: str, allowed: tuple[IntentStatus, ...] = BEFORE_PAYER
) -> None:
    if row.status not in allowed or (row.cancel_asked_at is not None and what != "canceled"):
        raise unexpected(call, row, what, allowed)


def _types(given: dict[str, Any]) -> list[str]:
    types = given.get("payment_method_types")
    automatic = given.get("automatic_payment_methods")
    if types and automatic and automatic["enabled"]:
        words = (
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
        )
        raise bad_parameter("automatic_payment_methods", words)
    if automatic and automatic.get("allow_redirects") == "never":
        words = "Alipay leads the payer to its own cashier, so redirects have to be allowed."
        raise bad_parameter("automatic_payment_methods[allow_redirects]", words)
    return list(types or ["alipay"])


def _is_automatic(given: dict[str, Any]) -> bool:
    """Say whether the methods are ours to choose: so it is where none is named and the program does not forbid it."""
    automatic = given.get("automatic_payment_methods")
    return "payment_method_types" not in given and (automatic is None or automatic["enabled"])


def _chosen_method(call: Call) -> str:
    """Return the payment method that the call gives, by name or as data; empty if it gives none."""
    given = call.params
    if given.get("payment_method") and given.get("payment_method_data"):
        words = "You may only specify one of these parameters: payment_method, payment_method_data."
        raise bad_parameter("payment_method_data", words)
    if given.get("payment_method_data"):
        return name_method(call, given["payment_method_data"])
    key = given.get("payment_method")
    return check_method(call, key) if key else ""


def _method(types: list[str], chosen: str) -> Method:
    """Return by what a payment is paid: a named method is Alipay's; by hand only where nothing else is offered."""
    return Method.offline if types == ["offline"] and not chosen else Method.alipay


def _describe(row: PaymentIntent, description: str) -> None:
    row.subject = description[:LONGEST_SUBJECT]
    others = {name: word for name, word in (row.said or {}).items() if name != "description"}
    row.said = others | described(description)


def _say(row: PaymentIntent, given: dict[str, Any]) -> None:
    row.details = merged(row.details, given)
    said = {name: given[name] for name in SAID if name in given}
    if given.get("payment_method_types"):
        said |= {"types": list(given["payment_method_types"]), "automatic": False}
        row.method = _method(said["types"], row.payment_method)
    if said:
        row.said = (row.said or {}) | said
    personal = {name: given[name] for name in PERSONAL if name in given}
    if personal:
        row.sealed = sealed(opened(row.sealed) | personal)


def _choose(row: PaymentIntent, chosen: str) -> None:
    row.payment_method = chosen
    if row.status in {IntentStatus.requires_payment_method, IntentStatus.requires_confirmation}:
        row.status = IntentStatus.requires_confirmation if chosen else IntentStatus.requires_payment_method


def _hand_over(call: Call, row: PaymentIntent, chosen: str) -> None:
    types = (row.said or {}).get("types") or [row.method]
    method = _method(types, chosen)
    if method is Method.alipay and "alipay" not in types:
        raise bad_parameter(
            "payment_method", "The payment method type 'alipay' is not allowed for this PaymentIntent."
        )
    if method is Method.alipay and not chosen:
        words = (
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
            "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment "
            "method or ConfirmationToken."
        )
        shown = intent_shown(call, row)
        raise ApiError(words, code="payment_intent_unexpected_state", payment_intent=shown)
    if method is Method.alipay and not (call.params.get("return_url") or row.return_url):
        words = (
            "A return_url must be specified: Alipay's payers are led to its cashier and have to come back."
        )
        raise bad_parameter("return_url", words, "parameter_missing")
    if call.params.get("error_on_requires_action"):
        words = "This payment requires additional user action before it can be completed successfully."
        raise ApiError(words, status=402, code="authentication_required", kind="card_error")
    if call.params.get("off_session"):
        raise bad_parameter("off_session", "Alipay cannot be paid without its payer.")
    try:
        hand_to_payer(row, HandOver(method, call.params.get("return_url", ""), chosen))
    except (NotPayable, AlreadyPaid) as refusal:
        raise unexpected(call, row, "confirmed", BEFORE_PAYER) from refusal
    if not (row.said or {}).get("api"):
        row.said = (row.said or {}) | {"api": True}
