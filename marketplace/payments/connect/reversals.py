"""Taking a release back from its seller, in part or whole. Runs inside the caller's ``transaction()``."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from commons import clock
from commons.db import db, locked
from commons.errors import Missing
from marketplace.ledger.actions import World
from marketplace.payments.connect.errors import TooMuchToReverse
from marketplace.payments.connect.models import TransferReversal
from marketplace.payments.connect.rules import gross_for
from marketplace.payments.connect.settlement import driver_of_payment
from marketplace.payments.models import PaymentIntent, SellerTransfer
from marketplace.payments.objects import transfer_object
from marketplace.payments.records import record_object
from marketplace.payments.rules import new_id


def reverse_transfer(
    transfer_id: str,
    amount_fen: int,
    metadata: Mapping[str, str] | None = None,
    description: str | None = None,
) -> TransferReversal:
    """
    Take *amount_fen* of what the seller got back into the payment it came from; our share of it goes back as well.

    What lies in the payment again can be released to another seller, or given back to the buyer. The seller may owe us
    afterwards; then nothing is paid out until new sales have made up for it.

    Raises:
        TooMuchToReverse: the seller has less of this release.
        DirectIsWhole: Alipay has settled it with a sub-merchant; only a refund takes that back.
    """
    known = db.session.get(SellerTransfer, transfer_id)
    if known is None:
        raise Missing()
    intent = locked(PaymentIntent, known.intent_id)
    transfer = locked(SellerTransfer, transfer_id)
    assert intent and transfer
    driver_of_payment(intent.id).check_reversal()
    left = transfer.net_fen - transfer.seller_back_fen
    if isinstance(amount_fen, bool) or not 0 < amount_fen <= left:
        raise TooMuchToReverse(left)
    gross = gross_for(
        amount_fen, transfer.gross_fen, transfer.net_fen, transfer.taken_back_fen, transfer.seller_back_fen
    )
    reversal = TransferReversal(
        id=new_id("trr"),
        livemode=transfer.livemode,
        transfer_id=transfer.id,
        amount_fen=amount_fen,
        gross_fen=gross,
        description=description,
        details=dict(metadata or {}),
        created_at=clock.now(),
    )
    db.session.add(reversal)
    transfer.taken_back_fen += gross
    transfer.seller_back_fen += amount_fen
    World(transfer.livemode).reversed(reversal.id, intent.id, transfer.seller, amount_fen, gross - amount_fen)
    record_object("transfer.reversed", intent, transfer_object(transfer))
    return reversal


def reversals_of(transfer_ids: list[str]) -> list[TransferReversal]:
    """Return the reversals of some releases, newest first."""
    wanted = select(TransferReversal).where(TransferReversal.transfer_id.in_(transfer_ids))
    newest = wanted.order_by(TransferReversal.created_at.desc(), TransferReversal.id.desc())
    return list(db.session.scalars(newest))
