"""What a seller sold, what went back, what was paid and what is still owed, in words that a farmer uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from commons.db import db
from marketplace.ledger.queries import StatementLine
from marketplace.ledger.statements import DayRow, Statement, day_rows, statement_of
from marketplace.money import yuan
from marketplace.payments.connect.models import Payout, SellerAccount, TransferReversal
from marketplace.payments.models import PaymentIntent, Refund, SellerTransfer

PREFIX = "seller_payable"
LONGEST_SPAN = timedelta(days=400)

WORDS = {
    "released": _l("卖货得款"),
    "refund": _l("买家退款，扣回"),
    "refund_failed": _l("退款没办成，还给您"),
    "payout": _l("付给您"),
    "payout_failed": _l("没付成，退回账上"),
    "payout_returned": _l("付出后被退回，记回账上"),
    "reversed": _l("结算收回"),
    "direct_settled": _l("支付宝直接结给您"),
    "direct_returned": _l("退款从您的支付宝商户扣"),
}
SOLD = ("released",)
BACK = ("refund", "refund_failed", "reversed", "direct_returned")
PAID = ("payout", "payout_failed", "payout_returned", "direct_settled")


@dataclass(frozen=True, slots=True)
class Row:
    """One movement, in words; *about* is the order or the way it was paid."""

    at: datetime
    words: str
    about: str
    change_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class SellerStatement:
    """A seller's days, with the four sums that matter to a farmer."""

    name: str
    since: date
    until: date
    opening_fen: int
    rows: tuple[Row, ...]
    sold_fen: int
    back_fen: int
    paid_fen: int
    closing_fen: int


def seller_statement(account: SellerAccount, since: date, until: date) -> SellerStatement:
    """Return what happened with a seller's money on the days *since* to *until*."""
    since = max(since, until - LONGEST_SPAN)
    told = statement_of(f"{PREFIX}:{account.seller}", since, until, livemode=account.livemode)
    return SellerStatement(
        name=account.name or account.seller,
        since=since,
        until=until,
        opening_fen=told.opening_fen,
        rows=tuple(_rows(told)),
        sold_fen=told.sum_of(*SOLD),
        back_fen=-told.sum_of(*BACK),
        paid_fen=-told.sum_of(*PAID),
        closing_fen=told.closing_fen,
    )


def _rows(told: Statement) -> list[Row]:
    about = _about(told.lines)
    return [
        Row(
            line.at,
            str(WORDS.get(line.kind, line.kind)),
            about.get(_source(line), ""),
            line.change_fen,
            line.balance_fen,
        )
        for line in told.lines
    ]


def _source(line: StatementLine) -> str:
    return line.ref.partition("/")[0]


def _about(lines: tuple[StatementLine, ...]) -> dict[str, str]:
    """Say for each source what a person knows it by: the asker's own word for a sale, the hint of an account."""
    found: dict[str, str] = {}
    keys = sorted({_source(line) for line in lines})
    for start in range(0, len(keys), 300):
        piece = keys[start : start + 300]
        for transfer in db.session.scalars(select(SellerTransfer).where(SellerTransfer.id.in_(piece))):
            found[transfer.id] = transfer.reference.partition(":")[0]
        refunds = select(Refund.id, PaymentIntent.reference).join(
            PaymentIntent, PaymentIntent.id == Refund.intent_id
        )
        for refund_id, reference in db.session.execute(refunds.where(Refund.id.in_(piece))):
            found[refund_id] = reference.rpartition(":")[2]
        for payout in db.session.scalars(select(Payout).where(Payout.id.in_(piece))):
            found[payout.id] = payout.payee_hint
        for reversal in db.session.scalars(select(TransferReversal).where(TransferReversal.id.in_(piece))):
            found[reversal.id] = reversal.description or ""
    return found


@dataclass(frozen=True, slots=True)
class SellerDay:
    """One seller on one day."""

    account_id: str
    name: str
    sold_fen: int
    back_fen: int
    paid_fen: int
    closing_fen: int


def sellers_day(day: date, *, livemode: bool) -> list[SellerDay]:
    """Return every seller whose money moved on *day*."""
    rows = day_rows(PREFIX, day, livemode=livemode)
    codes = [row.code.partition(":")[2] for row in rows]
    wanted = select(SellerAccount).where(SellerAccount.livemode == livemode, SellerAccount.seller.in_(codes))
    accounts = {account.seller: account for account in db.session.scalars(wanted)}
    return [_day(row, accounts.get(row.code.partition(":")[2])) for row in rows]


def _day(row: DayRow, account: SellerAccount | None) -> SellerDay:
    def total(kinds: tuple[str, ...]) -> int:
        return sum(row.changes.get(kind, 0) for kind in kinds)

    seller = row.code.partition(":")[2]
    return SellerDay(
        account.id if account else "",
        (account.name if account else "") or seller,
        total(SOLD),
        -total(BACK),
        -total(PAID),
        row.closing_fen,
    )


def plain_words(told: SellerStatement) -> list[str]:
    """Say a statement in four sentences, as one would say it at the door."""
    lines = [_("您卖出去的货，得了 %(yuan)s 元。", yuan=yuan(told.sold_fen))]
    if told.opening_fen:
        lines.insert(0, _("上次结余 %(yuan)s 元。", yuan=yuan(told.opening_fen)))
    if told.back_fen:
        lines.append(_("买家退货退款，扣回 %(yuan)s 元。", yuan=yuan(told.back_fen)))
    lines.append(_("已经付给您 %(yuan)s 元。", yuan=yuan(told.paid_fen)))
    if told.closing_fen >= 0:
        lines.append(_("现在还没付给您的，是 %(yuan)s 元。", yuan=yuan(told.closing_fen)))
    else:
        lines.append(_("退款多了，您现在欠 %(yuan)s 元，从以后的货款里抵。", yuan=yuan(-told.closing_fen)))
    return lines
