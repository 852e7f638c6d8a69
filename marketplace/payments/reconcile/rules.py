"""The five classes of a bill's line, what its words mean, and when a bill may be asked for. Pure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from commons.clock import from_beijing, start_of_day, to_beijing

# payments.md 1.5 [S aliyun 707638]: the bill of a day is there the next morning at ten.
READY_AT = time(10, 0)
# Our clock and Alipay's may differ, and an answer takes its time: what happened in the last minutes of a day may stand in
# the next day's bill.
EDGE = timedelta(minutes=10)
# So long after ten "there is no bill" is believed: Alipay makes none for a day on which nothing moved.
PATIENCE = timedelta(hours=6)
RETRY_WAITS = tuple(timedelta(minutes=m) for m in (15, 30, 60, 120, 240, 480))


class Verdict(StrEnum):
    """What became of one line, or of one of our movements, when both sides were compared."""

    matched = "matched"
    amount_differs = "amount_differs"
    ours_only = "ours_only"
    theirs_only = "theirs_only"
    state_differs = "state_differs"


class BillState(StrEnum):
    """How far one day's reconciliation has come."""

    waiting = "waiting"  # not fetched yet
    fetched = "fetched"
    done = "done"
    differs = "differs"  # done, and a person has to look at something
    empty = "empty"  # Alipay has no bill, and neither have we a movement

    @property
    def is_over(self) -> bool:
        """The day was held against its bill to the end."""
        return self not in {BillState.waiting, BillState.fetched}


class Sheet(StrEnum):
    """Alipay's two bills of a day."""

    trade = "trade"
    balance = "balance"


class MovementKind(StrEnum):
    """What a movement of the balance is."""

    payment = "payment"
    refund = "refund"
    fee = "fee"
    fee_back = "fee_back"
    payout = "payout"
    payout_back = "payout_back"
    share = "share"
    share_back = "share_back"
    withdrawal = "withdrawal"
    other = "other"


# Alipay's words differ between accounts and years [K]; what stands in no list is shown to a person.
_WORDS = {
    MovementKind.payment: ("交易付款", "在线支付", "交易", "支付"),
    MovementKind.refund: ("交易退款", "退款"),
    MovementKind.fee: ("收费", "服务费"),
    MovementKind.fee_back: ("退费", "收费退款", "服务费退回"),
    MovementKind.payout: ("转账", "单笔转账到支付宝账户"),
    MovementKind.payout_back: ("转账退回", "转账退款"),
    MovementKind.share: ("分账收入", "分账"),
    MovementKind.share_back: ("分账退回", "退分账"),
    MovementKind.withdrawal: ("提现", "充值"),
}
_BY_WORD = {word: kind for kind, words in _WORDS.items() for word in words}


def movement_kind(words: str, amount_fen: int) -> MovementKind:
    """
    Say what a movement is by Alipay's word for it; the sign must agree, or it is something we do not know.

    >>> movement_kind("收费", -7), movement_kind("收费", 7), movement_kind("红包", 100)
    (<MovementKind.fee: 'fee'>, <MovementKind.other: 'other'>, <MovementKind.other: 'other'>)
    """
    kind = _BY_WORD.get(words.strip(), MovementKind.other)
    comes_in = {MovementKind.payment, MovementKind.fee_back, MovementKind.payout_back, MovementKind.share}
    if kind in {MovementKind.other, MovementKind.withdrawal}:
        return kind
    return kind if (amount_fen > 0) == (kind in comes_in) else MovementKind.other


def last_ready_day(now: datetime) -> date:
    """Return the newest day whose bill can be asked for at *now*: yesterday from ten in the morning on."""
    here = to_beijing(now)
    return here.date() - timedelta(days=1 if here.time() >= READY_AT else 2)


def window(
    day: date, *, before_is_done: bool = True, after_is_done: bool = False
) -> tuple[datetime, datetime]:
    """
    Return between which moments a movement of ours ought to stand in the bill of *day*, or in that of the day before or after.

    What happened around a midnight may stand in either day's bill, so it is looked for when the later of both is held against ours,
    whichever day that is: days that were missed are caught up in any order.
    """
    since, until = start_of_day(day), start_of_day(day + timedelta(days=1))
    return since - EDGE if before_is_done else since + EDGE, until + EDGE if after_is_done else until - EDGE


def ready_at(day: date) -> datetime:
    """Return the moment from which the bill of *day* can be asked for."""
    return from_beijing(datetime.combine(day + timedelta(days=1), READY_AT))
