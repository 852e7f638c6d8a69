"""Sending what was written down, and forgetting what was sent."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select, update

from commons import clock
from commons.db import db, end_read, transaction
from commons.messaging.demonstration import DemonstrationSender
from commons.messaging.http import HttpSender
from commons.messaging.models import OutgoingMessage
from commons.messaging.protocol import Message, Sender
from commons.messaging.queries import values_of
from commons.messaging.rules import worded
from commons.outbox import job
from commons.security import open_text
from commons.settings import current

KEEP_WORDS = timedelta(days=1)
KEEP_ROWS = timedelta(days=90)


def chosen_sender() -> Sender:
    """Return the sender that the settings name."""
    settings = current()
    if settings.sms_sender == "http":
        return HttpSender(settings.sms_endpoint, settings.sms_key)
    return DemonstrationSender()


@job("message.deliver")
def deliver(number: str) -> None:
    """Send one message. Safe to repeat: a sent one is left alone, and the gateway knows its number."""
    row = db.session.scalar(select(OutgoingMessage).where(OutgoingMessage.number == number))
    if row is None or row.state != "waiting" or row.phone_sealed is None:
        return
    now, sender = clock.now(), chosen_sender()
    if row.expires_at is not None and row.expires_at <= now:
        _mark(number, "expired", keep_words=False)
        return
    values = values_of(row)
    message = Message(number, open_text(row.phone_sealed), row.template, values, worded(row.template, values))
    end_read()
    sender.deliver(message)
    _mark(number, "sent", keep_words=sender.keeps_words)


def _mark(number: str, state: str, *, keep_words: bool) -> None:
    changes: dict[str, object] = {"state": state, "sent_at": clock.now()}
    if not keep_words:
        changes |= {"phone_sealed": None, "values_sealed": None}
    with transaction() as writing:
        writing.execute(update(OutgoingMessage).where(OutgoingMessage.number == number).values(**changes))


@job("message.forget", every=timedelta(hours=6))
def forget_old() -> None:
    """Erase the words of old messages and remove very old rows. Safe to repeat: what is erased stays erased."""
    now = clock.now()
    gone = {"phone_sealed": None, "values_sealed": None}
    with transaction() as writing:
        old = OutgoingMessage.created_at < now - KEEP_WORDS
        writing.execute(update(OutgoingMessage).where(old).values(**gone))
        writing.execute(delete(OutgoingMessage).where(OutgoingMessage.created_at < now - KEEP_ROWS))
