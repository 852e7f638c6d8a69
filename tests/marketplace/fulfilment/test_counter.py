"""The keeper's counter and the farmer's list: packed, paid by hand, handed over by a code, sent, given back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.accounts.models import Person
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.orders.actions import mark_paid, place_order
from marketplace.orders.models import Order
from marketplace.orders.rules import Way
from marketplace.payments.models import PaymentIntent
from marketplace.payments.rules import Method
from marketplace.produce.models import Lot, Seller
from tests.make.divisions import VILLAGE
from tests.make.orders import ask, make_order
from tests.make.payments import pay, use_fake_gateway
from tests.make.people import make_official, make_person, sign_in
from tests.make.produce import make_product


@pytest.fixture
def keeper(app: Flask, clock: FrozenClock) -> FlaskClient:
    """The desk of the village's pickup keeper."""
    app.config["WTF_CSRF_ENABLED"] = False
    use_fake_gateway()
    return desk(app, "keeper", VILLAGE)


def desk(app: Flask, role: str, area: str) -> FlaskClient:
    client = app.test_client()
    with transaction():
        sign_in(client, make_official(role=role, area=area))
    return client


def phone_of(app: Flask, person_id: int | None) -> FlaskClient:
    client = app.test_client()
    assert person_id is not None
    with transaction():
        sign_in(client, db.session.get_one(Person, person_id))
    return client


def farmer_of(app: Flask, order: Order) -> FlaskClient:
    seller = select(Seller.person_id).where(Seller.id == order.lines[0].seller_id)
    return phone_of(app, db.session.scalar(seller))


def again(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


def test_one_press_takes_the_money_and_hands_over(keeper: FlaskClient) -> None:
    product = make_product(stock=5)
    order = make_order(product=product, quantity=2, method=Method.offline)
    keeper.post(f"/desk/orders/{order.number}/pack")
    found = keeper.post("/desk/orders", data={"code": order.pickup_code})
    assert found.location == f"/desk/orders/{order.number}"
    assert f'value="{order.pickup_code}"' in keeper.get(found.location).get_data(as_text=True)
    for _ in range(2):
        form = {"code": f"{order.pickup_code[:3]} {order.pickup_code[3:]}", "with_money": "y"}
        keeper.post(f"/desk/orders/{order.number}/hand-over", data=form)
        run_due()

    assert (again(order).state, again(order).is_paid) == ("received", True)
    assert db.session.get_one(Lot, product.lots[0].id).stock_left == 3
    assert sum(balance_fen(f"cash:{person}", livemode=False) for person in range(1, 20)) == 3000
    assert list(all_faults()) == []


def test_a_pickup_code_is_in_no_address_and_finds_by_post_alone(keeper: FlaskClient) -> None:
    order, other = make_order(method=Method.offline), make_order(method=Method.offline)
    asked = keeper.get(f"/desk/orders?code={order.pickup_code}").get_data(as_text=True)
    assert order.number in asked and other.number in asked and order.pickup_code not in asked
    by_number = keeper.post("/desk/orders", data={"code": order.number[-6:]})
    assert by_number.location == f"/desk/orders/{order.number}"
    page = keeper.get(by_number.location).get_data(as_text=True)
    assert order.pickup_code not in page and 'name="code" value=""' in page
    nothing = keeper.post("/desk/orders", data={"code": "zzzz"})
    assert nothing.status_code == 200 and order.number not in nothing.get_data(as_text=True)
    found = keeper.post("/desk/orders", data={"code": order.pickup_code})
    elsewhere = keeper.get(f"/desk/orders/{other.number}").get_data(as_text=True)
    assert found.status_code == 303 and order.pickup_code not in elsewhere


def test_a_wrong_code_hands_over_nothing_and_takes_no_money(keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    wrong = "000000" if order.pickup_code != "000000" else "111111"
    answer = keeper.post(
        f"/desk/orders/{order.number}/hand-over",
        data={"code": wrong, "with_money": "y"},
        follow_redirects=True,
    )

    assert "取货码不对" in answer.get_data(as_text=True)
    assert (again(order).state, again(order).is_paid) == ("reserved", False)


def test_codes_cannot_be_tried_out(keeper: FlaskClient) -> None:
    order = make_order()
    with transaction():
        mark_paid(order.number)
    wrong = "000000" if order.pickup_code != "000000" else "111111"
    answers = [
        keeper.post(f"/desk/orders/{order.number}/hand-over", data={"code": wrong}).status_code
        for _ in range(22)
    ]

    assert answers[0] == 303
    assert answers[-1] == 429


def test_what_is_not_paid_is_not_handed_over(keeper: FlaskClient) -> None:
    order = make_order()
    form = {"code": order.pickup_code, "with_money": "y"}

    assert keeper.post(f"/desk/orders/{order.number}/hand-over", data=form).status_code == 409
    assert again(order).state == "pending_payment"
    assert keeper.post(f"/desk/orders/{order.number}/money").status_code == 409


@pytest.mark.parametrize("act", ["money", "hand-over", "pack", "ship", "refund", "given-back"])
def test_a_keeper_of_elsewhere_finds_nothing(app: Flask, keeper: FlaskClient, act: str) -> None:
    order = make_order(method=Method.offline)
    elsewhere = desk(app, "clerk", "420199104999")
    form = {"code": order.pickup_code, "parcel": "x", "refund": "1"}

    assert elsewhere.get(f"/desk/orders/{order.number}").status_code == 404
    assert elsewhere.post(f"/desk/orders/{order.number}/{act}", data=form).status_code == 404
    assert order.number not in elsewhere.get("/desk/orders").get_data(as_text=True)
    assert again(order).state == "reserved"


def test_a_keeper_does_not_decide_about_refunds(keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)

    assert keeper.post(f"/desk/orders/{order.number}/refund", data={"refund": "1"}).status_code == 403


def test_a_farmer_sees_what_to_pack_for_when_and_what_it_brings(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(quantity=2, method=Method.offline)
    page = farmer_of(app, order).get("/sell/orders").get_data(as_text=True)

    assert "散养鸡蛋 × 2" in page
    assert "自提时付" in page
    assert "29.10 元" in page
    assert order.pickup_code not in page
    assert "陈先生" not in page


def test_a_farmer_packs_the_own_part_only(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    with transaction():
        stranger_id = make_person().id
    assert phone_of(app, stranger_id).post(f"/sell/orders/{order.number}/pack").status_code == 404
    assert again(order).packed_at is None
    farmer = farmer_of(app, order)
    for _ in range(2):
        assert farmer.post(f"/sell/orders/{order.number}/pack").status_code == 303

    assert again(order).state == "packed"


def test_an_unpaid_order_is_not_on_the_farmers_list_before_its_money(app: Flask, keeper: FlaskClient) -> None:
    order = make_order()

    assert "现在没有订单" in farmer_of(app, order).get("/sell/orders").get_data(as_text=True)


def test_a_parcel_is_packed_sent_and_received(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(way=Way.delivery)
    pay(db.session.get_one(PaymentIntent, order.payment_id), use_fake_gateway())
    run_due()
    early = keeper.post(f"/desk/orders/{order.number}/ship", data={"parcel": "邮政 123"})
    assert early.status_code == 409
    assert "示例路 2 号" in keeper.get(f"/desk/orders/{order.number}").get_data(as_text=True)
    keeper.post(f"/desk/orders/{order.number}/pack")
    keeper.post(f"/desk/orders/{order.number}/ship", data={"parcel": "邮政 123"})
    buyer = phone_of(app, order.person_id)
    page = buyer.get(f"/orders/{order.number}").get_data(as_text=True)
    assert "邮政 123" in page and "延长 3 天" in page
    assert buyer.post(f"/orders/{order.number}/extend").status_code == 303
    assert "延长 3 天" not in buyer.get(f"/orders/{order.number}").get_data(as_text=True)
    buyer.post(f"/orders/{order.number}/received")

    assert again(order).state == "received"


def test_an_address_is_not_shown_before_the_money_has_come(keeper: FlaskClient) -> None:
    order = make_order(way=Way.delivery)

    assert "示例路 2 号" not in keeper.get(f"/desk/orders/{order.number}").get_data(as_text=True)


def test_cash_goes_back_by_the_keepers_hand(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    keeper.post(f"/desk/orders/{order.number}/money")
    buyer, farmer = phone_of(app, order.person_id), farmer_of(app, order)
    buyer.post(
        f"/orders/{order.number}/refund", data={"line": "0", "reason": "not_wanted", "words": "出差了"}
    )
    refund_id = again(order).refunds[0].id
    assert "出差了" in farmer.get("/sell/orders").get_data(as_text=True)
    farmer.post(f"/sell/orders/{order.number}/refund", data={"refund": str(refund_id), "agree": "y"})
    for _ in range(2):
        keeper.post(f"/desk/orders/{order.number}/given-back", data={"refund": str(refund_id)})
        run_due()

    assert again(order).state == "refunded"
    assert sum(balance_fen(f"cash:{person}", livemode=False) for person in range(1, 20)) == 0
    assert list(all_faults()) == []


def test_an_official_refuses_only_with_a_reason(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    keeper.post(f"/desk/orders/{order.number}/money")
    phone_of(app, order.person_id).post(
        f"/orders/{order.number}/refund", data={"line": "0", "reason": "not_good"}
    )
    refund = {"refund": str(again(order).refunds[0].id), "refuse": "y"}
    clerk = desk(app, "clerk", VILLAGE)

    assert clerk.post(f"/desk/orders/{order.number}/refund", data=refund).status_code == 400
    clerk.post(f"/desk/orders/{order.number}/refund", data={**refund, "answer": "东西是好的"})
    assert [back.state for back in again(order).refunds] == ["refused"]


def test_what_is_asked_back_is_seen_beside_the_orders_state(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    keeper.post(f"/desk/orders/{order.number}/money")
    buyer, clerk = phone_of(app, order.person_id), desk(app, "clerk", VILLAGE)
    for client, page in ((buyer, "/orders"), (buyer, f"/orders/{order.number}"), (clerk, "/desk/orders")):
        assert "退款：" not in client.get(page).text
    buyer.post(f"/orders/{order.number}/refund", data={"line": "0", "reason": "not_good"})

    for client, page in ((buyer, "/orders"), (buyer, f"/orders/{order.number}"), (clerk, "/desk/orders")):
        assert "退款：等答复" in client.get(page).text


def test_what_is_given_back_whole_is_not_handed_over_and_has_no_code(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    keeper.post(f"/desk/orders/{order.number}/money")
    buyer, farmer = phone_of(app, order.person_id), farmer_of(app, order)
    buyer.post(f"/orders/{order.number}/refund", data={"line": "0", "reason": "not_wanted"})
    assert order.pickup_code in buyer.get(f"/orders/{order.number}").text
    refund = {"refund": str(again(order).refunds[0].id), "agree": "y", "answer": ""}
    farmer.post(f"/sell/orders/{order.number}/refund", data=refund)

    mine, kept = buyer.get(f"/orders/{order.number}").text, keeper.get(f"/desk/orders/{order.number}").text
    assert "不用再取了" in mine and order.pickup_code not in mine and "17:00 至 19:00" not in mine
    assert "不要装货、交货" in kept and "交货</button>" not in kept and "已当面退" in kept
    assert "不用装货了" in (told := farmer.get("/sell/orders").text) and "装好了" not in told


def test_a_farmer_sees_why_and_refuses_only_with_a_reason(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    keeper.post(f"/desk/orders/{order.number}/money")
    buyer, farmer = phone_of(app, order.person_id), farmer_of(app, order)
    buyer.post(f"/orders/{order.number}/refund", data={"line": "0", "reason": "not_come"})
    assert "没有收到" in farmer.get("/sell/orders").text
    place = f"/sell/orders/{order.number}/refund"
    unsaid = {"refund": str(again(order).refunds[0].id)}
    assert "请选同意退款还是不同意" in farmer.post(place, data=unsaid, follow_redirects=True).text
    refund = {**unsaid, "refuse": "y"}
    assert "不同意要写理由" in farmer.post(place, data=refund, follow_redirects=True).text
    assert [back.state for back in again(order).refunds] == ["asked"]
    farmer.post(place, data={**refund, "answer": "昨天取走了"})
    assert [back.state for back in again(order).refunds] == ["refused"]


def test_a_farmer_is_promised_no_money_that_went_back(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    form = {"code": order.pickup_code, "with_money": "y"}
    keeper.post(f"/desk/orders/{order.number}/hand-over", data=form)
    buyer, farmer = phone_of(app, order.person_id), farmer_of(app, order)
    assert "买家已收货，您能得 14.55 元" in farmer.get("/sell/orders").text
    buyer.post(f"/orders/{order.number}/refund", data={"line": str(order.lines[0].id), "reason": "not_good"})
    refund = {"refund": str(again(order).refunds[0].id), "agree": "y"}
    farmer.post(f"/sell/orders/{order.number}/refund", data=refund)
    keeper.post(f"/desk/orders/{order.number}/given-back", data=refund)
    run_due()

    assert "您能得" not in farmer.get("/sell/orders").text


def test_a_farmer_knows_of_a_refund_that_others_decide_about(app: Flask, keeper: FlaskClient) -> None:
    eggs, lotus = make_product(), make_product(name="粉藕")
    one = ask(eggs, method=Method.offline)
    wanted = {**one.wanted, lotus.lots[0].id: 1}
    with transaction():
        new = replace(one, wanted=wanted, seen_fen=one.seen_fen + lotus.lots[0].price_fen)
        order = place_order(make_person(name="陈先生").id, new)
    keeper.post(f"/desk/orders/{order.number}/money")
    asked = {"line": "0", "reason": "not_wanted"}
    phone_of(app, order.person_id).post(f"/orders/{order.number}/refund", data=asked)

    page = farmer_of(app, order).get("/sell/orders").text
    assert "退款：等答复" in page and "同意退款" not in page


def test_a_farmer_decides_nothing_about_others_goods(app: Flask, keeper: FlaskClient) -> None:
    order = make_order(method=Method.offline)
    keeper.post(f"/desk/orders/{order.number}/money")
    phone_of(app, order.person_id).post(
        f"/orders/{order.number}/refund", data={"line": "0", "reason": "not_good"}
    )
    refund = {"refund": str(again(order).refunds[0].id)}
    other = make_order(product=make_product(name="粉藕"), method=Method.offline)
    stranger = farmer_of(app, other)

    assert stranger.post(f"/sell/orders/{order.number}/refund", data=refund).status_code == 404
    assert stranger.post(f"/sell/orders/{other.number}/refund", data=refund).status_code == 404
    assert [back.state for back in again(order).refunds] == ["asked"]
