"""Programs open accounts, transfer, pay out and read balances; every answer is held against Stripe's own descriptions."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.connect.actions import mark_verified
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.sheets import bank_sheet
from marketplace.payments.connect.statements import seller_statement
from marketplace.payments.queries import main_charge
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_attempt, use_fake_gateway
from tests.make.sellers import make_account, make_owed
from tests.marketplace.payments.api.checked import Program, program


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


@pytest.fixture
def api(gateway: FakeGateway) -> Program:
    return program()


BANK = {
    "object": "bank_account", "country": "CN", "currency": "cny", "account_holder_name": "王秀兰",
    "account_number": "6200000000000000012", "routing_number": "示范农商行",
}  # fmt: skip


def as_account(api: Program, account: str) -> Program:
    return Program(api.key, {"Stripe-Account": account})


def paid(api: Program, gateway: FakeGateway, amount: int, **told: str) -> dict[str, Any]:
    """A payment that its buyer has paid, with its charge expanded."""
    from marketplace.payments.flows import ask_now
    from marketplace.payments.queries import the_payment

    intent = api.post(
        "/v1/payment_intents", amount=amount, currency="cny", payment_method_types=["alipay"], confirm=True,
        payment_method_data={"type": "alipay"}, return_url="https://shop.example.cn/back",
        **told,
    )  # fmt: skip
    attempt = make_attempt(the_payment(intent["id"]))
    gateway.buyer_pays(attempt.out_trade_no, amount)
    ask_now(attempt.out_trade_no)
    answer: dict[str, Any] = api.get(
        f"/v1/payment_intents/{intent['id']}", expand=["latest_charge.balance_transaction"]
    )
    return answer


def test_from_a_payment_to_the_sellers_bank(api: Program, gateway: FakeGateway) -> None:
    account = api.post(
        "/v1/accounts", type="custom", country="CN", metadata={"shop": "7"}, business_profile={"name": "谷子"}
    )
    seller = as_account(api, account["id"])
    assert account["requirements"]["currently_due"] == [
        "individual.verification.document",
        "external_account",
    ]
    assert (account["payouts_enabled"], account["metadata"]) == (False, {"shop": "7"})
    intent = paid(api, gateway, 10_000)
    charge = intent["latest_charge"]
    assert (
        charge["balance_transaction"]["net"] == 10_000
        and charge["balance_transaction"]["status"] == "pending"
    )

    transfer = api.post(
        "/v1/transfers", amount=9_700, currency="cny", destination=account["id"], source_transaction=charge["id"],
        transfer_group="order 1", metadata={"a": "b"}, expand=["destination", "balance_transaction"],
    )  # fmt: skip
    assert (transfer["amount"], transfer["destination"]["id"]) == (9_700, account["id"])
    assert balance_fen("platform_fee", livemode=False) == 300
    assert seller.get("/v1/balance")["available"][0]["amount"] == 9_700
    assert api.get("/v1/balance")["available"][0]["amount"] == 300
    seller.refused("POST", "/v1/payouts", status=400, code="payouts_not_allowed", amount=100, currency="cny")

    account = api.post(f"/v1/accounts/{account['id']}", external_account=BANK)
    with transaction():
        mark_verified(account["id"], "person:1")
    account = api.get(f"/v1/accounts/{account['id']}")
    assert account["payouts_enabled"] and account["requirements"]["currently_due"] == []
    assert "6200000000000000012" not in str(account)
    payout = seller.post(
        "/v1/payouts", amount=9_000, currency="cny", metadata={"w": "47"}, expand=["balance_transaction"]
    )
    assert (payout["status"], payout["balance_transaction"]["amount"]) == ("pending", -9_000)
    assert payout["metadata"] == {"w": "47"}
    seller.refused("POST", "/v1/payouts", status=400, code="balance_insufficient", amount=701, currency="cny")
    assert seller.post(f"/v1/payouts/{payout['id']}/cancel")["status"] == "canceled"
    seller.refused("POST", f"/v1/payouts/{payout['id']}/cancel", status=400)
    assert [each["type"] for each in seller.get("/v1/balance_transactions")["data"]] == [
        "payout_failure", "payout", "transfer",
    ]  # fmt: skip
    assert seller.get("/v1/balance")["available"][0]["amount"] == 9_700
    kinds = {each["type"] for each in api.get("/v1/events", limit=100)["data"]}
    assert {"transfer.created"} <= kinds
    own = {each["type"] for each in seller.get("/v1/events", limit=100)["data"]}
    assert {"account.updated", "payout.created", "payout.canceled"} <= own
    assert list(all_faults()) == []


def test_a_transfer_is_reversed_in_part_and_the_rest_goes_back_to_the_buyer(
    api: Program, gateway: FakeGateway
) -> None:
    account = api.post("/v1/accounts", type="express")
    intent = paid(api, gateway, 10_000)
    charge = intent["latest_charge"]["id"]
    told = {"currency": "cny", "destination": account["id"], "source_transaction": charge}
    error = api.refused(
        "POST", "/v1/transfers", status=400, code="balance_insufficient", amount=9_701, **told
    )
    assert "at most 9700" in error["message"]
    transfer = api.post("/v1/transfers", amount=9_700, **told)

    first = api.post(f"/v1/transfers/{transfer['id']}/reversals", amount=1_001, metadata={"why": "short"})
    api.refused(
        "POST",
        f"/v1/transfers/{transfer['id']}/reversals",
        status=400,
        code="balance_insufficient",
        amount=8_700,
    )
    shown = api.get(f"/v1/transfers/{transfer['id']}")
    assert (shown["amount_reversed"], shown["reversed"]) == (1_001, False)
    assert [each["id"] for each in shown["reversals"]["data"]] == [first["id"]]
    assert (
        api.get(f"/v1/transfers/{transfer['id']}/reversals/{first['id']}", expand=["transfer"])["amount"]
        == 1_001
    )
    # What lies in the payment again can go to somebody else.
    api.post("/v1/transfers", amount=1_001, **told)
    api.post(f"/v1/transfers/{transfer['id']}/reversals")
    assert api.get(f"/v1/transfers/{transfer['id']}")["reversed"] is True
    api.post("/v1/refunds", payment_intent=intent["id"])
    run_due()

    assert balance_fen(f"seller_payable:{account['id']}", livemode=False) == 0
    assert balance_fen("platform_fee", livemode=False) == 0
    assert gateway.received_fen() == 0
    entries = api.get("/v1/balance_transactions", limit=2)
    assert entries["has_more"] and entries["data"][0]["type"] == "refund"
    rest = api.get("/v1/balance_transactions", starting_after=entries["data"][1]["id"])
    assert [each["type"] for each in rest["data"]] == ["transfer", "transfer_refund", "transfer", "charge"]
    before = api.get("/v1/balance_transactions", ending_before=rest["data"][0]["id"])
    assert before["data"] == entries["data"]
    assert [each["type"] for each in api.get("/v1/balance_transactions", source=charge)["data"]] == ["charge"]
    assert len(api.get("/v1/balance_transactions", type="transfer")["data"]) == 2
    assert list(all_faults()) == []


def test_what_was_paid_for_stands_with_the_money_that_came_and_went_back(
    api: Program, gateway: FakeGateway
) -> None:
    longer = "鸡蛋" * 200
    for words in ({"description": "eggs"}, {"description": longer}, {}):
        intent = paid(api, gateway, 100, **words)
        api.post("/v1/refunds", payment_intent=intent["id"])
    run_due()

    entries = [api.get("/v1/balance_transactions", type=kind)["data"] for kind in ("charge", "refund")]

    of = "REFUND FOR CHARGE ({})".format
    came, went = ([each["description"] for each in part] for part in entries)
    assert sorted(came, key=str) == sorted([None, longer, "eggs"], key=str)
    assert sorted(went, key=str) == sorted([None, of(longer), of("eggs")], key=str)


def test_why_money_is_taken_back_stands_with_its_balance_transaction_and_on_the_sellers_statement(
    api: Program, gateway: FakeGateway, clock: FrozenClock
) -> None:
    transfer = make_owed(seller="7")
    account = make_account(seller="7")
    api.post(f"/v1/transfers/{transfer.id}", description="for eggs")
    url = f"/v1/transfers/{transfer.id}/reversals"

    reversal = api.post(url, amount=970, description="三斤少了两斤", expand=["balance_transaction"])
    bare = api.post(url, amount=1)

    assert reversal["balance_transaction"]["description"] == "三斤少了两斤"
    entries = as_account(api, account.id).get("/v1/balance_transactions")["data"]
    assert [each["description"] for each in entries] == [None, "三斤少了两斤", "for eggs"]
    assert entries[0]["source"] == bare["id"]
    rows = seller_statement(account, clock.at - timedelta(days=1), clock.at + timedelta(days=1)).rows
    assert [row.about for row in rows] == ["order", "三斤少了两斤", ""]


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ({"statement_descriptor": "LIUJING EGGS", "description": "week 47"}, "LIUJING EGGS"),
        ({"description": "week 47"}, "week 47"),
        ({}, "货款"),
    ],
)
def test_a_payee_reads_what_the_program_says(
    api: Program, gateway: FakeGateway, words: dict[str, str], read: str
) -> None:
    make_owed(seller="7")
    seller = as_account(api, make_account(seller="7").id)
    seller.refused(
        "POST", "/v1/payouts", status=400, amount=5_000, currency="cny", statement_descriptor="x" * 23
    )
    told = seller.post("/v1/payouts", amount=5_000, currency="cny", expand=["balance_transaction"], **words)
    run_due()

    shown = seller.get(f"/v1/payouts/{told['id']}")
    assert shown["statement_descriptor"] == words.get("statement_descriptor")
    assert told["balance_transaction"]["description"] == shown["description"] == words.get("description")
    assert gateway.titles == {told["id"]: read}
    payout = db.session.get(Payout, told["id"])
    assert payout is not None and read in [
        cell
        for row in CalamineWorkbook.from_filelike(BytesIO(bank_sheet([payout])))
        .get_sheet_by_index(0)
        .to_python()
        for cell in row
    ]


def held(who: Program) -> int:
    """What the caller's balance says, own and waiting; the lines of the balance have to come to the same."""
    balance = who.get("/v1/balance")
    lines = who.get("/v1/balance_transactions", limit=100)["data"]
    for each in lines:
        assert who.get(f"/v1/balance_transactions/{each['id']}") == each
    assert len({each["id"] for each in lines}) == len(lines)
    waiting, own = balance["pending"][0]["amount"], balance["available"][0]["amount"]
    assert sum(each["net"] for each in lines) == waiting + own, lines
    return int(waiting)


def test_a_payment_made_for_an_account_is_in_that_accounts_balance_alone(
    api: Program, gateway: FakeGateway, clock: FrozenClock
) -> None:
    account, other = api.post("/v1/accounts")["id"], api.post("/v1/accounts")["id"]
    seller = as_account(api, account)
    charge = paid(seller, gateway, 10_000)["latest_charge"]
    assert (charge["balance_transaction"]["net"], charge["balance_transaction"]["status"]) == (
        10_000,
        "pending",
    )
    api.refused("GET", f"/v1/balance_transactions/txn_{charge['id']}", status=404)
    assert api.get("/v1/balance_transactions")["data"] == []
    assert (held(seller), held(api)) == (10_000, 0)
    seller.post("/v1/refunds", charge=charge["id"], amount=1_000)
    run_due()
    assert (held(seller), held(api)) == (9_000, 0)

    told = {"currency": "cny", "source_transaction": charge["id"]}
    first = api.post("/v1/transfers", destination=account, amount=4_850, **told)
    assert (held(seller), held(api)) == (4_000, 0)
    assert [each["type"] for each in api.get("/v1/balance_transactions")["data"]] == ["application_fee"]
    api.post(f"/v1/transfers/{first['id']}/reversals", amount=970)
    clock.move(seconds=1)  # a refund takes from the first release first
    api.post("/v1/transfers", destination=other, amount=970, **told)
    api.post("/v1/transfers", destination=account, amount=3_880, **told)
    assert (held(seller), held(api), held(as_account(api, other))) == (0, 0, 0)
    seller.post("/v1/refunds", charge=charge["id"], amount=500)
    run_due()
    assert (held(seller), held(api)) == (0, 0)

    fee = seller.get("/v1/balance_transactions", type="charge")["data"][0]
    assert (fee["fee"], fee["fee_details"][0]["type"], fee["status"]) == (270, "application_fee", "available")
    back = seller.get("/v1/balance_transactions", type="refund", expand=["data.source"])["data"]
    assert [(each["fee"], each["source"]["amount"]) for each in back] == [(-15, 500), (0, 1_000)]
    assert list(all_faults()) == []


def test_worlds_and_accounts_are_closed_to_each_other(api: Program, gateway: FakeGateway) -> None:
    make_owed(seller="7")
    mine = make_account(seller="7", means="alipay")
    other = api.post("/v1/accounts")
    seller, stranger = as_account(api, mine.id), as_account(api, other["id"])
    payout = seller.post("/v1/payouts", amount=5_000, currency="cny")
    run_due()

    assert seller.get(f"/v1/payouts/{payout['id']}")["status"] == "paid"
    assert [each["id"] for each in api.get("/v1/payouts", status="paid")["data"]] == [payout["id"]]
    stranger.refused("GET", f"/v1/payouts/{payout['id']}", status=404, code="resource_missing")
    stranger.refused("GET", f"/v1/accounts/{mine.id}", status=404, code="resource_missing")
    stranger.refused("POST", "/v1/accounts", status=403)
    stranger.refused("POST", "/v1/transfers", status=403, amount=1, currency="cny", destination=other["id"])
    transfer = api.get("/v1/transfers", destination=mine.id)["data"][0]["id"]
    assert seller.get(f"/v1/transfers/{transfer}")["destination"] == mine.id
    stranger.refused("GET", f"/v1/transfers/{transfer}", status=404)
    seller.refused("POST", f"/v1/transfers/{transfer}/reversals", status=403)
    assert stranger.get("/v1/balance_transactions")["data"] == []
    stranger.refused("GET", f"/v1/balance_transactions/{payout['balance_transaction']}", status=404)
    assert stranger.get("/v1/account")["id"] == other["id"]
    api.refused("GET", "/v1/account", status=404)
    live = program(live=True)
    live.refused("GET", f"/v1/payouts/{payout['id']}", status=404)
    as_account(live, mine.id).refused("GET", "/v1/balance", status=403, code="account_invalid")
    assert live.get("/v1/accounts")["data"] == []
    api.refused("POST", "/v1/payouts", status=400, amount=1, currency="cny")
    seller.refused("POST", "/v1/payouts", status=400, code="amount_too_small", amount=9, currency="cny")
    seller.refused(
        "POST", "/v1/payouts", status=400, code="amount_too_large", amount="99999999999999", currency="cny"
    )
    for amount in ("-5", "1.5"):
        seller.refused(
            "POST", "/v1/payouts", status=400, code="parameter_invalid_integer", amount=amount, currency="cny"
        )
    seller.refused(
        "POST", "/v1/payouts", status=400, code="parameter_unknown", amount=50, currency="cny", iban="x"
    )
    assert {each["id"] for each in api.get("/v1/accounts")["data"]} == {mine.id, other["id"]}


def test_links_lists_and_small_refusals(api: Program, gateway: FakeGateway) -> None:
    account = api.post("/v1/accounts")
    link = api.post(
        "/v1/account_links", account=account["id"], type="account_onboarding",
        refresh_url="https://shop.example.cn/again", return_url="https://shop.example.cn/done",
    )  # fmt: skip
    assert "/pay/account/" in link["url"] and link["expires_at"] > link["created"]
    api.refused("POST", "/v1/account_links", status=404, account="acct_nobody", type="account_onboarding")
    for wrong in (
        BANK | {"account_number": "12ab"},
        {key: BANK[key] for key in BANK if key != "routing_number"},
    ):
        api.refused("POST", f"/v1/accounts/{account['id']}", status=400, external_account=wrong)
    intent = paid(api, gateway, 500)
    charge = main_charge(intent["id"])
    assert charge is not None
    api.refused(
        "POST",
        "/v1/transfers",
        status=400,
        code="parameter_missing",
        amount=5,
        currency="cny",
        destination="x",
    )
    told: dict[str, Any] = {"amount": 5, "currency": "cny", "source_transaction": charge.id}
    api.refused(
        "POST", "/v1/transfers", status=400, code="resource_missing", destination="acct_nobody", **told
    )
    api.refused(
        "POST",
        "/v1/transfers",
        status=404,
        destination=account["id"],
        **(told | {"source_transaction": "ch_x"}),
    )
    transfer = api.post("/v1/transfers", destination=account["id"], transfer_group="g", **told)
    assert (
        api.get("/v1/transfers", transfer_group="g", destination=account["id"])["data"][0]["id"]
        == transfer["id"]
    )
    assert api.get("/v1/transfers", transfer_group="other")["data"] == []
    changed = api.post(f"/v1/transfers/{transfer['id']}", metadata={"a": "1"}, description="for eggs")
    assert (changed["metadata"], changed["description"]) == ({"a": "1"}, "for eggs")
    api.refused("GET", "/v1/transfers/tr_nobody", status=404)
    api.refused("GET", "/v1/balance_transactions", status=400, payout="po_x")
    api.refused("GET", "/v1/balance_transactions/txn_ch_nobody", status=404)
    assert api.get("/v1/payouts", arrival_date=5)["data"] == []
    assert api.get("/v1/balance_transactions", created={"gte": 1, "lt": 2})["data"] == []
