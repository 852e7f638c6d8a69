"""A farmer sees the own money in plain sentences and says where it goes; nobody else's is there."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from commons.clock import FrozenClock
from commons.db import transaction
from commons.worker import run_due
from marketplace.payments.actions import release_to_seller
from marketplace.payments.connect.actions import account_of, mark_verified
from marketplace.payments.connect.payouts import fail_payout
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_offline_paid_payment, use_fake_gateway
from tests.make.people import make_person, sign_in
from tests.make.produce import make_seller
from tests.make.sellers import make_account, make_payout


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    app.config["WTF_CSRF_ENABLED"] = False
    return use_fake_gateway()


def test_a_farmer_reads_what_came_and_says_where_it_goes(client: FlaskClient, gateway: FakeGateway) -> None:
    with transaction():
        person = make_person(name="周大山")
        sign_in(client, person)
        seller = make_seller(person=person, public_name="谷子喂的鸡")
        other = make_seller(person=make_person(), public_name="别人家")
    assert "还没有结过款" in client.get("/sell/money").text
    assert "我的货款" in client.get("/sell").text
    for each, order in ((seller, "AbCdEfGh"), (other, "OtherOrd")):
        payment = make_offline_paid_payment(amount_fen=10_000)
        with transaction():
            release_to_seller(payment.id, str(each.id), 10_000, f"{order}:{each.id}")
    run_due()
    account = account_of(str(seller.id), livemode=False)
    assert account is not None and (account.name, account.person_id) == ("谷子喂的鸡", person.id)

    page = client.get("/sell/money").text
    assert "您卖出去的货，得了 97.00 元" in page and "AbCdEfGh" in page and "OtherOrd" not in page
    assert client.get(f"/sell/money/{other.id}.pdf").status_code == 404
    assert client.post(f"/sell/money/{other.id}").status_code == 404
    place = client.post(f"/sell/money/{seller.id}").headers["Location"]
    done = client.post(place, data={"means": "alipay", "holder": "周大山", "account": "zhou@example.cn"})
    assert done.headers["Location"].endswith("/sell/money")
    with transaction():
        mark_verified(account.id, "person:1")
    make_payout(account=account, amount_fen=9_000)
    run_due()

    page = client.get("/sell/money").text
    assert "已经付给您 90.00 元" in page and "····e.cn" in page and "已付到" in page
    paper = PdfReader(io.BytesIO(client.get(f"/sell/money/{seller.id}.pdf").data))
    words = "".join(each.extract_text() for each in paper.pages)
    assert "现在还没付给您的，是 7.00 元" in words and "谷子喂的鸡" in words


def test_a_farmer_reads_why_money_did_not_come_and_the_newest_first(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    with transaction():
        person = make_person(name="周大山")
        sign_in(client, person)
        seller = make_seller(person=person)
    account = make_account(seller=str(seller.id), means="bank")
    for order in ("EarlierO", "LaterOrd"):
        payment = make_offline_paid_payment(amount_fen=10_000)
        with transaction():
            release_to_seller(payment.id, str(seller.id), 10_000, f"{order}:{seller.id}")
    payout = make_payout(account=account, amount_fen=9_000)
    with transaction():
        fail_payout(payout.id, "户名与账号不符")

    page = client.get("/sell/money").text
    assert "没付成" in page and "钱退回账上了" in page and "银行说：户名与账号不符" in page
    assert "共 4 笔" in page and page.index("LaterOrd") < page.index("EarlierO")


def test_a_stranger_signs_in_first(client: FlaskClient, gateway: FakeGateway) -> None:
    assert client.get("/sell/money").status_code in {302, 303, 401}
