"""A basket: what a browser kept is read with care, and nothing in it names a price that counts."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.cart.rules import MOST_LINES, MOST_PER_LINE, Wanted, is_full, kept, put, read
from marketplace.produce.actions import withdraw_product
from marketplace.produce.models import Lot
from tests.make.produce import make_product

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(ANYTHING)
def test_whatever_a_session_holds_is_read_as_an_honest_basket(found: object) -> None:
    basket = read(found)

    assert all(
        lot > 0 and 0 < each.quantity <= MOST_PER_LINE and each.seen_fen > 0 for lot, each in basket.items()
    )


BASKETS = st.dictionaries(
    st.integers(1, 10_000),
    st.builds(Wanted, st.integers(1, MOST_PER_LINE), st.integers(1, 10**6)),
    max_size=5,
)


@given(BASKETS)
def test_what_is_kept_is_what_is_read_again(basket: dict[int, Wanted]) -> None:
    assert read(kept(basket)) == basket


@given(BASKETS, st.integers(1, 10_000), st.integers(-5, 200))
def test_putting_in_changes_one_line_and_nought_takes_it_out(
    basket: dict[int, Wanted], lot: int, quantity: int
) -> None:
    changed = put(basket, lot, quantity, 100)

    assert (lot in changed) == (quantity > 0)
    assert {each: changed[each] for each in changed if each != lot} == {
        each: basket[each] for each in basket if each != lot
    }


def test_a_full_basket_takes_more_of_what_is_in_it_and_nothing_new() -> None:
    basket = {lot: Wanted(1, 100) for lot in range(1, MOST_LINES + 1)}

    assert is_full(basket, MOST_LINES + 1)
    assert not is_full(basket, 1)


def shop(app: Flask) -> Lot:
    app.config["WTF_CSRF_ENABLED"] = False
    return make_product(stock=5).lots[0]


def add(client: FlaskClient, lot: Lot, quantity: int, **more: str) -> None:
    client.post("/cart/add", data={"lot": str(lot.id), "quantity": str(quantity), **more})


def cart(client: FlaskClient) -> str:
    return client.get("/cart").get_data(as_text=True)


def test_putting_in_adds_and_changing_sets(app: Flask, clock: FrozenClock, client: FlaskClient) -> None:
    lot = shop(app)
    add(client, lot, 1)
    add(client, lot, 2)
    assert "45.00" in cart(client)
    add(client, lot, 1, change="y")
    assert "15.00" in cart(client)
    assert "改数量" in client.get("/shop").get_data(as_text=True)


def test_something_is_changed_and_taken_out(app: Flask, clock: FrozenClock, client: FlaskClient) -> None:
    lot = shop(app)
    add(client, lot, 1)
    client.post("/cart/change", data={"lot": str(lot.id), "quantity": "4"})
    assert "60.00" in cart(client)
    client.post("/cart/change", data={"lot": str(lot.id), "quantity": "4", "remove": "y"})
    assert "篮子是空的" in cart(client)
    add(client, lot, 1)
    client.post("/cart/change", data={"lot": str(lot.id), "quantity": "0"})
    assert "篮子是空的" in cart(client)


def test_what_is_withdrawn_is_said_and_taken_out(app: Flask, clock: FrozenClock, client: FlaskClient) -> None:
    lot = shop(app)
    add(client, lot, 1)
    with transaction():
        withdraw_product(lot.product_id)

    assert "1 样东西已经下架" in cart(client)
    assert "下架" not in cart(client)


def test_what_somebody_else_bought_is_said_before_ordering(
    app: Flask, clock: FrozenClock, client: FlaskClient
) -> None:
    lot = shop(app)
    add(client, lot, 3)
    with transaction():
        db.session.get_one(Lot, lot.id).stock_left = 1
    page = cart(client)

    assert "只剩 1 份" in page
    assert "/checkout" not in page


def test_a_lot_that_never_was_puts_nothing_in(app: Flask, clock: FrozenClock, client: FlaskClient) -> None:
    shop(app)
    for lot in ("999", "-1", "abc", "99999999999999999999"):
        client.post("/cart/add", data={"lot": lot, "quantity": "1"})

    assert "篮子是空的" in cart(client)


def test_a_form_without_its_token_is_refused(app: Flask, clock: FrozenClock, client: FlaskClient) -> None:
    lot = make_product(stock=5).lots[0]

    assert client.post("/cart/add", data={"lot": str(lot.id), "quantity": "1"}).status_code == 400


def test_the_way_back_never_leads_elsewhere(app: Flask, clock: FrozenClock, client: FlaskClient) -> None:
    lot = shop(app)
    answer = client.post(
        "/cart/add", data={"lot": str(lot.id), "quantity": "1"}, headers={"Referer": "https://evil.example/x"}
    )

    assert answer.headers["Location"] == f"/shop#lot-{lot.id}"


def test_english_is_complete_from_the_shop_to_the_basket(
    app: Flask, clock: FrozenClock, client: FlaskClient
) -> None:
    lot = shop(app)
    add(client, lot, 1)
    for page in ("/shop?lang=en", f"/shop/{lot.product_id}", "/cart"):
        text = client.get(page).get_data(as_text=True)
        assert 'lang="en"' in text
        for words in ("放进篮子", "改数量", "去下单", "找东西", "采收", "卖家", "篮子里"):
            assert words not in text, (page, words)
