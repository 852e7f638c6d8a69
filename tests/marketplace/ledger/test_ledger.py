"""The books balance by construction, and nobody can change what is written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.ledger.actions import World
from marketplace.ledger.errors import DifferentPostingError, NoSuchPostingError
from marketplace.ledger.jobs import check_books, take_snapshots
from marketplace.ledger.models import LedgerAccount, LedgerBalance, LedgerTransfer
from marketplace.ledger.proofs import TOLD, ledger_faults
from marketplace.ledger.queries import balance_fen, statement
from tests.make.payments import make_offline_paid_payment

TEST, LIVE = World(False), World(True)


def held(code: str) -> int:
    return balance_fen(code, livemode=False)


def sell(payment: str = "pi_1", fen: int = 100) -> None:
    """Paid, received and released, with 3 of 100 for the platform."""
    with transaction():
        TEST.paid(f"ch_{payment}", payment, fen)
        TEST.released(f"tr_{payment}", payment, "coop", fen - fen * 3 // 100, fen * 3 // 100)


def raw_transfer(**changes: object) -> dict[str, object]:
    with transaction():
        debit, credit = TEST.account("alipay_clearing"), TEST.account("suspense")
    values = {"debit_account": debit, "credit_account": credit, "amount_fen": 5, "kind": "raw", "ref": "1"}
    return values | {"at": datetime(2026, 11, 22, tzinfo=UTC)} | changes


def test_a_sale_goes_from_clearing_through_escrow_to_seller_and_platform(app: Flask) -> None:
    sell()

    assert held("alipay_clearing") == 100
    assert held("buyer_escrow:pi_1") == 0
    assert held("seller_payable:coop") == 97
    assert held("platform_fee") == 3
    assert list(ledger_faults()) == []


def test_a_payout_waits_in_flight_until_it_has_arrived_or_failed(app: Flask) -> None:
    sell()

    with transaction():
        TEST.payout_sent("po_1", "coop", 97)
    in_flight = held("payout_in_flight")
    with transaction():
        TEST.payout_failed("po_1", "coop", 97)
        TEST.payout_sent("po_2", "coop", 97)
        TEST.payout_done("po_2", 97)

    assert in_flight == 97
    assert held("seller_payable:coop") == held("payout_in_flight") == 0
    assert held("alipay_clearing") == 3


def test_the_days_cash_is_handed_over_and_the_difference_is_shown(app: Flask) -> None:
    with transaction():
        TEST.paid_in_cash("ch_1", "pi_1", "7", 1000)
        TEST.cash_handed_over("count_1", "7", 990, 1000)

    assert (held("cash:7"), held("cash:office"), held("cash_difference")) == (0, 990, 10)

    with transaction():
        TEST.paid_in_cash("ch_2", "pi_2", "7", 1000)
        TEST.cash_handed_over("count_2", "7", 1005, 1000)

    assert (held("cash:7"), held("cash:office"), held("cash_difference")) == (0, 1995, 5)


def test_alipays_own_fee_leaves_clearing(app: Flask) -> None:
    sell()
    with transaction():
        TEST.told_by_bill("2026-11-21:1", "bill_fee", -2)

    assert (held("alipay_clearing"), held("alipay_fee")) == (98, 2)


def test_the_same_posting_twice_is_one_and_with_other_values_an_error(app: Flask) -> None:
    sell()
    with transaction():
        TEST.paid("ch_pi_1", "pi_1", 100)

    with pytest.raises(DifferentPostingError), transaction():
        TEST.paid("ch_pi_1", "pi_1", 101)
    assert held("alipay_clearing") == 100


@pytest.mark.parametrize("undo", ["payout_done", "payout_failed"])
def test_what_was_never_posted_cannot_end(app: Flask, undo: str) -> None:
    with pytest.raises(NoSuchPostingError), transaction():
        if undo == "payout_done":
            TEST.payout_done("po_0", 5)
        else:
            TEST.payout_failed("po_0", "coop", 5)


def test_escrow_is_never_overdrawn_whoever_posts(app: Flask) -> None:
    with transaction():
        TEST.paid("ch_1", "pi_1", 100)

    with pytest.raises(DBAPIError, match="overdrawn"), transaction():
        TEST.released("tr_1", "pi_1", "coop", 101, 0)

    assert held("buyer_escrow:pi_1") == 100


@pytest.mark.parametrize(
    "words",
    [
        "UPDATE ledger_transfer SET amount_fen = 1",
        "DELETE FROM ledger_transfer",
        "UPDATE ledger_account SET code = 'cash:me'",
        "DELETE FROM ledger_account",
    ],
)
def test_what_is_written_cannot_be_changed_or_removed(app: Flask, words: str) -> None:
    sell()

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        db.session.execute(text(words))

    assert held("alipay_clearing") == 100


def test_a_transfer_cannot_be_replaced_by_another(app: Flask) -> None:
    sell()
    old = db.session.scalars(select(LedgerTransfer).order_by(LedgerTransfer.id)).first()
    assert old is not None
    key, is_sqlite = old.id, db.engine.dialect.name == "sqlite"
    replace = "INSERT OR REPLACE INTO" if is_sqlite else "INSERT INTO"
    words = (
        f"{replace} ledger_transfer (id, debit_account, credit_account, amount_fen, kind, ref, at)"
        f" SELECT id, debit_account, credit_account, 999, kind, ref, at FROM ledger_transfer WHERE id = {key}"
    )

    with pytest.raises(DBAPIError), transaction():
        db.session.execute(text(words))

    assert list(ledger_faults()) == []
    assert held("alipay_clearing") == 100


def test_an_account_cannot_be_replaced_by_another_of_its_code(app: Flask, database_url: str) -> None:
    sell()
    number = db.session.scalar(select(LedgerAccount.id).where(LedgerAccount.code == "seller_payable:coop"))
    columns = "livemode, code, side, is_hot, may_go_below, opened_at"
    words = f"INTO ledger_account ({columns}) SELECT {columns} FROM ledger_account WHERE code = 'seller_payable:coop'"

    if database_url.startswith("sqlite"):  # a plain connection, on which not even foreign keys are watched
        db.session.rollback()
        with (
            closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as plain,
            pytest.raises(sqlite3.IntegrityError),
        ):
            plain.execute(f"INSERT OR REPLACE {words}")
    else:
        with pytest.raises(DBAPIError), transaction():
            db.session.execute(text(f"INSERT {words}"))

    assert (
        db.session.scalar(select(LedgerAccount.id).where(LedgerAccount.code == "seller_payable:coop"))
        == number
    )


@pytest.mark.parametrize("wrong", [{"amount_fen": 0}, {"amount_fen": -5}])
def test_a_transfer_moves_something(app: Flask, wrong: dict[str, object]) -> None:
    values = raw_transfer(**wrong)

    with pytest.raises(DBAPIError), transaction():
        db.session.execute(insert(LedgerTransfer).values(**values))


def test_a_transfer_needs_two_accounts(app: Flask) -> None:
    values = raw_transfer()

    with pytest.raises(DBAPIError), transaction():
        same = values | {"credit_account": values["debit_account"]}
        db.session.execute(insert(LedgerTransfer).values(**same))


def test_live_and_test_money_never_meet(app: Flask) -> None:
    with transaction():
        live = LIVE.account("suspense")
    values = raw_transfer(credit_account=live)

    with pytest.raises(DBAPIError, match="between live and test"), transaction():
        db.session.execute(insert(LedgerTransfer).values(**values))
    assert balance_fen("suspense", livemode=True) == 0


def test_snapshots_change_no_balance_and_shorten_the_tail(app: Flask) -> None:
    for number in range(5):
        sell(f"pi_{number}")
    before = held("alipay_clearing"), held("platform_fee")

    take_snapshots()
    sell("pi_after")
    take_snapshots()
    sell("pi_last")

    assert before == (500, 15)
    assert (held("alipay_clearing"), held("platform_fee")) == (700, 21)
    account = select(LedgerAccount.id).where(LedgerAccount.code == "alipay_clearing", ~LedgerAccount.livemode)
    row = db.session.get(LedgerBalance, db.session.scalar(account))
    assert row is not None and row.debits_fen == 600
    assert list(ledger_faults()) == []


def test_a_balance_that_was_tampered_with_is_found(app: Flask) -> None:
    sell()
    with transaction():
        db.session.execute(
            text("UPDATE ledger_balance SET credits_fen = credits_fen + 1 WHERE credits_fen = 97")
        )

    found = list(ledger_faults())

    assert [fault.where for fault in found] == ["seller_payable:coop"]
    with pytest.raises(RuntimeError, match="seller_payable:coop"):
        check_books()
    outcome = app.test_cli_runner().invoke(args=["ledger", "check"])
    assert outcome.exit_code == 1
    assert "seller_payable:coop" in outcome.stderr


def test_of_many_faults_of_one_kind_a_few_are_told_all_are_counted_and_no_other_is_hidden(app: Flask) -> None:
    with transaction():
        for number in range(TOLD + 7):
            TEST.post("paid", f"ch_ghost{number:03}", "alipay_clearing", "buyer_escrow:pi_ghost", 100)
        db.session.execute(
            text("UPDATE ledger_balance SET credits_fen = credits_fen + 1 WHERE credits_fen > 0")
        )

    outcome = app.test_cli_runner().invoke(args=["ledger", "check"])

    told = outcome.stderr.splitlines()
    assert outcome.exit_code == 1 and f"{TOLD + 8} 处不对" in outcome.stdout
    assert sum("ch_ghost" in line for line in told) == TOLD and len(told) == TOLD + 2
    assert any("buyer_escrow:pi_ghost：says" in line for line in told), (
        "another kind is not lost in the crowd"
    )
    assert "7 处" in told[-1] and "document:paid" in told[-1]
    with pytest.raises(RuntimeError, match=f"{TOLD + 8} faults in the books"):
        check_books()


def test_right_books_are_proved_by_the_command(app: Flask) -> None:
    make_offline_paid_payment()

    outcome = app.test_cli_runner().invoke(args=["ledger", "check"])

    assert outcome.exit_code == 0
    assert "0 处不对" in outcome.stdout


def test_a_statement_shows_each_movement_with_the_balance_after_it(app: Flask, clock: FrozenClock) -> None:
    sell("pi_1")
    clock.move(days=1)
    day_two = clock.at
    sell("pi_2", 200)
    with transaction():
        TEST.payout_sent("po_1", "coop", 100)

    lines = statement("seller_payable:coop", livemode=False, since=day_two, until=day_two + timedelta(days=1))

    assert [(line.kind, line.change_fen, line.balance_fen) for line in lines] == [
        ("released", 194, 291),
        ("payout", -100, 191),
    ]
    assert [line.other for line in lines] == ["buyer_escrow:pi_2", "payout_in_flight"]
    assert statement("cash:nobody", livemode=False, since=day_two, until=day_two) == []
