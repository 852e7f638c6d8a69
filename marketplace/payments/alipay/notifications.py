"""
Judge what the gateway sends by itself, in the order that payments.md section 1.4 prescribes.

signature, then our app_id, then our seller_id, then a known out_trade_no, then our stored amount. Whether
the state may move is for the caller, who alone holds the payment's lock. The verifying key belongs to the
application under which the attempt was stored; keys are never tried one after another, so that test and
live cannot settle each other.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from marketplace.payments.alipay.amounts import BadAmountError, beijing_moment, fen_of
from marketplace.payments.alipay.keys import is_signed_by

SUCCESS_BODY = b"success"  # exactly these seven bytes, with status 200, or Alipay tells us again
FAILURE_BODY = b"fail"
LONGEST_FIELD = 8192

_TRADE_SYNC = "trade_status_sync"


class TradeStatus(StrEnum):
    """What a trade can be at Alipay."""

    waiting = "WAIT_BUYER_PAY"
    success = "TRADE_SUCCESS"
    finished = "TRADE_FINISHED"
    closed = "TRADE_CLOSED"


class Fault(StrEnum):
    """Why a notification was not believed or not accepted."""

    malformed = "malformed"
    unknown_app = "unknown_app"
    bad_signature = "bad_signature"
    wrong_app_id = "wrong_app_id"
    wrong_seller_id = "wrong_seller_id"
    unknown_out_trade_no = "unknown_out_trade_no"
    wrong_amount = "wrong_amount"


# These come signed by Alipay for our own application: they are to be stored and looked at by a person.
_AUTHENTIC = frozenset({Fault.unknown_out_trade_no, Fault.wrong_amount})


@dataclass(frozen=True, slots=True)
class StoredAttempt:
    """What we wrote down before sending anybody to the cashier."""

    out_trade_no: str
    app_id: str
    livemode: bool
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of our applications as a receiver: whose notifications it takes and by which key."""

    app_id: str
    seller_id: str
    livemode: bool
    alipay_key: RSAPublicKey


@dataclass(frozen=True, slots=True)
class Notification:
    """A trade notification that Alipay signed. *refunded_fen* is the sum of all refunds so far."""

    notify_id: str
    notify_at: datetime
    app_id: str
    seller_id: str
    out_trade_no: str
    trade_no: str
    trade_status: TradeStatus
    total_fen: int
    refunded_fen: int
    out_request_no: str
    buyer_id: str
    paid_at: datetime | None
    refunded_at: datetime | None
    closed_at: datetime | None
    fields: Mapping[str, str]

    @property
    def is_paid(self) -> bool:
        """
        Whether the buyer's money came, now or earlier.

        TRADE_CLOSED means either "never paid" or "paid and refunded in full"; only the payment time
        tells them apart.
        """
        if self.trade_status is TradeStatus.closed:
            return self.paid_at is not None
        return self.trade_status in (TradeStatus.success, TradeStatus.finished)


@dataclass(frozen=True, slots=True)
class Refused:
    """A notification that must change nothing. *notification* is there if Alipay did sign it."""

    fault: Fault
    notification: Notification | None = None

    @property
    def is_authentic(self) -> bool:
        """Alipay signed it for us, so a person must see it; otherwise it is noise or an attack."""
        return self.fault in _AUTHENTIC


FindAttempt = Callable[[str], StoredAttempt | None]
# Called with the stored attempt's app_id and livemode; livemode is None where no attempt is known.
FindRecipient = Callable[[str, bool | None], Recipient | None]


def read_notification(
    fields: Mapping[str, str], find_attempt: FindAttempt, find_recipient: FindRecipient
) -> Notification | Refused:
    """Return the notification if it may be acted on, or the first fault found. Changes nothing."""
    if not _is_bounded(fields):
        return Refused(Fault.malformed)
    attempt = find_attempt(fields.get("out_trade_no", ""))
    recipient = _recipient_of(fields, attempt, find_recipient)
    if recipient is None:
        return Refused(Fault.unknown_app)
    if not is_authentic(fields, recipient.alipay_key):
        return Refused(Fault.bad_signature)
    try:
        notification = _parse(fields)
    except (KeyError, ValueError):
        return Refused(Fault.malformed)
    for fault in _faults(notification, recipient, attempt):
        return Refused(fault, notification if fault in _AUTHENTIC else None)
    return notification


def is_authentic(fields: Mapping[str, str], key: RSAPublicKey) -> bool:
    """
    Whether the fields carry *key*'s signature.

    Trade notifications leave out ``sign_type`` when signing, messages of the application gateway keep
    it. Alipay's own libraries disagree on whether empty fields are signed, so both forms are accepted.
    """
    if fields.get("sign_type", "RSA2") != "RSA2":
        return False
    signature = fields.get("sign", "")
    contents = sign_contents(fields, keeps_sign_type=fields.get("notify_type") != _TRADE_SYNC)
    return any(is_signed_by(key, content, signature) for content in contents)


def sign_contents(fields: Mapping[str, str], *, keeps_sign_type: bool) -> Iterator[bytes]:
    """Give the texts that may have been signed: sorted pairs, with empty values and then without."""
    left_out = {"sign"} if keeps_sign_type else {"sign", "sign_type"}
    pairs = sorted((name, value) for name, value in fields.items() if name not in left_out)
    yield "&".join(f"{name}={value}" for name, value in pairs).encode(errors="replace")
    if any(not value for _, value in pairs):
        yield "&".join(f"{name}={value}" for name, value in pairs if value).encode(errors="replace")


def _recipient_of(
    fields: Mapping[str, str], attempt: StoredAttempt | None, find_recipient: FindRecipient
) -> Recipient | None:
    if attempt is not None:
        return find_recipient(attempt.app_id, attempt.livemode)
    return find_recipient(fields.get("app_id", ""), None)


def _faults(
    notification: Notification, recipient: Recipient, attempt: StoredAttempt | None
) -> Iterator[Fault]:
    if notification.app_id != recipient.app_id:
        yield Fault.wrong_app_id
    if notification.seller_id != recipient.seller_id:
        yield Fault.wrong_seller_id
    if attempt is None:
        yield Fault.unknown_out_trade_no
    elif notification.total_fen != attempt.amount_fen:
        yield Fault.wrong_amount


def _is_bounded(fields: Mapping[str, str]) -> bool:
    return len(fields) <= 100 and all(len(value) <= LONGEST_FIELD for value in fields.values())


def _parse(fields: Mapping[str, str]) -> Notification:
    if fields["notify_type"] != _TRADE_SYNC:
        raise ValueError("not a trade notification")
    total_fen = fen_of(fields["total_amount"])
    refunded_fen = fen_of(fields.get("refund_fee") or "0")
    if total_fen <= 0 or not 0 <= refunded_fen <= total_fen:
        raise BadAmountError("amounts that cannot be")
    if not fields["notify_id"] or not fields["trade_no"]:
        raise ValueError("a notification must be named and must name its trade")
    return Notification(
        notify_id=fields["notify_id"],
        notify_at=beijing_moment(fields["notify_time"]),
        app_id=fields["app_id"],
        seller_id=fields["seller_id"],
        out_trade_no=fields["out_trade_no"],
        trade_no=fields["trade_no"],
        trade_status=TradeStatus(fields["trade_status"]),
        total_fen=total_fen,
        refunded_fen=refunded_fen,
        out_request_no=fields.get("out_biz_no", ""),
        buyer_id=fields.get("buyer_id") or fields.get("buyer_open_id", ""),
        paid_at=_moment(fields, "gmt_payment"),
        refunded_at=_moment(fields, "gmt_refund"),
        closed_at=_moment(fields, "gmt_close"),
        fields=MappingProxyType(dict(fields)),
    )


def _moment(fields: Mapping[str, str], name: str) -> datetime | None:
    text = fields.get(name, "")
    return beijing_moment(text) if text else None


@dataclass(frozen=True, slots=True)
class Message:
    """Something Alipay told the application's own gateway (应用网关): a payout or a split has a result."""

    notify_id: str
    method: str
    app_id: str
    biz: Mapping[str, Any]


def read_message(fields: Mapping[str, str], find_recipient: FindRecipient) -> Message | Refused:
    """Return a message of the application's gateway, or the fault. It is a hint: query before believing."""
    if not _is_bounded(fields):
        return Refused(Fault.malformed)
    recipient = find_recipient(fields.get("app_id", ""), None)
    if recipient is None:
        return Refused(Fault.unknown_app)
    if not is_authentic(fields, recipient.alipay_key):
        return Refused(Fault.bad_signature)
    try:
        biz = json.loads(fields["biz_content"])
        message = Message(fields["notify_id"], fields["msg_method"], fields["app_id"], biz)
    except (KeyError, ValueError):
        return Refused(Fault.malformed)
    return message if isinstance(biz, dict) else Refused(Fault.malformed)
