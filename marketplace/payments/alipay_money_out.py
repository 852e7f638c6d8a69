"""Alipay for money that leaves: transfers, settlement of sub-merchants, bills and real-name checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from marketplace.payments.alipay.bill import BadBillError, read_movement_bill, read_trade_bill
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.outcomes import DefinitelyNot, Done, Outcome
from marketplace.payments.port import Answer, NoWord, Verdict
from marketplace.payments.port_out import Check, DayBill, PayoutRequest

T = TypeVar("T")

# The account is short or Alipay asks for patience: the same transfer may succeed later.
PAYOUT_LATER = frozenset({"PAYER_BALANCE_NOT_ENOUGH", "BALANCE_IS_NOT_ENOUGH", "MONEY_PAY_CLOSED"})
NO_TRANSFER = "ORDER_NOT_EXIST"
# Alipay has no bill for a day without any movement, and none before ten the next morning.
NO_BILL = "isp.bill_not_exist"


class AlipayMoneyOut:
    """The half of a gateway that pays; :class:`AlipayGateway` is both halves."""

    _client: AlipayClient

    def pay_out(self, request: PayoutRequest) -> Answer:
        payee = {
            "identity": request.account,
            "identity_type": request.account_type,
            "name": request.holder,
        }
        outcome = self._client.transfer(request.number, request.amount_fen, request.title, payee)
        return _of_transfer(outcome)

    def ask_payout(self, number: str) -> Answer:
        outcome = self._client.transfer_query(number)
        if isinstance(outcome, DefinitelyNot) and outcome.sub_code == NO_TRANSFER:
            return Answer(Verdict.later, NO_TRANSFER)
        if isinstance(outcome, DefinitelyNot):  # an answer about asking, not about the transfer
            return Answer(Verdict.unknown, _words(outcome), outcome.is_configuration)
        return _of_transfer(outcome)

    def confirm(self, number: str, trade_no: str, amount_fen: int) -> Answer:
        return _plain(self._client.confirm_settlement(number, trade_no, amount_fen))

    def share(self, number: str, trade_no: str, amount_fen: int) -> Answer:
        config = self._client.config
        part = {
            "royalty_type": "transfer",
            "trans_in_type": "userId",
            "trans_in": config.seller_id,
            "amount": f"{amount_fen // 100}.{amount_fen % 100:02d}",
            "desc": "平台服务费",
        }
        return _plain(self._client.settle_order(number, trade_no, [part], is_last=True))

    def allow_sharing(self, number: str) -> Answer:
        ours = {"type": "userId", "account": self._client.config.seller_id, "memo": "平台"}
        return _plain(self._client.bind_receivers(number, [ours]))

    def day_bill(self, day: date) -> DayBill | NoWord:
        trades = self._sheet("trade", day, read_trade_bill)
        if isinstance(trades, NoWord):
            return trades
        movements = self._sheet("signcustomer", day, read_movement_bill)
        if isinstance(movements, NoWord):
            return movements
        return DayBill(tuple(trades), tuple(movements))

    def _sheet(self, kind: str, day: date, read: Callable[[bytes], list[T]]) -> list[T] | NoWord:
        outcome = self._client.bill(kind, day)
        if not isinstance(outcome, Done):
            return NoWord(_words(outcome), isinstance(outcome, DefinitelyNot) and outcome.is_configuration)
        try:
            return read(outcome.answer["zip"])
        except BadBillError as error:
            return NoWord(f"a {kind} bill that cannot be read: {error}")

    def begin_check(self, number: str, name: str, id_number: str, back: str) -> Check | NoWord:
        identity = {"cert_name": name, "cert_no": id_number}
        outcome = self._client.certify_initialize(number, identity, return_url=back)
        if not isinstance(outcome, Done):
            return NoWord(_words(outcome), isinstance(outcome, DefinitelyNot) and outcome.is_configuration)
        certify_id = str(outcome.answer.get("certify_id", ""))
        return (
            Check(certify_id, self._client.certify_url(certify_id)) if certify_id else NoWord("no certify_id")
        )

    def ask_check(self, certify_id: str) -> bool | NoWord:
        outcome = self._client.certify_query(certify_id)
        if isinstance(outcome, Done):
            return outcome.answer.get("passed") == "T"
        return NoWord(_words(outcome))


def _of_transfer(outcome: Outcome) -> Answer:
    if isinstance(outcome, Done):
        status = str(outcome.answer.get("status", ""))
        number = str(outcome.answer.get("order_id") or outcome.answer.get("pay_fund_order_id") or "")
        if status == "SUCCESS":
            return Answer(Verdict.done, number)
        if status in {"FAIL", "REFUND", "CLOSED"}:
            return Answer(Verdict.refused, f"{status} {outcome.answer.get('error_code', '')}".strip())
        return Answer(Verdict.unknown, status or "no status")
    return _judged(outcome, PAYOUT_LATER)


def _plain(outcome: Outcome) -> Answer:
    return Answer(Verdict.done) if isinstance(outcome, Done) else _judged(outcome, frozenset())


def _judged(outcome: Outcome, later: frozenset[str]) -> Answer:
    if isinstance(outcome, DefinitelyNot):
        if outcome.is_configuration:
            return Answer(Verdict.later, _words(outcome), needs_settings=True)
        is_later = outcome.may_repeat or outcome.sub_code in later
        return Answer(Verdict.later if is_later else Verdict.refused, _words(outcome))
    return Answer(Verdict.unknown, _words(outcome))


def _words(outcome: Outcome) -> str:
    if isinstance(outcome, DefinitelyNot):
        return f"{outcome.code} {outcome.sub_code}".strip()[:200]
    return str(getattr(outcome, "reason", ""))[:200]
