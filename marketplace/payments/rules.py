"""The states of payments and refunds, and the pure rules about them. Shapes and words are Stripe's."""

from __future__ import annotations

import secrets
import string
from datetime import datetime, timedelta
from enum import StrEnum

ALPHABET = string.ascii_letters + string.digits
ID_LETTERS = 24  # 142 bits; an attempt's number "pi_<24>_<n>" stays far below Alipay's 64 characters


class IntentStatus(StrEnum):
    """Where a payment stands."""

    requires_payment_method = "requires_payment_method"
    requires_confirmation = "requires_confirmation"
    requires_action = "requires_action"
    processing = "processing"
    succeeded = "succeeded"
    canceled = "canceled"

    @property
    def is_open(self) -> bool:
        """Money may still come for it."""
        return self not in {IntentStatus.succeeded, IntentStatus.canceled}


class Method(StrEnum):
    """How the money comes."""

    alipay = "alipay"
    offline = "offline"


class Product(StrEnum):
    """Which of the gateway's doors an attempt goes through."""

    wap = "wap"
    page = "page"
    qr = "qr"  # on a stall's screen, scanned by the buyer
    app = "app"
    jsapi = "jsapi"  # inside Alipay: a mini-program or its page
    offline = "offline"


class AttemptState(StrEnum):
    """What became of one attempt to be paid."""

    open = "open"
    paid = "paid"
    closed = "closed"


class Standing(StrEnum):
    """Where a trade stands at the gateway, whichever gateway it is."""

    unknown_there = "unknown_there"  # not opened yet, which does not prove that nobody will pay
    waiting = "waiting"
    paid = "paid"
    finished = "finished"  # paid, and no longer refundable
    closed = "closed"  # never paid and over, or paid and given back in full: our own charge tells which

    @property
    def is_paid(self) -> bool:
        """Money has come."""
        return self in {Standing.paid, Standing.finished}


class RefundStatus(StrEnum):
    """Where a refund stands."""

    pending = "pending"
    requires_action = "requires_action"  # a keeper has to give the money back by hand
    succeeded = "succeeded"
    failed = "failed"
    canceled = "canceled"

    @property
    def counts(self) -> bool:
        """Whether its money is gone or set aside, so that it cannot be given back a second time."""
        return self not in {RefundStatus.failed, RefundStatus.canceled}


class OpState(StrEnum):
    """How far one request to the gateway has come."""

    planned = "planned"
    sent = "sent"
    done = "done"
    failed = "failed"
    unknown = "unknown"

    @property
    def is_final(self) -> bool:
        """The gateway has given its last word."""
        return self in {OpState.done, OpState.failed}


class CaseKind(StrEnum):
    """Why a person has to look at something; `Refusal`-like words for it stand in the desk's template."""

    amount_differs = "amount_differs"
    paid_after_cancel = "paid_after_cancel"
    paid_twice = "paid_twice"
    unknown_order = "unknown_order"
    forged = "forged"
    refund_failed = "refund_failed"
    refund_stuck = "refund_stuck"
    refund_not_ours = "refund_not_ours"
    gateway_settings = "gateway_settings"
    no_answer = "no_answer"
    not_fetched = "not_fetched"
    payout_failed = "payout_failed"
    payout_returned = "payout_returned"
    payout_stuck = "payout_stuck"
    settlement_stuck = "settlement_stuck"
    settlement_refused = "settlement_refused"
    bill_amount = "bill_amount"
    bill_ours_only = "bill_ours_only"
    bill_theirs_only = "bill_theirs_only"
    bill_state = "bill_state"
    bill_missing = "bill_missing"
    bill_total = "bill_total"


# After these waits the gateway is asked what became of an open attempt; the last one repeats until the end.
ASK_WAITS = tuple(timedelta(seconds=s) for s in (10, 30, 60, 180, 600))
ASK_AFTER_EXPIRY = timedelta(minutes=10)

# After these waits an unknown request is asked about, and then sent again under its own number.
OP_WAITS = tuple(timedelta(seconds=s) for s in (10, 20, 60, 300, 900, 3600))
OP_TRIES_BEFORE_CASE = 5

# An order that we do not know may be known in a moment: for so long the gateway is told to come again.
UNKNOWN_ORDER_PATIENCE = timedelta(minutes=10)

# A payer who has opened the cashier needs time to type a password.
SHORTEST_CASHIER = timedelta(minutes=1)


def new_id(prefix: str) -> str:
    """Return a fresh id such as ``pi_…`` that nobody can guess."""
    number, letters = secrets.randbelow(len(ALPHABET) ** ID_LETTERS), []
    for _ in range(ID_LETTERS):  # one number spelt out: asking for each letter costs ten times as much
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return f"{prefix}_{''.join(letters)}"


def attempt_number(intent_id: str, number: int) -> str:
    """Return the number under which the gateway knows the *number*-th attempt of a payment."""
    return f"{intent_id}_{number}"


def ask_at(asked: int, now: datetime, ends_at: datetime) -> datetime | None:
    """
    Say when an open attempt is to be asked about next, having been asked *asked* times; None when never again.

    The last question falls exactly on ten minutes after *ends_at*, for by then the gateway has closed the trade or
    taken the money.
    """
    last = ends_at + ASK_AFTER_EXPIRY
    if now >= last:
        return None
    return min(now + ASK_WAITS[min(asked, len(ASK_WAITS) - 1)], last)


def retry_wait(attempts: int) -> timedelta:
    """Return how long to wait before an unknown request is looked at again."""
    return OP_WAITS[min(max(attempts, 1), len(OP_WAITS)) - 1]


def is_wechat(user_agent: str) -> bool:
    """Say whether the page is open inside WeChat, where Alipay's cashier cannot be opened."""
    return "micromessenger" in user_agent.lower()


def is_phone(user_agent: str) -> bool:
    """Say whether the browser is a telephone's, for which the gateway has a cashier of its own."""
    low = user_agent.lower()
    return any(word in low for word in ("mobile", "android", "iphone", "ipad", "harmony"))
