"""What may be done about a seller's account. Every one runs inside the caller's ``transaction()``."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from commons import clock
from commons.db import db, locked, prefix_range
from commons.errors import Missing
from commons.security import keyed_hash, open_text, seal_text
from marketplace.payments.connect.errors import BadPayee, LinkOver, ShareAboveCap
from marketplace.payments.connect.models import AccountLink, SellerAccount
from marketplace.payments.connect.objects import account_object
from marketplace.payments.connect.rules import LINK_LIFE, ROYALTY_CAP_POINTS, Means, Payee, Settlement
from marketplace.payments.gateways import gateways
from marketplace.payments.queries import terms_of
from marketplace.payments.records import record_event
from marketplace.payments.rules import new_id


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is told when an account is opened. *seller* empty: the account's own id names it in the ledger."""

    seller: str = ""
    name: str = ""
    area: str = ""
    person_id: int | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


def open_account(new: NewAccount, *, livemode: bool | None = None) -> SellerAccount:
    """
    Return the account of a seller, opened at the first need.

    The same seller again returns the same account, with what was not known of it before filled in.
    """
    world = gateways().livemode if livemode is None else livemode
    if new.seller:
        known = account_of(new.seller, livemode=world)
        if known is not None:
            known.name = known.name or new.name[:60]
            known.person_id = known.person_id or new.person_id
            return known
    account_id = new_id("acct")
    account = SellerAccount(
        id=account_id,
        livemode=world,
        seller=new.seller or account_id,
        name=new.name[:60],
        area=new.area,
        person_id=new.person_id,
        settlement=Settlement.coop,
        smid="",
        means="",
        payee_hint="",
        certify_no="",
        certify_id="",
        verified_by="",
        blocked_for="",
        told=dict(new.told),
        details=dict(new.metadata),
        created_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(account)  # the savepoint's end writes it
    except IntegrityError:  # somebody else opened it in the same moment
        return open_account(new, livemode=world)
    return account


def account_of(seller: str, *, livemode: bool) -> SellerAccount | None:
    """Return the account of *seller*, if one was opened."""
    of_seller = (SellerAccount.livemode == livemode, SellerAccount.seller == seller)
    return db.session.scalar(select(SellerAccount).where(*of_seller))


def locked_account(account_id: str) -> SellerAccount:
    """
    Lock an account.

    Raises:
        Missing: there is none.
    """
    account = locked(SellerAccount, account_id)
    if account is None:
        raise Missing()
    return account


def set_payee(account_id: str, payee: Payee) -> SellerAccount:
    """
    Say where a seller's money goes from now on; payouts under way keep theirs.

    Raises:
        BadPayee: something is missing for this means.
    """
    account = locked_account(account_id)
    with changing(account):
        keep_payee(account, payee)
    return account


def keep_payee(account: SellerAccount, payee: Payee) -> None:
    """
    Keep where the money of an account goes; the caller holds its lock and tells of the change.

    Raises:
        BadPayee: something is missing for this means.
    """
    if not payee.holder:
        raise BadPayee(_("请写收款人的真实姓名"), field="holder")
    if payee.means is not Means.cash and not payee.account:
        raise BadPayee(_("请写收款账号"), field="payee")
    if payee.means is Means.bank and not (payee.account.isascii() and payee.account.isdigit() and payee.bank):
        raise BadPayee(_("银行卡号应全是数字，并写明开户银行"), field="payee")
    account.means, account.payee_hint = payee.means, payee.hint
    account.payee_sealed = seal_text(json.dumps(payee.as_dict(), ensure_ascii=False))


def payee_in(sealed: bytes) -> Payee:
    """Open a sealed payee: for the gateway, the bank's sheet and the slip, and for no page."""
    return Payee.of(json.loads(open_text(sealed)))


def begin_check(account_id: str) -> str:
    """Return the number under which Alipay is asked who this is; a new one for every check."""
    account = locked_account(account_id)
    account.certify_no, account.certify_id = secrets.token_hex(16), ""
    return account.certify_no


def keep_check(account_id: str, certify_id: str) -> None:
    """Keep the name under which Alipay knows the check."""
    locked_account(account_id).certify_id = certify_id


def mark_verified(account_id: str, by: str) -> SellerAccount:
    """Somebody has made sure who this is: ``alipay``, or ``person:<number>`` who looked at the card."""
    account = locked_account(account_id)
    if not account.is_verified:
        with changing(account):
            account.verified_at, account.verified_by = clock.now(), by[:24]
    return account


def block(account_id: str, reason: str) -> SellerAccount:
    """Stop payouts for *reason*; an empty reason lets them go on."""
    account = locked_account(account_id)
    with changing(account):
        account.blocked_for = reason[:120]
    return account


def settle_directly(account_id: str, smid: str, cap_points: int = ROYALTY_CAP_POINTS) -> SellerAccount:
    """
    Let Alipay hold this seller's money as the sub-merchant *smid* (互联网平台直付通).

    Raises:
        ShareAboveCap: the platform's share here is more than Alipay's cap lets us take out of a trade.
    """
    account = locked_account(account_id)
    check_share(account, cap_points)
    with changing(account):
        account.settlement, account.smid = Settlement.direct, smid
    return account


def check_share(account: SellerAccount, cap_points: int = ROYALTY_CAP_POINTS) -> None:
    """
    Refuse a sub-merchant out of whose trades our share could not be taken.

    Raises:
        ShareAboveCap: it is more than Alipay's cap.
    """
    share = terms_of(account.area).share_points
    if share > cap_points:
        raise ShareAboveCap(share, cap_points)


def sub_merchants(area: str) -> list[SellerAccount]:
    """Return the accounts of an area that are settled directly."""
    in_area = prefix_range(SellerAccount.area, area)
    return list(
        db.session.scalars(
            select(SellerAccount).where(SellerAccount.settlement == Settlement.direct, in_area)
        )
    )


def make_link(account_id: str, return_url: str, refresh_url: str) -> tuple[str, AccountLink]:
    """Return the word that opens the pages of an account's setting up, and what is kept of it."""
    if db.session.get(SellerAccount, account_id) is None:
        raise Missing()
    word = secrets.token_urlsafe(24)
    link = AccountLink(
        key_hash=keyed_hash("account-link", word),
        account_id=account_id,
        return_url=return_url,
        refresh_url=refresh_url,
        created_at=clock.now(),
        expires_at=clock.now() + LINK_LIFE,
    )
    db.session.add(link)
    return word, link


def link_behind(word: str) -> AccountLink:
    """
    Return the link that *word* opens.

    Raises:
        Missing: there is none.
        LinkOver: it is too old.
    """
    link = db.session.get(AccountLink, keyed_hash("account-link", word))
    if link is None:
        raise Missing()
    if link.expires_at <= clock.now():
        raise LinkOver(link.refresh_url)
    return link


@contextmanager
def changing(account: SellerAccount) -> Iterator[None]:
    """Record what the block changes of an account, with what it was before."""
    former = account_object(account)
    yield
    data = account_object(account)
    record_event("account.updated", data, livemode=account.livemode, account=account.id, former=former)
