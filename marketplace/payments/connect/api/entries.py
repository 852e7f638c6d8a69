"""
``/v1/balance_transactions``: the ledger's own lines, as Stripe shows them.

A line's id is ``txn_`` and the id of what caused it. The platform sees what came, went back and was transferred; an
account what it got and what was paid out to it. Fees are known from the bill, on the day after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from commons.db import db
from marketplace.ledger.models import LedgerAccount, LedgerTransfer
from marketplace.payments.api.errors import bad_parameter, no_such
from marketplace.payments.api.expand import expands
from marketplace.payments.api.lists import DATED, listed
from marketplace.payments.api.params import OneOf, Params, Text
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.connect.models import SellerAccount
from marketplace.payments.connect.objects import CURRENCY
from marketplace.payments.models import Charge, PaymentAttempt
from marketplace.payments.objects import unix
from marketplace.payments.reconcile.models import BillLine

URL = "/v1/balance_transactions"


@dataclass(frozen=True, slots=True)
class Sort:
    """How lines of one kind of posting are shown: Stripe's type and category, and the sign for whoever looks."""

    type: str
    category: str
    sign: int
    prefix: str
    ending: str = ""


PLATFORM = {
    "paid": Sort("charge", "charge", 1, "ch"),
    "refund_done": Sort("refund", "refund", -1, "re"),
    "released": Sort("transfer", "transfer", -1, "tr"),
    "reversed": Sort("transfer_refund", "transfer_reversal", 1, "trr"),
}
ACCOUNT = {
    "released": Sort("transfer", "transfer", 1, "tr"),
    "reversed": Sort("transfer_refund", "transfer_reversal", -1, "trr"),
    "refund": Sort("payment_refund", "refund", -1, "re"),
    "refund_failed": Sort("payment_failure_refund", "refund_failure", 1, "re", "_back"),
    "payout": Sort("payout", "payout", -1, "po"),
    "payout_failed": Sort("payout_failure", "payout_reversal", 1, "po", "_back"),
    "direct_settled": Sort("payout", "payout", -1, "tr", "_direct"),
}
TYPES = tuple(sorted({sort.type for sort in (*PLATFORM.values(), *ACCOUNT.values())}))
LIST = Params(
    **DATED, type=OneOf(words=TYPES), source=Text(longest=64), currency=OneOf(words=("cny",)), payout=Text(longest=64)
)


@endpoint("GET", URL, LIST, answers="list:balance_transaction")
def list_entries(call: Call) -> Answer:
    """List balance transactions, newest first."""
    if "payout" in call.params:
        words = "Payouts here are manual and settle no fixed set of transactions; list by source or created."
        raise bad_parameter("payout", words)
    sorts, wanted = _mine(call)
    kinds = [kind for kind, sort in sorts.items() if call.params.get("type", sort.type) == sort.type]
    wanted = wanted.where(LedgerTransfer.kind.in_(kinds))
    if "source" in call.params:
        wanted = wanted.where(_of_source(call.params["source"]))
    wanted = _dated(wanted, call.params.get("created"))
    limit = call.params.get("limit", 10)
    if "ending_before" in call.params:
        if "starting_after" in call.params:
            raise bad_parameter("ending_before", "You cannot specify both starting_after and ending_before.")
        place = _place(call, call.params["ending_before"], "ending_before")
        rows = db.session.scalars(wanted.where(LedgerTransfer.id > place).order_by(LedgerTransfer.id).limit(limit + 1)).all()
        return listed(URL, _shown(rows[:limit][::-1], sorts), has_more=len(rows) > limit)
    if "starting_after" in call.params:
        place = _place(call, call.params["starting_after"], "starting_after")
        wanted = wanted.where(LedgerTransfer.id < place)
    rows = db.session.scalars(wanted.order_by(LedgerTransfer.id.desc()).limit(limit + 1)).all()
    return listed(URL, _shown(rows[:limit], sorts), has_more=len(rows) > limit)


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
    sorts, wanted = _mine(call)
    found: dict[str, Answer] = {}
    for key in keys:
        row = db.session.scalar(_named(wanted, sorts, key))
        if row is not None:
            found[key] = _shown([row], sorts)[0]
    return found


def _mine(call: Call) -> tuple[dict[str, Sort], Select[LedgerTransfer]]:
    """Return how the caller's lines are shown, and the lines: all of the world's, or those of one seller's account."""
    wanted = select(LedgerTransfer)
    if not call.account:
        of_world = LedgerAccount.livemode == call.livemode
        return PLATFORM, wanted.join(LedgerAccount, LedgerAccount.id == LedgerTransfer.debit_account).where(
            of_world, LedgerTransfer.kind.in_(PLATFORM)
        )
    account = db.session.get(SellerAccount, call.account)
    code = f"seller_payable:{account.seller}" if account else ""
    number = db.session.scalar(
        select(LedgerAccount.id).where(LedgerAccount.livemode == call.livemode, LedgerAccount.code == code)
    )
    touches = (LedgerTransfer.debit_account == number) | (LedgerTransfer.credit_account == number)
    return ACCOUNT, wanted.where(touches, LedgerTransfer.kind.in_(ACCOUNT))


def _named(wanted: Select[LedgerTransfer], sorts: dict[str, Sort], key: str) -> Select[LedgerTransfer]:
    """Restrict to the line whose id is *key*."""
    rest = key.removeprefix("txn_")
    ending = next((end for end in ("_back", "_direct") if rest.endswith(end)), "")
    source = rest.removesuffix(ending) if ending else rest
    prefix = source.partition("_")[0]
    kinds = [kind for kind, sort in sorts.items() if (sort.prefix, sort.ending) == (prefix, ending)]
    return wanted.where(LedgerTransfer.kind.in_(kinds), _of_source(source)).limit(1)


def _of_source(source: str) -> Any:
    # A refund's postings bear the account that paid for them behind the refund's id.
    return (LedgerTransfer.ref == source) | (
        (LedgerTransfer.ref >= f"{source}/") & (LedgerTransfer.ref < f"{source}0")
    )


def _place(call: Call, key: str, param: str) -> int:
    sorts, wanted = _mine(call)
    row = db.session.scalar(_named(wanted, sorts, key))
    if row is None:
        error = no_such("balance transaction", key, param)
        error.status = 400
        raise error
    return row.id


def _dated(wanted: Select[LedgerTransfer], span: Any) -> Select[LedgerTransfer]:
    if span is None:
        return wanted
    if isinstance(span, int):
        span = {"gte": span, "lte": span}
    for word, step in (("gte", 0), ("gt", 1)):
        if word in span:
            wanted = wanted.where(LedgerTransfer.at >= datetime.fromtimestamp(span[word] + step, UTC))
    for word, step in (("lt", 0), ("lte", 1)):
        if word in span:
            wanted = wanted.where(LedgerTransfer.at < datetime.fromtimestamp(span[word] + step, UTC))
    return wanted


def _shown(rows: Any, sorts: dict[str, Sort]) -> list[Answer]:
    fees = _fees([row.ref for row in rows])
    return [_entry(row, sorts[row.kind], fees) for row in rows]


def _fees(refs: list[str]) -> dict[str, int | None]:
    """Return Alipay's fee for charges and refunds: below zero for what came back, None while no bill has told."""
    charges = [ref for ref in refs if ref.startswith("ch_")]
    refunds = [ref for ref in refs if ref.startswith("re_")]
    fees: dict[str, int | None] = {}
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
        fees[charge_id] = -fee if fee is not None else (0 if method == "offline" else None)
    back = select(BillLine.out_request_no, BillLine.fee_fen).where(BillLine.out_request_no.in_(refunds))
    for refund_id, fee in db.session.execute(back.where(BillLine.sheet == "trade")):
        fees[refund_id] = -fee
    return fees


def _entry(row: LedgerTransfer, sort: Sort, fees: dict[str, int | None]) -> Answer:
    source = row.ref.partition("/")[0]
    is_charge = sort.type == "charge"
    told = fees.get(row.ref, None if is_charge else 0)
    fee, amount = told or 0, sort.sign * row.amount_fen
    details = [{"amount": fee, "application": None, "currency": CURRENCY, "description": "Alipay fee", "type": "stripe_fee"}]
    available = row.at if told is not None else row.at + timedelta(days=1)
    return {
        "id": f"txn_{source}{sort.ending}",
        "object": "balance_transaction",
        "amount": amount,
        "available_on": unix(available),
        "balance_type": "payments",
        "created": unix(row.at),
        "currency": CURRENCY,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": sort.category,
        "source": source,
        "status": "available" if told is not None else "pending",
        "type": sort.type,
    }
