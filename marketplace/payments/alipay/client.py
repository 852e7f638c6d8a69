"""Ask Alipay: every call is signed, bounded in time, and comes back as one of three outcomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from marketplace.payments.alipay.amounts import beijing_text, yuan_text
from marketplace.payments.alipay.answers import read_answer
from marketplace.payments.alipay.config import AlipayConfig, Keyring, keyring_of
from marketplace.payments.alipay.outcomes import NOT_SENT, DefinitelyNot, Done, Outcome, Unknown
from marketplace.payments.alipay.sdk import Call, Sdk, beijing_now
from marketplace.payments.alipay.transport import HttpTransport, NoAnswerError, NotSentError, Transport

_NOT_IN_SUBJECT = str.maketrans("", "", "/=&")


@dataclass(frozen=True, slots=True)
class Purchase:
    """
    One attempt to be paid.

    *out_trade_no* is the attempt's own number. *expires_at* is always given: before the payer opens the
    cashier Alipay has no trade that could be closed, so this moment alone stops a late payment.
    *more* takes further fields of the method's model: goods_detail, sub_merchant, extend_params.
    """

    out_trade_no: str
    amount_fen: int
    subject: str
    expires_at: datetime
    notify_url: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def biz(self, product_code: str = "", **further: str) -> dict[str, Any]:
        """Return biz_content for this purchase; the subject loses the signs that Alipay warns of and is never empty."""
        named = {"product_code": product_code, **further}
        return {
            "out_trade_no": self.out_trade_no,
            "total_amount": yuan_text(self.amount_fen),
            "subject": self.subject.translate(_NOT_IN_SUBJECT).strip()[:256] or self.out_trade_no,
            "time_expire": beijing_text(self.expires_at),
            **{name: value for name, value in named.items() if value},
            **self.more,
        }


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """*out_request_no* is the refund's own number: sent again, it refunds nothing twice."""

    out_trade_no: str
    out_request_no: str
    amount_fen: int
    reason: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


class AlipayClient:
    """
    The payments, refunds and questions of one application. Safe to share between threads.

    Addresses (`wap_pay_url`, `page_pay_url`, `app_pay_string`, `certify_url`) are signed here and
    need no network. Everything else returns an `Outcome` and never raises for what the gateway or the
    network did; it raises only for our own mistakes (`BadCallError`, `BadAmountError`).
    """

    def __init__(
        self,
        config: AlipayConfig,
        *,
        transport: Transport | None = None,
        now: Callable[[], datetime] = beijing_now,
    ) -> None:
        self.config = config
        self.keyring: Keyring = keyring_of(config)
        self._sdk = Sdk(config.app_id, config.gateway_url, self.keyring, now)
        self._transport = transport or HttpTransport(config.proxy_url)

    # -- being paid ---------------------------------------------------------------------------------

    def wap_pay_url(self, purchase: Purchase, *, return_url: str, quit_url: str) -> str:
        """Address of the cashier for a phone's browser; *quit_url* is where giving up leads."""
        biz = purchase.biz("QUICK_WAP_WAY", quit_url=quit_url)
        return self._sdk.page_url(Call("alipay.trade.wap.pay", biz, purchase.notify_url, return_url))

    def page_pay_url(self, purchase: Purchase, *, return_url: str) -> str:
        """Address of the cashier for a desktop browser."""
        biz = purchase.biz("FAST_INSTANT_TRADE_PAY")
        return self._sdk.page_url(Call("alipay.trade.page.pay", biz, purchase.notify_url, return_url))

    def app_pay_string(self, purchase: Purchase) -> str:
        """Order string that a native app hands to the Alipay app."""
        biz = purchase.biz("QUICK_MSECURITY_PAY")
        return self._sdk.order_string(Call("alipay.trade.app.pay", biz, purchase.notify_url))

    def precreate(self, purchase: Purchase) -> Outcome:
        """QR code to be scanned at a stall; the answer's ``qr_code`` is its text."""
        return self.ask("alipay.trade.precreate", purchase.biz(), notify_url=purchase.notify_url)

    def create(self, purchase: Purchase, *, buyer_open_id: str = "", buyer_id: str = "") -> Outcome:
        """JSAPI payment inside Alipay; the answer's ``trade_no`` goes to the page's bridge."""
        further = {"buyer_open_id": buyer_open_id, "buyer_id": buyer_id}
        if buyer_open_id:
            further["op_app_id"] = self.config.app_id
        biz = purchase.biz("JSAPI_PAY", **further)
        return self.ask("alipay.trade.create", biz, notify_url=purchase.notify_url)

    def query(self, out_trade_no: str) -> Outcome:
        """
        What became of an attempt.

        ``ACQ.TRADE_NOT_EXIST`` also means "not opened yet": it does not prove that nobody will pay.
        """
        return self.ask("alipay.trade.query", {"out_trade_no": out_trade_no})

    def close(self, out_trade_no: str) -> Outcome:
        """Close an unpaid trade. Before the cashier was opened there is none: see `query`."""
        return self.ask("alipay.trade.close", {"out_trade_no": out_trade_no})

    def cancel(self, out_trade_no: str) -> Outcome:
        """Undo a payment whose result is unknown; *refunds it if it was paid* (``action`` says which)."""
        return self.ask("alipay.trade.cancel", {"out_trade_no": out_trade_no})

    # -- giving back --------------------------------------------------------------------------------

    def refund(self, request: RefundRequest) -> Outcome:
        """
        Give back a part or all.

        ``Done`` with ``fund_change`` N is this refund's repetition: it had already succeeded.
        ``refund_fee`` in the answer is the sum of all refunds of the trade, not this one.
        """
        biz: dict[str, Any] = {
            "out_trade_no": request.out_trade_no,
            "out_request_no": request.out_request_no,
            "refund_amount": yuan_text(request.amount_fen),
            **request.more,
        }
        if request.reason:
            biz["refund_reason"] = request.reason
        return self.ask("alipay.trade.refund", biz)

    def refund_query(self, out_trade_no: str, out_request_no: str) -> Outcome:
        """What became of one refund; read a ``Done`` with `refund_happened`. Wait ten seconds first."""
        biz = {"out_trade_no": out_trade_no, "out_request_no": out_request_no}
        return self.ask("alipay.trade.fastpay.refund.query", biz)

    # -- sharing (direct-pay and profit sharing) ------------------------------------------------------

    def settle_order(
        self, out_request_no: str, trade_no: str, shares: list[dict[str, str]], *, is_last: bool = False
    ) -> Outcome:
        """Split a paid trade among receivers bound before; *is_last* releases what remains."""
        biz: dict[str, Any] = {
            "out_request_no": out_request_no,
            "trade_no": trade_no,
            "royalty_parameters": shares,
        }
        if is_last:
            biz["extend_params"] = {"royalty_finish": "true"}
        return self.ask("alipay.trade.order.settle", biz)

    def settle_order_query(self, out_request_no: str, trade_no: str) -> Outcome:
        """What became of a split."""
        biz = {"out_request_no": out_request_no, "trade_no": trade_no}
        return self.ask("alipay.trade.order.settle.query", biz)

    def confirm_settlement(self, out_request_no: str, trade_no: str, amount_fen: int) -> Outcome:
        """Direct-pay: the buyer has the goods, so the sub-merchant gets the money (paid less refunded)."""
        detail = {"trans_in_type": "defaultSettle", "amount": yuan_text(amount_fen)}
        biz = {
            "out_request_no": out_request_no,
            "trade_no": trade_no,
            "settle_info": {"settle_detail_infos": [detail]},
        }
        return self.ask("alipay.trade.settle.confirm", biz)

    def bind_receivers(self, out_request_no: str, receivers: list[dict[str, str]]) -> Outcome:
        """Allow these receivers to be shared with."""
        biz = {"out_request_no": out_request_no, "receiver_list": receivers}
        return self.ask("alipay.trade.royalty.relation.bind", biz)

    def unbind_receivers(self, out_request_no: str, receivers: list[dict[str, str]]) -> Outcome:
        """Take that allowance back."""
        biz = {"out_request_no": out_request_no, "receiver_list": receivers}
        return self.ask("alipay.trade.royalty.relation.unbind", biz)

    def bound_receivers(self, out_request_no: str, page: int = 1, size: int = 100) -> Outcome:
        """One page of the receivers that are bound."""
        biz = {"out_request_no": out_request_no, "page_num": page, "page_size": size}
        return self.ask("alipay.trade.royalty.relation.batchquery", biz)

    # -- paying out -----------------------------------------------------------------------------------

    def transfer(
        self, out_biz_no: str, amount_fen: int, title: str, payee: Mapping[str, str], **more: Any
    ) -> Outcome:
        """
        Pay a person or firm (certificate mode only).

        *payee* is ``identity``, ``identity_type`` and ``name``. After `Unknown` ask `transfer_query`;
        if there is none, send the identical request with the same number.
        """
        biz = {
            "out_biz_no": out_biz_no,
            "trans_amount": yuan_text(amount_fen),
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
            "order_title": title,
            "payee_info": dict(payee),
            **more,
        }
        return self.ask("alipay.fund.trans.uni.transfer", biz)

    def transfer_query(self, out_biz_no: str) -> Outcome:
        """What became of a payout."""
        biz = {
            "out_biz_no": out_biz_no,
            "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER",
        }
        return self.ask("alipay.fund.trans.common.query", biz)

    def balance(self) -> Outcome:
        """The money that can be paid out, as ``available_amount``."""
        biz = {"alipay_user_id": self.config.seller_id, "account_type": "ACCTRANS_ACCOUNT"}
        return self.ask("alipay.fund.account.query", biz)

    # -- the day's bill -------------------------------------------------------------------------------

    def bill_download_url(self, bill_type: str, day: date) -> Outcome:
        """Address of a day's bill (``trade`` or ``signcustomer``); it dies after 30 seconds."""
        biz = {"bill_type": bill_type, "bill_date": day.isoformat()}
        return self.ask("alipay.data.dataservice.bill.downloadurl.query", biz)

    def bill(self, bill_type: str, day: date) -> Outcome:
        """Ask for the address and fetch it at once; `Done` holds the zip's bytes as ``zip``."""
        told = self.bill_download_url(bill_type, day)
        if not isinstance(told, Done):
            return told
        try:
            content = self._transport.get(str(told.answer["bill_download_url"]), self.config.timeout_s)
        except (NotSentError, NoAnswerError, KeyError) as error:
            return Unknown(f"the bill could not be fetched: {error}")
        return Done({"zip": content})

    # -- people ---------------------------------------------------------------------------------------

    def certify_initialize(
        self, outer_order_no: str, identity: Mapping[str, str], *, return_url: str, biz_code: str = "FACE"
    ) -> Outcome:
        """Begin a real-name check; the answer's ``certify_id`` names it."""
        biz = {
            "outer_order_no": outer_order_no,
            "biz_code": biz_code,
            "identity_param": {"identity_type": "CERT_INFO", "cert_type": "IDENTITY_CARD", **identity},
            "merchant_config": {"return_url": return_url},
        }
        return self.ask("alipay.user.certify.open.initialize", biz)

    def certify_url(self, certify_id: str) -> str:
        """Address where the person proves who they are."""
        return self._sdk.page_url(Call("alipay.user.certify.open.certify", {"certify_id": certify_id}))

    def certify_query(self, certify_id: str) -> Outcome:
        """The check's result: ``passed`` is T or F."""
        return self.ask("alipay.user.certify.open.query", {"certify_id": certify_id})

    def authorize_url(self, redirect_uri: str, state: str, scope: str = "auth_base") -> str:
        """Address where a person agrees to sign in; they come back with ``auth_code`` and our *state*."""
        told = {
            "app_id": self.config.app_id,
            "scope": scope,
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{self.config.authorize_page}?{urlencode(told)}"

    def oauth_token(self, code: str) -> Outcome:
        """Exchange a sign-in code. New applications get ``open_id``, old ones ``user_id``: keep both."""
        fields = {"grant_type": "authorization_code", "code": code}
        return self.ask("alipay.system.oauth.token", {}, fields=fields)

    def user_info(self, access_token: str) -> Outcome:
        """What the person allowed us to see of their Alipay account."""
        return self.ask("alipay.user.info.share", {}, fields={"auth_token": access_token})

    # -- the one way out ------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        biz: Mapping[str, Any],
        *,
        notify_url: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Send any method of the SDK's table; the named methods above say what each one needs."""
        form = self._sdk.form(Call(method, biz, notify_url, fields=fields or {}))
        url = f"{self.config.gateway_url}?{form.query}"
        try:
            body = self._transport.post(url, form.body, self.config.timeout_s)
        except NotSentError as error:
            return DefinitelyNot(NOT_SENT, "", str(error))
        except NoAnswerError as error:
            return Unknown(str(error))
        return read_answer(method, body, self.keyring)


def refund_happened(answer: Mapping[str, Any]) -> bool:
    """Whether a refund query's answer proves the refund: an empty success means it did not happen."""
    return answer.get("refund_status") == "REFUND_SUCCESS"
