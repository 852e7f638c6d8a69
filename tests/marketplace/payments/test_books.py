"""The check of the books finds whatever somebody changes in them past the program, and says where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import text

from commons.clock import FrozenClock
from commons.db import db, transaction, triggers_on
from commons.worker import run_due
from marketplace.ledger.actions import World
from marketplace.ledger.proofs import GUARDS, Fault, all_faults
from marketplace.payments.actions import release_to_seller, request_refund
from marketplace.payments.connect.reversals import reverse_transfer
from tests.make.payments import make_offline_paid_payment, make_paid_payment, use_fake_gateway
from tests.make.sellers import make_account, make_payout

TABLES = tuple(GUARDS)


class Undone(Exception):
    """Ends a change that nobody is to keep."""


@contextmanager
def undone() -> Iterator[None]:
    """Let everything inside happen to the database, and take it back afterwards, the triggers too."""
    with pytest.raises(Undone), transaction():
        yield
        raise Undone()


def run(*words: str) -> None:
    for each in words:
        db.session.execute(text(each))


def take_guards_away() -> None:
    for table in TABLES:
        if db.engine.dialect.name == "postgresql":
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            run(*(f"DROP TRIGGER {name}" for name in triggers_on(table)))


def found(*, guarded: bool = True) -> list[Fault]:
    """What is wrong, the missing guards left out where they were taken away on purpose."""
    return [fault for fault in all_faults() if guarded or fault.where not in TABLES]


@pytest.fixture
def books(app: Flask, clock: FrozenClock) -> dict[str, str]:
    """A sale of everything: paid, released, partly reversed, partly refunded, one refund and one payout under way."""
    gateway = use_fake_gateway()
    payment = make_paid_payment(gateway=gateway, amount_fen=10_000)
    with transaction():
        transfer = release_to_seller(payment.id, "7", 8_000, "order:1")
        reverse_transfer(transfer.id, 1_000)
        request_refund(payment.id, 500)
    run_due()
    by_hand = make_offline_paid_payment(amount_fen=2_000)
    with transaction():
        waiting = request_refund(by_hand.id, 700)
    payout = make_payout(account=make_account(means="bank"))
    assert found() == []
    return {"payment": payment.id, "transfer": transfer.id, "refund": waiting.id, "payout": payout.id}


def post(kind: str, ref: str, debit: str, credit: str, fen: int = 500) -> Callable[[dict[str, str]], None]:
    return lambda books: World(False).post(
        kind, ref.format(**books), debit.format(**books), credit.format(**books), fen
    )


@pytest.mark.parametrize(
    ("ref", "tamper"),
    [
        ("ghost", post("fee", "ghost", "seller_payable:7", "platform_fee")),
        ("ghost", post("bonus", "ghost", "alipay_clearing", "seller_payable:7")),
        ("ch_ghost", post("paid", "ch_ghost", "alipay_clearing", "buyer_escrow:pi_ghost")),
        ("tr_ghost", post("released", "tr_ghost", "buyer_escrow:{payment}", "seller_payable:7")),
        ("trr_ghost", post("reversed", "trr_ghost", "seller_payable:7", "buyer_escrow:{payment}")),
        ("{refund}", post("refund_failed", "{refund}/suspense", "refund_in_flight", "suspense")),
        ("{refund}", post("refund_done", "{refund}", "refund_in_flight", "cash:7", 700)),
        ("{payout}", post("payout_done", "{payout}", "payout_in_flight", "bank", 5_000)),
        ("{payout}", post("payout_failed", "{payout}", "payout_in_flight", "seller_payable:8", 5_000)),
        (
            "re_ghost/alipay_clearing",
            post("direct_returned", "re_ghost/alipay_clearing", "direct_clearing", "alipay_clearing"),
        ),
        ("tr_ghost", post("direct_settled", "tr_ghost", "seller_payable:7", "direct_clearing")),
        ("tr_ghost", post("direct_shared", "tr_ghost", "alipay_clearing", "direct_clearing")),
    ],
)
def test_an_invented_posting_is_found(
    books: dict[str, str], ref: str, tamper: Callable[[dict[str, str]], None]
) -> None:
    with undone():
        tamper(books)
        assert ref.format(**books) in {fault.where for fault in found()}


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("{transfer}", "UPDATE payment_transfer SET net_fen = 7000 WHERE id = '{transfer}'"),
        ("{transfer}", "UPDATE payment_transfer SET seller = '8' WHERE id = '{transfer}'"),
        ("{payout}", "UPDATE payment_payout SET status = 'paid' WHERE id = '{payout}'"),
        ("{refund}", "UPDATE payment_refund SET status = 'canceled' WHERE id = '{refund}'"),
        ("{refund}", "UPDATE payment_refund SET amount_fen = 1 WHERE id = '{refund}'"),
    ],
)
def test_a_changed_document_is_found(books: dict[str, str], where: str, words: str) -> None:
    with undone():
        run(words.format(**books))
        assert where.format(**books) in {fault.where for fault in found()}


def test_a_removed_release_is_found(books: dict[str, str]) -> None:
    with undone():
        run(
            "DELETE FROM payment_transfer_reversal",
            f"DELETE FROM payment_transfer WHERE id = '{books['transfer']}'",
        )
        assert books["transfer"] in {fault.where for fault in found()}


@pytest.mark.parametrize(
    ("kind", "owner", "side"), [("payout", "seller_payable:7", "debits_fen"), ("refund", "", "")]
)
def test_a_removed_posting_is_found_though_the_balance_was_mended(
    books: dict[str, str], kind: str, owner: str, side: str
) -> None:
    with undone():
        take_guards_away()
        run(f"DELETE FROM ledger_transfer WHERE kind = '{kind}' AND ref LIKE '{books[kind]}%'")
        if owner:
            account = f"(SELECT id FROM ledger_account WHERE code = '{owner}' AND NOT livemode)"
            run(f"UPDATE ledger_balance SET {side} = {side} - 5000 WHERE account_id = {account}")
        assert books[kind] in {fault.where for fault in found(guarded=False)}


def test_a_posting_to_another_sellers_account_is_found(books: dict[str, str]) -> None:
    with undone():
        other = World(False).account("seller_payable:8")
        take_guards_away()
        run(f"UPDATE ledger_transfer SET credit_account = {other} WHERE kind = 'released'")
        assert books["transfer"] in {fault.where for fault in found(guarded=False)}


def test_a_posting_between_the_worlds_and_what_it_overdraws_are_found(books: dict[str, str]) -> None:
    escrow = f"buyer_escrow:{books['payment']}"
    with undone():
        here, live = World(False).account(escrow), World(True).account(escrow)
        take_guards_away()
        run(
            f"UPDATE ledger_transfer SET credit_account = {live} WHERE kind = 'paid' AND credit_account = {here}"
        )
        kinds = {fault.kind: fault.where for fault in found(guarded=False)}
        assert kinds["overdrawn"] == escrow and kinds["between worlds"].startswith("ch_")


def test_missing_triggers_are_found(app: Flask) -> None:
    assert found() == []
    with undone():
        take_guards_away()
        assert {fault.where for fault in found()} == set(TABLES)


def test_every_trigger_of_the_ledger_is_named_as_a_guard(app: Flask) -> None:
    assert all(triggers_on(table) in GUARDS[table] for table in TABLES)
