"""
What happens when the gateway sends word by itself.

Who sent it is judged before anything is looked up for writing; then one transaction keeps the notification, settles the
payment and answers. Exactly seven bytes say that it need not be told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from commons import clock
from commons.db import db, end_read, locked, transaction
from marketplace.payments.alipay.notifications import (
    FAILURE_BODY,
    SUCCESS_BODY,
    Fault,
    Notification,
    Recipient,
    Refused,
    StoredAttempt,
    read_notification,
)
from marketplace.payments.alipay_driver import report_of
from marketplace.payments.gateways import gateways
from marketplace.payments.models import PaymentIntent
from marketplace.payments.queries import attempt_numbered
from marketplace.payments.record_models import PaymentNotification
from marketplace.payments.records import open_case
from marketplace.payments.rules import UNKNOWN_ORDER_PATIENCE, CaseKind
from marketplace.payments.settle import settle_payment

log = structlog.get_logger(__name__)


def receive(fields: Mapping[str, str]) -> bytes:
    """Judge and apply one notification; return the body to answer with."""
    judged = read_notification(fields, _find_attempt, _find_recipient)
    end_read()  # the looking-up began one; what follows has to see the present
    if isinstance(judged, Notification):
        return _apply(judged)
    if judged.notification is not None:
        return _keep_doubtful(judged, judged.notification)
    return _turn_away(judged.fault, fields)


def _find_attempt(out_trade_no: str) -> StoredAttempt | None:
    attempt = attempt_numbered(out_trade_no)
    if attempt is None or not attempt.app_id:
        return None
    return StoredAttempt(attempt.out_trade_no, attempt.app_id, attempt.livemode, attempt.amount_fen)


def _find_recipient(app_id: str, livemode: bool | None) -> Recipient | None:
    gateway = gateways().of(app_id, livemode)
    return None if gateway is None else gateway.recipient


def _apply(notification: Notification) -> bytes:
    with transaction():
        if _keep(notification).applied_at is None:
            settle_payment(report_of(notification))
            _mark_applied(notification)
    return SUCCESS_BODY


def _keep_doubtful(judged: Refused, notification: Notification) -> bytes:
    """It is truly Alipay's word for us, but the amount is another, or we know no such order."""
    with transaction():
        kept = _keep(notification)
        if kept.applied_at is not None:
            return SUCCESS_BODY
        if judged.fault is Fault.wrong_amount:
            settle_payment(report_of(notification))
        elif clock.now() < kept.first_at + UNKNOWN_ORDER_PATIENCE:
            return FAILURE_BODY
        else:
            number = notification.out_trade_no
            told = {"trade_no": notification.trade_no, "total_fen": notification.total_fen}
            open_case(CaseKind.unknown_order, number, out_trade_no=number, told=told)
        _mark_applied(notification)
    return SUCCESS_BODY


def _keep(notification: Notification) -> PaymentNotification:
    """
    Store the notification once and return the stored row.

    The payment is locked first, so that the same notification arriving twice at once waits here for the other.
    """
    attempt = attempt_numbered(notification.out_trade_no)
    if attempt is not None:
        locked(PaymentIntent, attempt.intent_id)
    kept = locked(PaymentNotification, notification.notify_id)
    if kept is None:
        kept = PaymentNotification(
            notify_id=notification.notify_id,
            out_trade_no=notification.out_trade_no,
            fields=dict(notification.fields),
            first_at=clock.now(),
        )
        db.session.add(kept)
    return kept


def _mark_applied(notification: Notification) -> None:
    kept = db.session.get(PaymentNotification, notification.notify_id)
    assert kept is not None
    kept.applied_at = clock.now()


def _turn_away(fault: Fault, fields: Mapping[str, str]) -> bytes:
    """Not provably Alipay's, or not ours: nothing is believed, and a person hears of it once a day per kind."""
    number = fields.get("out_trade_no", "")[:64]
    log.warning("notification_refused", fault=fault.value, out_trade_no=number)
    if fault is not Fault.malformed and attempt_numbered(number) is not None:
        _tell_of_forgery(fault, number, clock.now())
    return FAILURE_BODY


def _tell_of_forgery(fault: Fault, number: str, now: datetime) -> None:
    day = clock.to_beijing(now).date().isoformat()
    with transaction():
        open_case(
            CaseKind.forged,
            f"{day}:{fault}",
            number.rpartition("_")[0],
            out_trade_no=number,
            fault=fault.value,
        )
