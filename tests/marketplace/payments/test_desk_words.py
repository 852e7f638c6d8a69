"""At the desk of payments no word of a program stands alone."""

from __future__ import annotations

from flask import Flask

from marketplace.payments.desk_words import OP_STATE_WORDS, PRODUCT_WORDS, reference_words
from marketplace.payments.rules import OpState, Product


def test_every_state_and_way_in_has_words() -> None:
    assert set(OP_STATE_WORDS) == set(OpState)
    assert set(PRODUCT_WORDS) == set(Product)


def test_an_order_is_named_and_anything_else_left_as_it_was_said(app: Flask) -> None:
    with app.test_request_context("/"):
        assert reference_words("order:4GHJ222233334444") == "订单 4GHJ 2222 3333 4444"
        assert reference_words("shop-7/12") == "shop-7/12"
