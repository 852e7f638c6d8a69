"""A seller says where the money goes and proves who they are, at a running gateway; a link opens one account for a day."""

from __future__ import annotations

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.money import take_back
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.connect.actions import NewAccount, make_link, open_account
from marketplace.payments.connect.flows import pay_out_now
from marketplace.payments.connect.forms import is_id_number
from marketplace.payments.connect.messages import PATH
from marketplace.payments.connect.models import Payout, SellerAccount
from marketplace.payments.connect.rules import capital_yuan, gross_for
from marketplace.payments.queries import open_cases
from tests.make.sellers import make_account, make_owed, make_payout
from tests.marketplace.payments.gateway_control import GatewayControl
from tests.marketplace.payments.listening_shop import ListeningShop

# The check digit is right, and no place has the code 999999: nobody can have this number.
NOBODYS_ID = "999999190001010015"
BACK = "https://shop.example.cn/done"


@pytest.fixture
def gateway(app: Flask, merchant: AlipayConfig) -> AlipayGateway:
    made = AlipayGateway(AlipayClient(merchant), livemode=False)
    app.extensions["payment_gateways"].fixed[:] = [made]
    app.config["WTF_CSRF_ENABLED"] = False
    return made


def link_to(return_url: str = "") -> tuple[str, str]:
    with transaction():
        account = open_account(NewAccount(seller="7", name="谷子喂的鸡"))
        word, _ = make_link(account.id, return_url, "https://shop.example.cn/again")
    return account.id, word


def account(account_id: str) -> SellerAccount:
    db.session.expire_all()
    found = db.session.get(SellerAccount, account_id)
    assert found is not None
    return found


def test_a_seller_is_set_up_on_the_page_and_proved_by_alipay(
    gateway: AlipayGateway, client: FlaskClient
) -> None:
    account_id, word = link_to(BACK)
    here = f"/pay/account/{word}"
    page = client.get(here)
    assert "还没核实" in page.text and "还没登记" in page.text
    assert gateway.origin in page.headers["Content-Security-Policy"]
    told = {"means": "alipay", "holder": "王秀兰", "account": "wang@example.cn", "id_number": NOBODYS_ID}
    wrong = client.post(here, data=told | {"id_number": NOBODYS_ID[:-1] + "2"})
    assert "身份证号不对" in wrong.text and not account(account_id).has_payee

    away = client.post(here, data=told)
    assert away.status_code == 303 and away.headers["Location"].startswith(gateway.origin)
    # Coming back without having proved anything changes nothing.
    assert client.get(f"{here}/return").headers["Location"] == here
    assert not account(account_id).is_verified
    at_alipay = requests.get(away.headers["Location"], timeout=10)
    home = requests.post(at_alipay.url, data={"passed": "T"}, timeout=10, allow_redirects=False).headers[
        "Location"
    ]
    assert home.endswith(f"{here}/return")

    assert client.get(f"{here}/return").headers["Location"] == BACK
    proved = account(account_id)
    assert proved.can_be_paid and proved.verified_by == "alipay" and proved.payee_hint == "支付宝 ····e.cn"
    stored = str(
        [
            str(value)
            for row in db.session.execute(db.metadata.tables["payment_account"].select())
            for value in row
        ]
    )
    assert NOBODYS_ID not in stored and "wang@example.cn" not in stored
    assert "wang@example.cn" not in client.get(here).text


def test_a_failed_check_and_an_old_link(
    gateway: AlipayGateway, client: FlaskClient, clock: FrozenClock
) -> None:
    account_id, word = link_to()
    here = f"/pay/account/{word}"
    away = client.post(here, data={"means": "cash", "holder": "王秀兰", "id_number": NOBODYS_ID})
    at_alipay = requests.get(away.headers["Location"], timeout=10)
    requests.post(at_alipay.url, data={"passed": "F"}, timeout=10, allow_redirects=False)
    assert client.get(f"{here}/return").headers["Location"] == here
    assert "支付宝没有确认身份" in client.get(here).text
    assert not account(account_id).is_verified and account(account_id).has_payee

    assert client.get("/pay/account/nobody-has-this-word").status_code == 404
    clock.move(hours=25)
    over = client.get(here)
    assert over.headers["Location"] == "https://shop.example.cn/again"
    assert client.post(here, data={"means": "cash", "holder": "别人"}).status_code >= 400


def test_transfers_of_a_real_gateway_end_as_it_says(gateway: AlipayGateway, control: GatewayControl) -> None:
    make_owed(amount_fen=20_000)
    account = make_account()
    control.post("settings", transfers_wait=True)
    arrives, fails = (make_payout(account=account, amount_fen=fen) for fen in (1_000, 2_000))
    for payout in (arrives, fails):
        pay_out_now(payout.id)
    control.post(f"transfers/{arrives.id}/succeed")
    control.post(f"transfers/{fails.id}/fail")
    control.post("settings", transfers_wait=False)
    control.fault("drop_after", method="alipay.fund.trans.uni.transfer")
    lost = make_payout(account=account, amount_fen=3_000)
    for payout in (arrives, fails, lost, lost):
        pay_out_now(payout.id)

    db.session.expire_all()
    ends = {key: db.session.get(Payout, key).status for key in (arrives.id, fails.id, lost.id)}  # type: ignore[union-attr]
    assert ends == {arrives.id: "paid", fails.id: "failed", lost.id: "paid"}
    assert len(control.state()["transfers"]) == 3
    assert [case.kind for case in open_cases()] == ["payout_failed"]


def test_a_message_of_alipay_only_has_it_asked_now(
    gateway: AlipayGateway, control: GatewayControl, client: FlaskClient, shop: ListeningShop
) -> None:
    make_owed(amount_fen=20_000)
    control.post("settings", transfers_wait=True, application_url=shop.notify_url)
    payout = make_payout(account=make_account(), amount_fen=1_000)
    run_due()
    control.post(f"transfers/{payout.id}/succeed")
    told = shop.wait_for(1)[0]

    forged = client.post(PATH, data=told | {"notify_id": "another"})
    run_due()
    assert forged.data == b"fail" and _status(payout) == "in_transit"
    said = [client.post(PATH, data=told).data for _ in range(2)]
    run_due()

    assert said == [b"success", b"success"] and _status(payout) == "paid"
    assert client.post(PATH, data={}).data == b"fail"
    assert client.post(PATH, data=b"x" * 70_000, content_type="text/plain").data == b"fail"


def _status(payout: Payout) -> str:
    db.session.expire_all()
    found = db.session.get(Payout, payout.id)
    assert found is not None
    return found.status


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"), (5, "伍分"), (10, "壹角整"), (105, "壹元零伍分"), (1_000_00, "壹仟元整"),
        (1_010_00, "壹仟零壹拾元整"), (10_000_00, "壹万元整"), (10_001_00, "壹万零壹元整"), (100_100_00, "壹拾万零壹佰元整"),
        (1_000_000_00, "壹佰万元整"), (100_000_000_00, "壹亿元整"), (100_010_000_01, "壹亿零壹万元零壹分"),
        (12_345_67, "壹万贰仟叁佰肆拾伍元陆角柒分"),
    ],
)  # fmt: skip
def test_amounts_are_written_in_capital_numerals(fen: int, words: str) -> None:
    assert capital_yuan(fen) == words


def test_taking_back_by_the_sellers_part_is_the_inverse_of_taking_back_by_the_whole() -> None:
    for gross, net in ((101, 98), (10_000, 9_700), (7, 7), (3, 1)):
        gone = back = 0
        while back < net:
            step = min(3, net - back)
            take = gross_for(step, gross, net, gone, back)
            assert take_back(take, gone, back, gross, net)[0] == step
            gone, back = gone + take, back + step
        assert gone == gross


def test_an_id_number_needs_its_check_digit() -> None:
    assert is_id_number(NOBODYS_ID)
    assert not any(is_id_number(NOBODYS_ID[:-1] + last) for last in "012346789X")
    assert not is_id_number("1" * 17) and not is_id_number("")
