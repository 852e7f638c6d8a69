"""Accounts, payouts and reversals as Stripe's objects, with every property that Stripe's own have."""

from __future__ import annotations

from typing import Any

from marketplace.payments.connect.models import Payout, SellerAccount, TransferReversal
from marketplace.payments.connect.rules import Means
from marketplace.payments.objects import unix

CURRENCY = "cny"


def payout_object(payout: Payout) -> dict[str, Any]:
    """Return *payout* as a ``payout``. *destination* is the account: the payee itself is shown to nobody."""
    by_bank = payout.means == Means.bank
    return {
        "id": payout.id,
        "object": "payout",
        "amount": payout.amount_fen,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": unix(payout.done_at or payout.created_at),
        "automatic": False,
        "balance_transaction": f"txn_{payout.id}",
        "created": unix(payout.created_at),
        "currency": CURRENCY,
        "description": payout.description or None,
        "destination": f"ba_{payout.account_id.removeprefix('acct_')}",
        "failure_balance_transaction": f"txn_{payout.id}_back" if payout.status == "failed" else None,
        "failure_code": "could_not_process" if payout.status == "failed" else None,
        "failure_message": payout.failure or None,
        "livemode": payout.livemode,
        "metadata": dict(payout.details),
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": "bank_account" if by_bank else "card",
        "statement_descriptor": payout.statement_descriptor,
        "status": payout.status,
        "trace_id": {"status": "supported" if payout.trace else "pending", "value": payout.trace or None},
        "type": "bank_account",
    }


def reversal_object(reversal: TransferReversal) -> dict[str, Any]:
    """Return *reversal* as a ``transfer_reversal``."""
    return {
        "id": reversal.id,
        "object": "transfer_reversal",
        "amount": reversal.amount_fen,
        "balance_transaction": f"txn_{reversal.id}",
        "created": unix(reversal.created_at),
        "currency": CURRENCY,
        "destination_payment_refund": None,
        "metadata": dict(reversal.details),
        "source_refund": None,
        "transfer": reversal.transfer_id,
    }


def due_of(account: SellerAccount) -> list[str]:
    """Return what is still asked of an account, in Stripe's words."""
    due = [] if account.is_verified else ["individual.verification.document"]
    return due if account.has_payee else [*due, "external_account"]


def account_object(account: SellerAccount) -> dict[str, Any]:
    """Return *account* as an ``account`` of type ``custom``."""
    due = due_of(account)
    reason = "platform_paused" if account.blocked_for else ("requirements.past_due" if due else None)
    told = account.told
    return {
        "id": account.id,
        "object": "account",
        "business_profile": _business_profile(account),
        "business_type": told.get("business_type", "individual"),
        "capabilities": {"transfers": "active" if account.can_be_paid else "inactive"},
        "charges_enabled": account.settlement == "direct" and bool(account.smid),
        "controller": {
            "type": "application",
            "fees": {"payer": "application"},
            "is_controller": True,
            "losses": {"payments": "application"},
            "requirement_collection": "application",
            "stripe_dashboard": {"type": "none"},
        },
        "country": told.get("country", "CN"),
        "created": unix(account.created_at),
        "default_currency": CURRENCY,
        "details_submitted": not due,
        "email": told.get("email"),
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{account.id}/external_accounts",
        },
        "future_requirements": _requirements([], None),
        "metadata": dict(account.details),
        "payouts_enabled": account.can_be_paid,
        "requirements": _requirements(due, reason),
        "settings": _settings(),
        "tos_acceptance": {
            "date": told.get("tos_date"),
            "ip": told.get("tos_ip"),
            "user_agent": None,
        },
        "type": "custom",
    }


def _requirements(due: list[str], reason: str | None) -> dict[str, Any]:
    return {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": due,
        "disabled_reason": reason,
        "errors": [],
        "eventually_due": due,
        "past_due": due,
        "pending_verification": [],
    }


def _business_profile(account: SellerAccount) -> dict[str, Any]:
    empty = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {
        "annual_revenue": None,
        "estimated_worker_count": None,
        "mcc": None,
        "minority_owned_business_designation": None,
        "name": account.name or None,
        "product_description": account.told.get("product_description"),
        "support_address": empty,
        "support_email": None,
        "support_phone": None,
        "support_url": None,
        "url": account.told.get("url"),
    }


def _settings() -> dict[str, Any]:
    kana = {f"statement_descriptor{end}": None for end in ("_prefix", "_prefix_kana", "_prefix_kanji")}
    plain = {
        f"statement_descriptor{end}": None for end in ("", "_kana", "_kanji", "_prefix_kana", "_prefix_kanji")
    }
    return {
        # A text even where there is none: the description of 2023 knows no null here.
        "bacs_debit_payments": {"display_name": "", "service_user_number": None},
        "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {"decline_on": {"avs_failure": False, "cvc_failure": False}, **kana},
        "dashboard": {"display_name": None, "timezone": "Asia/Shanghai"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": None},
        "payments": plain,
        "payouts": {
            "debit_negative_balances": False,
            "schedule": {"delay_days": 0, "interval": "manual"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }
