"""
What must be true of sellers' money and of the bills when everything has come to rest.

The truth is what the gateway and the bank really moved; each check returns sentences, and none means that it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from commons import clock
from commons.db import db
from marketplace.ledger.models import LedgerAccount, LedgerTransfer
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.rules import Means, PayoutStatus
from marketplace.payments.local_gateway.rules import OPENING_BALANCE_FEN
from marketplace.payments.models import Charge, PaymentAttempt, SellerTransfer
from marketplace.payments.reconcile.models import Bill
from marketplace.payments.reconcile.rules import BillState
from marketplace.payments.record_models import PaymentCase, PaymentEvent
from tests.simulator.gateway import LocalAlipay
from tests.simulator.office import DESK, Bank

FEES = ("收费", "退费")
TRANSFER, TRANSFER_BACK = "转账", "转账退回"
OF_TRADES = ("交易付款", "交易退款", *FEES)
WITHDRAWAL = "提现"
FINAL = {
    PayoutStatus.paid: "payout.paid",
    PayoutStatus.failed: "payout.failed",
    PayoutStatus.canceled: "payout.canceled",
}


@dataclass(frozen=True)
class There:
    """What the gateway and the bank have moved: the account's entries, and the trades of sub-merchants by number."""

    entries: list[tuple[str, str, str, int]]
    trades: dict[str, tuple[int, int, int]]
    bank: Bank
    balance_fen: int

    def sum_of(self, *kinds: str) -> int:
        return sum(fen for kind, _, _, fen in self.entries if kind in kinds)

    def without(self, *kinds: str) -> int:
        return sum(fen for kind, _, _, fen in self.entries if kind not in kinds)

    def count(self, kind: str, number: str) -> int:
        return sum(1 for what, out_no, _, _ in self.entries if (what, out_no) == (kind, number))

    @property
    def unexplained_fen(self) -> int:
        """What moved there and belongs to nothing of ours."""
        known = {*OF_TRADES, TRANSFER, TRANSFER_BACK, "分账收入", "分账退回", WITHDRAWAL}
        at_the_desk = sum(
            fen for kind, _, request, fen in self.entries if kind == "交易退款" and request.startswith(DESK)
        )
        return self.without(*known) + at_the_desk


def seen_there(alipay: LocalAlipay, bank: Bank) -> There:
    """Read everything."""
    store = alipay.gateway.store
    entries = [
        (row["kind"], row["out_no"], row["request_no"], int(row["amount_fen"]))
        for row in store.rows("SELECT * FROM entry ORDER BY id")
    ]
    direct = store.rows("SELECT * FROM trade WHERE is_direct_pay = 1 AND paid_at > 0")
    trades = {
        row["out_trade_no"]: (row["total_fen"] - row["refunded_fen"], row["settled_fen"], row["shared_fen"])
        for row in direct
    }
    last = store.row("SELECT balance_fen FROM entry ORDER BY id DESC LIMIT 1")
    return There(entries, trades, bank, int(last["balance_fen"]) - OPENING_BALANCE_FEN if last else 0)


# -- payouts ---------------------------------------------------------------------------------------------------------


def payouts_left_once(there: There, payouts: list[Payout], explained: set[str]) -> Iterator[str]:
    """Every payout left once or not at all, with its own amount, and the books say which."""
    known = {payout.id: payout for payout in payouts}
    for number in {
        number for kind, number, _, _ in there.entries if kind == TRANSFER and number not in known
    }:
        yield f"Alipay transferred money under {number}, which is no payout of ours"
    for payout in payouts:
        if payout.means == Means.alipay:
            out, back = there.count(TRANSFER, payout.id), there.count(TRANSFER_BACK, payout.id)
            moved = [fen for kind, number, _, fen in there.entries if (kind, number) == (TRANSFER, payout.id)]
            if moved not in ([], [-payout.amount_fen]):
                yield f"{payout.id} of {payout.amount_fen} fen left Alipay as {moved}"
        elif payout.means == Means.bank:
            out, back = int(payout.id in there.bank.paid), int(payout.id in there.bank.sent_back)
        else:
            out, back = int(payout.paid_from != ""), 0
        if PayoutStatus(payout.status).is_open:
            if payout.means == Means.alipay and payout.id not in explained:
                yield f"{payout.id} is still {payout.status}, and nobody was told"
        elif (out - back == 1) != (payout.status == PayoutStatus.paid):
            yield f"{payout.id} is {payout.status}, and it left {out} times and came back {back} times"
        if payout.status == PayoutStatus.failed and payout.id not in explained:
            yield f"{payout.id} failed, and nobody was told"


def payouts_are_told_once(payouts: list[Payout]) -> Iterator[str]:
    """Each payout's events are its own course: created, then the end; paid and failed both where it came back."""
    rows = db.session.execute(
        select(PaymentEvent.object_id, PaymentEvent.type).where(PaymentEvent.type.like("payout.%"))
    )
    told = Counter((object_id, kind) for object_id, kind in rows)
    for payout in payouts:
        wanted = Counter({"payout.created": 1})
        if payout.paid_from:
            wanted["payout.paid"] = 1
        if payout.status in FINAL:
            wanted[FINAL[PayoutStatus(payout.status)]] = 1
        heard = Counter(
            {kind: number for (object_id, kind), number in told.items() if object_id == payout.id}
        )
        updates = heard.pop("payout.updated", 0)
        if heard != wanted or updates > 1:
            yield f"{payout.id} is {payout.status}, and was told {dict(heard)}, updated {updates} times"


def nobody_is_paid_too_much() -> Iterator[str]:
    """No payout was ever approved of more than its seller was owed in that moment."""
    sellers = {
        row.id: row.code
        for row in db.session.execute(select(LedgerAccount.id, LedgerAccount.code))
        if row.code.startswith("seller_payable:")
    }
    owed: Counter[int] = Counter()
    moves = select(
        LedgerTransfer.kind,
        LedgerTransfer.ref,
        LedgerTransfer.debit_account,
        LedgerTransfer.credit_account,
        LedgerTransfer.amount_fen,
    )
    for kind, ref, debit, credit, fen in db.session.execute(moves.order_by(LedgerTransfer.id)):
        owed[debit] -= fen
        owed[credit] += fen
        if kind == "payout" and owed[debit] < 0:
            yield f"{ref} took {-owed[debit]} fen more than {sellers[debit]} held"


def paid_out(payouts: list[Payout]) -> Counter[str]:
    """What each seller got, or is being paid."""
    found: Counter[str] = Counter()
    for payout in payouts:
        if payout.status not in {PayoutStatus.failed, PayoutStatus.canceled}:
            found[payout.seller] += payout.amount_fen
    return found


def accounts_of_payouts(there: There, books: Counter[str], payouts: list[Payout]) -> Iterator[str]:
    """The accounts through which payouts go hold what is under way, and what the bank has paid and moved."""
    waiting = sum(payout.amount_fen for payout in payouts if PayoutStatus(payout.status).is_open)
    if -books["payout_in_flight"] != waiting:
        yield f"{-books['payout_in_flight']} fen are on their way to sellers, the payouts say {waiting}"
    paid = there.bank.paid - there.bank.sent_back
    by_bank = sum(payout.amount_fen for payout in payouts if payout.id in paid)
    withdrawn = -there.sum_of(WITHDRAWAL) if books["bank"] + by_bank else 0
    if books["bank"] != withdrawn - by_bank:
        yield f"the bank paid {by_bank} and got {withdrawn} fen, the books say {books['bank']}"


# -- sub-merchants ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """What our books must say of the sub-merchants: fen in direct_clearing, and what each seller has got."""

    clearing_fen: int
    got: Counter[str]


def held_for_sub_merchants(there: There, releases: list[SellerTransfer], waiting: set[str]) -> Held | None:
    """Work out of the gateway's trades what Alipay holds; None where a refund without a last word makes that unknown."""
    if any(number.rpartition("_")[0] in waiting for number in there.trades):
        return None
    clearing, got = 0, Counter[str]()
    released = _by_trade(releases)
    for number, (left, settled, shared) in there.trades.items():
        release = released.get(number)
        if not settled or release is None:
            clearing += left
        else:
            clearing += _ours(release) - shared
            got[release.seller] += left - _ours(release)
    return Held(clearing, got)


def sub_merchants_are_settled(there: There, releases: list[SellerTransfer]) -> Iterator[str]:
    """Alipay lets nobody have money before it was released, and in the end all that was released."""
    released = _by_trade(releases)
    for number, (left, settled, shared) in there.trades.items():
        release = released.get(number)
        if settled and release is None:
            yield f"{number} was settled, and nothing was released"
        elif release is not None and left and not settled:
            yield f"{number} was released, and Alipay still holds {left} fen of it"
        elif release is not None and shared != _ours(release):
            yield f"of {number} we have {shared} fen, and {_ours(release)} are ours"


def _by_trade(releases: list[SellerTransfer]) -> dict[str, SellerTransfer]:
    """Return the releases by the trade that paid for them; what came twice was never released."""
    paid = select(PaymentAttempt.out_trade_no, PaymentAttempt.intent_id).join(
        Charge, Charge.attempt_id == PaymentAttempt.id
    )
    numbers = {
        row.intent_id: row.out_trade_no for row in db.session.execute(paid.where(Charge.settles.is_not(None)))
    }
    return {numbers[release.intent_id]: release for release in releases}


def _ours(release: SellerTransfer) -> int:
    """What is left of our share of a release."""
    return release.gross_fen - release.net_fen - (release.taken_back_fen - release.seller_back_fen)


# -- bills -----------------------------------------------------------------------------------------------------------


def days_moved(alipay: LocalAlipay) -> list[date]:
    """Return the days on which something moved at the gateway."""
    rows = alipay.gateway.store.rows(
        "SELECT at FROM entry UNION SELECT paid_at FROM trade WHERE paid_at > 0 UNION SELECT at FROM refund"
    )
    return sorted({datetime.fromtimestamp(row["at"], clock.BEIJING).date() for row in rows})


def bills_agree(alipay: LocalAlipay, there: There, books: Counter[str], *, is_honest: bool) -> Iterator[str]:
    """Every day was held against its bill, the books have the gateway's balance, and each difference has its case."""
    bills = {bill.day: bill for bill in db.session.scalars(select(Bill))}
    cases = list(db.session.execute(select(PaymentCase.kind, PaymentCase.unique_key, PaymentCase.details)))
    told = {str(case.details.get("day")) for case in cases if case.kind.startswith("bill_")}
    for day in days_moved(alipay):
        bill = bills.get(day)
        if bill is None or bill.state in {BillState.waiting, BillState.fetched}:
            yield f"{day} moved money, and its bill is {bill.state if bill else 'missing'}"
        elif bill.state == BillState.differs and day.isoformat() not in told:
            yield f"the bill of {day} differs, and nobody was told"
    if books["alipay_clearing"] != there.balance_fen:
        yield f"all bills say that {there.balance_fen} fen lie there, the books say {books['alipay_clearing']}"
    if is_honest:
        yield from (
            f"in an honest world a case was opened: {case.kind} {case.unique_key}"
            for case in cases
            if case.kind.startswith("bill_")
        )
        yield from (
            f"in an honest world the bill of {day} differs"
            for day, bill in bills.items()
            if bill.state == BillState.differs
        )
