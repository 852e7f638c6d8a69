"""``/v1/transfers``: what of a payment goes to a seller, and taking it back."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import Select, func, select

from commons.db import db, locked
from marketplace.money import BASIS
from marketplace.payments.actions import release_to_seller
from marketplace.payments.api.errors import ApiError, bad_parameter, no_such
from marketplace.payments.api.expand import expands, lists
from marketplace.payments.api.lists import DATED, PAGE, listed, page
from marketplace.payments.api.params import Amount, Metadata, OneOf, Params, Text, merged
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import lacking
from marketplace.payments.connect.api.accounts import platform_only
from marketplace.payments.connect.errors import DirectIsWhole, TooMuchToReverse
from marketplace.payments.connect.models import SellerAccount, TransferReversal
from marketplace.payments.connect.objects import reversal_object
from marketplace.payments.connect.reversals import reversals_of, reverse_transfer
from marketplace.payments.errors import TooMuchToRelease
from marketplace.payments.models import Charge, PaymentIntent, SellerTransfer
from marketplace.payments.objects import transfer_object
from marketplace.payments.queries import escrow_left, share_at
from marketplace.payments.records import record_object

URL = "/v1/transfers"
MOST_SHOWN = 10
DIRECT = "Alipay settles a sub-merchant's charge once, as a whole, and with that sub-merchant; only a refund takes it back."
CREATE = Params(
    amount=Amount(required=True, about="What the seller gets; our share comes on top of it."),
    currency=OneOf(words=("cny",), required=True),
    destination=Text(longest=64, required=True),
    source_transaction=Text(
        longest=64, about="The charge that the money comes from; it has to be named here."
    ),
    description=Text(longest=500),
    metadata=Metadata(),
    transfer_group=Text(longest=200),
)


@endpoint("POST", URL, CREATE, answers="transfer")
def create_transfer(call: Call) -> Answer:
    """Release money of a paid charge to a seller. Unlike Stripe's, a transfer always names its charge."""
    platform_only(call)
    source = call.params.get("source_transaction")
    if not source:
        words = "Missing required param: source_transaction. Money here never mixes: a transfer comes from one charge."
        raise bad_parameter("source_transaction", words, "parameter_missing")
    charge = db.session.get(Charge, source)
    if charge is None or not charge.is_main or charge.livemode != call.livemode:
        raise lacking(call, Charge, source, ("charge", "source_transaction"))
    intent = locked(PaymentIntent, charge.intent_id)
    assert intent is not None
    account = db.session.get(SellerAccount, call.params["destination"])
    if account is None or account.livemode != call.livemode:
        missing = no_such("destination", call.params["destination"], "destination")
        missing.status = 400  # as Stripe has it for what a parameter names
        raise missing
    points = share_at(intent.area, intent.created_at)
    gross = _gross(call.params["amount"], points, escrow_left(intent))
    said = {
        "source": charge.id,
        "description": call.params.get("description"),
        "group": call.params.get("transfer_group"),
        "metadata": merged({}, call.params),
    }
    try:
        reference = f"api:{secrets.token_hex(12)}"
        transfer = release_to_seller(charge.intent_id, account.seller, gross, reference, said)
    except TooMuchToRelease as refusal:
        left = escrow_left(intent)
        most = left - left * points // BASIS
        words = f"Insufficient funds in the source charge: at most {most} can be transferred of the {left} that it holds."
        raise ApiError(words, code="balance_insufficient", param="amount") from refusal
    except DirectIsWhole as refusal:
        raise ApiError(DIRECT, code="direct_is_whole", param="amount") from refusal
    return _shown([transfer])[0]


def _gross(net_fen: int, points: int, left_fen: int) -> int:
    """
    Return what leaves exactly *net_fen* to the seller after our share, which is rounded down.

    Two neighbouring amounts may leave the same; then the larger one, where it is there, so that no odd fen stays behind.
    """
    if points >= BASIS:
        raise ApiError("The platform's share leaves nothing to transfer.", code="balance_insufficient")
    least, most = (net_fen - 1) * BASIS // (BASIS - points) + 1, net_fen * BASIS // (BASIS - points)
    return max(least, min(most, left_fen))


@endpoint("GET", f"{URL}/<id>", answers="transfer")
def retrieve_transfer(call: Call) -> Answer:
    """Retrieve a transfer."""
    return _shown([_the(call)])[0]


@endpoint(
    "POST",
    f"{URL}/<id>",
    Params(metadata=Metadata(), description=Text(longest=500, can_unset=True)),
    answers="transfer",
)
def update_transfer(call: Call) -> Answer:
    """Change a transfer's metadata or description."""
    platform_only(call)
    transfer = locked(SellerTransfer, _the(call).id)
    assert transfer is not None
    intent = db.session.get(PaymentIntent, transfer.intent_id)
    assert intent is not None
    former = transfer_object(transfer)
    said = dict(transfer.said or {})
    said["metadata"] = merged(said.get("metadata") or {}, call.params)
    if "description" in call.params:
        said["description"] = call.params["description"]
    transfer.said = said
    record_object("transfer.updated", intent, transfer_object(transfer), former)
    return _shown([transfer])[0]


LIST = Params(**DATED, destination=Text(longest=64), transfer_group=Text(longest=200))


@endpoint("GET", URL, LIST, answers="list:transfer")
def list_transfers(call: Call) -> Answer:
    """List transfers, newest first."""
    wanted = _mine(call)
    if "destination" in call.params:
        wanted = wanted.where(SellerTransfer.account_id == call.params["destination"])
    if "transfer_group" in call.params:
        # As it is shown.
        group = func.coalesce(SellerTransfer.said["group"].as_string(), SellerTransfer.intent_id)
        wanted = wanted.where(group == call.params["transfer_group"])
    return page(call, URL, wanted, SellerTransfer, _shown)


REVERSE = Params(
    amount=Amount(),
    metadata=Metadata(),
    description=Text(
        longest=500,
        about="Shown on the seller's statement and with the balance transaction; a reversal shows none, as at Stripe.",
    ),
)


@endpoint("POST", f"{URL}/<id>/reversals", REVERSE, answers="transfer_reversal")
def create_reversal(call: Call) -> Answer:
    """Take back what a seller got, in part or whole; it lies in its payment again."""
    platform_only(call)
    transfer = _the(call)
    locked(PaymentIntent, transfer.intent_id)
    fresh = locked(SellerTransfer, transfer.id)
    assert fresh is not None
    amount = call.params.get("amount", fresh.net_fen - fresh.seller_back_fen)
    try:
        words = call.params.get("description")
        return reversal_object(reverse_transfer(fresh.id, amount, merged({}, call.params), words))
    except DirectIsWhole as refusal:
        raise ApiError(DIRECT, code="direct_is_whole") from refusal
    except TooMuchToReverse as refusal:
        words = f"The transfer {fresh.id} has {fresh.net_fen - fresh.seller_back_fen} left to be reversed."
        raise ApiError(words, code="balance_insufficient", param="amount") from refusal


@endpoint("GET", f"{URL}/<id>/reversals", Params(**PAGE), answers="list:transfer_reversal")
def list_reversals(call: Call) -> Answer:
    """List the reversals of a transfer, newest first."""
    transfer = _the(call)
    wanted = select(TransferReversal).where(TransferReversal.transfer_id == transfer.id)
    url = f"{URL}/{transfer.id}/reversals"
    return page(call, url, wanted, TransferReversal, lambda rows: [reversal_object(row) for row in rows])


@endpoint("GET", f"{URL}/<id>/reversals/<reversal>", answers="transfer_reversal")
def retrieve_reversal(call: Call) -> Answer:
    """Retrieve a reversal."""
    found = db.session.get(TransferReversal, call.ids["reversal"])
    if found is None or found.transfer_id != _the(call).id:
        raise no_such("transfer_reversal", call.ids["reversal"])
    return reversal_object(found)


def _mine(call: Call) -> Select[SellerTransfer]:
    """The platform sees every transfer of its world, an account those that it got."""
    wanted = select(SellerTransfer).where(SellerTransfer.livemode == call.livemode)
    return wanted.where(SellerTransfer.account_id == call.account) if call.account else wanted


def _the(call: Call) -> SellerTransfer:
    found = db.session.scalar(_mine(call).where(SellerTransfer.id == call.id))
    if found is None:
        raise no_such("transfer", call.id)
    return found


def _shown(rows: Sequence[SellerTransfer]) -> list[Answer]:
    """Return transfers as objects, each with its newest reversals."""
    by_transfer: dict[str, list[TransferReversal]] = {}
    for reversal in reversals_of([row.id for row in rows]):
        by_transfer.setdefault(reversal.transfer_id, []).append(reversal)
    shown = []
    for row in rows:
        found = by_transfer.get(row.id, [])
        data = [reversal_object(each) for each in found[:MOST_SHOWN]]
        reversals = listed(f"{URL}/{row.id}/reversals", data, has_more=len(found) > MOST_SHOWN)
        shown.append(transfer_object(row) | {"reversals": reversals})
    return shown


@expands("tr", "transfer", transfer_reversal=("transfer",), balance_transaction=("source",))
def find_transfers(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's transfers among *keys*."""
    rows = db.session.scalars(_mine(call).where(SellerTransfer.id.in_(keys))).all()
    return {shown["id"]: shown for shown in _shown(rows)}


lists("transfer", "reversals", of="transfer_reversal")


@expands("trr", "transfer_reversal", balance_transaction=("source",))
def find_reversals(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return those among *keys* that take back transfers which the caller may see."""
    seen = _mine(call).with_only_columns(SellerTransfer.id)
    wanted = select(TransferReversal).where(
        TransferReversal.id.in_(keys), TransferReversal.transfer_id.in_(seen)
    )
    return {row.id: reversal_object(row) for row in db.session.scalars(wanted)}
