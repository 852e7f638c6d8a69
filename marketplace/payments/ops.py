"""Requests to the gateway, one row each: written down, sent, asked about, sent again under the same number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from commons import clock
from commons.db import db, locked, transaction
from commons.outbox import enqueue
from marketplace.payments.gateways import ListeningGateway, gateways
from marketplace.payments.port import Answer, Verdict
from marketplace.payments.record_models import GatewayOp
from marketplace.payments.records import open_case
from marketplace.payments.rules import OP_TRIES_BEFORE_CASE, CaseKind, OpState, retry_wait

# A worker that has heard nothing for so long is dead: a few questions, each until its time is out.
LONGEST_TALK = timedelta(minutes=2)

# Which case a request becomes that stays without a last word.
STUCK = {
    "refund": CaseKind.refund_stuck,
    "payout": CaseKind.payout_stuck,
    "confirm": CaseKind.settlement_stuck,
    "share": CaseKind.settlement_stuck,
}


def plan_op(kind: str, out_no: str, out_trade_no: str, *, app_id: str, livemode: bool) -> GatewayOp:
    """Write down a request and the job that sends it, in the transaction of what it follows from."""
    op = GatewayOp(
        kind=kind,
        out_no=out_no,
        out_trade_no=out_trade_no,
        app_id=app_id,
        livemode=livemode,
        state=OpState.planned,
        attempts=0,
        last_words="",
        created_at=clock.now(),
    )
    db.session.add(op)
    enqueue(f"payment.{kind}", unique_key=f"payment.{kind}:{out_no}:0", number=out_no)
    return op


def end_op(op: GatewayOp, state: OpState, words: str = "") -> None:
    """Write down the gateway's last word about a request."""
    op.state, op.ended_at, op.last_words = state, clock.now(), words[:200]


@dataclass(frozen=True, slots=True)
class Sending:
    """
    One time that a request goes out. *was_unknown*: an earlier time may have arrived.

    *is_alone*: no other worker waits for an answer to an earlier time just now; *attempt* counts the times.
    """

    gateway: ListeningGateway
    was_unknown: bool
    is_alone: bool
    out_trade_no: str
    attempt: int

    def judge(self, op: GatewayOp, answer: Answer) -> Answer:
        """
        Return what *answer* says of the request, not only of this time that it was sent.

        Refused means that it was not done and will not be, unless another worker has sent the same before or since and has not heard:
        then Alipay may have thought otherwise of that one, and is asked again.
        """
        is_last = self.is_alone and op.attempts == self.attempt
        if answer.verdict is Verdict.refused and not is_last:
            return Answer(Verdict.unknown, answer.words)
        return answer


def send_op(kind: str, out_no: str) -> Sending | None:
    """
    Write down that a request goes out now.

    None when there is nothing to do any more, or no gateway to ask.
    """
    known = db.session.scalar(select(GatewayOp).where(GatewayOp.kind == kind, GatewayOp.out_no == out_no))
    if known is None or OpState(known.state).is_final:
        return None
    gateway = gateways().of(known.app_id, known.livemode)
    with transaction():
        op = locked_op(kind, out_no)
        assert op is not None
        if OpState(op.state).is_final:
            return None
        if gateway is None:
            alarm(f"no gateway for application {op.app_id}")
            try_again(op, was_judged=op.state == OpState.planned)
            return None
        was_unknown = op.state in {OpState.sent, OpState.unknown}
        is_alone = op.state != OpState.sent or op.sent_at is None or op.sent_at < clock.now() - LONGEST_TALK
        op.state, op.sent_at = OpState.sent, clock.now()
        op.attempts += 1
        return Sending(gateway, was_unknown, is_alone, op.out_trade_no, op.attempts)


def locked_op(kind: str, out_no: str) -> GatewayOp | None:
    found = db.session.scalar(select(GatewayOp.id).where(GatewayOp.kind == kind, GatewayOp.out_no == out_no))
    return None if found is None else locked(GatewayOp, found)


def heard_op(kind: str, out_no: str, answer: Answer) -> GatewayOp | None:
    """
    Lock a request and write down what the gateway said of it; None when it has its last word already.

    What the request is about is locked before, by whoever asks.
    """
    op = locked_op(kind, out_no)
    assert op is not None
    if OpState(op.state).is_final:
        return None
    op.last_words = answer.words[:200]
    if answer.needs_settings:
        alarm(answer.words)
    return op


def try_again(op: GatewayOp, *, was_judged: bool = False) -> None:
    """Plan the next look at a request. *was_judged*: the gateway said that nothing was done, so it may be sent."""
    op.state = OpState.planned if was_judged else OpState.unknown
    if op.attempts >= OP_TRIES_BEFORE_CASE:
        open_case(
            STUCK.get(op.kind, CaseKind.no_answer),
            op.out_no,
            op.out_trade_no.rpartition("_")[0],
            out_no=op.out_no,
            words=op.last_words,
        )
    enqueue(
        f"payment.{op.kind}",
        due_at=clock.now() + retry_wait(op.attempts),
        unique_key=f"payment.{op.kind}:{op.out_no}:{op.attempts}",
        number=op.out_no,
    )


def alarm(words: str) -> None:
    open_case(CaseKind.gateway_settings, f"{clock.today()}:{words[:80]}", words=words)
