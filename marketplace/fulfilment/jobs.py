"""What fulfilment does when money moves: payments know a seller by number alone."""

from __future__ import annotations

from commons.db import db, transaction
from commons.outbox import listens
from marketplace.fulfilment.actions import account_for
from marketplace.payments.connect.actions import NewAccount, open_account
from marketplace.produce.models import Seller
from village.public import village_ref

PARCELS = "village-"  # the village itself sends the parcels, and has the money for it


@listens("payment.released")
def name_the_account(seller: str, **_more: object) -> None:
    """Safe to repeat: the seller's name is filled in where it is not known yet."""
    known = db.session.get(Seller, int(seller)) if seller.isdigit() else None
    village = village_ref(seller.removeprefix(PARCELS)) if seller.startswith(PARCELS) else None
    if known is None and village is None:
        return
    with transaction():
        if known is not None:
            account_for(known)
        elif village is not None:
            open_account(NewAccount(seller, f"{village.name}（送货费）", village.code))
