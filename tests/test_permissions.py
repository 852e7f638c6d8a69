"""Every route names its action, and somebody holds it."""

from __future__ import annotations

import re

from flask import Flask

from commons.accounts.permissions import action_of, granted


def test_every_route_names_an_action_that_somebody_holds(app: Flask) -> None:
    nameless, unheld = [], []
    for rule in app.url_map.iter_rules():
        action = action_of(app, rule.endpoint)
        if action is None:
            nameless.append(f"{rule.rule} ({rule.endpoint})")
        elif not granted(action):
            unheld.append(f"{rule.rule}: {action}")
    assert (nameless, unheld) == ([], [])


def test_every_address_leads_to_one_page(app: Flask) -> None:
    """Two features with one address: the later one would never be reached, and nothing would say so."""
    pages: dict[tuple[str, str], set[str]] = {}
    for rule in app.url_map.iter_rules():
        shape = re.sub(r"<([^:>]+:)?[^>]+>", r"<\1>", str(rule))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            pages.setdefault((shape, method), set()).add(rule.endpoint)

    assert {address: found for address, found in pages.items() if len(found) > 1} == {}
