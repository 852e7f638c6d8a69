"""The operator of money sees every trouble, and nobody else does."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.payments.actions import request_refund
from marketplace.payments.cases import CASE_WORDS
from marketplace.payments.flows import ask_now
from marketplace.payments.queries import open_cases, refunds_of, the_payment
from marketplace.payments.records import open_case
from marketplace.payments.rules import CaseKind
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.payments import make_attempt, make_paid_payment, make_payment, use_fake_gateway
from tests.make.people import make_official, sign_in


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    app.config["WTF_CSRF_ENABLED"] = False
    return use_fake_gateway()


@pytest.fixture
def operator(gateway: FakeGateway, client: FlaskClient) -> FlaskClient:
    with transaction():
        sign_in(client, make_official(role="operator", area=""))
    return client


def test_every_kind_of_case_has_words_for_a_person() -> None:
    assert set(CASE_WORDS) == set(CaseKind)


@pytest.mark.parametrize("role", ["clerk", "town", "county", "keeper"])
def test_other_officials_do_not_see_the_money(client: FlaskClient, gateway: FakeGateway, role: str) -> None:
    with transaction():
        sign_in(client, make_official(role=role))
    payment = make_payment()

    assert client.get("/desk/payments").status_code == 403
    assert client.get(f"/desk/payments/{payment.id}").status_code == 403
    assert client.post(f"/desk/payments/{payment.id}/ask").status_code == 403


def test_a_stranger_is_sent_to_sign_in(client: FlaskClient, gateway: FakeGateway) -> None:
    assert client.get("/desk/payments").status_code in {302, 303, 401}


def test_the_desk_shows_cases_requests_and_payments(operator: FlaskClient, gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway)
    with transaction():
        refund = request_refund(payment.id, 30)
        open_case(CaseKind.amount_differs, "x", payment.id)

    page = operator.get("/desk/payments").text

    assert "金额对不上" in page and refund.id in page and payment.id in page
    assert "测试收款" in page and "¥12.30" in page


def test_one_payments_page_tells_its_whole_story(operator: FlaskClient, gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway)
    with transaction():
        refund = request_refund(payment.id, 30, reason="少了一个")

    page = operator.get(f"/desk/payments/{payment.id}").text

    for words in (f"{payment.id}_1", refund.id, "少了一个", "付款成功", "提出退款"):
        assert words in page
    assert "payment_intent." not in page


def test_the_operator_can_have_the_gateway_asked_now(operator: FlaskClient, gateway: FakeGateway) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1230)

    operator.post(f"/desk/payments/{payment.id}/ask")

    assert the_payment(payment.id).status == "succeeded"
    asked = select(AuditLine.subject).where(AuditLine.action == "payment.asked")
    assert db.session.scalars(asked).all() == [f"payment:{payment.id}"]


def test_the_operator_can_push_a_stuck_refund(operator: FlaskClient, gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway)
    with transaction():
        request_refund(payment.id, 30)
    gateway.troubles.append(Trouble.lost_answer)

    for _ in range(2):
        operator.post(f"/desk/payments/{payment.id}/ask")

    assert [refund.status for refund in refunds_of(payment.id)] == ["succeeded"]


def test_a_case_is_closed_with_a_note_by_one_person(operator: FlaskClient, gateway: FakeGateway) -> None:
    with transaction():
        open_case(CaseKind.unknown_order, "x", total_fen=5)
    number = open_cases()[0].id

    empty = operator.post(f"/desk/payments/cases/{number}", data={"note": " "})
    still_open = len(open_cases())
    closed = operator.post(f"/desk/payments/cases/{number}", data={"note": "支付宝后台查无此单，已登记"})

    assert "请写明怎么解决的" in empty.text and still_open == 1
    assert closed.status_code == 302
    assert open_cases() == []
    assert "已登记" in operator.get(f"/desk/payments/cases/{number}").text
    assert operator.post(f"/desk/payments/cases/{number}", data={"note": "再来"}).status_code == 409
    assert operator.get("/desk/payments/cases/999").status_code == 404


def test_money_of_another_amount_is_given_back_from_its_case(
    operator: FlaskClient, gateway: FakeGateway
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1229)
    ask_now(attempt.out_trade_no)
    case = open_cases()[0]
    place = f"/desk/payments/cases/{case.id}"
    page = operator.get(place).text
    assert all(words in page for words in ("把 12.29 元原路退回", "12.30 元", "12.29 元</dd>", "我们问来的"))

    assert operator.post(f"{place}/give-back").status_code == 303

    assert "原路退回</button>" not in operator.get(place).text
    assert operator.post(f"{place}/give-back").status_code == 404
    assert [refund.amount_fen for refund in refunds_of(payment.id)] == [1229]
