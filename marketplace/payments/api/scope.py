"""What a caller may see: rows of their own world and account, and how the answer is when there is none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select

from commons.db import db
from marketplace.payments.api.errors import ApiError, no_such
from marketplace.payments.api.registry import Call
from marketplace.payments.models import Charge, PaymentIntent, Refund


def mine(call: Call, model: Any) -> ColumnElement[bool]:
    """Return the condition that a row of *model* (with ``livemode`` and ``account``) is the caller's."""
    belongs: ColumnElement[bool] = (model.livemode == call.livemode) & (model.account == call.account)
    # Said in so many words, so that the index of the few rows with an account of their own may be used.
    return belongs & is_named(model.account) if call.account else belongs


def is_named(column: Any) -> ColumnElement[bool]:
    """Return the condition that *column* is not empty, written as the partial indexes write it."""
    named: ColumnElement[bool] = column != literal_column("''")
    return named


def my_intents(call: Call) -> Select[PaymentIntent]:
    """Return the caller's payments."""
    return select(PaymentIntent).where(mine(call, PaymentIntent))


def my_charges(call: Call) -> Select[Charge]:
    """Return the caller's charges: those of the caller's payments."""
    return _through_intent(call, Charge)


def my_refunds(call: Call) -> Select[Refund]:
    """Return the caller's refunds: those of the caller's payments."""
    return _through_intent(call, Refund)


def _through_intent(call: Call, model: Any) -> Select[Any]:
    joined = select(model).join(PaymentIntent, PaymentIntent.id == model.intent_id)
    return joined.where(model.livemode == call.livemode, mine(call, PaymentIntent))


def the(call: Call, wanted: Select[Any], model: Any, key: str, words: tuple[str, str]) -> Any:
    """
    Return the row *key* of *wanted*; *words* are what Stripe calls the object and the parameter.

    Raises:
        ApiError: 404; if the caller's account has it in the other world, it is said so.
    """
    found = db.session.scalar(wanted.where(model.id == key))
    if found is not None:
        return found
    raise lacking(call, model, key, words)


def lacking(call: Call, model: Any, key: str, words: tuple[str, str]) -> ApiError:
    """Return the refusal for an object that is not the caller's."""
    elsewhere = db.session.get(model, key)
    through = getattr(elsewhere, "intent_id", None)
    owner = db.session.get(PaymentIntent, through) if through else elsewhere
    other_world = owner is not None and owner.account == call.account and owner.livemode != call.livemode
    return no_such(words[0], key, words[1], ("test" if call.livemode else "live") if other_world else "")
