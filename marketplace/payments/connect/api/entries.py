"""
``/v1/balance_transactions``: the ledger's own lines, as Stripe shows them.

A line's id is ``txn_`` and the id of what caused it; whose it is says ``lines.py``. Of its own payments the platform shows
Alipay's fee, known from the bill on the day after; an account shows the share that it leaves to the platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from commons.db import db
from marketplace.ledger.models import LedgerTransfer
from marketplace.payments.api.errors import bad_parameter, no_such
from marketplace.payments.api.expand import expands
from marketplace.payments.api.lists import DATED, listed, within
from marketplace.payments.api.params import OneOf, Params, Text
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.connect.api.lines import STRIPES_TYPES, Lines, Sort, lines_of, of_source
from marketplace.payments.connect.api.waiting import escrow_of
from marketplace.payments.connect.models import Payout, TransferReversal
from marketplace.payments.connect.objects import CURRENCY
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, Refund, SellerTransfer
from marketplace.payments.objects import unix
from marketplace.payments.reconcile.models import BillLine

URL = "/v1/balance_transactions"
LIST = Params(
    **DATED,
    type=OneOf(words=STRIPES_TYPES),
    source=Text(longest=64),
    currency=Text(longest=3),
    payout=Text(longest=64),
)
SHARE = ("application_fee", "The platform's share")


@dataclass(frozen=True, slots=True)
class Fee:
    """What of a line goes to somebody else; until it *is_final* the line is pending."""

    fen: int = 0
    is_final: bool = True
    type: str = "stripe_fee"
    words: str = "Alipay fee"

    def details(self) -> list[dict[str, Any]]:
        """Return Stripe's ``fee_details``."""
        told = {"amount": self.fen, "application": None, "currency": CURRENCY}
        return [told | {"description": self.words, "type": self.type}] if self.fen else []


@endpoint("GET", URL, LIST, answers="list:balance_transaction")
def list_entries(call: Call) -> Answer:
    """List balance transactions, newest first."""
    if "payout" in call.params:
        words = "Payouts here are manual and settle no fixed set of transactions; list by source or created."
        raise bad_parameter("payout", words)
    if call.params.get("currency", CURRENCY).lower() != CURRENCY:
        return listed(URL, [])  # as of any currency in which nothing was ever paid
    lines = lines_of(call)
    wanted = lines.of_type(call.params["type"]) if "type" in call.params else lines.wanted
    if "source" in call.params:
        wanted = wanted.where(of_source(call.params["source"]))
    wanted = within(wanted, LedgerTransfer.at, call.params.get("created"))
    limit = call.params.get("limit", 10)
    if "ending_before" in call.params:
        if "starting_after" in call.params:
            raise bad_parameter("ending_before", "You cannot specify both starting_after and ending_before.")
        place = _place(lines, call.params["ending_before"], "ending_before")
        rows = db.session.scalars(
            wanted.where(LedgerTransfer.id > place).order_by(LedgerTransfer.id).limit(limit + 1)
        ).all()
        return listed(URL, _shown(rows[:limit][::-1], lines, call), has_more=len(rows) > limit)
    if "starting_after" in call.params:
        place = _place(lines, call.params["starting_after"], "starting_after")
        wanted = wanted.where(LedgerTransfer.id < place)
    rows = db.session.scalars(wanted.order_by(LedgerTransfer.id.desc()).limit(limit + 1)).all()
    return listed(URL, _shown(rows[:limit], lines, call), has_more=len(rows) > limit)


@endpoint("GET", f"{URL}/<id>", answers="balance_transaction")
def retrieve_entry(call: Call) -> Answer:
    """Retrieve a balance transaction."""
    found = find_entries(call, [call.id])
    if call.id not in found:
        raise no_such("balance transaction", call.id)
    return found[call.id]


@expands(
    "txn", "balance_transaction", charge=("balance_transaction",), refund=("balance_transaction",), transfer=("balance_transaction",),
    payout=("balance_transaction", "failure_balance_transaction"), transfer_reversal=("balance_transaction",),
)  # fmt: skip
def find_entries(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's balance transactions among *keys*."""
    lines = lines_of(call)
    rows = {key: db.session.scalar(lines.named(key)) for key in keys}
    return {key: _shown([row], lines, call)[0] for key, row in rows.items() if row is not None}


def _place(lines: Lines, key: str, param: str) -> int:
    row: LedgerTransfer | None = db.session.scalar(lines.named(key))
    if row is None:
        error = no_such("balance transaction", key, param)
        error.status = 400
        raise error
    return row.id


def _shown(rows: Sequence[LedgerTransfer], lines: Lines, call: Call) -> list[Answer]:
    refs = [row.ref for row in rows]
    fees = _own_fees(refs) if call.account else _alipay_fees(refs)
    words = _words_of({row.ref.partition("/")[0] for row in rows})
    return [_entry(row, lines.sort_of(row), fees, words.get(row.ref)) for row in rows]


def _words_of(sources: set[str]) -> dict[str, str | None]:
    """
    Return what was said of *sources*; of a refund, Stripe says what was paid for.

    Whoever only bears a part of a refund has a line of a longer ref, and does not read what others bought.
    """
    paid_for = func.coalesce(
        PaymentIntent.said["description"].as_string(), func.nullif(PaymentIntent.subject, "")
    )
    charges = select(Charge.id, paid_for).join(PaymentIntent, PaymentIntent.id == Charge.intent_id)
    refunds = select(Refund.id, "REFUND FOR CHARGE (" + paid_for + ")")
    transfers = select(SellerTransfer.id, SellerTransfer.said["description"].as_string())
    wanted = {
        "ch": charges.where(Charge.id.in_(sources)),
        "re": refunds.join(PaymentIntent, PaymentIntent.id == Refund.intent_id).where(Refund.id.in_(sources)),
        "tr": transfers.where(SellerTransfer.id.in_(sources)),
        "trr": select(TransferReversal.id, TransferReversal.description).where(
            TransferReversal.id.in_(sources)
        ),
        "po": select(Payout.id, func.nullif(Payout.description, "")).where(Payout.id.in_(sources)),
    }
    there = {source.partition("_")[0] for source in sources}
    return {key: words for kind in there & wanted.keys() for key, words in db.session.execute(wanted[kind])}


def _own_fees(refs: list[str]) -> dict[str, Fee]:
    """Return what an account left to us of its own charges, and got back with refunds; final when nothing waits any more."""
    share = func.coalesce(func.sum(SellerTransfer.gross_fen - SellerTransfer.net_fen), 0)
    back = func.coalesce(func.sum(TransferReversal.gross_fen - TransferReversal.amount_fen), 0)
    transfers = select(SellerTransfer.id).where(SellerTransfer.intent_id == Charge.settles)
    given = select(share).where(SellerTransfer.intent_id == Charge.settles).scalar_subquery()
    returned = select(back).where(TransferReversal.transfer_id.in_(transfers)).scalar_subquery()
    charges = [ref for ref in refs if ref.startswith("ch_")]
    told = select(Charge.id, given - returned, escrow_of(Charge.intent_id, Charge.livemode)).where(
        Charge.id.in_(charges)
    )
    fees = {
        charge_id: Fee(int(fen), not waiting, *SHARE) for charge_id, fen, waiting in db.session.execute(told)
    }
    refunds = select(Refund).where(Refund.id.in_([ref for ref in refs if ref.startswith("re_")]))
    for refund in db.session.scalars(refunds):
        fees[refund.id] = Fee(-sum(gross - seller for gross, seller in refund.takes.values()), True, *SHARE)
    return fees


def _alipay_fees(refs: list[str]) -> dict[str, Fee]:
    """Return Alipay's fee for charges and refunds: below zero for what came back, not final while no bill has told."""
    charges = [ref for ref in refs if ref.startswith("ch_")]
    refunds = [ref for ref in refs if ref.startswith("re_")]
    fees: dict[str, Fee] = {}
    told = (
        select(Charge.id, Charge.method, BillLine.fee_fen)
        .join(PaymentAttempt, PaymentAttempt.id == Charge.attempt_id)
        .outerjoin(
            BillLine,
            (BillLine.out_trade_no == PaymentAttempt.out_trade_no)
            & (BillLine.sheet == "trade")
            & (BillLine.out_request_no == ""),
        )
        .where(Charge.id.in_(charges))
    )
    for charge_id, method, fee in db.session.execute(told):
        fees[charge_id] = Fee(-(fee or 0), is_final=fee is not None or method == "offline")
    back = select(BillLine.out_request_no, BillLine.fee_fen).where(BillLine.out_request_no.in_(refunds))
    for refund_id, fee in db.session.execute(back.where(BillLine.sheet == "trade")):
        fees[refund_id] = Fee(-fee)
    return fees


def _entry(row: LedgerTransfer, sort: Sort, fees: dict[str, Fee], words: str | None) -> Answer:
    source = row.ref.partition("/")[0]
    fee = fees.get(row.ref) or Fee(is_final=sort.type != "charge")
    amount = sort.sign * row.amount_fen
    available = row.at if fee.is_final else row.at + timedelta(days=1)
    return {
        "id": f"txn_{source}{sort.ending}",
        "object": "balance_transaction",
        "amount": amount,
        "available_on": unix(available),
        "balance_type": "payments",
        "created": unix(row.at),
        "currency": CURRENCY,
        "description": words,
        "exchange_rate": None,
        "fee": fee.fen,
        "fee_details": fee.details(),
        "net": amount - fee.fen,
        "reporting_category": sort.category,
        "source": source,
        "status": "available" if fee.is_final else "pending",
        "type": sort.type,
    }
