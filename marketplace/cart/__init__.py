"""The basket: what somebody means to buy, kept by the browser until it is ordered."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the basket's page into *app*, and its bar into the shop's templates."""
    from marketplace.cart import pages

    app.register_blueprint(pages.bp)
    app.jinja_env.globals.update(basket_bar=pages.basket_bar, in_basket=pages.in_basket)
