"""Personal words of a program (names, addresses, telephones): one sealed text per row."""

from __future__ import annotations

import json
from typing import Any

from commons.security import open_text, seal_text


def sealed(words: dict[str, Any]) -> bytes | None:
    """Seal *words*, leaving out what is empty; None when nothing is left."""
    kept = {name: value for name, value in words.items() if value not in (None, "", {})}
    return seal_text(json.dumps(kept, ensure_ascii=False)) if kept else None


def opened(kept: bytes | None) -> dict[str, Any]:
    """Return what :func:`sealed` was given."""
    words: dict[str, Any] = json.loads(open_text(kept)) if kept else {}
    return words


ADDRESS_PARTS = ("city", "country", "line1", "line2", "postal_code", "state")


def address(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return an address with every part, None where it was not given."""
    return {part: (given or {}).get(part) for part in ADDRESS_PARTS}


def shipping(given: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return Stripe's ``shipping``, None where nothing was given."""
    if not given:
        return None
    parts = {name: given.get(name) for name in ("carrier", "name", "phone", "tracking_number")}
    return parts | {"address": address(given.get("address"))}


def billing(given: dict[str, Any] | None) -> dict[str, Any]:
    """Return Stripe's ``billing_details``."""
    known = given or {}
    parts = {name: known.get(name) for name in ("email", "name", "phone", "tax_id")}
    return parts | {"address": address(known.get("address"))}
