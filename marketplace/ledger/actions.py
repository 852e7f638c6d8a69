"""
The postings: every moment at which money changes hands, one function each.

Each takes part in the transaction of the change it belongs to. Repeating one with the same values changes nothing;
with other values it raises, for then one of the two callers is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from commons import clock
from commons.db import Base, db, locked, prefix_range
from marketplace.ledger.errors import DifferentPostingError, NoSuchPostingError
from marketplace.ledger.models import LedgerAccount, LedgerTransfer
from marketplace.ledger.queries import balance_fen
from marketplace.ledger.rules import kind_of

# Made once: building it costs as much as sending it.
NEW_TRANSFER = insert(Base.metadata.tables["ledger_transfer"])


# What we learn from the daily bill alone, and the account on the other side of our money at Alipay.
BILL_KINDS = {
    "bill_fee": "alipay_fee",
    "bill_fee_back": "alipay_fee",
    "withdrawn": "bank",
    "unexplained": "suspense",  # nobody can explain it yet; but the books agree with Alipay's
}


@dataclass(frozen=True, slots=True)
class World:
    """Live money and test money never meet: every account belongs to one of the two worlds."""

    livemode: bool

    def account(self, code: str) -> int:
        """Return the number of the account *code*, opened at its first use."""
        wanted = select(LedgerAccount.id).where(
            LedgerAccount.livemode == self.livemode, LedgerAccount.code == code
        )
        return db.session.scalar(wanted) or self._open(code)

    def _open(self, code: str) -> int:
        kind = kind_of(code)
        account = LedgerAccount(
            livemode=self.livemode,
            code=code,
            side=kind.side.value,
            is_hot=kind.is_hot,
            may_go_below=kind.may_go_below,
            opened_at=clock.now(),
        )
        if kind.has_one_writer:
            db.session.add(account)
            db.session.flush()  # the transfer needs its number
            return account.id
        try:
            with db.session.begin_nested():
                db.session.add(account)  # the savepoint's end writes it
        except IntegrityError:  # somebody else opened it in the same moment
            return self.account(code)
        return account.id

    def hold(self, code: str) -> int:
        """Lock the account *code* until the transaction ends, so that nobody posts to it, and return what it holds."""
        locked(LedgerAccount, self.account(code))
        return balance_fen(code, livemode=self.livemode)

    def post(self, kind: str, ref: str, debit: str, credit: str, amount_fen: int) -> None:
        """Move *amount_fen* from the account *credit* to the account *debit*, once per (*kind*, *ref*)."""
        accounts, known = self._look(kind, ref, debit, credit)
        left = accounts.get(debit) or self._open(debit)
        right = accounts.get(credit) or self._open(credit)
        if known is not None:
            if known != (left, right, amount_fen):
                raise DifferentPostingError(f"{kind} of {ref} was posted with other values")
            return
        # Written at once: an overdrawn account must stop this action here, not at its end.
        db.session.execute(
            NEW_TRANSFER,
            {
                "debit_account": left,
                "credit_account": right,
                "amount_fen": amount_fen,
                "kind": kind,
                "ref": ref,
                "at": clock.now(),
            },
        )

    def _look(self, kind: str, ref: str, *codes: str) -> tuple[dict[str, int], tuple[int, int, int] | None]:
        """Find the accounts *codes* that are open, and the posting if it was made, in one question."""
        is_posting = (LedgerTransfer.kind == kind) & (LedgerTransfer.ref == ref)
        rows = db.session.execute(
            select(
                LedgerAccount.code,
                LedgerAccount.id,
                LedgerTransfer.debit_account,
                LedgerTransfer.credit_account,
                LedgerTransfer.amount_fen,
            )
            .outerjoin(LedgerTransfer, is_posting)
            .where(LedgerAccount.livemode == self.livemode, LedgerAccount.code.in_(codes))
        ).all()
        known = next(((row[2], row[3], row[4]) for row in rows if row[2] is not None), None)
        return {row.code: row.id for row in rows}, known

    # -- money comes in ---------------------------------------------------------------------------------

    def paid(self, charge: str, payment: str, amount_fen: int, clearing: str = "alipay_clearing") -> None:
        """
        Alipay says that the buyer has paid; the money waits for the buyer's receipt of the goods.

        *clearing* is ``direct_clearing`` when Alipay holds it for a sub-merchant, so that none of it is in our account.
        """
        self.post("paid", charge, clearing, f"buyer_escrow:{payment}", amount_fen)

    def paid_in_cash(self, charge: str, payment: str, keeper: str, amount_fen: int) -> None:
        """The keeper of a pickup place has taken the money."""
        self.post("paid", charge, f"cash:{keeper}", f"buyer_escrow:{payment}", amount_fen)

    def paid_in_surplus(self, charge: str, amount_fen: int, clearing: str = "alipay_clearing") -> None:
        """Money came for which no payment is open; it lies in suspense until it has gone back."""
        self.post("paid", charge, clearing, "suspense", amount_fen)

    # -- the buyer has the goods --------------------------------------------------------------------------

    def released(self, transfer: str, payment: str, seller: str, net_fen: int, fee_fen: int) -> None:
        """The buyer has received the goods: the seller's part becomes payable, the rest is the platform's."""
        escrow = f"buyer_escrow:{payment}"
        if net_fen:
            self.post("released", transfer, escrow, f"seller_payable:{seller}", net_fen)
        if fee_fen:
            self.post("fee", transfer, escrow, "platform_fee", fee_fen)

    def reversed(self, reversal: str, payment: str, seller: str, net_fen: int, fee_fen: int) -> None:
        """A release is taken back, in part or whole: the money waits in its payment again."""
        escrow = f"buyer_escrow:{payment}"
        if net_fen:
            self.post("reversed", reversal, f"seller_payable:{seller}", escrow, net_fen)
        if fee_fen:
            self.post("fee_reversed", reversal, "platform_fee", escrow, fee_fen)

    def settled_directly(self, transfer: str, seller: str, net_fen: int) -> None:
        """Alipay has let the sub-merchant have the money that it held."""
        if net_fen:
            self.post("direct_settled", transfer, f"seller_payable:{seller}", "direct_clearing", net_fen)

    def shared(self, transfer: str, fee_fen: int) -> None:
        """Our share of a sub-merchant's trade has come into our account."""
        self.post("direct_shared", transfer, "alipay_clearing", "direct_clearing", fee_fen)

    # -- money goes back -----------------------------------------------------------------------------------

    def refund_requested(self, refund: str, sources: Mapping[str, int]) -> None:
        """Set money aside for the buyer; *sources* says how much comes from which account."""
        for code, amount_fen in sources.items():
            if amount_fen:
                self.post("refund", f"{refund}/{code}", code, "refund_in_flight", amount_fen)

    def refund_done(self, refund: str, amount_fen: int) -> None:
        """Alipay has given the money back."""
        self.post("refund_done", refund, "refund_in_flight", "alipay_clearing", amount_fen)

    def refund_done_directly(self, refund: str, amount_fen: int, parts: Mapping[str, int]) -> None:
        """
        Alipay has given money of a sub-merchant's trade back.

        *parts* says what of it had already left Alipay's holding and was taken back from there: the seller's
        (``seller_payable:…``) and ours (``alipay_clearing``).
        """
        for code, part_fen in parts.items():
            if part_fen:
                self.post("direct_returned", f"{refund}/{code}", "direct_clearing", code, part_fen)
        self.post("refund_done", refund, "refund_in_flight", "direct_clearing", amount_fen)

    def refund_done_in_cash(self, refund: str, keeper: str, amount_fen: int) -> None:
        """The keeper has given the money back by hand."""
        self.post("refund_done", refund, "refund_in_flight", f"cash:{keeper}", amount_fen)

    def refund_failed(self, refund: str, sources: Mapping[str, int]) -> None:
        """The money cannot go back: put it where :meth:`refund_requested` with the same *sources* took it from."""
        for code, amount_fen in sources.items():
            if amount_fen:
                self._must_exist("refund", f"{refund}/{code}")
                self.post("refund_failed", f"{refund}/{code}", "refund_in_flight", code, amount_fen)

    # -- the seller is paid ----------------------------------------------------------------------------------

    def payout_sent(self, payout: str, seller: str, amount_fen: int) -> None:
        """A payout is under way: it can no longer be spent, and has not arrived yet."""
        self.post("payout", payout, f"seller_payable:{seller}", "payout_in_flight", amount_fen)

    def payout_done(self, payout: str, amount_fen: int, paid_from: str = "alipay_clearing") -> None:
        """The payout has arrived, out of *paid_from* (Alipay, or the cash of ``cash:<keeper>``)."""
        self._must_exist("payout", payout)
        self.post("payout_done", payout, "payout_in_flight", paid_from, amount_fen)

    def payout_failed(self, payout: str, seller: str, amount_fen: int) -> None:
        """The payout did not arrive: it is payable again."""
        self._must_exist("payout", payout)
        self.post("payout_failed", payout, "payout_in_flight", f"seller_payable:{seller}", amount_fen)

    def payout_returned(self, payout: str, seller: str, amount_fen: int, paid_from: str) -> None:
        """A payout that had arrived was sent back to *paid_from*, out of which it was paid: it is payable again."""
        self._must_exist("payout_done", payout)
        self.post("payout_returned", payout, paid_from, f"seller_payable:{seller}", amount_fen)

    # -- what Alipay and the cash box say -----------------------------------------------------------------------

    def told_by_bill(self, line: str, kind: str, amount_fen: int) -> str:
        """
        A line of the daily bill moved *amount_fen* into our account at Alipay, or, below zero, out of it; return its posting.

        A bill may be corrected: what an earlier one said of the same line is taken back by a posting of its own, and nought
        says that the line tells us nothing any more.
        """
        told = self._told_before(line)
        if not told and not amount_fen:
            return line
        other = BILL_KINDS[kind]
        debit, credit = ("alipay_clearing", other) if amount_fen > 0 else (other, "alipay_clearing")
        wanted = (kind, self.account(debit), self.account(credit), abs(amount_fen))
        stands = told[-1] if len(told) % 2 else None
        if stands is not None:
            if (stands.kind, stands.debit_account, stands.credit_account, stands.amount_fen) == wanted:
                return stands.ref
            left = db.session.get_one(LedgerAccount, stands.debit_account).code
            right = db.session.get_one(LedgerAccount, stands.credit_account).code
            self.post("bill_corrected", f"{line}/{len(told)}", right, left, stands.amount_fen)
        ref = f"{line}/{len(told) + 1}" if told else line
        if amount_fen:
            self.post(kind, ref, debit, credit, abs(amount_fen))
        return ref

    @staticmethod
    def _told_before(line: str) -> Sequence[LedgerTransfer]:
        """Return what was posted for a line: a posting, its correction, a posting, and so on."""
        of_line = (LedgerTransfer.ref == line) | prefix_range(LedgerTransfer.ref, f"{line}/")
        kinds = LedgerTransfer.kind.in_((*BILL_KINDS, "bill_corrected"))
        return db.session.scalars(
            select(LedgerTransfer).where(kinds, of_line).order_by(LedgerTransfer.id)
        ).all()

    def cash_handed_over(self, count: str, keeper: str, counted_fen: int, expected_fen: int) -> None:
        """The keeper hands the day's cash to the office; what is missing or too much is shown, never hidden."""
        if counted_fen:
            self.post("cash_handed_over", count, "cash:office", f"cash:{keeper}", counted_fen)
        if counted_fen < expected_fen:
            self.post("cash_missing", count, "cash_difference", f"cash:{keeper}", expected_fen - counted_fen)
        elif counted_fen > expected_fen:
            self.post("cash_too_much", count, f"cash:{keeper}", "cash_difference", counted_fen - expected_fen)

    @staticmethod
    def _must_exist(kind: str, ref: str) -> None:
        posted = select(LedgerTransfer.id).where(LedgerTransfer.kind == kind, LedgerTransfer.ref == ref)
        if db.session.scalar(posted) is None:
            raise NoSuchPostingError(f"{kind} of {ref} was never posted")
