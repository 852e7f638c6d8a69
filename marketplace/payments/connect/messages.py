"""
What Alipay tells the application's own gateway (应用网关): a transfer or a share has a result.

A message is a hint and no proof: it only has the gateway asked now instead of at the next planned moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import structlog
from flask import Blueprint, Response, request

from commons import clock
from commons.accounts.permissions import allow
from commons.db import db, end_read, transaction
from commons.outbox import enqueue
from commons.security import csrf_exempt_machine
from marketplace.payments.alipay.notifications import (
    FAILURE_BODY,
    SUCCESS_BODY,
    Message,
    Recipient,
    read_message,
)
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.rules import PayoutStatus
from marketplace.payments.gateways import gateways

bp = Blueprint("alipay_messages", __name__)
log = structlog.get_logger(__name__)

PATH = "/pay/alipay/messages"
LONGEST = 64 * 1024
TRANSFER_CHANGED = "alipay.fund.trans.order.changed"


@bp.post(PATH)
@csrf_exempt_machine
@allow("pay")
def hear_message() -> Response:
    """Alipay alone, by its signature: something has a result, and may be asked about."""
    body = FAILURE_BODY
    if (request.content_length or 0) <= LONGEST:
        text = request.get_data(cache=False).decode("utf-8", errors="replace")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=200)
        body = receive(dict(pairs)) if len(dict(pairs)) == len(pairs) else FAILURE_BODY
    return Response(body, mimetype="text/plain")


def receive(fields: Mapping[str, str]) -> bytes:
    """Judge one message, and have what it speaks of asked about; return the body to answer with."""
    told = read_message(fields, _find_recipient)
    if not isinstance(told, Message):
        log.warning("message_refused", fault=told.fault.value)
        return FAILURE_BODY
    number = str(told.biz.get("out_biz_no", ""))[:64]
    payout = db.session.get(Payout, number) if told.method == TRANSFER_CHANGED else None
    is_waiting = payout is not None and PayoutStatus(payout.status).is_open
    end_read()
    if is_waiting:
        with transaction():
            minute = clock.now().strftime("%Y%m%d%H%M")
            enqueue("payment.payout", unique_key=f"payment.payout:{number}:told:{minute}", number=number)
    return SUCCESS_BODY


def _find_recipient(app_id: str, livemode: bool | None) -> Recipient | None:
    gateway = gateways().of(app_id, livemode)
    return None if gateway is None else gateway.recipient
