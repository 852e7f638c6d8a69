"""Alipay behind the port: what its codes mean for a payment. Sources of each rule are in the client's own files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from marketplace.payments.alipay.amounts import BadAmountError, beijing_moment, fen_of, yuan_text
from marketplace.payments.alipay.client import AlipayClient, Purchase, RefundRequest, refund_happened
from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay.notifications import Notification, Recipient, TradeStatus
from marketplace.payments.alipay.outcomes import DefinitelyNot, Done, Outcome
from marketplace.payments.alipay_money_out import AlipayMoneyOut
from marketplace.payments.port import Answer, Closing, NoWord, Opened, PayRequest, TradeReport, Verdict
from marketplace.payments.rules import Product, Standing

NOT_THERE = "ACQ.TRADE_NOT_EXIST"
# The merchant's account is short, or the gateway asks for patience: the same refund may succeed later.
REFUND_LATER = frozenset({"ACQ.SELLER_BALANCE_NOT_ENOUGH", "ACQ.REFUND_CHARGE_ERROR"})

STANDINGS = {
    TradeStatus.waiting: Standing.waiting,
    TradeStatus.success: Standing.paid,
    TradeStatus.finished: Standing.finished,
    TradeStatus.closed: Standing.closed,
}


class AlipayGateway(AlipayMoneyOut):
    """One Alipay application as a :class:`~marketplace.payments.port.Gateway`."""

    def __init__(self, client: AlipayClient, *, livemode: bool) -> None:
        self._client = client
        self._livemode = livemode

    @property
    def config(self) -> AlipayConfig:
        """How this application is set up."""
        return self._client.config

    @property
    def app_id(self) -> str:
        return self._client.config.app_id

    @property
    def livemode(self) -> bool:
        return self._livemode

    @property
    def origin(self) -> str:
        parts = urlsplit(self._client.config.gateway_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def recipient(self) -> Recipient:
        """Say as whom, and by which key, notifications are taken."""
        config = self._client.config
        return Recipient(config.app_id, config.seller_id, self._livemode, self._client.keyring.alipay)

    def pay_address(self, request: PayRequest) -> str:
        purchase = _purchase(request)
        if request.product is Product.wap:
            return self._client.wap_pay_url(
                purchase, return_url=request.return_url, quit_url=request.quit_url
            )
        return self._client.page_pay_url(purchase, return_url=request.return_url)

    def app_order(self, request: PayRequest) -> str:
        return self._client.app_pay_string(_purchase(request))

    def open_trade(self, request: PayRequest, buyer: str) -> Opened | NoWord:
        if request.product is Product.qr:
            outcome, name = self._client.precreate(_purchase(request)), "qr_code"
        else:
            # Old applications know their users by a number that begins with 2088, new ones by an open id.
            known_by = {
                "buyer_id" if buyer.startswith("2088") and len(buyer) == 16 else "buyer_open_id": buyer
            }
            outcome, name = self._client.create(_purchase(request), **known_by), "trade_no"
        if isinstance(outcome, Done):
            handle = str(outcome.answer.get(name) or "")
            is_ours = outcome.answer.get("out_trade_no") == request.out_trade_no
            return Opened(handle) if handle and is_ours else NoWord("an answer about another trade")
        return _no_word(outcome)

    def ask(self, out_trade_no: str) -> TradeReport | NoWord:
        outcome = self._client.query(out_trade_no)
        if isinstance(outcome, Done):
            return _report(out_trade_no, outcome.answer)
        if isinstance(outcome, DefinitelyNot) and outcome.sub_code == NOT_THERE:
            return TradeReport(out_trade_no, Standing.unknown_there)
        return _no_word(outcome)

    def close(self, out_trade_no: str) -> Closing:
        outcome = self._client.close(out_trade_no)
        if isinstance(outcome, Done):
            return Closing.closed
        if isinstance(outcome, DefinitelyNot):
            by_code = {NOT_THERE: Closing.never_opened, "ACQ.TRADE_STATUS_ERROR": Closing.paid}
            return by_code.get(outcome.sub_code, Closing.unknown)
        return Closing.unknown

    def refund(
        self, out_trade_no: str, refund_id: str, amount_fen: int, reason: str, share_back_fen: int = 0
    ) -> Answer:
        more: dict[str, Any] = {}
        if share_back_fen:
            ours = {"trans_out": self.config.seller_id, "trans_out_type": "userId"}
            more = {
                "refund_royalty_parameters": [
                    ours
                    | {
                        "royalty_type": "transfer",
                        "amount": yuan_text(share_back_fen),
                        "desc": "退平台服务费",
                    }
                ]
            }
        outcome = self._client.refund(RefundRequest(out_trade_no, refund_id, amount_fen, reason, more))
        if isinstance(outcome, Done):
            # Code 10000 alone does not prove it: "Y" is a refund now, "N" its repetition or none at all.
            moved = outcome.answer.get("fund_change") == "Y"
            return Answer(Verdict.done) if moved else Answer(Verdict.unknown, "fund_change N")
        return _answer(outcome)

    def ask_refund(self, out_trade_no: str, refund_id: str) -> Answer:
        outcome = self._client.refund_query(out_trade_no, refund_id)
        if isinstance(outcome, Done):
            happened = refund_happened(outcome.answer)
            return Answer(Verdict.done) if happened else Answer(Verdict.later, "not refunded")
        if isinstance(outcome, DefinitelyNot) and not outcome.is_configuration:
            return Answer(Verdict.later, outcome.sub_code or outcome.code)
        return Answer(Verdict.unknown, _words(outcome), _is_configuration(outcome))


def _purchase(request: PayRequest) -> Purchase:
    more: dict[str, Any] = {}
    if request.sub_merchant:  # Alipay holds the money until the settlement is confirmed
        part = {"trans_in_type": "defaultSettle", "amount": yuan_text(request.amount_fen)}
        more = {
            "sub_merchant": {"merchant_id": request.sub_merchant},
            "settle_info": {"settle_detail_infos": [part]},
        }
    return Purchase(
        request.out_trade_no,
        request.amount_fen,
        request.subject,
        request.expires_at,
        request.notify_url,
        more,
    )


def report_of(notification: Notification) -> TradeReport:
    """Say what a verified notification says, in the port's words."""
    return TradeReport(
        out_trade_no=notification.out_trade_no,
        standing=STANDINGS[TradeStatus(notification.trade_status)],
        total_fen=notification.total_fen,
        trade_no=notification.trade_no,
        buyer_id=notification.buyer_id,
        paid_at=notification.paid_at,
        refunded_fen=notification.refunded_fen,
        heard_by="notify",
    )


def _report(out_trade_no: str, answer: Mapping[str, Any]) -> TradeReport | NoWord:
    try:
        if answer["out_trade_no"] != out_trade_no:
            return NoWord("an answer about another trade")
        return TradeReport(
            out_trade_no=out_trade_no,
            standing=STANDINGS[TradeStatus(answer["trade_status"])],
            total_fen=fen_of(str(answer["total_amount"])),
            trade_no=str(answer["trade_no"]),
            buyer_id=str(answer.get("buyer_user_id") or answer.get("buyer_open_id") or ""),
            paid_at=_moment(str(answer.get("send_pay_date") or "")),
        )
    except (KeyError, ValueError, BadAmountError) as error:
        return NoWord(f"an answer that cannot be read: {type(error).__name__}")


def _moment(text: str) -> datetime | None:
    return beijing_moment(text) if text else None


def _answer(outcome: Outcome) -> Answer:
    if isinstance(outcome, DefinitelyNot):
        if outcome.is_configuration:
            return Answer(Verdict.later, _words(outcome), needs_settings=True)
        is_later = outcome.may_repeat or outcome.sub_code in REFUND_LATER
        return Answer(Verdict.later if is_later else Verdict.refused, _words(outcome))
    return Answer(Verdict.unknown, _words(outcome))


def _no_word(outcome: Outcome) -> NoWord:
    return NoWord(_words(outcome), _is_configuration(outcome))


def _is_configuration(outcome: Outcome) -> bool:
    return isinstance(outcome, DefinitelyNot) and outcome.is_configuration


def _words(outcome: Outcome) -> str:
    if isinstance(outcome, DefinitelyNot):
        return f"{outcome.code} {outcome.sub_code}".strip()[:200]
    return getattr(outcome, "reason", "")[:200]
