"""What an area decides about money holds where nothing nearer does; at the desk, and by command."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.payments.actions import release_to_seller
from marketplace.payments.connect.actions import NewAccount, open_account, settle_directly
from marketplace.payments.errors import BadTerms
from marketplace.payments.queries import share_at, terms_of
from marketplace.payments.terms_actions import set_terms
from tests.make.payments import make_paid_payment, use_fake_gateway
from tests.make.people import make_official, sign_in

VILLAGE = "420923105207"
PAGE = "/desk/settlement/terms"


@pytest.fixture
def operator(app: Flask, client: FlaskClient) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    with transaction():
        sign_in(client, make_official(role="operator", area=""))
    return client


def test_the_nearest_of_all_levels_counts(app: Flask) -> None:
    for points, length in enumerate((0, 2, 4, 6, 9, 12), start=100):
        assert terms_of(VILLAGE).share_points == (points - 1 if length else 300)
        with transaction():
            set_terms(VILLAGE[:length], share_points=points, offline_limit_fen=1)
        assert terms_of(VILLAGE).share_points == points
    assert terms_of("42092310").share_points == 103


def test_an_order_keeps_the_share_under_which_it_was_placed(app: Flask, clock: FrozenClock) -> None:
    gateway = use_fake_gateway()

    def decide(area: str, points: int) -> None:
        with transaction():
            set_terms(area, share_points=points, offline_limit_fen=100_000)

    shares = []
    decide("42", 100)
    for change in (lambda: decide("42", 2_000), lambda: decide(VILLAGE, 5_000), lambda: decide("42", 50)):
        clock.move(minutes=1)
        payment = make_paid_payment(gateway=gateway, amount_fen=1_000)
        clock.move(minutes=1)
        change()
        with transaction():
            release = release_to_seller(payment.id, "8", 1_000, "order:1")
        shares.append(release.gross_fen - release.net_fen)

    assert shares == [10, 200, 500]
    assert [share_at("4299", clock()), share_at("11", clock())] == [50, 300]


def test_what_is_no_area_or_no_share_is_refused(app: Flask) -> None:
    for area, points in (("4", 3), ("42092", 3), ("42x923", 3), ("42", -1), ("42", 10_001)):
        with pytest.raises(BadTerms), transaction():
            set_terms(area, share_points=points, offline_limit_fen=1)


def test_the_operator_decides_at_the_desk(operator: FlaskClient) -> None:
    assert "3.00%" in operator.get(PAGE).text
    assert operator.post(PAGE, data={"area": VILLAGE, "share": "2.5", "limit": "50"}).status_code == 303

    assert (terms_of(VILLAGE).share_points, terms_of(VILLAGE).offline_limit_fen) == (250, 5_000)
    assert VILLAGE in operator.get(PAGE).text
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "terms.decided")).one()
    assert (line.area, line.detail) == (VILLAGE, {"share_points": 250, "offline_limit_fen": 5_000})
    for wrong in ({"share": "x", "limit": "1"}, {"share": "3"}, {"area": "1", "share": "3", "limit": "1"}):
        assert operator.post(PAGE, data=wrong).status_code == 400


def test_a_share_above_the_cap_names_the_accounts_it_would_fail(operator: FlaskClient) -> None:
    with transaction():
        account = open_account(NewAccount(seller="8", name="谷子喂的鸡", area=VILLAGE))
        settle_directly(account.id, "2088000000000088")
    answer = operator.post(PAGE, data={"area": "42", "share": "30.01", "limit": "50"})
    assert answer.status_code == 400 and "谷子喂的鸡" in answer.text
    with transaction():
        set_terms(VILLAGE, share_points=300, offline_limit_fen=1)

    assert operator.post(PAGE, data={"area": "42", "share": "30.01", "limit": "50"}).status_code == 303
    assert operator.post(PAGE, data={"area": VILLAGE, "share": "30.01", "limit": "50"}).status_code == 400


def test_nobody_else_decides(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with transaction():
        sign_in(client, make_official(role="county", area="420923"))
    assert client.get(PAGE).status_code in {403, 404}
    assert client.post(PAGE, data={"share": "3", "limit": "1"}).status_code in {403, 404}


def test_the_command_does_the_same(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    assert run(args=["terms", "list"]).output == "全部  服务费 3%  当面付上限 200 元\n"
    assert run(args=["terms", "set", VILLAGE, "--share", "2.5", "--limit", "50"]).exit_code == 0
    assert terms_of(VILLAGE).share_points == 250
    assert VILLAGE in run(args=["terms", "list"]).output
    refused = run(args=["terms", "set", "4", "--share", "2.5", "--limit", "50"])
    assert refused.exit_code == 1 and "区划代码" in refused.output
