"""
Who holds a buyer's money until the goods are there, and how it reaches the seller: two drivers behind one interface.

* **Coop** (mode B): the co-op is the seller of record. The money is in our account; a release makes it payable, a payout
  pays it.
* **Direct** (mode A, 互联网平台直付通): Alipay holds it for the sub-merchant and lets them have it when we confirm the
  settlement; our share is taken out of the trade afterwards.

Which one it is was decided when the attempt was made, and is kept with it for ever.
"""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import select

from commons.db import db
from marketplace.ledger.actions import World
from marketplace.ledger.models import LedgerTransfer
from marketplace.payments.connect.errors import DirectIsWhole
from marketplace.payments.connect.models import SellerAccount
from marketplace.payments.connect.rules import Settlement
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, Refund, SellerTransfer
from marketplace.payments.ops import plan_op
from marketplace.payments.record_models import GatewayOp
from marketplace.payments.rules import OpState

CONFIRM, SHARE = "confirm", "share"


class SettlementDriver(Protocol):
    """What differs between the two ways to settle."""

    @property
    def clearing(self) -> str:
        """Where in the ledger the buyer's money lies once it has come."""

    def check_release(self, intent: PaymentIntent, seller: str, gross_fen: int, left_fen: int) -> None:
        """Refuse a release that cannot be carried out."""

    def check_reversal(self) -> None:
        """Refuse to take a release back where it cannot be."""

    def released(self, transfer: SellerTransfer, attempt: PaymentAttempt) -> None:
        """The buyer has the goods; the ledger has been posted."""

    def refunded(self, refund: Refund) -> None:
        """The gateway has given a refund back: post where the money came from."""

    def share_back_fen(self, refund: Refund) -> int:
        """How much of our share the gateway has to take back for a refund."""

    def is_moving(self, payment_id: str) -> bool:
        """Whether the gateway may be moving the money of a paid payment just now, so that its refunds have to wait."""


class CoopSettlement:
    """Mode B: nothing more to do than what the ledger says; payouts pay."""

    clearing = "alipay_clearing"

    def check_release(self, intent: PaymentIntent, seller: str, gross_fen: int, left_fen: int) -> None:
        """Several sellers, several releases: all is ours to give."""

    def check_reversal(self) -> None:
        """The money is still ours to move."""

    def released(self, transfer: SellerTransfer, attempt: PaymentAttempt) -> None:
        """The seller waits for a payout."""

    def refunded(self, refund: Refund) -> None:
        World(refund.livemode).refund_done(refund.id, refund.amount_fen)

    def share_back_fen(self, refund: Refund) -> int:
        return 0

    def is_moving(self, payment_id: str) -> bool:
        return False


class DirectSettlement:
    """Mode A: Alipay is told to let the sub-merchant have the money, all of a trade at once."""

    clearing = "direct_clearing"

    def check_release(self, intent: PaymentIntent, seller: str, gross_fen: int, left_fen: int) -> None:
        account = db.session.get(SellerAccount, intent.account)
        if account is None or account.seller != seller or gross_fen != left_fen:
            raise DirectIsWhole()

    def check_reversal(self) -> None:
        """Alipay takes money back from a sub-merchant with a refund alone."""
        raise DirectIsWhole()

    def released(self, transfer: SellerTransfer, attempt: PaymentAttempt) -> None:
        plan_op(CONFIRM, transfer.id, attempt.out_trade_no, app_id=attempt.app_id, livemode=attempt.livemode)

    def refunded(self, refund: Refund) -> None:
        """What had left Alipay's holding before was taken back from the sub-merchant, and from us."""
        parts: dict[str, int] = {}
        for transfer_id, (gross, seller_part) in refund.takes.items():
            transfer = db.session.get(SellerTransfer, transfer_id)
            assert transfer is not None
            if _is_posted("direct_settled", transfer_id):
                parts[f"seller_payable:{transfer.seller}"] = seller_part
            if _is_posted("direct_shared", transfer_id):
                parts["alipay_clearing"] = gross - seller_part
        World(refund.livemode).refund_done_directly(refund.id, refund.amount_fen, parts)

    def share_back_fen(self, refund: Refund) -> int:
        takes = refund.takes.items()
        return sum(
            gross - part for transfer_id, (gross, part) in takes if _is_posted("direct_shared", transfer_id)
        )

    def is_moving(self, payment_id: str) -> bool:
        """
        What was frozen may have been sent, and only its end tells whom a refund takes from: Alipay, the seller, or us.

        Nothing new is frozen while a refund is under way, so the refund that is told no stays told no.
        """
        asked = select(SellerTransfer.said, GatewayOp.kind).join(
            GatewayOp, GatewayOp.out_no == SellerTransfer.id
        )
        is_open = GatewayOp.state.not_in([state for state in OpState if state.is_final])
        rows = db.session.execute(
            asked.where(SellerTransfer.intent_id == payment_id, GatewayOp.kind.in_((CONFIRM, SHARE)), is_open)
        )
        return any(kind in (said or {}) for said, kind in rows)


COOP, DIRECT = CoopSettlement(), DirectSettlement()


def driver_of(attempt: PaymentAttempt) -> SettlementDriver:
    """Return the driver that an attempt was begun with."""
    return DIRECT if attempt.smid else COOP


def driver_of_charge(charge: Charge) -> SettlementDriver:
    """Return the driver of the attempt by which money came."""
    attempt = db.session.get(PaymentAttempt, charge.attempt_id)
    assert attempt is not None
    return driver_of(attempt)


def driver_of_payment(payment_id: str) -> SettlementDriver:
    """Return the driver of the attempt by which a payment was paid."""
    paid = select(PaymentAttempt).join(Charge, Charge.attempt_id == PaymentAttempt.id)
    return driver_of(db.session.scalars(paid.where(Charge.settles == payment_id)).one())


def smid_for(intent: PaymentIntent) -> str:
    """Return the sub-merchant that a new attempt is made for; empty when the co-op sells."""
    account = db.session.get(SellerAccount, intent.account) if intent.account else None
    return account.smid if account is not None and account.settlement == Settlement.direct else ""


def _is_posted(kind: str, ref: str) -> bool:
    posted = select(LedgerTransfer.id).where(LedgerTransfer.kind == kind, LedgerTransfer.ref == ref)
    return db.session.scalar(posted) is not None
