"""Every route names its action, and somebody holds it."""

from __future__ import annotations

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
