"""One line of a bill held against our books: which of the five classes it is, and which posting is the same movement."""

from __future__ import annotations

from dataclasses import dataclass, replace

from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.rules import PayoutStatus
from marketplace.payments.models import Charge, Refund
from marketplace.payments.reconcile.models import BillLine
from marketplace.payments.reconcile.queries import Ours
from marketplace.payments.reconcile.rules import MovementKind, Sheet, Verdict, movement_kind
from marketplace.payments.rules import RefundStatus


@dataclass(frozen=True, slots=True)
class Judged:
    """
    A line's class. *posting* is ``+kind:ref`` or ``-kind:ref``, the sign being its effect on our money at Alipay.

    *is_set_aside*: nothing in our books is this movement, so it can only be set aside. *returns*: the payout that had
    arrived and that this line sends back.
    """

    verdict: Verdict
    posting: str = ""
    ours_fen: int | None = None
    intent_id: str = ""
    is_set_aside: bool = False
    returns: str = ""


RIDDLE = Judged(Verdict.theirs_only, is_set_aside=True)


@dataclass(slots=True)
class Judge:
    """Judges lines one by one."""

    ours: Ours

    def __call__(self, line: BillLine) -> Judged:
        if line.sheet == Sheet.trade:
            return self._trade(line)
        kind = movement_kind(line.kind_words, line.amount_fen)
        if kind is MovementKind.payment:
            return self._payment(line)
        if kind is MovementKind.refund:
            return self._refund(line)
        if kind in {MovementKind.payout, MovementKind.payout_back}:
            return self._payout(line, is_back=kind is MovementKind.payout_back)
        if kind is MovementKind.share:
            return self._share(line)
        return self._share_back(line) if kind is MovementKind.share_back else RIDDLE

    def _trade(self, line: BillLine) -> Judged:
        """A rare kind of line is a riddle for a person; the two ordinary ones are payments and refunds."""
        if line.kind_words == "交易":
            return self._payment(line)
        return self._refund(line) if line.kind_words == "退款" else RIDDLE

    def _payment(self, line: BillLine) -> Judged:
        attempt = self.ours.attempts.get(line.out_trade_no)
        charge = self.ours.charges.get(line.out_trade_no)
        if attempt is None:
            return RIDDLE
        if charge is None:
            return Judged(Verdict.theirs_only, intent_id=attempt.intent_id)
        return _judged_charge(charge, line)

    def _refund(self, line: BillLine) -> Judged:
        refund = self.ours.refunds.get(line.out_request_no)
        if refund is None and line.sheet == Sheet.balance and not line.out_request_no:
            refund = self._nameless_refund(line)
        return RIDDLE if refund is None else _judged_refund(refund, line)

    def _nameless_refund(self, line: BillLine) -> Refund | None:
        """The trade sheet of that refund is another day's: it is one of so much, of that trade, that no line has been yet."""
        waiting = self.ours.unclaimed.get((line.out_trade_no, -line.amount_fen), [])
        return waiting.pop(0) if waiting else None

    def _payout(self, line: BillLine, *, is_back: bool) -> Judged:
        payout = self.ours.payouts.get(line.out_trade_no)
        if payout is None:
            return RIDDLE
        # Alipay takes the money when it hears of the transfer; until we know the end it lies in payout_in_flight.
        was_paid = payout.status == PayoutStatus.paid or payout.is_returned
        kind = ("+payout_returned" if was_paid else "+payout_failed") if is_back else "-payout"
        ours = payout.amount_fen if is_back else -payout.amount_fen
        judged = Judged(Verdict.matched, f"{kind}:{payout.id}", ours)
        if ours != line.amount_fen:
            return replace(judged, verdict=Verdict.amount_differs)
        other_half = (self.ours.left if is_back else self.ours.came_back).get(payout.id, "")
        if "unexplained:" in other_half:  # that one was set aside: only this one makes up for it
            return replace(judged, is_set_aside=True)
        if is_back:
            return replace(judged, returns=payout.id if was_paid else "")
        if not was_paid and self._is_lost(payout):
            return replace(judged, verdict=Verdict.state_differs, is_set_aside=True)
        return judged

    def _is_lost(self, payout: Payout) -> bool:
        """By our books nothing left and the seller is owed it again; but it left, and no bill up to that day brings it back."""
        is_told = payout.done_at is not None and payout.done_at < self.ours.told_until
        return is_told and payout.id not in self.ours.came_back

    def _share(self, line: BillLine) -> Judged:
        transfer = self.ours.shares.get(line.out_trade_no)
        if transfer is None:
            return RIDDLE
        # What was taken is what was left of the share when it was asked for, less than at first after a refund.
        fee = self.ours.shared_fen.get(transfer.id, transfer.gross_fen - transfer.net_fen)
        verdict = Verdict.matched if fee == line.amount_fen else Verdict.amount_differs
        return Judged(verdict, f"+direct_shared:{transfer.id}", fee, transfer.intent_id)

    def _share_back(self, line: BillLine) -> Judged:
        """Our share of a refund, by the refund's number that the remark names."""
        refund = self.ours.refunds.get(line.out_request_no)
        if refund is None:
            return RIDDLE
        ours = -sum(gross - part for gross, part in refund.takes.values())
        verdict = Verdict.matched if ours == line.amount_fen else Verdict.amount_differs
        return Judged(verdict, f"-direct_returned:{refund.id}/alipay_clearing", ours, refund.intent_id)


def _judged_charge(charge: Charge, line: BillLine) -> Judged:
    verdict = Verdict.matched if charge.amount_fen == line.amount_fen else Verdict.amount_differs
    return Judged(verdict, f"+paid:{charge.id}", charge.amount_fen, charge.intent_id)


def _judged_refund(refund: Refund, line: BillLine) -> Judged:
    judged = Judged(Verdict.matched, f"-refund_done:{refund.id}", -refund.amount_fen, refund.intent_id)
    if refund.amount_fen != -line.amount_fen:
        return replace(judged, verdict=Verdict.amount_differs)
    return (
        judged if refund.status == RefundStatus.succeeded else replace(judged, verdict=Verdict.state_differs)
    )
