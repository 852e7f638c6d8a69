"""``/v1/accounts`` and ``/v1/account_links``: sellers, and the pages on which they are set up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from commons.db import db
from commons.settings import current
from marketplace.payments.api.errors import ApiError, bad_parameter, no_such
from marketplace.payments.api.expand import expands
from marketplace.payments.api.lists import DATED, page
from marketplace.payments.api.params import (
    Bool,
    Email,
    Int,
    Kind,
    Metadata,
    Nested,
    OneOf,
    Params,
    Text,
    Url,
    merged,
)
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.who import accounts_known_by
from marketplace.payments.connect.actions import (
    NewAccount,
    changing,
    keep_payee,
    locked_account,
    make_link,
    open_account,
)
from marketplace.payments.connect.models import SellerAccount
from marketplace.payments.connect.objects import account_object
from marketplace.payments.connect.rules import Means, Payee
from marketplace.payments.objects import unix

URL = "/v1/accounts"
FIELDS: dict[str, Kind] = {
    "business_profile": Nested(
        of={
            "name": Text(longest=60, can_unset=True),
            "product_description": Text(longest=500, can_unset=True),
            "url": Url(longest=500, can_unset=True),
        }
    ),
    "business_type": OneOf(words=("company", "government_entity", "individual", "non_profit")),
    "email": Email(longest=200, can_unset=True),
    "external_account": Nested(
        of={
            "object": OneOf(words=("bank_account",), required=True),
            "account_holder_name": Text(longest=60, required=True),
            "account_holder_type": OneOf(words=("company", "individual")),
            "account_number": Text(longest=32, required=True),
            "bank_name": Text(longest=60),
            "country": OneOf(words=("CN",), required=True),
            "currency": OneOf(words=("cny",)),
            "routing_number": Text(longest=60),
        },
        about="A bank account; an Alipay account is told on the onboarding page.",
    ),
    "metadata": Metadata(),
    "tos_acceptance": Nested(of={"date": Int(), "ip": Text(longest=45), "user_agent": Text(longest=500)}),
}
# What is said instead of a type, by newer programs; every account here is of this kind.
CONTROLLER = Nested(
    of={
        "fees": Nested(of={"payer": OneOf(words=("application",))}),
        "losses": Nested(of={"payments": OneOf(words=("application",))}),
        "requirement_collection": OneOf(words=("application",)),
        "stripe_dashboard": Nested(of={"type": OneOf(words=("none",))}),
    }
)
CAPABILITIES = Nested(of={"transfers": Nested(of={"requested": Bool()})})
CREATE = Params(
    **FIELDS,
    type=OneOf(words=("custom", "express", "standard"), about="Whatever is asked for, accounts are custom."),
    country=OneOf(words=("CN",)),
    capabilities=CAPABILITIES,
    controller=CONTROLLER,
    default_currency=OneOf(words=("cny",)),
)


@endpoint("POST", URL, CREATE, answers="account")
def create_account(call: Call) -> Answer:
    """Open an account for a seller. It is paid once it was verified and told where its money goes."""
    platform_only(call)
    account = open_account(NewAccount(metadata=merged({}, call.params)), livemode=call.livemode)
    _take(account, call.params)
    return account_object(account)


@endpoint("GET", f"{URL}/<id>", answers="account")
def retrieve_account(call: Call) -> Answer:
    """Retrieve an account."""
    return account_object(_the(call, call.id))


@endpoint("GET", "/v1/account", answers="account")
def retrieve_own(call: Call) -> Answer:
    """Retrieve the account that the call is made for (``Stripe-Account``)."""
    if not call.account:
        raise ApiError("The platform itself has no account object; name one with Stripe-Account.", status=404)
    return account_object(_the(call, call.account))


@endpoint("POST", f"{URL}/<id>", Params(**FIELDS, capabilities=CAPABILITIES), answers="account")
def update_account(call: Call) -> Answer:
    """Change what is known of an account."""
    account = locked_account(_the(call, call.id).id)
    with changing(account):
        account.details = merged(account.details, call.params)
        _take(account, call.params)
    return account_object(account)


@endpoint("GET", URL, Params(**DATED), answers="list:account")
def list_accounts(call: Call) -> Answer:
    """List accounts, newest first."""
    return page(call, URL, _mine(call), SellerAccount, lambda rows: [account_object(row) for row in rows])


def _take(account: SellerAccount, params: dict[str, Any]) -> None:
    profile = params.get("business_profile") or {}
    if "name" in profile:
        account.name = profile["name"] or ""
    told = dict(account.told)
    told |= {name: profile[name] for name in ("product_description", "url") if name in profile}
    told |= {name: params[name] for name in ("business_type", "email", "country") if name in params}
    tos = params.get("tos_acceptance") or {}
    told |= {f"tos_{name}": tos[name] for name in ("date", "ip") if name in tos}
    account.told = told
    bank = params.get("external_account")
    if bank:
        keep_payee(account, _bank_payee(bank))


def _bank_payee(told: dict[str, Any]) -> Payee:
    name = told.get("bank_name") or told.get("routing_number")
    if not name:
        words = "Tell the bank's name as external_account[routing_number]."
        raise bad_parameter("external_account[routing_number]", words, "parameter_missing")
    number = told["account_number"].replace(" ", "")
    if not (number.isascii() and number.isdigit() and 8 <= len(number) <= 30):
        raise bad_parameter(
            "external_account[account_number]", "Invalid account number.", "account_number_invalid"
        )
    return Payee(Means.bank, told["account_holder_name"], number, name)


def _mine(call: Call) -> Any:
    """The platform sees every account of its world, an account only itself."""
    wanted = select(SellerAccount).where(SellerAccount.livemode == call.livemode)
    return wanted.where(SellerAccount.id == call.account) if call.account else wanted


def _the(call: Call, account_id: str, param: str = "id") -> SellerAccount:
    found: SellerAccount | None = db.session.scalar(_mine(call).where(SellerAccount.id == account_id))
    if found is None:
        raise no_such("account", account_id, param)
    return found


def platform_only(call: Call) -> None:
    """Refuse what a seller may not do for themselves: open accounts, and take money out of an escrow."""
    if call.account:
        raise ApiError(
            "Only the platform can do this; leave out Stripe-Account.", status=403, code="account_invalid"
        )


@accounts_known_by
def is_account(account_id: str, livemode: bool) -> bool:
    """Say whether ``Stripe-Account`` may name this account."""
    account = db.session.get(SellerAccount, account_id)
    return account is not None and account.livemode == livemode


@expands("acct", "account", transfer=("destination",))
def find_accounts(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's accounts among *keys*."""
    rows: Sequence[SellerAccount] = db.session.scalars(_mine(call).where(SellerAccount.id.in_(keys))).all()
    return {row.id: account_object(row) for row in rows}


LINK = Params(
    account=Text(longest=64, required=True),
    type=OneOf(words=("account_onboarding", "account_update"), required=True),
    refresh_url=Url(longest=2000),
    return_url=Url(longest=2000),
)


@endpoint("POST", "/v1/account_links", LINK, answers="account_link")
def create_account_link(call: Call) -> Answer:
    """Make a link to the page on which a seller says who they are and where their money goes; it lives a day."""
    account = _the(call, call.params["account"], "account")
    word, link = make_link(account.id, call.params.get("return_url", ""), call.params.get("refresh_url", ""))
    return {
        "object": "account_link",
        "created": unix(link.created_at),
        "expires_at": unix(link.expires_at),
        "url": f"{current().public_base_url.rstrip('/')}/pay/account/{word}",
    }
