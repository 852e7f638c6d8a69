"""Writing a message down, to be sent by a job; and forgetting what was sent to a telephone."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update

from commons import clock
from commons.db import db
from commons.messaging.models import OutgoingMessage
from commons.messaging.rules import places_of
from commons.outbox import enqueue
from commons.security import keyed_hash, seal_text


def send(
    phone: str, template: str, values: Mapping[str, object], *, expires_at: datetime | None = None
) -> OutgoingMessage:
    """
    Write a message to *phone* (11 digits) into the current transaction; a job sends it once that commits.

    The job's row carries only the message's number, never the telephone. ``KeyError`` for an unknown template, ``ValueError`` when
    *values* are not exactly the places of the template.
    """
    if places_of(template) != set(values):
        raise ValueError(f"{template} needs {sorted(places_of(template))}, not {sorted(values)}")
    texts = {name: str(value) for name, value in values.items()}
    message = OutgoingMessage(
        number=uuid.uuid4().hex, phone_hash=keyed_hash("phone", phone), phone_sealed=seal_text(phone),
        template=template, values_sealed=seal_text(json.dumps(texts, ensure_ascii=False)),
        created_at=clock.now(), expires_at=expires_at,
    )  # fmt: skip
    db.session.add(message)
    enqueue("message.deliver", number=message.number)
    return message


def forget(phone_hash: str) -> None:
    """Erase telephone and values from every message to one telephone: its account is closed."""
    theirs = OutgoingMessage.phone_hash == phone_hash
    gone = {"phone_sealed": None, "values_sealed": None, "phone_hash": ""}
    db.session.execute(update(OutgoingMessage).where(theirs).values(**gone))
