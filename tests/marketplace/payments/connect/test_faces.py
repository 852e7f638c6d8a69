"""The pages about sellers' money keep the rules of every page, in a real browser."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from commons import clock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.payments.actions import release_to_seller, request_refund
from marketplace.payments.connect.actions import account_of, make_link
from marketplace.payments.connect.lists import make_bank_list
from marketplace.payments.reconcile.actions import bill_for
from marketplace.payments.reconcile.models import BillLine
from tests.commons.accounts.test_faces import cookies
from tests.face import served
from tests.make.payments import make_offline_paid_payment, use_fake_gateway
from tests.make.people import make_official, make_person, sign_in
from tests.make.produce import make_seller
from tests.make.sellers import make_account, make_payout
from tests.ui_rules import findings


def test_every_page_about_sellers_money_keeps_the_rules(
    app: Flask, client: FlaskClient, browser: Browser
) -> None:
    use_fake_gateway()
    with transaction():
        farmer = make_person(name="周大山")
        seller = make_seller(person=farmer)
    payment = make_offline_paid_payment(amount_fen=12_300)
    with transaction():
        release_to_seller(payment.id, str(seller.id), 12_300, f"AbCdEfGh:{seller.id}")
        request_refund(payment.id, 2_300)
    run_due()
    account = make_account(seller=str(seller.id), means="bank")
    make_payout(account=account, amount_fen=1_000)
    with transaction():
        make_bank_list(None, livemode=False)
    with transaction():
        word, _ = make_link(account.id, "", "")
        bill = bill_for("9021000100000001", False, clock.today() - timedelta(days=1))
        bill.state, bill.counts, bill.closing_fen = "differs", {"theirs_only": 1}, 99_999
        line = {"out_request_no": "", "trade_no": "1", "fee_fen": -7, "posting": "", "number": ""}
        db.session.add(
            BillLine(
                bill_id=bill.id,
                sheet="trade",
                position=0,
                out_trade_no=f"{payment.id}_1",
                kind_words="交易",
                amount_fen=1_230,
                at=clock.now(),
                verdict="theirs_only",
                **line,
            )  # fmt: skip
        )
        farmers = app.test_client()
        sign_in(farmers, farmer)
        sign_in(client, make_official(role="operator", area=""))
    assert account_of(str(seller.id), livemode=False) is not None
    # The pages with the longest words and the most forms; the others are made of the same pieces.
    desk = (f"/desk/settlement/{account.id}", f"/desk/settlement/bills/{bill.id}", "/desk/settlement/terms")
    public = ("/sell/money", f"/pay/account/{word}")

    with served(app) as base:
        found = {page: findings(browser, base + page, "desk", cookies(client, base)) for page in desk}
        found |= {page: findings(browser, base + page, "public", cookies(farmers, base)) for page in public}

    assert {page: [str(each) for each in wrong] for page, wrong in found.items() if wrong} == {}
