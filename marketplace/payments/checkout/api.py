"""``/v1/checkout/sessions``: a program sends its buyer to our page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from commons.db import db, end_read, locked, transaction
from commons.errors import Refusal
from marketplace.payments.api.errors import ApiError, bad_parameter
from marketplace.payments.api.expand import includes
from marketplace.payments.api.lists import DATED, PAGE, listed, page
from marketplace.payments.api.params import Metadata, OneOf, Params, Text, merged
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import the
from marketplace.payments.api.sealing import address, opened
from marketplace.payments.checkout.actions import end_session, open_session
from marketplace.payments.checkout.api_words import CREATE, ask_of
from marketplace.payments.checkout.links import url_shown
from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.objects import item_object, session_object
from marketplace.payments.checkout.queries import sessions_of
from marketplace.payments.checkout.rules import SessionStatus
from marketplace.payments.errors import AlreadyPaid
from marketplace.payments.flows import close_now
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.rules import AttemptState

URL = "/v1/checkout/sessions"
WORDS = ("checkout.session", "session")


@endpoint("POST", URL, Params(**CREATE), answers="checkout.session")
def create_session(call: Call) -> Answer:
    """Create a Checkout Session; its buyer is sent to the ``url`` of the answer."""
    session = open_session(ask_of(call))
    db.session.flush()
    return _shown(session)


@endpoint("GET", f"{URL}/<id>", answers="checkout.session")
def retrieve_session(call: Call) -> Answer:
    """Retrieve a Checkout Session."""
    return _shown(_found(call))


@endpoint("POST", f"{URL}/<id>", Params(metadata=Metadata()), answers="checkout.session")
def update_session(call: Call) -> Answer:
    """Change the metadata of a Checkout Session."""
    session = locked(CheckoutSession, _found(call).id)
    assert session is not None
    session.details = merged(session.details, call.params)
    return _shown(session)


@endpoint(
    "GET",
    URL,
    Params(
        **DATED,
        payment_intent=Text(longest=64),
        customer=Text(longest=64),
        status=OneOf(words=tuple(SessionStatus)),
    ),
    answers="list:checkout.session",
)
def list_sessions(call: Call) -> Answer:
    """List Checkout Sessions, newest first."""
    wanted = _mine(call)
    columns = {
        "payment_intent": CheckoutSession.intent_id,
        "customer": CheckoutSession.customer,
        "status": CheckoutSession.status,
    }
    for name, column in columns.items():
        if name in call.params:
            wanted = wanted.where(column == call.params[name])
    return page(call, URL, wanted, CheckoutSession, _show_all)


@endpoint("POST", f"{URL}/<id>/expire", answers="checkout.session", talks=True)
def expire_session(call: Call) -> Answer:
    """
    End a Checkout Session that is not paid.

    Where the buyer may be at the cashier, the gateway is asked to close it first, so that nobody pays what is over.
    """
    session = _found(call)
    if session.status != SessionStatus.open:
        raise _not_open(session)
    try:
        with transaction():
            end_session(session.id)
        for number in _closing(session.id):
            close_now(number)
    except AlreadyPaid as paid:
        raise _not_open(_fresh(call)) from paid
    except Refusal as moved:
        raise _try_later() from moved
    session = _fresh(call)
    if session.status == SessionStatus.complete:
        raise _not_open(session)
    if session.status == SessionStatus.open:
        raise _try_later()
    return _shown(session)


@endpoint("GET", f"{URL}/<id>/line_items", Params(**PAGE), answers="list:item")
def list_line_items(call: Call) -> Answer:
    """List what the buyer pays for, in the order in which it was given."""
    session = _found(call)
    shown = [item_object(kept, session) for kept in session.items]
    start, end = 0, len(shown)
    places = {each["id"]: place for place, each in enumerate(shown)}
    for name in ("starting_after", "ending_before"):
        if name in call.params and call.params[name] not in places:
            raise bad_parameter(name, f"No such line item: '{call.params[name]}'", "resource_missing")
    limit = call.params.get("limit", 10)
    if "ending_before" in call.params:
        end = places[call.params["ending_before"]]
        start = max(0, end - limit)
        return listed(f"{URL}/{session.id}/line_items", shown[start:end], has_more=start > 0)
    if "starting_after" in call.params:
        start = places[call.params["starting_after"]] + 1
    piece = shown[start : start + limit]
    return listed(f"{URL}/{session.id}/line_items", piece, has_more=start + limit < end)


@includes("checkout.session", "line_items", of="item")
def line_items_of(call: Call, objects: list[Answer]) -> list[Any]:
    """Return the first lines of each session: they are shown only when asked for."""
    keys = [each["id"] for each in objects]
    rows = {row.id: row for row in db.session.scalars(_mine(call).where(CheckoutSession.id.in_(keys)))}
    return [_first_lines(rows[key]) for key in keys]


def _first_lines(session: CheckoutSession) -> Answer:
    shown = [item_object(kept, session) for kept in session.items[:10]]
    return listed(f"{URL}/{session.id}/line_items", shown, has_more=len(session.items) > 10)


def _mine(call: Call) -> Select[Any]:
    return sessions_of(call.livemode, call.account)


def _found(call: Call) -> CheckoutSession:
    found: CheckoutSession = the(call, _mine(call), CheckoutSession, call.id, WORDS)
    return found


def _fresh(call: Call) -> CheckoutSession:
    end_read()
    return _found(call)


def _closing(session_id: str) -> list[str]:
    """Return the attempts through which the session's money may still come."""
    asked = (
        select(PaymentAttempt.out_trade_no)
        .join(CheckoutSession, CheckoutSession.intent_id == PaymentAttempt.intent_id)
        .where(CheckoutSession.id == session_id, PaymentAttempt.state == AttemptState.open)
    )
    return list(db.session.scalars(asked))


def _not_open(session: CheckoutSession) -> ApiError:
    words = 'Only Checkout Sessions with a status in ["open"] can be expired. This Session has a status of '
    return ApiError(f"{words}{session.status}.", param="session")


def _try_later() -> ApiError:
    error = ApiError(
        "The gateway has not yet said that the payment is closed; the Session expires as soon as it does.",
        status=503,
        kind="api_error",
    )
    error.is_kept, error.should_retry = False, True
    return error


def _shown(session: CheckoutSession) -> Answer:
    """Return a session as its owner may see it: with its address, and what is personal."""
    email = opened(session.sealed).get("customer_email")
    details = {"name": None, "phone": None, "tax_exempt": "none", "tax_ids": None, "address": address(None)}
    shown = session_object(session) | {"url": url_shown(session), "customer_email": email}
    if email:
        names = {"email": email, "business_name": None, "individual_name": None}
        shown["customer_details"] = details | names
    return shown


def _show_all(rows: Sequence[CheckoutSession]) -> list[Answer]:
    return [_shown(row) for row in rows]
