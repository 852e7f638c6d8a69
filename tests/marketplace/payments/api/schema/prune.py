"""
Makes ``marketplace/payments/api/schema/stripe_2023-08-16.json`` of Stripe's whole OpenAPI description: the objects served here, and what they are made of.

    python -m tests.marketplace.payments.api.schema.prune SPEC.json FIXTURES.json

References to objects that are not served are left as ids, descriptions and other payment methods are left out, and OpenAPI's
``nullable`` becomes plain JSON Schema. ``properties_2026-08.json`` lists what each object shows in the present version.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from marketplace.payments.api.openapi import OBJECTS

HERE = Path(__file__).parent
SCHEMA = OBJECTS
PROPERTIES = HERE / "properties_2026-08.json"

SERVED = (
    "account", "account_link", "balance", "balance_transaction", "charge", "checkout.session", "customer",
    "deleted_customer", "deleted_webhook_endpoint", "error", "event", "item", "payment_intent", "payment_method",
    "payout", "price", "refund", "transfer", "transfer_reversal", "webhook_endpoint",
)  # fmt: skip
NOISE = {
    "description",
    "title",
    "x-expandableFields",
    "x-expansionResources",
    "x-resourceId",
    "x-stripeBypassValidation",
    "maxLength",
}
METHODS_LEFT_OUT = (
    "acss_debit", "affirm", "afterpay", "au_becs", "bacs_debit", "bancontact", "blik", "boleto", "card", "cashapp",
    "customer_balance", "eps", "fpx", "giropay", "grabpay", "ideal", "interac", "klarna", "konbini", "link", "multibanco",
    "oxxo", "p24", "paynow", "paypal", "pix", "promptpay", "sepa", "sofort", "us_bank", "wechat", "zip", "ach_", "stripe_account",
    "display_bank", "verify_with", "use_stripe_sdk", "redirect_to_url",
)  # fmt: skip


def prune(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the served objects and of everything they are made of."""
    whole = spec["components"]["schemas"]
    kept: dict[str, Any] = {}
    waiting = list(SERVED)
    while waiting:
        name = waiting.pop()
        if name in kept:
            continue
        kept[name] = plain(whole[name], is_whole=name in WHOLE)
        waiting += [each for each in references(kept[name]) if each not in kept]
    return {
        "$comment": "Pruned from Stripe's OpenAPI description, version 2023-08-16; MIT, see LICENSE beside this file.",
        "definitions": dict(sorted(kept.items())),
    }


def plain(node: Any, *, is_whole: bool = False) -> Any:
    """Return *node* without noise, as plain JSON Schema; with *is_whole* every payment method stays."""
    if isinstance(node, list):
        return [plain(each, is_whole=is_whole) for each in node]
    if not isinstance(node, dict):
        return node
    if "anyOf" in node and any("$ref" in each for each in node["anyOf"]):
        node = node | {
            "anyOf": [each for each in node["anyOf"] if "$ref" not in each or is_served(each)] or [{}]
        }
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key in NOISE or key == "nullable":
            continue
        if key == "properties":
            left = {name: each for name, each in value.items() if is_whole or not is_left_out(name)}
            made[key] = {name: plain(each, is_whole=is_whole) for name, each in left.items()}
        elif key == "$ref":
            made[key] = value.replace("#/components/schemas/", "#/definitions/")
        else:
            made[key] = plain(value, is_whole=is_whole)
    if node.get("nullable"):
        return {"anyOf": [made, {"type": "null"}]}
    return made


def is_served(reference: dict[str, str]) -> bool:
    """Say whether an object that may stand in an id's place is one of ours; a part of an object always is."""
    name = reference["$ref"].rsplit("/", 1)[1]
    return name in SERVED or name in PARTS


# An account shows the settings of all methods, offered or not.
WHOLE = {"account_settings"}
# Parts of objects that stand in an anyOf of their own.
PARTS: set[str] = set()


def is_left_out(name: str) -> bool:
    """Say whether a property belongs to a payment method that is not offered here."""
    return name.startswith(METHODS_LEFT_OUT)


def references(node: Any) -> list[str]:
    """Return the names of the definitions that *node* refers to."""
    if isinstance(node, list):
        return [name for each in node for name in references(each)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"].rsplit("/", 1)[1]] if isinstance(node.get("$ref"), str) else []
    return own + [name for each in node.values() for name in references(each)]


def main(spec_path: str, fixtures_path: str) -> None:
    """Write both files."""
    spec = json.loads(Path(spec_path).read_text(encoding="utf-8"))
    whole = spec["components"]["schemas"]
    # Resources have an id of their own; whatever else is referred to is a part.
    PARTS.update(name for name, each in whole.items() if "x-resourceId" not in each)
    SCHEMA.write_text(json.dumps(prune(spec), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    resources = json.loads(Path(fixtures_path).read_text(encoding="utf-8"))["resources"]
    shown = {name: sorted(resources[name]) for name in SERVED if name in resources}
    PROPERTIES.write_text(json.dumps(shown, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:3])
