"""The market: artisans, produce, cart, orders, fulfilment, payments, ledger."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from commons import slots
from commons.demonstration import add_scene, counts_as_use
from commons.settings import Settings

# Every feature is a package whose `init_app(app, settings)` brings in its models, jobs, pages and commands.
# One line each, lower layers first: a feature may know only those above its own line.
FEATURES = (
    "marketplace.ledger",
    "marketplace.payments",
    "marketplace.artisans",
    "marketplace.produce",
    "marketplace.cart",
    "marketplace.orders",
    "marketplace.fulfilment",
)

# Places on the market's own pages that its later features fill; each is described in docs/slots.md.
SLOTS = ("shop-notes", "shop-foot", "stall", "ways-to-get")


def init_app(app: Flask, settings: Settings) -> None:
    """Introduce every feature of the market to *app*, and say who may do what in it."""
    for name in SLOTS:
        slots.declare(app, name)
    import_module("marketplace.permissions").grant_all()
    for feature in FEATURES:
        import_module(feature).init_app(app, settings)
    _set_scenes(app)


def _set_scenes(app: Flask) -> None:
    from marketplace import demonstration
    from marketplace.payments.api.models import ApiKey

    counts_as_use(app, ApiKey)
    add_scene(app, "手艺人", demonstration.enter_artisans)
    add_scene(app, "集市", demonstration.sell_produce)
    add_scene(app, "自提点", demonstration.open_pickup)
    add_scene(app, "付款接口", demonstration.open_interface)
