"""Messages as a person reads them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from commons.db import db
from commons.messaging.models import OutgoingMessage
from commons.messaging.rules import worded
from commons.security import open_text


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """One message on the demonstration's page."""

    phone: str
    words: str
    at: datetime


def values_of(message: OutgoingMessage) -> dict[str, str]:
    """Return the values of a message whose seal still stands."""
    values: dict[str, str] = json.loads(open_text(message.values_sealed or b""))
    return values


def shown_messages(limit: int = 50) -> list[ShownMessage]:
    """Return the newest messages that can still be read, newest first."""
    statement = select(OutgoingMessage).where(OutgoingMessage.values_sealed.is_not(None))
    rows = db.session.scalars(statement.order_by(OutgoingMessage.id.desc()).limit(limit))
    return [
        ShownMessage(open_text(row.phone_sealed or b""), worded(row.template, values_of(row)), row.created_at)
        for row in rows
    ]
