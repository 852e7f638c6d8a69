"""The operator pays sellers, sends lists to the bank, counts cash and prints statements; nobody else does."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import xlsxwriter
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from commons import clock as the_clock
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import request_refund
from marketplace.payments.connect.actions import NewAccount, account_of, open_account, set_payee
from marketplace.payments.connect.models import BankList, Payout
from marketplace.payments.connect.rules import Means, Payee
from marketplace.payments.connect.statements import plain_words, seller_statement
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_offline_paid_payment, use_fake_gateway
from tests.make.people import make_official, sign_in
from tests.make.sellers import make_account, make_owed, make_payout

TODAY = date(2026, 11, 22)


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    app.config["WTF_CSRF_ENABLED"] = False
    return use_fake_gateway()


@pytest.fixture
def operator(gateway: FakeGateway, client: FlaskClient) -> FlaskClient:
    with transaction():
        sign_in(client, make_official(role="operator", area=""))
    return client


def once_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found.group(1)


def payouts() -> list[Payout]:
    db.session.expire_all()
    return list(db.session.scalars(select(Payout).order_by(Payout.created_at, Payout.id)))


def sheet(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return out.getvalue()


def test_other_officials_and_strangers_see_nothing(gateway: FakeGateway, client: FlaskClient) -> None:
    make_owed()
    account = make_account()
    payout = make_payout(account=account)
    ways = [
        "/desk/settlement", f"/desk/settlement/{account.id}", f"/desk/settlement/payouts/{payout.id}", "/desk/settlement/bills",
        f"/desk/settlement/statements/sellers/{account.id}.pdf", "/desk/settlement/statements/days", "/desk/settlement/statements/cash",
    ]  # fmt: skip
    assert {client.get(way).status_code for way in ways} <= {302, 303, 401}
    with transaction():
        sign_in(client, make_official(role="clerk"))
    assert {client.get(way).status_code for way in ways} == {403}
    assert client.post(f"/desk/settlement/{account.id}/pay", data={"amount": "1"}).status_code == 403
    assert client.post(f"/desk/settlement/payouts/{payout.id}/cash").status_code == 403


def test_the_operator_sets_a_seller_up_and_pays_once_for_two_clicks(
    operator: FlaskClient, gateway: FakeGateway
) -> None:
    make_owed(amount_fen=10_000)
    account = account_of("7", livemode=False)
    assert account is not None
    page = operator.get(f"/desk/settlement/{account.id}").text
    assert "¥97.00" in page and "还没登记" in page and "还没核实" in page
    refused = operator.post(
        f"/desk/settlement/{account.id}/pay", data={"amount": "50", "once": once_of(page)}
    )
    assert "还没有核实身份" in refused.text
    wrong = operator.post(
        f"/desk/settlement/{account.id}/payee", data={"means": "bank", "holder": "王秀兰", "account": "12x"}
    )
    assert "银行卡号应全是数字" in wrong.text
    operator.post(
        f"/desk/settlement/{account.id}/payee",
        data={"means": "alipay", "holder": "王秀兰", "account": "wang@example.cn"},
    )
    operator.post(f"/desk/settlement/{account.id}/verify")
    page = operator.get(f"/desk/settlement/{account.id}").text
    assert "····e.cn" in page and "wang@example.cn" not in page

    told = {"amount": "50.00", "once": once_of(page)}
    first, second = (operator.post(f"/desk/settlement/{account.id}/pay", data=told) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] and len(payouts()) == 1
    assert "等付款" in operator.get(first.headers["Location"]).text
    operator.post(f"/desk/settlement/payouts/{payouts()[0].id}/ask")
    shown = operator.get(first.headers["Location"]).text
    assert "已付到" in shown and "撤回" not in shown
    assert "付给您" in operator.get(f"/desk/settlement/{account.id}").text
    operator.post(f"/desk/settlement/{account.id}/block", data={"reason": "核对账号"})
    assert "已停付" in operator.get("/desk/settlement").text
    page = operator.get(f"/desk/settlement/{account.id}").text
    assert (
        "核对账号"
        in operator.post(
            f"/desk/settlement/{account.id}/pay", data={"amount": "1", "once": once_of(page)}
        ).text
    )
    done = set(db.session.scalars(select(AuditLine.action)))
    assert {"payout.approved", "seller.payee_set", "seller.verified", "seller.blocked"} <= done


def test_a_list_goes_to_the_bank_and_its_results_come_back(
    operator: FlaskClient, gateway: FakeGateway
) -> None:
    for seller in ("7", "8", "9"):
        make_owed(seller=seller)
        make_payout(account=make_account(seller=seller, means="bank"), amount_fen=1_000)
    with transaction():
        set_payee(
            open_account(NewAccount(seller="9")).id,
            Payee(Means.bank, "=HYPERLINK(1)", "6200000000000000012", "行"),
        )
    evil = make_payout(account=make_account(seller="9", means="bank"), amount_fen=2_000)

    once = once_of(operator.get("/desk/settlement").text)
    for _ in range(2):
        operator.post("/desk/settlement/pay-all", data={"once": once})
    # Three sellers were owed 97.00 each; 10.00, 10.00 and 30.00 of it were approved before.
    assert sorted(payout.amount_fen for payout in payouts())[-3:] == [6_700, 8_700, 8_700]
    assert {balance_fen(f"seller_payable:{seller}", livemode=False) for seller in "789"} == {0}
    for payout in payouts():
        if payout.amount_fen > 5_000:
            operator.post(f"/desk/settlement/payouts/{payout.id}/cancel")

    place = operator.post("/desk/settlement/lists").headers["Location"]
    assert (
        operator.post("/desk/settlement/lists").status_code == 409
        or "没有等银行付的款" in operator.post("/desk/settlement/lists").text
    )
    content = operator.get(f"{place}/sheet.xlsx").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][:5] == ["编号", "收款人", "开户银行", "账号", "金额（元）"]
    assert {row[3] for row in rows[1:]} == {"6200000000000000012"} and sum(
        Decimal(str(row[4])) for row in rows[1:]
    ) == 50
    assert {payout.status for payout in payouts()} == {"in_transit", "canceled"}

    def bring(rows: list[list[str]]) -> str:
        data = {"sheet": (io.BytesIO(sheet(rows)), "r.xlsx")}
        return operator.post(f"{place}/results", data=data, follow_redirects=True).text

    ids = [payout.id for payout in payouts() if payout.list_id]
    assert "看不懂" in bring([["编号", "结果"], [ids[0], "也许"]])
    assert "不在这张表里" in bring([["编号", "结果"], ["po_other", "成功"]])
    assert "两次" in bring([["编号", "结果"], [ids[0], "成功"], [ids[0], "失败"]])
    assert "两列" in bring([["编号"], [ids[0]]])
    assert {payout.status for payout in payouts()} == {"in_transit", "canceled"}
    answer = [
        ["编号", "结果", "原因"],
        *[[each, "成功", ""] for each in ids if each != evil.id],
        [evil.id, "失败", "户名不符"],
    ]
    assert "成功 3 笔，失败 1 笔" in bring(answer)
    assert "成功 3 笔，失败 1 笔" in bring(answer)
    assert "相反" in bring([["编号", "结果"], [evil.id, "成功"]])

    assert balance_fen("bank", livemode=False) == -3_000
    assert balance_fen("payout_in_flight", livemode=False) == 0
    assert db.session.scalars(select(BankList)).one().closed_at is not None
    assert "户名不符" in operator.get(place).text
    good = next(payout for payout in payouts() if payout.status == "paid")
    owed = balance_fen(f"seller_payable:{good.seller}", livemode=False)
    bounced = [["编号", "结果", "原因"], [good.id, "失败", "账户已销户"]]
    assert "成功 0 笔，失败 1 笔" in bring(bounced)
    assert "成功 0 笔，失败 1 笔" in bring(bounced)
    assert "相反" in bring([["编号", "结果"], [good.id, "成功"]])
    db.session.refresh(good)
    assert (good.status, good.failure) == ("failed", "账户已销户")
    assert balance_fen("bank", livemode=False) == good.amount_fen - 3_000
    assert balance_fen(f"seller_payable:{good.seller}", livemode=False) == owed + good.amount_fen
    assert list(all_faults()) == []


def test_cash_is_counted_and_paid_against_a_slip(operator: FlaskClient, gateway: FakeGateway) -> None:
    make_owed(amount_fen=10_000)  # the keeper 7 took it
    account = make_account(means="cash")
    payout = make_payout(account=account, amount_fen=9_000)
    assert "¥90.00" in operator.get("/desk/settlement").text
    page = operator.get("/desk/settlement/statements/cash").text
    assert "账上应有 100.00 元" in page
    make_offline_paid_payment(amount_fen=100)
    stale = operator.post(
        "/desk/settlement/statements/cash/7",
        data={"k7-counted": "100", "k7-expected": "10000", "k7-once": "a"},
    )
    assert "再点一遍" in stale.text
    assert 'name="k7-once" value="a"' not in stale.text
    for _ in range(2):  # two presses of one form are one count
        said = {"k7-counted": "100.50", "k7-expected": "10100", "k7-once": "b"}
        assert operator.post("/desk/settlement/statements/cash/7", data=said).status_code == 303
    assert (
        balance_fen("cash:office", livemode=False) == 10_050
        and balance_fen("cash_difference", livemode=False) == 50
    )
    assert operator.post("/desk/settlement/statements/cash/nobody", data={}).status_code == 404

    slip = PdfReader(io.BytesIO(operator.get(f"/desk/settlement/payouts/{payout.id}/slip.pdf").data))
    words = "".join(page.extract_text() for page in slip.pages)
    assert "玖拾元整" in words and "王秀兰" in words and payout.id in words
    operator.post(f"/desk/settlement/payouts/{payout.id}/cash")
    operator.post(f"/desk/settlement/payouts/{payout.id}/cash")
    assert "已付到" in operator.get(f"/desk/settlement/payouts/{payout.id}").text
    other = make_payout(account=account, amount_fen=10)
    operator.post(f"/desk/settlement/payouts/{other.id}/cancel")
    assert {each.id: each.status for each in payouts()} == {payout.id: "paid", other.id: "canceled"}
    assert list(all_faults()) == []


def test_a_statement_says_the_same_on_page_sheet_and_paper(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    make_owed(amount_fen=20_000)
    clock.move(days=2)
    operator = client
    with transaction():
        sign_in(operator, make_official(role="operator", area=""))
    released = make_owed(amount_fen=10_000)
    with transaction():
        request_refund(released.intent_id, 1_000)
    account = make_account()
    make_payout(account=account, amount_fen=15_000)
    run_due()
    since = TODAY + timedelta(days=1)
    days = f"since={since}&until={since + timedelta(days=1)}"

    told = seller_statement(account, since, since + timedelta(days=1))
    assert (told.opening_fen, told.sold_fen, told.back_fen, told.paid_fen, told.closing_fen) == (
        19_400, 9_700, 970, 15_000, 13_130
    )  # fmt: skip
    assert told.closing_fen == balance_fen("seller_payable:7", livemode=False)
    page = operator.get(f"/desk/settlement/{account.id}?{days}").text
    assert "上次结余" in page and "¥131.30" in page and "-150.00" in page
    rows = list(
        csv.reader(
            io.StringIO(
                operator.get(f"/desk/settlement/statements/sellers/{account.id}.csv?{days}").data.decode(
                    "utf-8-sig"
                )
            )
        )
    )
    assert rows[1][-1] == "194.00" and rows[-1][-1] == "131.30" and len(rows) == 5
    grid = CalamineWorkbook.from_filelike(
        io.BytesIO(operator.get(f"/desk/settlement/statements/sellers/{account.id}.xlsx?{days}").data)
    ).get_sheet_by_index(0).to_python()  # fmt: skip
    assert grid[-1][-1] == 131.30
    answer = operator.get(f"/desk/settlement/statements/sellers/{account.id}.pdf?{days}")
    words = "".join(each.extract_text() for each in PdfReader(io.BytesIO(answer.data)).pages)
    assert all(sentence in words.replace("\n", "") for sentence in plain_words(told))
    assert "壹佰叁拾壹元叁角整" in words
    assert operator.get(f"/desk/settlement/statements/sellers/{account.id}.exe").status_code == 404

    day = the_clock.today().isoformat()
    shown = operator.get(f"/desk/settlement/statements/days?day={day}").text
    assert "谷子喂的鸡" in shown and "¥97.00" in shown and "¥9.70" in shown
    table = list(
        csv.reader(
            io.StringIO(operator.get(f"/desk/settlement/statements/days/{day}.csv").data.decode("utf-8-sig"))
        )
    )
    assert table[1][1:] == ["97.00", "9.70", "150.00", "131.30"]
    assert operator.get(f"/desk/settlement/statements/days/{TODAY}.xlsx").status_code == 200
    assert "还没有对过账" in operator.get("/desk/settlement/bills").text
