"""
The one file that imports the official SDK.

Taken from it: the request and model classes, the rules by which content is put in order for signing, and
the building of page and app addresses. Replaced: its signing (29 ms to parse the key and 62 ms to sign,
at every call), its clock (the machine's local time), its transport and its reading of answers.
"""

import importlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.util.SignatureUtils import get_sign_content

from marketplace.payments.alipay.amounts import BEIJING, beijing_text
from marketplace.payments.alipay.config import Keyring
from marketplace.payments.alipay.keys import sign

# The method and the stem of its three classes. Only what is asked for is loaded: the SDK has 9,500
# request modules, and each costs about 8 ms.
STEMS: Mapping[str, str] = {
    "alipay.trade.wap.pay": "AlipayTradeWapPay",
    "alipay.trade.page.pay": "AlipayTradePagePay",
    "alipay.trade.precreate": "AlipayTradePrecreate",
    "alipay.trade.create": "AlipayTradeCreate",
    "alipay.trade.app.pay": "AlipayTradeAppPay",
    "alipay.trade.query": "AlipayTradeQuery",
    "alipay.trade.close": "AlipayTradeClose",
    "alipay.trade.cancel": "AlipayTradeCancel",
    "alipay.trade.refund": "AlipayTradeRefund",
    "alipay.trade.fastpay.refund.query": "AlipayTradeFastpayRefundQuery",
    "alipay.data.dataservice.bill.downloadurl.query": "AlipayDataDataserviceBillDownloadurlQuery",
    "alipay.trade.order.settle": "AlipayTradeOrderSettle",
    "alipay.trade.order.settle.query": "AlipayTradeOrderSettleQuery",
    "alipay.trade.royalty.relation.bind": "AlipayTradeRoyaltyRelationBind",
    "alipay.trade.royalty.relation.unbind": "AlipayTradeRoyaltyRelationUnbind",
    "alipay.trade.royalty.relation.batchquery": "AlipayTradeRoyaltyRelationBatchquery",
    "alipay.trade.settle.confirm": "AlipayTradeSettleConfirm",
    "alipay.fund.trans.uni.transfer": "AlipayFundTransUniTransfer",
    "alipay.fund.trans.common.query": "AlipayFundTransCommonQuery",
    "alipay.fund.account.query": "AlipayFundAccountQuery",
    "alipay.user.certify.open.initialize": "AlipayUserCertifyOpenInitialize",
    "alipay.user.certify.open.certify": "AlipayUserCertifyOpenCertify",
    "alipay.user.certify.open.query": "AlipayUserCertifyOpenQuery",
    "alipay.system.oauth.token": "AlipaySystemOauthToken",
    "alipay.user.info.share": "AlipayUserInfoShare",
    "alipay.trade.orderinfo.sync": "AlipayTradeOrderinfoSync",
}


class BadCallError(ValueError):
    """Our own mistake: the method is not in the table, or its model does not know a field we gave."""


@dataclass(frozen=True, slots=True)
class Call:
    """One question: *biz* goes into biz_content, *fields* beside it (for the methods without a model)."""

    method: str
    biz: Mapping[str, Any] = field(default_factory=dict)
    notify_url: str = ""
    return_url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignedForm:
    """A signed request in two halves, as the gateway's protocol splits them."""

    query: str
    body: str


def beijing_now() -> datetime:
    """
    Return the present moment on Beijing's clock, whatever TZ says.

    The machine's own time and not the service's movable clock, because Alipay judges a request's
    timestamp by the real one; a simulation gives the client a clock of its own.
    """
    return datetime.fromtimestamp(time.time(), BEIJING)


class Sdk(DefaultAlipayClient):
    """
    The SDK's client with its two-line holes filled.

    Overriding one name-mangled method is deliberate: it is the single place through which the SDK's
    page_execute and sdk_execute get their signed parameters.
    """

    def __init__(
        self, app_id: str, gateway_url: str, keyring: Keyring, now: Callable[[], datetime] = beijing_now
    ) -> None:
        settings = AlipayClientConfig()
        settings.app_id = app_id
        settings.server_url = gateway_url
        # No logger: the SDK writes signed content, identity numbers included, at INFO.
        super().__init__(settings, logger=None)
        self._keyring = keyring
        self._now = now

    def page_url(self, call: Call) -> str:
        """Return an address for the payer's browser. GET, because the SDK's form escapes only quotes."""
        return str(self.page_execute(request_of(call), http_method="GET"))

    def order_string(self, call: Call) -> str:
        """Return the string that an app hands to the Alipay app."""
        return str(self.sdk_execute(request_of(call)))

    def form(self, call: Call) -> SignedForm:
        """Return the signed request that our own transport sends."""
        query, params = self._DefaultAlipayClient__prepare_request(request_of(call))  # type: ignore[attr-defined]
        return SignedForm(query, urlencode(params))

    def _DefaultAlipayClient__prepare_request_params(  # noqa: N802 - the SDK's own mangled name
        self, request: Any
    ) -> tuple[dict[str, str], dict[str, str]]:
        params = request.get_params()
        params["timestamp"] = beijing_text(self._now())
        common = self._DefaultAlipayClient__get_common_params(params)  # type: ignore[attr-defined]
        if self._keyring.app_cert_sn:
            common["app_cert_sn"] = self._keyring.app_cert_sn
            common["alipay_root_cert_sn"] = self._keyring.alipay_root_cert_sn
        content = get_sign_content({**params, **common})
        common["sign"] = sign(self._keyring.private, content.encode())
        rest = {name: value for name, value in params.items() if name not in common}
        return common, rest


def request_of(call: Call) -> Any:
    """Fill the SDK's request class, and refuse what its model would silently drop."""
    request = _request_class(call.method)()
    if call.biz:
        biz = _without_empty(call.biz)
        request.biz_content = biz
        _refuse_dropped(call.method, biz, request.biz_content.to_alipay_dict())
    if call.notify_url:
        request.notify_url = call.notify_url
    if call.return_url:
        request.return_url = call.return_url
    for name, value in call.fields.items():
        if hasattr(request, name):
            setattr(request, name, value)
        else:
            request.add_other_text_param(name, value)
    return request


@cache
def _request_class(method: str) -> Any:
    stem = STEMS.get(method)
    if stem is None:
        raise BadCallError(f"{method} is not in the table of methods")
    module = importlib.import_module(f"alipay.aop.api.request.{stem}Request")
    return getattr(module, f"{stem}Request")


def _without_empty(value: Any) -> Any:
    """Leave out what is empty, as the models would, so that the check below can tell it from a mistake."""
    if isinstance(value, Mapping):
        kept = {name: _without_empty(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one not in (None, "", {}, [])}
    if isinstance(value, list):
        return [_without_empty(one) for one in value]
    return value


def _refuse_dropped(path: str, given: Any, kept: Any) -> None:
    """The models drop unknown keys at every depth without a word; money must not depend on that."""
    if isinstance(given, Mapping):
        for name, value in given.items():
            if not isinstance(kept, Mapping) or name not in kept:
                raise BadCallError(f"{path}: the SDK's model does not know {name}")
            _refuse_dropped(f"{path}.{name}", value, kept[name])
    elif isinstance(given, list):
        if not isinstance(kept, list) or len(kept) != len(given):
            raise BadCallError(f"{path}: the SDK's model does not keep this list")
        for one, other in zip(given, kept, strict=True):
            _refuse_dropped(path, one, other)
